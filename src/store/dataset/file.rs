//! One file of a data set, read whole and unpacked where it is compressed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use elth_core::blueprint::Input;
use elth_unpack::inflate;

use crate::dataset::{Error, Name, Split};

/// 1 GiB, five times the largest set: what a hostile file may hold or unpack to.
pub const MOST_BYTES: u64 = 1 << 30;

/// A file's contents, and whose they are.
#[derive(Debug)]
pub struct File {
    /// The set that it belongs to.
    pub set: Name,
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it, unpacked.
    pub bytes: Vec<u8>,
}

/// Reads a file whole.
pub fn read(set: Name, path: &Path) -> Result<File, Error> {
    let mut bytes = packed(path)?;
    if inflate::is_gzip(&bytes) {
        let unpacked = inflate::gzip(&bytes, MOST_BYTES);
        bytes = unpacked.map_err(|error| damaged(set, path, &error))?;
    }
    Ok(File { set, path: path.to_owned(), bytes })
}

/// Reads a file as it lies.
pub fn packed(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(unreadable)?;
    inflate::bounded(file, MOST_BYTES).map_err(unreadable)
}

/// The error for a file that does not unpack.
pub fn damaged(set: Name, path: &Path, error: &io::Error) -> Error {
    let why = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => error.to_string(),
    };
    Error::Damaged { set, path: path.to_owned(), why }
}

impl File {
    /// Checks that the file is as long as its contents must be.
    pub fn check_len(&self, expected: u64) -> Result<(), Error> {
        let (set, path, found) = (self.set, self.path.clone(), self.bytes.len() as u64);
        if found < expected {
            return Err(Error::Short { set, path, missing: expected - found });
        }
        if found > expected {
            return Err(Error::Long { set, path, extra: found - expected });
        }
        Ok(())
    }

    /// Checks that every label is a class of the set.
    pub fn check_labels(&self, labels: &[u16]) -> Result<(), Error> {
        let wrong = |label: &&u16| usize::from(**label) >= self.set.classes();
        match labels.iter().enumerate().find(|(_, label)| wrong(label)) {
            Some((image, &label)) => {
                Err(Error::Label { set: self.set, path: self.path.clone(), image, label })
            }
            None => Ok(()),
        }
    }

    /// The error for a number of images that is not the published one.
    pub fn images(&self, found: usize, expected: usize) -> Error {
        Error::Images { set: self.set, path: self.path.clone(), found, expected }
    }

    /// The error for images and labels that are not equally many.
    pub fn counts(&self, images: usize, labels: usize) -> Error {
        Error::Counts { set: self.set, path: self.path.clone(), images, labels }
    }

    /// The error for a file of another kind.
    pub fn foreign(&self, expected: &'static str) -> Error {
        Error::Foreign { set: self.set, path: self.path.clone(), expected }
    }

    /// The error for images of another size.
    pub fn shape(&self, found: Input) -> Error {
        Error::Shape { set: self.set, path: self.path.clone(), found }
    }
}

/// Joins the parts of a split in their order.
pub fn join(parts: Vec<Split>, shape: Input) -> Split {
    let images = parts.iter().map(Split::values).collect::<Vec<_>>().concat();
    let labels = parts.into_iter().flat_map(|part| part.labels).collect();
    Split { images: images.into(), labels, shape }
}
