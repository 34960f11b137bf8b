//! All masks of a ticket, without its weights: a fifth of the file, read on every core.
//!
//! Nothing is kept of what was read but bits, so that a mask of 100 million weights takes 13 MB; or counts alone.

mod counts;

use std::{
    collections::BTreeMap,
    fs::File,
    os::unix::fs::FileExt as _,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use elth_core::{
    blueprint::shared::Models,
    digest::Digest,
    mask::{self, Mask},
    safetensors::{Dtype, Entry},
    ticket::{
        About,
        format::{self, NotATicket},
    },
};

use crate::ticket_file::{self, CannotRead};

pub use counts::{Counts, count};

/// Bytes of a mask that are read at once: they fit into a core's own cache.
const PIECE: usize = 512 << 10;

/// Weights in a word of a mask.
const BITS: usize = 64;

/// Fewer bytes than this are read quicker than a thread is started.
const LEAST: usize = 4 << 20;

/// A ticket without its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Masks {
    /// What its header says.
    pub about: About,
    /// Digest of its tensors, where the writer noted it; it is not checked against them here.
    pub digest: Option<Digest>,
    /// The mask over each prunable tensor.
    pub masks: BTreeMap<String, Mask>,
}

/// Some bytes of a mask, and what comes of them.
struct Piece<'a, T> {
    name: &'a str,
    start: u64,
    bytes: usize,
    into: T,
}

/// Reads a ticket's masks.
///
/// # Errors
/// When the file is not there, cannot be read, is no ticket, or a mask holds values other than 0 and 1.
pub fn read(path: &Path) -> Result<Masks, CannotRead> {
    let failed = |reason| CannotRead::NotATicket { path: path.to_owned(), reason };
    let header = ticket_file::read_header(path)?;
    let about = format::read_about(&header, &mut Models::default()).map_err(failed)?;
    let file = File::open(path).map_err(|error| CannotRead::io(path, error))?;
    let names: Vec<_> = about
        .blueprint
        .prunable()
        .map(|tensor| (tensor.name.clone(), format::mask_name(tensor)))
        .collect();
    let mut masks = BTreeMap::new();
    let mut packed = Vec::new();
    for (name, stored) in &names {
        // The header was checked against the model.
        let Some(entry) = header.tensors.get(stored) else { continue };
        let start = (header.data_at + entry.start) as u64;
        if matches!(entry.dtype, Dtype::BOOL | Dtype::U8) {
            let words = vec![0; (entry.end - entry.start).div_ceil(BITS)];
            packed.push((name, stored.as_str(), start, entry, words));
        } else {
            masks.insert(name.clone(), wide(path, &file, stored, start, entry)?);
        }
    }
    let pieces = packed.iter_mut().flat_map(|(_, stored, start, entry, words)| {
        pieces(stored, *start, entry.end - entry.start, words)
    });
    read_pieces(path, &file, pieces.collect(), mask::pack)?;
    for (name, stored, _, entry, words) in packed {
        let mask = Mask::from_words(entry.end - entry.start, words);
        let mask = mask.ok_or_else(|| failed(NotATicket::MaskByte(stored.to_owned())))?;
        masks.insert(name.clone(), mask);
    }
    let digest = header.metadata.get("digest").and_then(|text| Digest::parse(text));
    Ok(Masks { about, digest, masks })
}

/// A mask of more than a byte a weight, as PyTorch writes it.
fn wide(
    path: &Path,
    file: &File,
    name: &str,
    start: u64,
    entry: &Entry,
) -> Result<Mask, CannotRead> {
    let mut bytes = vec![0; entry.end - entry.start];
    file.read_exact_at(&mut bytes, start).map_err(|error| CannotRead::io(path, error))?;
    format::mask_of_bytes(entry.dtype, &bytes).ok_or_else(|| damaged(path, name))
}

fn damaged(path: &Path, name: &str) -> CannotRead {
    CannotRead::NotATicket { path: path.to_owned(), reason: NotATicket::MaskByte(name.to_owned()) }
}

fn pieces<'a>(
    name: &'a str,
    start: u64,
    length: usize,
    words: &'a mut [u64],
) -> impl Iterator<Item = Piece<'a, &'a mut [u64]>> {
    words.chunks_mut(PIECE / BITS).enumerate().map(move |(at, into)| {
        let skipped = PIECE * at;
        let bytes = (BITS * into.len()).min(length - skipped);
        Piece { name, start: start + skipped as u64, bytes, into }
    })
}

