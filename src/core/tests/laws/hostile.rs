//! No bytes whatever make a reader panic or hold more than the file does.

use elth_core::{
    safetensors::{self, Malformed},
    ticket::format::{self, NotATicket},
    trained,
};
use proptest::prelude::*;

use crate::{files::taken_apart, given};

/// Reads the bytes in every way; what can be read as a ticket can be written again.
fn read(bytes: &[u8]) -> Result<(), NotATicket> {
    let _ = trained::decode(bytes);
    let _ = safetensors::header_length(bytes, bytes.len() as u64);
    let ticket = format::decode(bytes)?;
    format::decode(&format::encode(&ticket)).map(drop)
}

fn small_file() -> Vec<u8> {
    format::encode(&given::ticket_of(&given::resnet(1, 1), 3))
}

/// A file of that header and nothing behind it.
fn file_of(header: &str) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()
}

/// A small ticket with one metadata value changed.
fn with_metadata(key: &str, value: &str) -> Result<(), NotATicket> {
    let bytes = small_file();
    let (header, pieces) = taken_apart(&bytes);
    let mut metadata = header.metadata;
    metadata.insert(key.to_owned(), value.to_owned());
    read(&safetensors::encode(&metadata, pieces))
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let bytes = small_file();
    read(&bytes).unwrap();
    for length in 0..bytes.len() {
        let error = read(&bytes[..length]).unwrap_err();
        assert!(matches!(error, NotATicket::Malformed(_)), "{length}: {error}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(read(&longer), Err(NotATicket::Malformed(Malformed::Length { .. }))));
}

#[test]
fn hostile_headers_are_one_clear_line() {
    let one = r#""dtype":"F32","shape":[1],"data_offsets":[0,4]"#;
    let deep = "[".repeat(100_000);
    for (header, says) in [
        (String::new(), "cannot be read"),
        ("null".to_owned(), "object of tensors"),
        ("[]".to_owned(), "object of tensors"),
        ("{".to_owned(), "cannot be read"),
        ("{}trailing".to_owned(), "cannot be read"),
        (deep.clone(), "cannot be read"),
        (format!(r#"{{"a":{deep}"#), "cannot be read"),
        (format!(r#"{{"a":{{{one}}},"a":{{{one}}}}}"#), "stands twice"),
        (r#"{"__metadata__":{},"__metadata__":{}}"#.to_owned(), "stands twice"),
        (r#"{"__metadata__":{"level":5}}"#.to_owned(), "expected a string"),
        (r#"{"__metadata__":null}"#.to_owned(), "expected a map"),
        (r#"{"a":{"dtype":"F12","shape":[],"data_offsets":[0,0]}}"#.to_owned(), "unknown variant"),
        (r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#.to_owned(), "invalid value"),
        (r#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#.to_owned(), "invalid type"),
        (r#"{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}"#.to_owned(), "invalid type"),
        (r#"{"a":{"dtype":"F32","shape":[1]}}"#.to_owned(), "missing field"),
        (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#.to_owned(), "do not fit its shape"),
        (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#.to_owned(), "do not fit its shape"),
        (
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,0]}}"#.to_owned(),
            "do not fit its shape",
        ),
        (
            r#"{"a":{"dtype":"I64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#.to_owned(),
            "do not fit its shape",
        ),
        (
            r#"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#
                .to_owned(),
            "announces 9223372036854775807",
        ),
        (
            r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551614,18446744073709551615]}}"#
                .to_owned(),
            "one after the other",
        ),
        (
            r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#
                .to_owned(),
            "one after the other at `b`",
        ),
        (r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#.to_owned(), "one after the other"),
        (format!(r#"{{"a\u001b[2J\n":{{{one},"shape":[2]}}}}"#), "duplicate field"),
        (
            r#"{"a\u001b[2J\n":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#.to_owned(),
            r"`a\u{1b}[2J\n`",
        ),
        (format!(r#"{{"{}":{{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}}}"#, "x".repeat(1 << 20)), "xxx…`"),
        ("{}".to_owned(), "metadata say `nothing`"),
        (r#"{"__metadata__":{"format":"pt"}}"#.to_owned(), "metadata say `pt`"),
    ] {
        let shown: String = header.chars().take(90).collect();
        let error = read(&file_of(&header)).unwrap_err().to_string();
        assert!(error.contains(says), "{shown}\n{error}");
        assert!(error.len() < 400 && !error.chars().any(char::is_control), "{shown}\n{error}");
    }
}

#[test]
fn lengths_of_headers_are_checked_before_anything_is_read() {
    for (length, rest, expected) in [
        (0_u64, 0, "cannot be read"),
        (1, 0, "inside its header"),
        (100_000_000, 0, "inside its header"),
        (100_000_001, 0, "announces a header"),
        (u64::MAX, 9, "announces a header"),
        (1 << 63, 9, "announces a header"),
    ] {
        let bytes = [&length.to_le_bytes()[..], &vec![b' '; rest]].concat();
        let error = read(&bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{length}: {error}");
    }
    assert!(read(&[]).is_err());
}

#[test]
fn hostile_metadata_are_one_clear_line() {
    let digits = "9".repeat(500);
    for (key, value, says) in [
        ("format", "elth-ticket\u{7}", r"`elth-ticket\u{7}`"),
        ("version", "2", "version `2`"),
        ("model", "", "`` is no model"),
        ("model", "cifar_resnet_9998_9999", "too large to hold"),
        ("model", "cifar_resnet_9998_63", "is no ticket of"),
        ("model", "cifar_resnet_18446744073709551615", "6D + 2"),
        ("model", &format!("cifar_resnet_{digits}"), "whole numbers"),
        ("model", "mnist_lenet_4000000000_4000000000", "too large to hold"),
        ("model", &format!("mnist_lenet_{}1", "1_".repeat(2000)), "too large to hold"),
        ("model", "cifar_resnet_14_1", "is no ticket of `cifar_resnet_14_1`"),
        ("model", "mnist_lenet_3", "is no ticket of `mnist_lenet_3`"),
        ("classes", "0", "number of classes"),
        ("classes", "-1", "`classes` = `-1`"),
        ("classes", "1000001", "number of classes"),
        ("classes", &digits, "no number of classes"),
        ("classes", "4", "another shape"),
        ("input", "3x8", "no shape"),
        ("input", "0x8x8", "no shape"),
        ("input", "18446744073709551615x18446744073709551615x2", "no shape"),
        ("input", "4294967296x4294967296x4294967296", "no shape"),
        ("input", "1x8x8", "needs at least 3x4x4"),
        ("level", "4294967296", "`level`"),
        ("rewind", "soon", "no step such as"),
        ("weights", "sparse", "no `dense` or `masked`"),
        ("lineage", "[{}]", "`lineage`"),
        ("lineage", &"[".repeat(100_000), "`lineage`"),
    ] {
        let shown: String = value.chars().take(60).collect();
        let error = with_metadata(key, value).unwrap_err().to_string();
        assert!(error.contains(says), "{key} = {shown}\n{error}");
        assert!(error.len() < 500 && !error.chars().any(char::is_control), "{shown}\n{error}");
    }
}

#[test]
fn tensors_of_another_kind_shape_or_name_are_refused() {
    let bytes = small_file();
    let (header, pieces) = taken_apart(&bytes);
    let at = |name: &str| pieces.iter().position(|piece| piece.name == name).unwrap();
    for (case, says) in [
        ("gone", "`conv.weight_mask` is missing"),
        ("renamed", "`fc.bias` is missing"),
        ("extra", "`more` is none of the model's"),
        ("reshaped", "`conv.weight_orig` has another shape"),
        ("integer", "`fc.weight_orig` has another shape"),
        ("bytes", "mask `fc.weight_mask` with values other than 0 and 1"),
    ] {
        let mut pieces = pieces.clone();
        match case {
            "gone" => drop(pieces.remove(at("conv.weight_mask"))),
            "renamed" => pieces[at("fc.bias")].name = "fc.bias2".to_owned(),
            "extra" => {
                let mut more = pieces[0].clone();
                more.name = "more".to_owned();
                pieces.push(more);
            }
            "reshaped" => pieces[at("conv.weight_orig")].shape.reverse(),
            "integer" => pieces[at("fc.weight_orig")].dtype = safetensors::Dtype::I32,
            _ => pieces[at("fc.weight_mask")].bytes.to_mut()[0] = 2,
        }
        let error = read(&safetensors::encode(&header.metadata, pieces)).unwrap_err().to_string();
        assert!(error.contains(says), "{case}: {error}");
    }
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn random_headers_never_panic(
        header in "[{}\\[\\]:,\"a-f0-9. _]{0,200}", rest in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let bytes = [file_of(&header), rest].concat();
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn flipped_bits_never_panic(flips in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4)) {
        let mut bytes = small_file();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << (bit % 8);
        }
        let _ = read(&bytes);
    }

    #[test]
    fn flipped_bits_of_a_header_never_panic(flips in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..3)) {
        let mut bytes = small_file();
        let end = safetensors::header_length(&bytes, bytes.len() as u64).unwrap();
        for (at, bit) in flips {
            bytes[at.index(end)] ^= 1 << (bit % 8);
        }
        let _ = read(&bytes);
    }

    #[test]
    fn random_metadata_never_panic(key in "format|version|model|classes|input|level|rewind|weights|lineage", value in ".{0,40}") {
        let _ = with_metadata(&key, &value);
    }

    #[test]
    fn random_model_names_never_panic(
        name in "(cifar_resnet|mnist_lenet)_[0-9]{1,6}(_[0-9]{1,6}){0,3}", classes in prop::option::of(0..2_000_000_usize),
    ) {
        let _ = elth_core::blueprint::Blueprint::new(&name, classes, None);
    }
}
