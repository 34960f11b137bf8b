//! Zip archives of many small files, read from memory.

use std::io::Cursor;

use crate::inflate::bounded;

/// An archive's directory over its bytes; copies are cheap, so that every thread may have its own.
#[derive(Debug, Clone)]
pub struct Archive<'a>(zip::ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Archive<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// When the bytes are no whole archive, in words.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        zip::ZipArchive::new(Cursor::new(bytes)).map(Self).map_err(|error| error.to_string())
    }

    /// The names of its members, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.file_names()
    }

    /// A member's bytes, checked against their sum.
    ///
    /// # Errors
    /// When there is no such member, it is damaged, or it holds more than `most` bytes; in words.
    pub fn member(&mut self, name: &str, most: u64) -> Result<Vec<u8>, String> {
        let member = self.0.by_name(name).map_err(|error| error.to_string())?;
        bounded(member, most).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn members_are_read_within_limits_and_damage_is_told() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("a/b.txt", SimpleFileOptions::default()).unwrap();
        writer.write_all(&[7; 10_000]).unwrap();
        let mut bytes = writer.finish().unwrap().into_inner();
        let mut archive = Archive::open(&bytes).unwrap();
        assert_eq!(archive.names().collect::<Vec<_>>(), ["a/b.txt"]);
        assert_eq!(archive.member("a/b.txt", 10_000).unwrap(), vec![7; 10_000]);
        assert!(archive.member("a/b.txt", 9_999).is_err());
        assert!(archive.member("c", 9).is_err());
        bytes[40] ^= 1;
        assert!(Archive::open(&bytes).unwrap().member("a/b.txt", 10_000).is_err());
        assert!(Archive::open(&bytes[..20]).is_err());
    }
}
