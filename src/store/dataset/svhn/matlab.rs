//! MATLAB 5 files, as far as arrays of small whole numbers go: little-endian, compressed or not.

use std::io;

use elth_unpack::inflate;

/// Text, versions and the mark of the byte order.
const HEADER: usize = 128;

/// Element types of the format.
const INT8: usize = 1;
const UINT8: usize = 2;
const INT32: usize = 5;
const UINT32: usize = 6;
const DOUBLE: usize = 9;
const MATRIX: usize = 14;
const COMPRESSED: usize = 15;

/// One array of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Array {
    /// Its name.
    pub name: String,
    /// Its sizes; the first index moves fastest.
    pub sizes: Vec<usize>,
    /// Its values.
    pub values: Vec<u8>,
}

/// The arrays of a file; nothing where it is another kind of file, or holds anything but small whole numbers.
///
/// # Errors
/// When a compressed part does not unpack, or unpacks to more than `most` bytes.
pub fn arrays(bytes: &[u8], most: u64) -> io::Result<Option<Vec<Array>>> {
    let Some((header, mut rest)) = bytes.split_at_checked(HEADER) else { return Ok(None) };
    if header[124..] != [0, 1, b'I', b'M'] {
        return Ok(None);
    }
    let mut arrays = Vec::new();
    while !rest.is_empty() {
        let Some((kind, body, next)) = element(rest, 1) else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        };
        let unpacked;
        let body = match kind {
            MATRIX => Some(body),
            COMPRESSED => {
                unpacked = inflate::zlib(body, most)?;
                element(&unpacked, 8).filter(|element| element.0 == MATRIX).map(|element| element.1)
            }
            _ => None,
        };
        let Some(array) = body.and_then(array) else { return Ok(None) };
        arrays.push(array);
        rest = next;
    }
    Ok(Some(arrays))
}

/// An element's type and contents, and what follows it at the next multiple of `aligned`.
fn element(bytes: &[u8], aligned: usize) -> Option<(usize, &[u8], &[u8])> {
    let word = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(four)).ok()
    };
    let (first, second) = (word(0)?, word(4)?);
    // Up to four bytes stand in the place of the size, which stands beside the type.
    let (kind, from, len) = match first >> 16 {
        0 => (first, 8_usize, second),
        len => (first & 0xffff, 4, len),
    };
    let body = bytes.get(from..from.checked_add(len)?)?;
    let next = (from + len).next_multiple_of(if from == 4 { 8 } else { aligned });
    Some((kind, body, bytes.get(next..).unwrap_or_default()))
}

/// Flags, sizes, name, values.
fn array(bytes: &[u8]) -> Option<Array> {
    let (UINT32, flags, rest) = element(bytes, 8)? else { return None };
    let (INT32, sizes, rest) = element(rest, 8)? else { return None };
    let (INT8, name, rest) = element(rest, 8)? else { return None };
    let (kind, values, _) = element(rest, 8)?;
    // Complex numbers have a second part.
    if flags.len() != 8 || flags[1] & 8 != 0 {
        return None;
    }
    let sizes = sizes.chunks_exact(4).map(|four| {
        let four: [u8; 4] = four.try_into().ok()?;
        usize::try_from(i32::from_le_bytes(four)).ok()
    });
    Some(Array {
        name: String::from_utf8_lossy(name).into_owned(),
        sizes: sizes.collect::<Option<_>>()?,
        values: match kind {
            UINT8 => values.to_vec(),
            DOUBLE => values.chunks_exact(8).map(small).collect::<Option<_>>()?,
            _ => return None,
        },
    })
}

/// A whole number below 256 in double precision.
fn small(bytes: &[u8]) -> Option<u8> {
    let value = f64::from_le_bytes(bytes.try_into().ok()?);
    (0..=u8::MAX).find(|whole| f64::from(*whole).to_bits() == value.to_bits())
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn tagged(kind: usize, body: &[u8]) -> Vec<u8> {
        let words = [kind, body.len()].map(|word| u32::try_from(word).unwrap().to_le_bytes());
        let mut bytes = [words.as_flattened(), body].concat();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    /// An array as MATLAB writes it: its short name in the small form.
    pub fn array(name: &str, sizes: &[usize], values: &[u8]) -> Vec<u8> {
        let sizes: Vec<u8> =
            sizes.iter().flat_map(|size| i32::try_from(*size).unwrap().to_le_bytes()).collect();
        let mut small = vec![1, 0, 1, 0, 0, 0, 0, 0];
        small[4] = name.as_bytes()[0];
        let parts = [
            tagged(UINT32, &[9, 0, 0, 0, 0, 0, 0, 0]),
            tagged(INT32, &sizes),
            small,
            tagged(UINT8, values),
        ];
        tagged(MATRIX, &parts.concat())
    }

    /// A file with each array compressed, as the published ones.
    pub fn file(arrays: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![b' '; HEADER];
        bytes[124..].copy_from_slice(&[0, 1, b'I', b'M']);
        for array in arrays {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(array).unwrap();
            let packed = encoder.finish().unwrap();
            let words =
                [COMPRESSED, packed.len()].map(|it| u32::try_from(it).unwrap().to_le_bytes());
            bytes.extend(words.as_flattened());
            bytes.extend(packed);
        }
        bytes
    }

    #[test]
    fn arrays_are_read_in_every_form_they_are_written_in() {
        let plain = array("y", &[3, 1], &[1, 2, 10]);
        let expected = Array { name: "y".to_owned(), sizes: vec![3, 1], values: vec![1, 2, 10] };
        let packed = file(std::slice::from_ref(&plain));
        assert_eq!(arrays(&packed, 1 << 20).unwrap().unwrap(), [expected]);
        let unpacked = [&packed[..HEADER], &plain].concat();
        assert_eq!(arrays(&unpacked, 1 << 20).unwrap(), arrays(&packed, 1 << 20).unwrap());
        assert!(arrays(&packed, 10).is_err(), "more than is allowed");
        assert_eq!(small(&10.0_f64.to_le_bytes()), Some(10));
        assert_eq!(small(&10.5_f64.to_le_bytes()), None);
    }

    #[test]
    fn no_byte_of_a_file_can_crash_the_reader() {
        let whole = [file(&[]), array("X", &[2, 2], &[1, 2, 3, 4])].concat();
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _arrays_or_reason = arrays(&changed, 1 << 20);
                let _arrays_or_reason = arrays(&whole[..at], 1 << 20);
            }
        }
    }
}
