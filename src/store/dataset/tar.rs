//! What lies where in a tar archive.

use std::ops::Range;

use crate::dataset::{Error, file::File};

/// Everything in an archive starts at a multiple of this.
const BLOCK: usize = 512;

/// Where a header keeps its checksum.
const CHECKSUM: Range<usize> = 148..156;

/// A plain file of an archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive.
    pub name: String,
    /// Where its contents lie.
    pub bytes: Range<usize>,
}

/// Lists the plain files of an archive; every header's checksum is checked.
pub fn entries(archive: &File) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(header) = archive.bytes.get(at..at + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            return Ok(entries);
        }
        let size = size(header).ok_or_else(|| archive.foreign("a tar archive"))?;
        let bytes = at + BLOCK..(at + BLOCK).saturating_add(size);
        if bytes.end > archive.bytes.len() {
            let missing = (bytes.end - archive.bytes.len()) as u64;
            return Err(Error::Short { set: archive.set, path: archive.path.clone(), missing });
        }
        at = bytes.end.next_multiple_of(BLOCK);
        if matches!(header[156], 0 | b'0') {
            entries.push(Entry { name: text(&header[..100]), bytes });
        }
    }
    Err(archive.foreign("a whole tar archive"))
}

/// The size that a header names, if the header is one.
fn size(header: &[u8]) -> Option<usize> {
    let plain: usize = header.iter().map(|byte| usize::from(*byte)).sum();
    let field: usize = header[CHECKSUM].iter().map(|byte| usize::from(*byte)).sum();
    // The sum is taken with spaces in its own field.
    let summed = plain - field + CHECKSUM.len() * usize::from(b' ');
    (octal(&header[CHECKSUM])? == summed).then_some(octal(&header[124..136])?)
}

fn octal(field: &[u8]) -> Option<usize> {
    usize::from_str_radix(text(field).trim(), 8).ok()
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::dataset::Name;

    /// A header, the contents, and zeros up to the next block.
    pub fn entry(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
        let mut block = [0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        block[156] = kind;
        block[CHECKSUM].fill(b' ');
        let sum: usize = block.iter().map(|byte| usize::from(*byte)).sum();
        block[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut entry = [&block, bytes].concat();
        entry.resize(entry.len().next_multiple_of(BLOCK), 0);
        entry
    }

    fn check(change: impl Fn(&mut Vec<u8>), expected: Result<&[&str], &str>) {
        let mut bytes = entry("folder/", b'5', &[]);
        bytes.extend(entry("folder/a", b'0', &[1; 600]));
        bytes.extend(entry("folder/b", 0, &[2; 512]));
        bytes.extend([0; 1_024]);
        change(&mut bytes);
        let archive = File { set: Name::Cifar10, path: "archive".into(), bytes };
        match (entries(&archive), expected) {
            (Ok(found), Ok(names)) => {
                assert!(found.iter().map(|entry| entry.name.as_str()).eq(names.iter().copied()));
            }
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn an_archive_is_listed_or_refused() {
        check(|_| (), Ok(&["folder/a", "folder/b"]));
        check(|bytes| bytes[512] ^= 1, Err("is not a tar archive"));
        check(|bytes| bytes.truncate(1_000), Err("is not a whole tar archive"));
        check(|bytes| bytes.truncate(1_600), Err("is 24 bytes short"));
        check(|bytes| bytes.truncate(bytes.len() - 1_024), Err("is not a whole tar archive"));
        check(Vec::clear, Err("is not a whole tar archive"));
    }
}
