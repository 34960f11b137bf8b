//! What is made of a set before anything is learned from it: a validation split, a part of the images, wrong labels.
//!
//! All of it is a function of the set and one seed, which stays the same where a run's other seeds change.

use std::{fmt, str::FromStr};

use elth_core::chance;
use serde::{Deserialize, Serialize};

use crate::dataset::{Dataset, Images, Split};

/// How the training half is changed; the test half never is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choice {
    /// Training images that are set aside to validate with, first of all.
    pub validation: usize,
    /// How many of the others are learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsample: Option<Amount>,
    /// Share of these whose label is drawn anew, from all classes alike.
    pub label_noise: f64,
    /// Where the three of them come from.
    pub seed: u64,
}

/// A part of a set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Amount {
    /// A share of all images, rounded up.
    Share(f64),
    /// So many images of each class.
    OfEachClass(usize),
}

/// Why a set cannot be changed so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CannotChoose {
    /// Nothing would be left to learn from.
    #[error(
        "--validation {validation} leaves none of the {images} training images: set fewer aside"
    )]
    Nothing {
        /// Images to be set aside.
        validation: usize,
        /// Images that are there.
        images: usize,
    },
    /// A class has fewer images than are wanted of each.
    #[error(
        "--subsample {wanted} asks for more than the {found} images of class {class}: ask for fewer"
    )]
    Class {
        /// Images wanted of each class.
        wanted: usize,
        /// Images of the class.
        found: usize,
        /// The class.
        class: u16,
    },
    /// A share that is none.
    #[error("--label-noise is {0}: it must be from 0 to 1")]
    Noise(f64),
    /// A part that is none.
    #[error("`{0}` is no part of the images: write a share such as 0.1, or how many of each class")]
    Amount(String),
}

/// A set whose training half was changed, and what was set aside of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The set; its digest is that of all images with their own labels.
    pub set: Dataset,
    /// What is selected by; empty where nothing was set aside.
    pub validation: Split,
}

impl Choice {
    /// Whether the set stays as it is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self { seed: self.seed, ..Self::default() }
    }

    /// Images that are learned from, of so many of so many classes.
    #[must_use]
    pub fn learned(&self, images: usize, classes: usize) -> usize {
        let left = images.saturating_sub(self.validation);
        match self.subsample {
            None => left,
            Some(Amount::Share(share)) => ceil(share, left),
            Some(Amount::OfEachClass(wanted)) => wanted.saturating_mul(classes).min(left),
        }
    }

    /// Changes a set.
    ///
    /// # Errors
    /// When the set has not so many images, or a number is out of range.
    pub fn apply(&self, mut set: Dataset) -> Result<Chosen, CannotChoose> {
        if !(0.0..=1.0).contains(&self.label_noise) {
            return Err(CannotChoose::Noise(self.label_noise));
        }
        let images = set.train.len();
        if self.validation >= images {
            return Err(CannotChoose::Nothing { validation: self.validation, images });
        }
        if self.is_whole() {
            let validation = set.train.chosen(&[]);
            return Ok(Chosen { set, validation });
        }
        let order = self.shuffled("validation", images);
        let (aside, learned) = order.split_at(self.validation);
        let validation = set.train.chosen(&sorted(aside));
        let learned = self.part(&set.train, &sorted(learned))?;
        set.train = set.train.chosen(&learned);
        self.mislabel(&mut set.train.labels, set.name.classes());
        Ok(Chosen { set, validation })
    }

    fn part(&self, split: &Split, learned: &[usize]) -> Result<Vec<usize>, CannotChoose> {
        let order = self.shuffled("subsample", learned.len()).into_iter().map(|at| learned[at]);
        match self.subsample {
            None => Ok(learned.to_vec()),
            Some(Amount::Share(share)) => {
                let count = ceil(share, learned.len());
                Ok(sorted(&order.take(count).collect::<Vec<_>>()))
            }
            Some(Amount::OfEachClass(wanted)) => {
                let classes = split.labels.iter().max().map_or(0, |last| usize::from(*last) + 1);
                let mut found = vec![0_usize; classes];
                let is_taken = |at: &usize| {
                    let count = &mut found[usize::from(split.labels[*at])];
                    *count += 1;
                    *count <= wanted
                };
                let taken: Vec<usize> = order.filter(is_taken).collect();
                match (0..).zip(&found).find(|(_, found)| **found < wanted) {
                    Some((class, &found)) => Err(CannotChoose::Class { wanted, found, class }),
                    None => Ok(sorted(&taken)),
                }
            }
        }
    }

    fn mislabel(&self, labels: &mut [u16], classes: usize) {
        let wrong = ceil(self.label_noise, labels.len());
        let mut stream = chance::stream(self.seed, "labels");
        for at in self.shuffled("label noise", labels.len()).into_iter().take(wrong) {
            labels[at] = u16::try_from(stream.below(classes as u64)).unwrap_or(labels[at]);
        }
    }

    fn shuffled(&self, purpose: &str, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        chance::stream(self.seed, purpose).shuffle(&mut all);
        all
    }
}

impl fmt::Display for Choice {
    /// What is changed, as it would be typed without dashes: `validation 5000, subsample 0.1 (data seed 3)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let validation = (self.validation > 0).then(|| format!("validation {}", self.validation));
        let part = self.subsample.map(|part| format!("subsample {part}"));
        let noise = (self.label_noise > 0.0).then(|| format!("label noise {}", self.label_noise));
        let said: Vec<_> = [validation, part, noise].into_iter().flatten().collect();
        write!(formatter, "{} (data seed {})", said.join(", "), self.seed)
    }
}

