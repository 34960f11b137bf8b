//! The sets that can be read, and what is known of each before a file is opened.

use std::{fmt, str::FromStr};

use elth_core::blueprint::Input;

use crate::dataset::Error;

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
    /// The same author's hundred classes, by their fine labels.
    Cifar100,
    /// House numbers cut out of street views, the cropped digits.
    Svhn,
    /// Two hundred classes of `ImageNet` at 64×64, as Stanford's course hands them out.
    TinyImagenet,
}

/// Names that are spoken for; this version says so instead of calling them unknown.
const NOT_YET: [&str; 1] = ["imagenet"];

impl Name {
    /// Every set, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Digits,
        Self::Mnist,
        Self::FashionMnist,
        Self::Cifar10,
        Self::Cifar100,
        Self::Svhn,
        Self::TinyImagenet,
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
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(self) -> usize {
        match self {
            Self::Digits | Self::Mnist | Self::FashionMnist | Self::Cifar10 | Self::Svhn => 10,
            Self::Cifar100 => 100,
            Self::TinyImagenet => 200,
        }
    }

    /// Shape of every image as it is stored.
    #[must_use]
    pub fn shape(self) -> Input {
        match self {
            Self::Digits => Input::new(1, 8, 8),
            Self::Mnist | Self::FashionMnist => Input::new(1, 28, 28),
            Self::Cifar10 | Self::Cifar100 | Self::Svhn => Input::new(3, 32, 32),
            Self::TinyImagenet => Input::new(3, 64, 64),
        }
    }

    /// Images that the published set trains and tests with.
    #[must_use]
    pub fn published_sizes(self) -> [usize; 2] {
        match self {
            Self::Digits => [1_347, 450],
            Self::Mnist | Self::FashionMnist => [60_000, 10_000],
            Self::Cifar10 | Self::Cifar100 => [50_000, 10_000],
            Self::Svhn => [73_257, 26_032],
            Self::TinyImagenet => [100_000, 10_000],
        }
    }

    /// The readable names as a phrase: `a, b or c`.
    #[must_use]
    pub fn known() -> String {
        let [others @ .., last] = Self::ALL.map(Self::as_str);
        format!("{} or {last}", others.join(", "))
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(name) = Self::ALL.into_iter().find(|name| name.as_str() == text) {
            return Ok(name);
        }
        let name = text.to_owned();
        if NOT_YET.contains(&text) || text.starts_with("folder:") {
            return Err(Error::NotYet { name });
        }
        Err(Error::Unknown { name })
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
    fn a_name_that_cannot_be_read_says_why() {
        let cases = [
            ("folder:/x", "`folder:/x` is not readable yet"),
            (
                "cifar11",
                "`cifar11` is no data set: use digits, mnist, fashion-mnist, cifar10, cifar100",
            ),
            ("", "`` is no data set"),
        ];
        for (text, words) in cases {
            let error = text.parse::<Name>().unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
