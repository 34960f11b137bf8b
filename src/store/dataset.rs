//! Image sets: found as their authors publish them, read whole and checked, or refused.

mod cifar;
mod digits;
mod file;
mod files;
mod idx;
mod pickle;
mod svhn;
mod tar;
mod tiny_imagenet;

pub mod choice;
pub mod digest;
pub mod error;
pub mod fetch;
pub mod framing;
pub mod name;
pub mod pipeline;
pub mod preprocessing;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use elth_core::{blueprint::Input, digest::Digest};

pub use error::Error;
pub use name::Name;

/// A set's two halves and the sum that tells this copy from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Which set it is.
    pub name: Name,
    /// What networks learn from.
    pub train: Split,
    /// What they are tried on.
    pub test: Split,
    /// Sum of the decoded contents, see [`digest::of`].
    pub digest: Digest,
}

/// Images with their labels, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The images.
    pub images: Images,
    /// The class of each image.
    pub labels: Vec<u16>,
    /// Shape of every image; of files of any size, as they enter networks.
    pub shape: Input,
}

/// Where a split's images are; copies share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Images {
    /// In memory: raw values, image by image, each channel by channel and row by row.
    Values(Arc<Vec<u8>>),
    /// In files of any size, too many to hold.
    Files(Arc<Vec<PathBuf>>),
}

impl From<Vec<u8>> for Images {
    fn from(values: Vec<u8>) -> Self {
        Self::Values(Arc::new(values))
    }
}

impl Split {
    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The raw values of all images, none where they are in files.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        match &self.images {
            Images::Values(values) => values,
            Images::Files(_) => &[],
        }
    }

    /// The values of one image that is in memory.
    ///
    /// # Panics
    /// Where there is no such image.
    #[must_use]
    pub fn image(&self, idx: usize) -> &[u8] {
        let values = self.shape.values();
        &self.values()[idx * values..(idx + 1) * values]
    }
}

/// Reads a set whole; a missing or damaged file is an error, never a shorter set.
///
/// Sets of many files are listed and summed, and read picture by picture when they are used.
///
/// # Errors
/// Where a file is missing, cut, too long, of another format, or labels an image with no class of the set.
pub fn load(name: Name, data_dir: &Path) -> Result<Dataset, Error> {
    let [train, test] = match name {
        Name::Digits => digits::splits(),
        Name::Mnist | Name::FashionMnist => idx::splits(name, data_dir)?,
        Name::Cifar10 | Name::Cifar100 => cifar::splits(name, data_dir)?,
        Name::Svhn => svhn::splits(data_dir)?,
        Name::TinyImagenet => tiny_imagenet::splits(data_dir)?,
        Name::Cifar10Im => cifar::splits(Name::Cifar10, data_dir)?,
        Name::Imagenet | Name::Folder(_) => return files::load(name, data_dir),
    };
    let digest = digest::of(name, &train, &test);
    Ok(Dataset { name, train, test, digest })
}

/// The folder or archive that a set is read from, where at least a part of it is there; none for embedded sets.
#[must_use]
pub fn find(name: Name, data_dir: &Path) -> Option<PathBuf> {
    match name {
        Name::Digits => None,
        Name::Mnist | Name::FashionMnist => idx::find(name, data_dir),
        Name::Cifar10 | Name::Cifar100 => {
            cifar::find(name, data_dir).map(|place| place.path().to_owned())
        }
        Name::Svhn => svhn::find(data_dir),
        Name::Cifar10Im => find(Name::Cifar10, data_dir),
        Name::TinyImagenet => tiny_imagenet::find(data_dir),
        Name::Imagenet | Name::Folder(_) => files::find(name, data_dir),
    }
}

/// Whether reading the set means reading many gigabytes, so that nobody does it in passing.
#[must_use]
pub fn is_large(name: Name) -> bool {
    matches!(name, Name::Imagenet | Name::Folder(_))
}

/// The sum of a large set, where it was taken before and no file has changed since.
#[must_use]
pub fn known_digest(name: Name, data_dir: &Path) -> Option<Digest> {
    files::known_digest(name, data_dir)
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// The folder where real copies may lie, on machines that have them.
    fn shared() -> Option<PathBuf> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let data = env::var_os("ELTH_SHARED").map_or(beside, PathBuf::from).join("data");
        data.is_dir().then_some(data)
    }

    #[test]
    fn real_copies_are_whole_and_the_published_ones() {
        let Some(data) = shared() else { return };
        for name in [Name::Digits, Name::Mnist, Name::FashionMnist] {
            let set = load(name, &data).unwrap();
            assert_eq!([set.train.len(), set.test.len()], name.published_sizes());
            assert_eq!(set.train.values().len(), set.train.len() * name.shape().values());
            assert_eq!(Some(&*set.digest.to_string()), digest::published(name), "{name}");
            assert_eq!(digest::shown_name(name.as_str(), &set.digest.to_string()), name.as_str());
        }
    }

    #[test]
    fn an_embedded_set_lies_nowhere_and_is_always_there() {
        let nowhere = Path::new("nowhere");
        assert_eq!(find(Name::Digits, nowhere), None);
        assert!(load(Name::Digits, nowhere).is_ok());
    }
}
