//! What is written is what is read.

use elth_core::{
    blueprint::{Blueprint, shared::Models},
    initialise::initialise,
    mask::Mask,
    safetensors::{self, Dtype, Header, Piece},
    ticket::{
        Outside,
        format::{self, NotATicket},
    },
    trained::{self, Trained},
};
use proptest::prelude::*;

use crate::given;

/// The keys of a ticket's metadata that it can be read without.
const OPTIONAL: [&str; 11] = [
    "version",
    "classes",
    "input",
    "dataset",
    "data_digest",
    "level",
    "rewind",
    "weights",
    "lineage",
    "kept",
    "digest",
];

/// Element types that a mask may be of.
const MASKS: [Dtype; 5] = [Dtype::BOOL, Dtype::U8, Dtype::I32, Dtype::I64, Dtype::F32];

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn a_ticket_that_is_written_and_read_is_the_same_ticket(ticket in given::ticket()) {
        let bytes = format::encode(&ticket);
        let read = format::decode(&bytes).unwrap();
        prop_assert_eq!(&read.about, &ticket.about);
        prop_assert_eq!(read.masks(), ticket.masks());
        prop_assert_eq!(read.count(), ticket.count());
        prop_assert_eq!(read.digest(), ticket.digest());
        prop_assert_eq!(format::encode(&read), bytes);
    }

    #[test]
    fn a_header_says_the_same_as_the_file(ticket in given::ticket()) {
        let bytes = format::encode(&ticket);
        let length = safetensors::header_length(&bytes[..8], bytes.len() as u64).unwrap();
        let header = safetensors::read_header(&bytes[..length], bytes.len() as u64).unwrap();
        prop_assert_eq!(&format::read_about(&header, &mut Models::default()).unwrap(), &ticket.about);
        prop_assert_eq!(header.metadata["kept"].clone(), ticket.count().kept.to_string());
        prop_assert_eq!(header.metadata["digest"].clone(), ticket.digest().to_string());
    }

    #[test]
    fn a_ticket_without_optional_metadata_still_loads(
        blocks in 1..3_usize, seed in any::<u64>(), gone in prop::sample::subsequence(&OPTIONAL[..], 0..12),
    ) {
        // The official sizes, because a file that does not say them has them.
        let name = format!("cifar_resnet_{}_2", 6 * blocks + 2);
        let ticket = given::ticket_of(&Blueprint::new(&name, None, None).unwrap(), seed);
        let bytes = format::encode(&ticket);
        let (header, pieces) = taken_apart(&bytes);
        let mut metadata = header.metadata;
        metadata.retain(|key, _| !gone.contains(&key.as_str()));
        let read = format::decode(&safetensors::encode(&metadata, pieces)).unwrap();
        prop_assert_eq!(read.digest(), ticket.digest());
        prop_assert_eq!(read.blueprint(), ticket.blueprint());
    }

    #[test]
    fn masks_of_numbers_are_read_as_pytorch_writes_them(ticket in given::ticket(), dtype in prop::sample::select(MASKS.to_vec())) {
        let bytes = format::encode(&ticket);
        let (header, mut pieces) = taken_apart(&bytes);
        for piece in pieces.iter_mut().filter(|piece| piece.dtype == Dtype::BOOL) {
            let numbers = piece.bytes.iter().flat_map(|byte| match dtype {
                Dtype::F32 => f32::from(*byte).to_le_bytes().to_vec(),
                Dtype::I32 => i32::from(*byte).to_le_bytes().to_vec(),
                Dtype::I64 => i64::from(*byte).to_le_bytes().to_vec(),
                _ => vec![*byte],
            });
            (piece.dtype, piece.bytes) = (dtype, numbers.collect::<Vec<_>>().into());
        }
        let read = format::decode(&safetensors::encode(&header.metadata, pieces.clone())).unwrap();
        prop_assert_eq!(format::encode(&read), bytes.clone());
        let masked = pieces.iter_mut().find(|piece| piece.name.ends_with("fc.weight_mask")).unwrap();
        let name = masked.name.clone();
        masked.bytes.to_mut()[0] = 7;
        let refused = format::decode(&safetensors::encode(&header.metadata, pieces));
        prop_assert_eq!(refused.unwrap_err(), NotATicket::MaskByte(name));
    }

    #[test]
    fn trained_weights_that_are_written_and_read_are_the_same(
        blueprint in given::model(), seed in any::<u64>(), accuracy in prop::option::of(0.0..1.0),
    ) {
        let weights = initialise(&blueprint, seed);
        let ticket = Some(trained::digest(&blueprint, &weights));
        let (dataset, step) = (Some("digits".to_owned()), Some(seed));
        let trained =
            Trained { blueprint, dataset, data_digest: None, step, test_accuracy: accuracy, ticket, weights };
        let bytes = trained::encode(&trained);
        let read = trained::decode(&bytes).unwrap();
        prop_assert_eq!(&read, &trained);
        prop_assert_eq!(trained::encode(&read), bytes);
    }

    #[test]
    fn a_digest_ignores_metadata_and_sees_every_bit(ticket in given::ticket(), at in any::<prop::sample::Index>()) {
        let bytes = format::encode(&ticket);
        let (mut header, mut pieces) = taken_apart(&bytes);
        header.metadata.insert("level".to_owned(), "77".to_owned());
        let renamed = format::decode(&safetensors::encode(&header.metadata, pieces.clone())).unwrap();
        prop_assert_eq!(renamed.digest(), ticket.digest());
        let piece = at.index(pieces.len());
        pieces[piece].bytes.to_mut()[0] ^= 1;
        let changed = format::decode(&safetensors::encode(&header.metadata, pieces)).unwrap();
        prop_assert_ne!(changed.digest(), ticket.digest());
    }

    #[test]
    fn masks_are_their_bits_and_their_bytes(bits in prop::collection::vec(any::<bool>(), 0..300)) {
        let mask = Mask::from_bits(&bits);
        prop_assert_eq!(mask.bits().collect::<Vec<_>>(), bits.clone());
        prop_assert_eq!(Mask::from_bytes(&mask.to_bytes()), Some(mask.clone()));
        prop_assert_eq!(mask.kept(), bits.iter().filter(|bit| **bit).count());
        prop_assert_eq!(mask.kept_by_both(&Mask::full(mask.len())), mask.kept());
    }

    #[test]
    fn masked_weights_are_zero_outside_and_the_same_inside(ticket in given::ticket()) {
        let masked = ticket.clone().masked();
        prop_assert_eq!(masked.about.outside, Outside::Masked);
        for (name, mask) in ticket.masks() {
            let pairs = ticket.weights().floats(name).unwrap().iter().zip(masked.weights().floats(name).unwrap());
            for ((given, left), keep) in pairs.zip(mask.bits()) {
                let right = if keep { given.to_bits() == left.to_bits() } else { *left == 0.0 };
                prop_assert!(right, "{} {}", given, left);
            }
        }
        prop_assert_eq!(masked.clone().masked().digest(), masked.digest());
    }
}

