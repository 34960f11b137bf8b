//! What each output channel of a ticket keeps, counted while the masks go by.

use std::{
    collections::BTreeMap,
    fs::File,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use elth_core::{
    blueprint::shared::Models,
    digest::Digest,
    mask,
    safetensors::Dtype,
    ticket::{About, format},
};

use super::{PIECE, Piece, read_pieces, wide};
use crate::ticket_file::{self, CannotRead};

/// A ticket in counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// What its header says.
    pub about: About,
    /// Digest of its tensors, where the writer noted it; it is not checked against them here.
    pub digest: Option<Digest>,
    /// Surviving weights of each output channel of each prunable tensor.
    pub kept: BTreeMap<String, Vec<usize>>,
}

/// The channels of a tensor that some bytes of its mask belong to.
struct Rows<'a> {
    kept: &'a [AtomicUsize],
    /// Weights of a channel.
    each: usize,
    /// Weights before the first of the bytes.
    skipped: usize,
}

/// A tensor whose channels are counted.
struct Tensor {
    name: String,
    stored: String,
    start: u64,
    length: usize,
    kept: Vec<AtomicUsize>,
}

/// Counts what each output channel keeps.
///
/// # Errors
/// When the file is not there, cannot be read, is no ticket, or a mask holds values other than 0 and 1.
pub fn count(path: &Path) -> Result<Counts, CannotRead> {
    let failed = |reason| CannotRead::NotATicket { path: path.to_owned(), reason };
    let header = ticket_file::read_header(path)?;
    let about = format::read_about(&header, &mut Models::default()).map_err(failed)?;
    let file = File::open(path).map_err(|error| CannotRead::io(path, error))?;
    let (mut kept, mut tensors) = (BTreeMap::new(), Vec::new());
    for tensor in about.blueprint.prunable() {
        let (name, stored) = (tensor.name.clone(), format::mask_name(tensor));
        // The header was checked against the model.
        let Some(entry) = header.tensors.get(&stored) else { continue };
        let (start, length) = ((header.data_at + entry.start) as u64, entry.end - entry.start);
        let rows = tensor.shape.first().copied().unwrap_or(1).max(1);
        if matches!(entry.dtype, Dtype::BOOL | Dtype::U8) {
            let kept = (0..rows).map(|_| AtomicUsize::new(0)).collect();
            tensors.push(Tensor { name, stored, start, length, kept });
        } else {
            kept.insert(name, wide(path, &file, &stored, start, entry)?.kept_of_rows(rows));
        }
    }
    read_pieces(path, &file, tensors.iter().flat_map(Tensor::pieces).collect(), |bytes, rows| {
        Rows::take(bytes, &rows)
    })?;
    kept.extend(tensors.into_iter().map(Tensor::counted));
    let digest = header.metadata.get("digest").and_then(|text| Digest::parse(text));
    Ok(Counts { about, digest, kept })
}

impl Tensor {
    fn pieces(&self) -> impl Iterator<Item = Piece<'_, Rows<'_>>> {
        let each = (self.length / self.kept.len()).max(1);
        (0..self.length).step_by(PIECE).map(move |skipped| Piece {
            name: &self.stored,
            start: self.start + skipped as u64,
            bytes: PIECE.min(self.length - skipped),
            into: Rows { kept: &self.kept, each, skipped },
        })
    }

    fn counted(self) -> (String, Vec<usize>) {
        (self.name, self.kept.into_iter().map(AtomicUsize::into_inner).collect())
    }
}

impl Rows<'_> {
    /// Counts the bytes; says whether they are a mask's.
    fn take(mut bytes: &[u8], rows: &Rows<'_>) -> bool {
        let mut at = rows.skipped;
        while !bytes.is_empty() {
            let row = at / rows.each;
            let (of_row, rest) = bytes.split_at(bytes.len().min((row + 1) * rows.each - at));
            let (Some(kept), Some(sum)) = (mask::tally(of_row), rows.kept.get(row)) else {
                return false;
            };
            // Nobody reads it before all threads are done.
            sum.fetch_add(kept, Ordering::Relaxed);
            at += of_row.len();
            bytes = rest;
        }
        true
    }
}