/// Reads pieces, each on whichever thread comes to it; `take` says whether its bytes are a mask's.
fn read_pieces<T: Send>(
    path: &Path,
    file: &File,
    pieces: Vec<Piece<'_, T>>,
    take: impl Fn(&[u8], T) -> bool + Sync,
) -> Result<(), CannotRead> {
    let bytes: usize = pieces.iter().map(|piece| piece.bytes).sum();
    let threads = match bytes {
        0..LEAST => 1,
        _ => thread::available_parallelism().map_or(1, usize::from).min(8),
    };
    let queue = Mutex::new(pieces);
    // A thread that panicked has taken its piece with it, and the panic comes out of the scope.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || -> Result<(), CannotRead> {
        let mut buffer = vec![0; PIECE];
        while let Some(piece) = next() {
            let buffer = &mut buffer[..piece.bytes];
            file.read_exact_at(buffer, piece.start).map_err(|error| CannotRead::io(path, error))?;
            if !take(buffer, piece.into) {
                return Err(damaged(path, piece.name));
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let ours = work();
        let done = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.fold(ours, Result::and)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use elth_core::{
        blueprint::Blueprint,
        initialise::initialise,
        safetensors,
        ticket::{Outside, Ticket, lineage::Lineage},
    };

    /// A ticket with more than one piece to a mask, and with lengths that fill no word.
    fn ticket(model: &str, seed: usize) -> Ticket {
        let blueprint = Blueprint::new(model, None, None).unwrap();
        let keep = |at: usize| (at * at + seed) % 7 < 3;
        let masks = blueprint.prunable();
        let masks = masks.map(|plan| (plan.name.clone(), Mask::from_fn(plan.len(), keep)));
        let about = About {
            dataset: None,
            data_digest: None,
            level: Some(1),
            rewind: None,
            outside: Outside::Dense,
            lineage: Lineage::default(),
            blueprint: blueprint.clone().into(),
        };
        Ticket::assemble(about, initialise(&blueprint, 1), masks.collect()).unwrap()
    }

    fn check(bytes: &[u8], expected: Result<&Ticket, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticket.safetensors");
        std::fs::write(&path, bytes).unwrap();
        match (read(&path), expected) {
            (Ok(read), Ok(ticket)) => {
                assert_eq!(&read.masks, ticket.masks());
                counts_are_of(&count(&path).unwrap(), ticket);
                assert_eq!(read.about, ticket.about);
                assert_eq!(read.digest, Some(ticket.digest()));
            }
            (Err(error), Err(words)) => {
                assert!(error.to_string().contains(words), "{error}");
                assert_eq!(error.to_string(), ticket_file::read(&path).unwrap_err().to_string());
                assert_eq!(error.to_string(), count(&path).unwrap_err().to_string());
            }
            (read, _) => panic!("{read:?}"),
        }
    }

    #[track_caller]
    fn counts_are_of(counts: &Counts, ticket: &Ticket) {
        assert_eq!(counts.about, ticket.about);
        for tensor in ticket.blueprint().prunable() {
            let expected = ticket.masks()[&tensor.name].kept_of_rows(tensor.shape[0]);
            assert_eq!(counts.kept[&tensor.name], expected, "{}", tensor.name);
        }
    }

    #[test]
    fn masks_are_those_of_the_whole_ticket() {
        for model in ["mnist_lenet_3_2", "mnist_lenet_1000_700", "cifar_resnet_8_2"] {
            let ticket = ticket(model, 3);
            check(&format::encode(&ticket), Ok(&ticket));
        }
        // 6 MB of masks: more than one thread.
        let ticket = ticket("mnist_lenet_2500_1500", 4);
        check(&format::encode(&ticket), Ok(&ticket));
    }

    #[test]
    fn masks_of_other_writers_and_of_old_files_are_read_too() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for name in [
            "tests/fixtures/ticket_v1.safetensors",
            "tests/fixtures/ticket_v1_from_pytorch.safetensors",
            "sample_tickets/digits_resnet_14_8_level_12.safetensors",
        ] {
            let path = root.join(name);
            let (parts, whole) = (read(&path).unwrap(), ticket_file::read(&path).unwrap());
            assert_eq!(&parts.masks, whole.masks(), "{name}");
            counts_are_of(&count(&path).unwrap(), &whole);
            assert!(parts.digest.is_none_or(|digest| digest == whole.digest()), "{name}");
        }
    }

    #[test]
    fn a_byte_that_is_no_bit_is_refused_as_the_whole_file_would_be() {
        let whole = format::encode(&ticket("mnist_lenet_1000_700", 5));
        let header = safetensors::read_header(&whole, whole.len() as u64).unwrap();
        for name in ["fc.weight_mask", "fc_layers.0.weight_mask"] {
            let entry = &header.tensors[name];
            for at in [entry.start, entry.end - 1, usize::midpoint(entry.start, entry.end)] {
                let mut bytes = whole.clone();
                bytes[header.data_at + at] = 2;
                check(&bytes, Err(&format!("a mask `{name}` with values other")));
            }
        }
        check(&whole[..whole.len() - 1], Err("copy it again"));
        check(b"", Err("ends inside its header"));
    }
}
