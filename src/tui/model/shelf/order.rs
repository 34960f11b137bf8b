//! The order of the tickets of a model: by what was chosen, or by how well they fit what is searched for.

use elth_store::ticket_file::Summary;
use serde::{Deserialize, Serialize};

use super::{count, offspring::Offspring, stem};
use crate::{fuzzy::Search, model::natural::natural};

/// What tickets are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Data set, then level.
    #[default]
    Level,
    /// The densest first.
    Kept,
    /// By the alphabet, numbers by what they are.
    Name,
    /// The best first; those without one last.
    Accuracy,
}

impl Order {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Level => Self::Kept,
            Self::Kept => Self::Name,
            Self::Name => Self::Accuracy,
            Self::Accuracy => Self::Level,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Kept => "kept %",
            Self::Name => "name",
            Self::Accuracy => "accuracy",
        }
    }

    /// Puts tickets into this order; they come in that of [`Order::Level`].
    pub fn sort(self, tickets: &mut [&Summary], offspring: &Offspring) {
        let falling = |value: Option<f64>| {
            move |other: Option<f64>| {
                let (one, two) = (value.unwrap_or(-1.0), other.unwrap_or(-1.0));
                two.total_cmp(&one)
            }
        };
        match self {
            Self::Level => {}
            Self::Name => tickets.sort_by_cached_key(|ticket| natural(&stem(&ticket.path))),
            Self::Kept => {
                let kept = |ticket: &Summary| count(ticket).map(elth_core::ticket::Count::density);
                tickets.sort_by(|one, two| falling(kept(one))(kept(two)));
            }
            Self::Accuracy => {
                let reached = |ticket: &Summary| offspring.accuracy(ticket.digest.as_deref());
                tickets.sort_by(|one, two| falling(reached(one))(reached(two)));
            }
        }
    }
}

/// What is searched in: model, level, data set, and the name last.
#[must_use]
pub fn searched(ticket: &Summary) -> String {
    let about = &ticket.about;
    let level = about.level.map_or(String::new(), |level| format!("l{level} level {level}"));
    let dataset = about.dataset.as_deref().unwrap_or_default();
    format!("{} {level} {dataset} {}", about.blueprint.name, stem(&ticket.path))
}

/// The letters of a ticket's name that were searched for, by their number.
#[must_use]
pub fn matched(words: &str, ticket: &Summary) -> Vec<usize> {
    if words.trim().is_empty() {
        return Vec::new();
    }
    let text = searched(ticket);
    let before = text.chars().count() - stem(&ticket.path).chars().count();
    let places = Search::of(words).places(&text);
    places.into_iter().filter_map(|at| at.checked_sub(before)).collect()
}
