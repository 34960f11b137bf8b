//! Tickets as the official code's files: zip archives that `torch.load` reads, with the names that its folders have.

use std::collections::BTreeMap;

use elth_core::{
    blueprint::TensorPlan,
    safetensors::bytes_of_floats,
    schedule::{Step, iterations_per_epoch},
    slot::Role,
    ticket::Ticket,
    weights::Values,
};
use elth_unpack::Crc;

use crate::dataset::Name;

/// What torch aligns storages to.
const ALIGNMENT: usize = 64;

/// A tensor to be written.
struct Storage {
    name: String,
    shape: Vec<usize>,
    kind: &'static str,
    count: usize,
    bytes: Vec<u8>,
}

/// The files of a level's folder: mask, start weights (zero outside the mask, as the official code has them), report.
///
/// `batch_size` turns the rewind step into the epochs and iterations of the file's name, where the data set is known.
#[must_use]
pub fn files(ticket: &Ticket, batch_size: usize) -> BTreeMap<String, Vec<u8>> {
    let step = named_step(ticket, batch_size);
    let start = format!("model_ep{}_it{}", step.epochs, step.iterations);
    BTreeMap::from([
        ("mask.pth".to_owned(), archive("mask", &masks(ticket))),
        (format!("{start}.pth"), archive(&start, &weights(ticket))),
        ("sparsity_report.json".to_owned(), report(ticket).into_bytes()),
    ])
}

/// The rewind step in whole epochs and what is left, as the official code names its files.
fn named_step(ticket: &Ticket, batch_size: usize) -> Step {
    let step = ticket.about.rewind.unwrap_or(Step::iterations(0));
    let dataset = ticket.about.dataset.as_deref().and_then(|name| name.parse::<Name>().ok());
    let Some(dataset) = dataset else { return step };
    let per_epoch = iterations_per_epoch(dataset.published_sizes()[0], batch_size).max(1);
    Step {
        epochs: step.epochs + step.iterations / per_epoch,
        iterations: step.iterations % per_epoch,
    }
}

fn masks(ticket: &Ticket) -> Vec<Storage> {
    let prunable = ticket.blueprint().prunable();
    let masks = prunable.filter_map(|tensor| Some((tensor, ticket.masks().get(&tensor.name)?)));
    let storages = masks.map(|(tensor, mask)| Storage {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        kind: "IntStorage",
        count: mask.len(),
        bytes: mask.bits().flat_map(|bit| i32::from(bit).to_le_bytes()).collect(),
    });
    storages.collect()
}

fn weights(ticket: &Ticket) -> Vec<Storage> {
    let masked = ticket.clone().masked();
    let storage = |tensor: &TensorPlan| {
        let (kind, bytes) = match masked.weights().0.get(&tensor.name)? {
            Values::Floats(floats) => ("FloatStorage", bytes_of_floats(floats)),
            Values::Count(count) => ("LongStorage", count.to_le_bytes().to_vec()),
        };
        let count = if tensor.role == Role::BatchesTracked { 1 } else { tensor.len() };
        Some(Storage { name: tensor.name.clone(), shape: tensor.shape.clone(), kind, count, bytes })
    };
    ticket.blueprint().tensors.iter().filter_map(storage).collect()
}

/// `sparsity_ratio` is the density: the official name for it.
fn report(ticket: &Ticket) -> String {
    let count = ticket.count();
    format!(
        "{{\n    \"total\": {}.0,\n    \"unpruned\": {}.0,\n    \"sparsity_ratio\": {:?}\n}}",
        count.weights,
        count.kept,
        count.density()
    )
}

/// A zip archive as `torch.save` writes it: members as they are, storages aligned.
fn archive(stem: &str, storages: &[Storage]) -> Vec<u8> {
    let mut zip = Zip::default();
    zip.member(&format!("{stem}/data.pkl"), &pickle(storages));
    zip.member(&format!("{stem}/byteorder"), b"little");
    for (key, storage) in storages.iter().enumerate() {
        zip.member(&format!("{stem}/data/{key}"), &storage.bytes);
    }
    zip.member(&format!("{stem}/version"), b"3\n");
    zip.finish()
}

