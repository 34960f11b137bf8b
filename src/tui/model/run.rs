//! One run's screen: its log with search, wrap and freeze, and how its curves are looked at.

use elth_store::run::{dir::RunDir, standing::Standing};
use tui_input::Input;

use super::lens::Lens;
use crate::story::Story;

/// What the screen of one run holds.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Which.
    pub dir: RunDir,
    /// How its curves are looked at.
    pub lens: Lens,
    /// How its log is looked at.
    pub log: LogView,
    /// What is shown instead of the news, while frozen.
    pub frozen: Option<Box<(Standing, Story)>>,
}

/// How a log is looked at.
#[derive(Debug, Clone, Default)]
pub struct LogView {
    /// The line after the last that is shown, counted from the run's first; none while it follows.
    pub end: Option<usize>,
    /// Whether lines that are too long go on below.
    pub wraps: bool,
    /// What is searched for.
    pub search: Input,
    /// Whether that is being typed.
    pub is_searching: bool,
    /// The line that was found last, counted from the run's first.
    pub found: Option<usize>,
}

/// Which way to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To older lines.
    Back,
    /// To younger ones.
    On,
}

impl RunView {
    /// The screen of a run, following its log, its curves looked at like that.
    #[must_use]
    pub fn open(dir: RunDir, lens: Lens) -> Self {
        Self { dir, lens, log: LogView::default(), frozen: None }
    }
}

impl LogView {
    /// Moves the last line that is shown; at the end it follows again.
    pub fn scroll(&mut self, story: &Story, by: isize) {
        let all = story.dropped + story.lines.len();
        let end = self.end.unwrap_or(all).saturating_add_signed(by);
        let end = end.max(story.dropped + 1);
        self.end = (end < all).then_some(end);
    }

    /// Goes to the first line that is kept.
    pub fn to_top(&mut self, story: &Story, page: usize) {
        self.end = Some(story.dropped);
        self.scroll(story, page.cast_signed());
    }

    /// What is searched for, in lower case; none where nothing is.
    #[must_use]
    pub fn needle(&self) -> Option<String> {
        Some(self.search.value().to_lowercase()).filter(|needle| !needle.is_empty())
    }

    /// Goes to the next line with what is searched for, around the end if need be; says whether there is one.
    pub fn find(&mut self, story: &Story, way: Way) -> bool {
        let Some(needle) = self.needle() else { return false };
        let hits = hits(story, &needle);
        let from = self.found.or(self.end).unwrap_or(usize::MAX);
        let hit = match way {
            Way::Back => hits.iter().rev().find(|at| **at < from).or(hits.last()),
            Way::On => hits.iter().find(|at| **at > from).or(hits.first()),
        };
        let Some(hit) = hit.copied() else { return false };
        self.found = Some(hit);
        self.show(story, hit);
        true
    }

    /// Brings a line into sight.
    fn show(&mut self, story: &Story, line: usize) {
        self.end = Some(line + 1);
        self.scroll(story, 2);
    }

    /// What was told before was put before: lines have other numbers.
    pub fn renumber(&mut self, by: isize) {
        for number in [&mut self.end, &mut self.found].into_iter().flatten() {
            *number = number.saturating_add_signed(by);
        }
    }
}

/// The lines that have the text, counted from the run's first.
#[must_use]
pub fn hits(story: &Story, needle: &str) -> Vec<usize> {
    let lines = story.lines.iter().enumerate();
    let has = lines.filter(|(_, line)| {
        line.text.to_lowercase().contains(needle) || line.voice.word().contains(needle)
    });
    has.map(|(at, _)| story.dropped + at).collect()
}
