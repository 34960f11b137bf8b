//! The sets that can be read, and what is known of each before a file is opened.

mod folder;

use std::{fmt, str::FromStr};

use elth_core::blueprint::Input;

use crate::dataset::Error;

pub use folder::Folder;

/// A set that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// The UCI optical digits, embedded.
    Digits,
    /// Handwritten digits of `LeCun`, Cortes and Burges.
    Mnist,
    /// Zalando's articles of clothing.
    FashionMnist,
    /// Krizhevsky's small colour images.
    Cifar10,
    /// The same images seen at 224×224, as the paper's experiments with the networks of `ImageNet` see them.
    Cifar10Im,
    /// The same author's hundred classes, by their fine labels.
    Cifar100,
    /// House numbers cut out of street views, the cropped digits.
    Svhn,
    /// Two hundred classes of `ImageNet` at 64×64, as Stanford's course hands them out.
    TinyImagenet,
    /// The thousand classes of 2012, as folders of JPEG files.
    Imagenet,
    /// Anybody's folders of pictures.
    Folder(Folder),
}

/// What the upsampled set is called here and there besides.
const AT_224: &str = "cifar10@224";

impl Name {
    /// Every set but folders, in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::Digits,
        Self::Mnist,
        Self::FashionMnist,
        Self::Cifar10,
        Self::Cifar10Im,
        Self::Cifar100,
        Self::Svhn,
        Self::TinyImagenet,
        Self::Imagenet,
    ];

    /// The name as it is typed and recorded.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::Svhn => "svhn",
            Self::TinyImagenet => "tiny-imagenet",
            Self::Cifar10Im => "cifar10_im",
            Self::Imagenet => "imagenet",
            Self::Folder(folder) => folder.name(),
        }
    }

    /// Number of classes; those of a folder are counted on the disk, 0 where it cannot be read.
    #[must_use]
    pub fn classes(self) -> usize {
        match self {
            Self::Digits
            | Self::Mnist
            | Self::FashionMnist
            | Self::Cifar10
            | Self::Cifar10Im
            | Self::Svhn => 10,
            Self::Cifar100 => 100,
            Self::TinyImagenet => 200,
            Self::Imagenet => 1_000,
            Self::Folder(folder) => folder.classes(),
        }
    }

    /// Shape of every image as it is stored; of files of any size, as they enter networks.
    #[must_use]
    pub fn shape(self) -> Input {
        match self {
            Self::Digits => Input::new(1, 8, 8),
            Self::Mnist | Self::FashionMnist => Input::new(1, 28, 28),
            Self::Cifar10 | Self::Cifar10Im | Self::Cifar100 | Self::Svhn => Input::new(3, 32, 32),
            Self::TinyImagenet => Input::new(3, 64, 64),
            Self::Imagenet | Self::Folder(_) => Input::new(3, 224, 224),
        }
    }

    /// Images that the published set trains and tests with; 0 of folders, which nobody published.
    #[must_use]
    pub fn published_sizes(self) -> [usize; 2] {
        match self {
            Self::Digits => [1_347, 450],
            Self::Mnist | Self::FashionMnist => [60_000, 10_000],
            Self::Cifar10 | Self::Cifar10Im | Self::Cifar100 => [50_000, 10_000],
            Self::Svhn => [73_257, 26_032],
            Self::TinyImagenet => [100_000, 10_000],
            Self::Imagenet => [1_281_167, 50_000],
            Self::Folder(_) => [0, 0],
        }
    }

    /// The readable names as a phrase: `a, b or c`.
    #[must_use]
    pub fn known() -> String {
        let [others @ .., last] = Self::ALL.map(Self::as_str);
        format!("{}, {last} or folder:PATH", others.join(", "))
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(name) = Self::ALL.into_iter().find(|name| name.as_str() == text) {
            return Ok(name);
        }
        match text.strip_prefix(Folder::PREFIX) {
            Some(path) if !path.is_empty() => Ok(Self::Folder(Folder::at(path))),
            _ if text == AT_224 => Ok(Self::Cifar10Im),
            _ => Err(Error::Unknown { name: text.to_owned() }),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in Name::ALL {
            assert_eq!(name.to_string().parse::<Name>().unwrap(), name);
        }
    }

    #[test]
    fn a_name_that_cannot_be_read_says_which_can() {
        for (text, words) in [
            (
                "cifar11",
                "`cifar11` is no data set: use digits, mnist, fashion-mnist, cifar10, cifar10_im",
            ),
            ("folder:", "`folder:` is no data set"),
            ("", "`` is no data set"),
        ] {
            let error = text.parse::<Name>().unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
            assert!(error.ends_with("imagenet or folder:PATH"), "{error}");
        }
    }

    #[test]
    fn a_folder_is_named_from_the_root_on_and_its_classes_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let name: Name = format!("folder:{}", dir.path().display()).parse().unwrap();
        assert_eq!(name.classes(), 0, "nothing is there yet");
        for class in ["b", "a", ".hidden"] {
            std::fs::create_dir_all(dir.path().join("train").join(class)).unwrap();
        }
        assert_eq!(name.classes(), 2);
        assert_eq!(name.to_string().parse::<Name>().unwrap(), name);
        assert!("folder:here".parse::<Name>().unwrap().as_str().starts_with("folder:/"));
        assert_eq!("cifar10@224".parse::<Name>().unwrap(), Name::Cifar10Im);
    }
}
