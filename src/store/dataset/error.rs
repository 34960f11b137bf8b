//! Why a data set cannot be read, and the way out.

use std::{io, path::PathBuf};

use elth_core::blueprint::Input;
use thiserror::Error;

use crate::dataset::Name;

/// Why a data set cannot be read.
#[derive(Debug, Error)]
pub enum Error {
    /// No set has this name.
    #[error("`{name}` is no data set: use {}", Name::known())]
    Unknown {
        /// As it was typed.
        name: String,
    },
    /// A file of the set is in none of the places where it may lie.
    #[error("`{set}` lacks `{file}` (looked in {}): {}", quoted(looked), fetch(*set))]
    Missing {
        /// The set.
        set: Name,
        /// The first file that is not there, as its authors name it.
        file: String,
        /// The folders that were looked into.
        looked: Vec<PathBuf>,
    },
    /// The file is there and the system does not hand it out.
    #[error("`{}` cannot be read ({source}): check the file and its rights", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A compressed file does not unpack to its end.
    #[error("`{}` is damaged or cut ({why}): {}", path.display(), again(*set))]
    Damaged {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// What the unpacking met.
        why: String,
    },
    /// The file ends before its contents do.
    #[error("`{}` is {} short: {}", path.display(), bytes(*missing), again(*set))]
    Short {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// How many bytes are missing.
        missing: u64,
    },
    /// The file goes on after its contents end.
    #[error("`{}` is {} too long: {}", path.display(), bytes(*extra), again(*set))]
    Long {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// How many bytes there are too many.
        extra: u64,
    },
    /// The file is of another kind.
    #[error("`{}` is not {expected}: {}", path.display(), again(*set))]
    Foreign {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// What belongs there.
        expected: &'static str,
    },
    /// The images have another size than the set's.
    #[error("`{}` holds images of {found}, `{set}` has {}: {}", path.display(), set.shape(), again(*set))]
    Shape {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// The size that the file names.
        found: Input,
    },
    /// The two halves of a folder do not hold the same classes.
    #[error("`{}` lacks the class `{class}`: both halves need a folder for every class", half.display())]
    Class {
        /// The half without it.
        half: PathBuf,
        /// The class.
        class: String,
    },
    /// There are fewer or more images than the published set has.
    #[error(
        "`{}` holds {found} images, `{set}` has {expected} there: {}", path.display(), again(*set)
    )]
    Images {
        /// The set.
        set: Name,
        /// The file or folder.
        path: PathBuf,
        /// Images that are there.
        found: usize,
        /// Images that belong there.
        expected: usize,
    },
    /// Images and labels are not equally many, or there are none.
    #[error("`{}` holds {labels} labels for {images} images: {}", path.display(), again(*set))]
    Counts {
        /// The set.
        set: Name,
        /// The file of the labels.
        path: PathBuf,
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
    },
    /// An image is labelled with no class of the set.
    #[error(
        "`{}` labels image {image} as {label}, `{set}` has the classes 0 to {}: {}",
        path.display(), set.classes() - 1, again(*set)
    )]
    Label {
        /// The set.
        set: Name,
        /// The file.
        path: PathBuf,
        /// Which image, from 0.
        image: usize,
        /// Its label.
        label: u16,
    },
}

fn fetch(set: Name) -> String {
    if matches!(set, Name::Imagenet | Name::Folder(_)) {
        return "put `train/CLASS/…` and `val/CLASS/…` there".to_owned();
    }
    format!("get it with `elth data fetch {set}`, or say where it lies with --data-dir")
}

fn again(set: Name) -> String {
    if matches!(set, Name::Imagenet | Name::Folder(_)) {
        return "mend, replace or remove it".to_owned();
    }
    format!("fetch it again with `elth data fetch {set}`")
}

fn quoted(paths: &[PathBuf]) -> String {
    let quoted: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    quoted.join(", ")
}

fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}