/// An ordered dictionary of tensors, in protocol 2.
fn pickle(storages: &[Storage]) -> Vec<u8> {
    let mut out = b"\x80\x02ccollections\nOrderedDict\n)R(".to_vec();
    for (key, storage) in storages.iter().enumerate() {
        text(&mut out, &storage.name);
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut out, "storage");
        out.extend(format!("ctorch\n{}\n", storage.kind).bytes());
        text(&mut out, &key.to_string());
        text(&mut out, "cpu");
        number(&mut out, storage.count);
        out.extend(b"tQK\x00");
        tuple(&mut out, &storage.shape);
        tuple(&mut out, &strides(&storage.shape));
        out.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend(b"u.");
    out
}

fn strides(shape: &[usize]) -> Vec<usize> {
    let after = |at: usize| shape[at + 1..].iter().product();
    (0..shape.len()).map(after).collect()
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(text.bytes());
}

fn number(out: &mut Vec<u8>, number: usize) {
    if let Ok(small) = i32::try_from(number) {
        out.push(b'J');
        out.extend(small.to_le_bytes());
    } else {
        out.extend([0x8a, 9]);
        out.extend((number as u64).to_le_bytes());
        out.push(0);
    }
}

fn tuple(out: &mut Vec<u8>, numbers: &[usize]) {
    out.push(b'(');
    for size in numbers {
        number(out, *size);
    }
    out.push(b't');
}

/// An archive that grows; its directory comes last.
#[derive(Default)]
struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    members: u16,
}

impl Zip {
    fn member(&mut self, name: &str, content: &[u8]) {
        let start = self.bytes.len();
        let mut crc = Crc::new();
        crc.update(content);
        let [size, at] = [content.len(), start].map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
        // A field that torch ignores fills up to the alignment.
        let behind = start + 30 + name.len() + 4;
        let padding = behind.next_multiple_of(ALIGNMENT) - behind;
        let padding_len = u16::try_from(padding).unwrap_or(0);
        let mut common = vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend([crc.sum(), size, size].iter().flat_map(|field| field.to_le_bytes()));
        common.extend(name_len.to_le_bytes());
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&common);
        self.bytes.extend((padding_len + 4).to_le_bytes());
        self.bytes.extend(name.bytes());
        self.bytes.extend(b"FB");
        self.bytes.extend(padding_len.to_le_bytes());
        self.bytes.extend(std::iter::repeat_n(b'Z', padding));
        self.bytes.extend(content);
        self.directory.extend(b"PK\x01\x02\0\0");
        self.directory.extend(&common);
        self.directory.extend([0; 12]);
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.bytes());
        self.members += 1;
    }

    fn finish(mut self) -> Vec<u8> {
        let [size, at] = [self.directory.len(), self.bytes.len()]
            .map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        self.bytes.extend(&self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend([self.members; 2].iter().flat_map(|count| count.to_le_bytes()));
        self.bytes.extend([size, at].iter().flat_map(|field| field.to_le_bytes()));
        self.bytes.extend([0, 0]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use elth_core::{
        blueprint::Blueprint,
        initialise::initialise,
        prune::{Counting, random, round},
        ticket::{About, Outside, full_masks, lineage::Lineage},
    };

    use super::*;
    use crate::openlth::pth;

    fn ticket(model: &str) -> Ticket {
        let blueprint = Arc::new(Blueprint::new(model, None, None).unwrap());
        let masks = full_masks(&blueprint);
        let masks = round(&random(&blueprint, 4), &masks, 0.7, Counting::Exact).unwrap();
        let (dataset, rewind) = (Some("cifar10".to_owned()), Some(Step::iterations(1000)));
        let (data_digest, level, outside) = (None, None, Outside::Masked);
        let weights = initialise(&blueprint, 3);
        let lineage = Lineage::default();
        let about = About { blueprint, dataset, data_digest, level, rewind, outside, lineage };
        Ticket::assemble(about, weights, masks).unwrap()
    }

    #[test]
    fn what_is_written_is_read_bit_for_bit() {
        for model in ["cifar_resnet_14_2", "cifar_vggnfc_11_1_3", "imagenet_resnet_50_1"] {
            let ticket = ticket(model);
            let files = files(&ticket, 128);
            let names: Vec<_> = files.keys().map(String::as_str).collect();
            assert_eq!(names, ["mask.pth", "model_ep2_it218.pth", "sparsity_report.json"]);
            assert_eq!(&pth::read(&files["mask.pth"]).unwrap().masks().unwrap(), ticket.masks());
            let start = pth::read(&files["model_ep2_it218.pth"]).unwrap();
            assert_eq!(&start.weights().unwrap(), ticket.weights(), "{model}");
        }
    }
}
