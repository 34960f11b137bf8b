//! What headers said when they were last read.
//!
//! An entry is believed only while its file's size, times and inode are those it was read at, and only where the
//! file had rested for a while then: a file that is written twice within one tick of its clock looks the same twice.

use std::{borrow::Cow, path::Path, time::SystemTime};

use elth_core::{
    blueprint::{Input, shared::Models},
    schedule::Step,
    ticket::{About, Outside, lineage::Lineage},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    remembered::{News, Remembered},
    stamp::Stamp,
    ticket_file::{CannotRead, Summary},
};

/// What the index of headers is called.
pub const KIND: &str = "shelf";

/// As many headers are read as quickly as an index is.
const WORTH: usize = 32;

/// A file of a shelf, and what was found in it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The file.
    pub path: &'a Path,
    /// The state that it was found in.
    pub stamp: Stamp,
    /// What it holds.
    pub said: Result<Said, CannotRead>,
    /// Whether it was read, not recalled.
    pub is_fresh: bool,
}

/// What a header says, or that the file holds trained weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A ticket.
    Ticket(Box<Summary>),
    /// Trained weights, which are on no shelf.
    Trained,
}

/// What is noted of a file.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    stamp: Stamp,
    #[serde(borrow)]
    said: Option<Noted<'a>>,
}

/// A [`Summary`] on disk.
#[derive(Serialize, Deserialize)]
struct Noted<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    classes: usize,
    input: (usize, usize, usize),
    dataset: Option<String>,
    data_digest: Option<String>,
    level: Option<u32>,
    rewind: Option<String>,
    is_dense: bool,
    /// Read when it is asked for.
    #[serde(borrow)]
    lineage: Cow<'a, RawValue>,
    kept: Option<usize>,
    weights: usize,
    digest: Option<String>,
}

/// What the file's header said, where the file is still as it was then.
#[must_use]
pub fn recall(index: &Remembered, path: &Path, stamp: Stamp, models: &mut Models) -> Option<Said> {
    let entry: Entry<'_> = index.recall(path)?;
    if entry.stamp != stamp {
        return None;
    }
    let Some(noted) = entry.said else { return Some(Said::Trained) };
    Some(Said::Ticket(Box::new(noted.summary(path, models)?)))
}

/// What is to be remembered of all that was seen on a shelf, where the index does not know all of it or knows more.
///
/// Files that had not rested when the clock stood at `looked_at` are left out.
#[must_use]
pub fn news(seen: &[Seen<'_>], index: &Remembered, looked_at: SystemTime) -> Option<News> {
    let lasting: Vec<_> = seen
        .iter()
        .filter_map(|seen| Some((seen, seen.said.as_ref().ok()?)))
        .filter(|(seen, _)| seen.stamp.had_rested(looked_at) && seen.path.to_str().is_some())
        .collect();
    if lasting.len() < WORTH {
        return None;
    }
    let is_known = lasting.iter().all(|(seen, _)| !seen.is_fresh);
    if is_known && lasting.len() == index.len() {
        return None;
    }
    let mut news = News::of(KIND);
    for (seen, said) in lasting {
        let said = match said {
            // A lineage is a list of texts: nothing that JSON could not hold.
            Said::Ticket(summary) => Some(Noted::of(summary)?),
            Said::Trained => None,
        };
        news.note(seen.path, &Entry { stamp: seen.stamp, said });
    }
    Some(news)
}

impl Noted<'_> {
    fn of(summary: &Summary) -> Option<Noted<'_>> {
        let about = &summary.about;
        let input = about.blueprint.input;
        Some(Noted {
            model: about.blueprint.name.as_str().into(),
            classes: about.blueprint.classes,
            input: (input.channels, input.height, input.width),
            dataset: about.dataset.clone(),
            data_digest: about.data_digest.clone(),
            level: about.level,
            rewind: about.rewind.map(|step| step.to_string()),
            is_dense: about.outside == Outside::Dense,
            lineage: Cow::Owned(RawValue::from_string(about.lineage.to_json()).ok()?),
            kept: summary.kept,
            weights: summary.weights,
            digest: summary.digest.clone(),
        })
    }

    /// The summary as the header gave it; nothing where a value makes no sense.
    fn summary(self, path: &Path, models: &mut Models) -> Option<Summary> {
        let (channels, height, width) = self.input;
        let input = Input::new(channels, height, width);
        let about = About {
            blueprint: models.get(&self.model, Some(self.classes), Some(input)).ok()?,
            dataset: self.dataset,
            data_digest: self.data_digest,
            level: self.level,
            rewind: match self.rewind {
                Some(text) => Some(Step::parse(&text).ok()?),
                None => None,
            },
            outside: if self.is_dense { Outside::Dense } else { Outside::Masked },
            lineage: Lineage::recalled(self.lineage.get()),
        };
        let (kept, weights, digest) = (self.kept, self.weights, self.digest);
        Some(Summary { path: path.to_owned(), about, kept, weights, digest })
    }
}
