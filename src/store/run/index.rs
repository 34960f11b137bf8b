//! How runs stood that rest, for the next time: so that opening the workbench reads no log twice.
//!
//! An entry is believed only while nothing can have woken the run up ([`Rest`]) and what its directory holds are the files they were.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    remembered::{News, Remembered},
    run::{
        control::Wanted,
        dir::RunDir,
        event_log::Tail,
        recipe::Recipe,
        rest::Rest,
        standing::{Said, Standing, State},
    },
    stamp::Stamp,
};

/// What the index of runs is called.
pub const KIND: &str = "runs";

/// A run at rest, and how far its log was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Resting {
    /// How it stands.
    pub standing: Standing,
    /// Where its log ends.
    pub tail: Tail,
    /// Its files at that time.
    pub rest: Rest,
}

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    rest: Rest,
    /// Of the files that are replaced whole but might be written in place by hand.
    stamps: [Option<Stamp>; 3],
    tail: Tail,
    recipe: Cow<'a, Recipe>,
    state: State,
    reason: Option<String>,
    said: Cow<'a, Said>,
}

/// How the run stood, where it rests since.
#[must_use]
pub fn recall(index: &Remembered, dir: &RunDir) -> Option<Resting> {
    let entry: Entry<'_> = index.recall(dir.path())?;
    let is_same = Rest::of(dir)? == entry.rest && stamps(dir) == entry.stamps;
    is_same.then(|| entry.resting(dir))
}

/// Notes how a run stands; one that lives, or of which JSON cannot hold everything, is left out.
pub fn note(news: &mut News, resting: &Resting) {
    let Resting { standing, tail, rest } = resting;
    if standing.state.is_alive() {
        return;
    }
    let entry = Entry {
        rest: rest.clone(),
        stamps: stamps(&standing.dir),
        tail: tail.clone(),
        recipe: Cow::Borrowed(&standing.recipe),
        state: standing.state,
        reason: standing.reason.clone(),
        said: Cow::Borrowed(&standing.said),
    };
    // A loss that is no number is nothing in JSON.
    let text = serde_json::to_string(&entry).unwrap_or_default();
    let again = serde_json::from_str::<Entry<'_>>(&text).ok();
    if again.is_some_and(|again| again.resting(&standing.dir) == *resting) {
        news.note(standing.dir.path(), &entry);
    }
}

fn stamps(dir: &RunDir) -> [Option<Stamp>; 3] {
    [dir.recipe(), dir.result(), dir.waiting()].map(|file| Stamp::at(&file))
}

impl Entry<'_> {
    fn resting(self, dir: &RunDir) -> Resting {
        let standing = Standing {
            dir: dir.clone(),
            recipe: self.recipe.into_owned(),
            state: self.state,
            reason: self.reason,
            wanted: Wanted::Run,
            said: self.said.into_owned(),
        };
        Resting { standing, tail: self.tail, rest: self.rest }
    }
}

#[cfg(test)]
mod tests;