#[test]
fn what_a_file_says_of_its_weights_is_believed_only_where_it_is_so() {
    use Outside::{Dense, Masked};
    let mut drawn = (0..).map(|seed| given::ticket_of(&given::resnet(2, 2), seed));
    let dense = drawn.find(|ticket| ticket.about.outside == Dense).unwrap();
    for (held, said, read) in [
        (Dense, Some("dense"), Dense),
        (Dense, Some("masked"), Dense),
        (Dense, None, Dense),
        (Masked, Some("dense"), Dense),
        (Masked, Some("masked"), Masked),
        (Masked, None, Masked),
    ] {
        let ticket = if held == Masked { dense.clone().masked() } else { dense.clone() };
        let bytes = format::encode(&ticket);
        let (mut header, pieces) = taken_apart(&bytes);
        header.metadata.remove("weights");
        let said = said.map(|said| ("weights".to_owned(), said.to_owned()));
        header.metadata.extend(said);
        let decoded = format::decode(&safetensors::encode(&header.metadata, pieces)).unwrap();
        assert_eq!(decoded.about.outside, read);
        assert_eq!(decoded.digest(), ticket.digest());
    }
}

/// A file's header and its tensors, to be put together in another way.
pub fn taken_apart(bytes: &[u8]) -> (Header, Vec<Piece<'_>>) {
    let header = safetensors::read_header(bytes, bytes.len() as u64).unwrap();
    let data = &bytes[header.data_at..];
    let pieces = header.tensors.iter().map(|(name, entry)| Piece {
        name: name.clone(),
        dtype: entry.dtype,
        shape: entry.shape.clone(),
        bytes: data[entry.start..entry.end].into(),
    });
    let pieces = pieces.collect();
    (header, pieces)
}
