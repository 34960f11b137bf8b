//! Parts of a ticket's file: one tensor's mask or some of its weights, without the rest of the file.

use std::{
    fs::File,
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::{TensorPlan, shared::Models},
    mask::Mask,
    safetensors::{self, Header},
    ticket::{
        About,
        format::{self, NotATicket},
    },
};

use crate::ticket_file::{self, CannotRead};

/// A ticket's file whose header was read and checked.
#[derive(Debug)]
pub struct OpenTicket {
    /// What its header says.
    pub about: About,
    path: PathBuf,
    file: File,
    header: Header,
}

/// Opens a ticket; no tensor is read.
///
/// # Errors
/// When the file is not there, cannot be read or is no ticket.
pub fn open(path: &Path) -> Result<OpenTicket, CannotRead> {
    let header = ticket_file::read_header(path)?;
    let about = format::read_about(&header, &mut Models::default())
        .map_err(|reason| CannotRead::NotATicket { path: path.to_owned(), reason })?;
    let file = File::open(path).map_err(|error| CannotRead::io(path, error))?;
    Ok(OpenTicket { about, path: path.to_owned(), file, header })
}

impl OpenTicket {
    /// The mask over a prunable tensor of the ticket's model.
    ///
    /// # Errors
    /// When the file cannot be read any more, or holds values that are no mask.
    pub fn mask(&self, tensor: &TensorPlan) -> Result<Mask, CannotRead> {
        let name = format::mask_name(tensor);
        let Some(entry) = self.header.tensors.get(&name) else { return Ok(Mask::full(0)) };
        let bytes = self.read(entry.start..entry.end)?;
        format::mask_of_bytes(entry.dtype, &bytes).ok_or_else(|| CannotRead::NotATicket {
            path: self.path.clone(),
            reason: NotATicket::MaskByte(name),
        })
    }

    /// Rewind weights of a prunable tensor, from one number to another in the tensor's own order.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn weights(
        &self,
        tensor: &TensorPlan,
        range: Range<usize>,
    ) -> Result<Vec<f32>, CannotRead> {
        let name = format::stored_name(tensor);
        let Some(entry) = self.header.tensors.get(&name) else { return Ok(Vec::new()) };
        let at = |number: usize| (entry.start + 4 * number).min(entry.end);
        let bytes = self.read(at(range.start)..at(range.end))?;
        Ok(safetensors::floats_of_bytes(&bytes))
    }

    fn read(&self, range: Range<usize>) -> Result<Vec<u8>, CannotRead> {
        let mut bytes = vec![0; range.len()];
        let at = (self.header.data_at + range.start) as u64;
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|error| CannotRead::io(&self.path, error))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> PathBuf {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample_tickets");
        samples.join("digits_resnet_14_8_level_13.safetensors")
    }

    #[test]
    fn parts_are_those_of_the_whole_ticket() {
        let (whole, parts) = (ticket_file::read(&sample()).unwrap(), open(&sample()).unwrap());
        assert_eq!(parts.about.level, whole.about.level);
        for tensor in parts.about.blueprint.prunable() {
            assert_eq!(&parts.mask(tensor).unwrap(), &whole.masks()[&tensor.name]);
            let floats = whole.weights().floats(&tensor.name).unwrap();
            assert_eq!(parts.weights(tensor, 0..tensor.len()).unwrap(), floats);
            assert_eq!(parts.weights(tensor, 3..9).unwrap(), floats[3..9]);
        }
    }

    #[test]
    fn what_is_no_ticket_is_not_opened() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(open(&manifest).unwrap_err().to_string().contains("no safetensors file"));
        assert!(open(Path::new("/nowhere")).unwrap_err().to_string().contains("there is no file"));
    }
}