impl FromStr for Amount {
    type Err = CannotChoose;

    fn from_str(text: &str) -> Result<Self, CannotChoose> {
        let wrong = || CannotChoose::Amount(text.to_owned());
        if let Ok(count) = text.parse::<usize>() {
            return (count > 0).then_some(Self::OfEachClass(count)).ok_or_else(wrong);
        }
        let share: f64 = text.parse().map_err(|_| wrong())?;
        (share > 0.0 && share <= 1.0).then_some(Self::Share(share)).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Amount {
    type Error = CannotChoose;

    fn try_from(text: String) -> Result<Self, CannotChoose> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // All of it is a share too, and must not read as one image a class.
            Self::Share(share) => write!(formatter, "{share:?}"),
            Self::OfEachClass(count) => write!(formatter, "{count}"),
        }
    }
}

impl Split {
    /// These images, in this order.
    #[must_use]
    pub fn chosen(&self, examples: &[usize]) -> Self {
        let images = match &self.images {
            Images::Values(_) => {
                let images = examples.iter().map(|&at| self.image(at));
                images.collect::<Vec<_>>().concat().into()
            }
            Images::Files(files) => Images::Files(
                examples.iter().map(|&at| files[at].clone()).collect::<Vec<_>>().into(),
            ),
        };
        let labels = examples.iter().map(|&at| self.labels[at]).collect();
        Self { images, labels, shape: self.shape }
    }
}

fn sorted(examples: &[usize]) -> Vec<usize> {
    let mut examples = examples.to_vec();
    examples.sort_unstable();
    examples
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of images"
)]
fn ceil(share: f64, count: usize) -> usize {
    ((share * count as f64).ceil() as usize).min(count)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dataset::{Name, load};

    fn chosen(choice: Choice) -> Result<Chosen, CannotChoose> {
        choice.apply(load(Name::Digits, Path::new("")).unwrap())
    }

    const NOTHING: Choice = Choice { validation: 0, subsample: None, label_noise: 0.0, seed: 3 };

    #[test]
    fn validation_and_training_share_no_image_and_leave_the_test_half_alone() {
        let whole = chosen(NOTHING).unwrap();
        let parted = chosen(Choice { validation: 300, ..NOTHING }).unwrap();
        assert_eq!([parted.set.train.len(), parted.validation.len()], [1_047, 300]);
        for subsample in [None, Some(Amount::Share(0.33)), Some(Amount::OfEachClass(7))] {
            let choice = Choice { validation: 300, subsample, ..NOTHING };
            let learned = chosen(choice).unwrap().set.train.len();
            assert_eq!(choice.learned(whole.set.train.len(), 10), learned, "{choice}");
        }
        assert_eq!((&parted.set.test, parted.set.digest), (&whole.set.test, whole.set.digest));
        let all =
            |split: &Split| (0..split.len()).map(|at| split.image(at).to_vec()).collect::<Vec<_>>();
        let mut images = [all(&parted.set.train), all(&parted.validation)].concat();
        let mut expected = all(&whole.set.train);
        images.sort_unstable();
        expected.sort_unstable();
        assert_eq!(images, expected);
        assert!(whole.validation.is_empty());
    }

    #[test]
    fn parts_are_as_large_as_they_were_asked_for() {
        let part = |text: &str| {
            let subsample = Some(text.parse().unwrap());
            chosen(Choice { subsample, ..NOTHING }).unwrap().set.train
        };
        assert_eq!(part("0.1").len(), 135, "1,347 images, rounded up");
        assert_eq!(part("1.0").len(), 1_347);
        let labels = part("7").labels;
        assert!((0..10).all(|class| labels.iter().filter(|label| **label == class).count() == 7));
    }

    #[test]
    fn noise_changes_labels_alone_and_reaches_every_class() {
        let whole = chosen(NOTHING).unwrap().set.train;
        let noisy = chosen(Choice { label_noise: 0.5, ..NOTHING }).unwrap().set.train;
        assert_eq!(whole.images, noisy.images);
        let changed = whole.labels.iter().zip(&noisy.labels).filter(|(a, b)| a != b).count();
        // 674 were drawn anew, a tenth of which drew their own class.
        assert!((560..650).contains(&changed), "{changed}");
    }

    #[test]
    fn another_seed_chooses_others_and_the_same_seed_the_same() {
        let of =
            |seed| chosen(Choice { validation: 100, label_noise: 0.2, seed, ..NOTHING }).unwrap();
        assert_eq!(of(5), of(5));
        assert_ne!(of(5).validation, of(6).validation);
    }

    #[test]
    fn what_cannot_be_chosen_is_refused_with_the_way_out() {
        for (choice, words) in [
            (Choice { validation: 1_347, ..NOTHING }, "leaves none of the 1347 training images"),
            (Choice { subsample: Some(Amount::OfEachClass(900)), ..NOTHING }, "images of class 0"),
            (Choice { label_noise: 1.5, ..NOTHING }, "--label-noise is 1.5"),
            (Choice { label_noise: f64::NAN, ..NOTHING }, "--label-noise is NaN"),
        ] {
            let error = chosen(choice).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        for text in ["0", "1.5", "-1", "some", "nan", ""] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        for text in ["0.1", "1.0", "50"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
    }
}
