//! Runs: how each stands, and the stories of those that are followed.

pub mod alert;
pub mod order;
pub mod seeds;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use elth_store::run::{
    control::Wanted,
    dir::RunDir,
    recipe::Task,
    standing::{Standing, State},
};
use serde::{Deserialize, Serialize};
use tui_input::Input;

use crate::{fuzzy, gpus::Gpu, story::Story};
use alert::Alert;
use order::Order;

/// What runs and ran.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    /// Every run, the youngest first; nothing before the disk was read.
    pub all: Option<Vec<Standing>>,
    /// Runs whose recipe cannot be read, with the reason.
    pub broken: Vec<(String, String)>,
    /// The selected run: by what it is, because rows come and go.
    pub selected: Option<RunDir>,
    /// What followed runs have told.
    pub stories: BTreeMap<RunDir, Story>,
    /// Only runs with these words are shown.
    pub filter: Input,
    /// Whether the filter is being typed.
    pub is_filtering: bool,
    /// What the list is sorted by.
    pub order: Order,
    /// Runs that are marked for comparing.
    pub marked: BTreeSet<RunDir>,
    /// Number of the colour and letter that a run got when it was first marked, kept while others come and go.
    pub paint: BTreeMap<RunDir, usize>,
    /// What was asked of runs here and has not been seen yet.
    pub wishes: BTreeMap<RunDir, Wanted>,
    /// What the GPUs of this host do; none where there are none.
    pub gpus: Vec<Gpu>,
    /// What is wrong with runs, and whether somebody has looked at it.
    pub alerts: BTreeMap<RunDir, (Alert, Looked)>,
    /// What was wrong when the workbench was left; nothing where it was never here.
    pub remembered: Option<BTreeMap<RunDir, (Alert, Looked)>>,
}

/// Whether somebody has looked at what is wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Looked {
    /// Not since it is.
    NotYet,
    /// Its screen was opened.
    Yes,
}

impl Runs {
    /// Every run known so far.
    #[must_use]
    pub fn list(&self) -> &[Standing] {
        self.all.as_deref().unwrap_or_default()
    }

    /// How a run stands.
    #[must_use]
    pub fn standing(&self, dir: &RunDir) -> Option<&Standing> {
        self.list().iter().find(|standing| standing.dir == *dir)
    }

    /// The runs that the filter leaves, in the order that is wanted.
    #[must_use]
    pub fn shown(&self) -> Vec<&Standing> {
        let words: Vec<String> =
            self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let has = |run: &&Standing| {
            let text = order::text(run).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let mut shown: Vec<_> = self.list().iter().filter(has).collect();
        if shown.is_empty() {
            // A word of a state is in many a line letter by letter: only what is nowhere whole is searched so.
            let all = self.list().iter().collect();
            shown = fuzzy::ranked(self.filter.value(), all, |run| order::text(run));
        }
        self.order.sort(&mut shown);
        shown
    }

    /// The row number of the selected run.
    #[must_use]
    pub fn selected_row(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.shown().iter().position(|standing| standing.dir == *selected)
    }

    /// What a run was asked for last, as far as is known here.
    #[must_use]
    pub fn wanted(&self, standing: &Standing) -> Wanted {
        self.wishes.get(&standing.dir).copied().unwrap_or(standing.wanted)
    }

    /// Gives a run a colour and a letter of its own, unless it has them.
    pub fn paint(&mut self, dir: &RunDir) {
        let next = self.paint.len();
        self.paint.entry(dir.clone()).or_insert(next);
    }

    /// The number of a run's colour and letter.
    #[must_use]
    pub fn number(&self, dir: &RunDir) -> usize {
        self.paint.get(dir).copied().unwrap_or(0)
    }

    /// Whether somebody has looked at this before now: what went wrong while nobody was here waits to be looked at,
    /// unless nobody ever was.
    #[must_use]
    pub fn looked_before(&self, dir: &RunDir, alert: Alert) -> Looked {
        let Some(remembered) = &self.remembered else { return Looked::Yes };
        match remembered.get(dir) {
            Some((before, looked)) if before.is_like(alert) => *looked,
            _ => Looked::NotYet,
        }
    }

    /// Runs with something wrong that nobody has looked at.
    #[must_use]
    pub fn unseen_alerts(&self) -> usize {
        self.alerts.values().filter(|(_, looked)| *looked == Looked::NotYet).count()
    }

    /// Keeps the selection among the runs that are shown.
    pub fn keep_selected(&mut self) {
        if self.selected_row().is_none() {
            self.selected = self.shown().first().map(|standing| standing.dir.clone());
        }
    }

    /// Runs that something works on.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.list().iter().filter(|standing| standing.state.is_alive()).count()
    }

    /// Takes in how some runs stand now; says whether one wrote something that was not known.
    pub fn hear(&mut self, fresh: Vec<Standing>) -> bool {
        let all = self.all.get_or_insert_default();
        let mut has_written = false;
        for standing in fresh {
            match all.iter_mut().find(|old| old.dir == standing.dir) {
                Some(old) => {
                    has_written |= old.said.outputs.len() < standing.said.outputs.len();
                    *old = standing;
                }
                None => all.insert(0, standing),
            }
        }
        // What was selected the last time may be gone.
        if !all.iter().any(|standing| Some(&standing.dir) == self.selected.as_ref()) {
            self.selected = all.first().map(|standing| standing.dir.clone());
        }
        has_written
    }

    /// Forgets runs that are gone; the selection goes to a neighbour.
    pub fn forget(&mut self, gone: &[RunDir]) {
        let row = self.selected_row().unwrap_or(0);
        self.all.get_or_insert_default().retain(|standing| !gone.contains(&standing.dir));
        self.stories.retain(|dir, _| !gone.contains(dir));
        self.alerts.retain(|dir, _| !gone.contains(dir));
        self.marked.retain(|dir| !gone.contains(dir));
        if self.selected.as_ref().is_some_and(|dir| gone.contains(dir)) {
            let shown = self.shown();
            let next = row.min(shown.len().saturating_sub(1));
            self.selected = shown.get(next).map(|standing| standing.dir.clone());
        }
    }
}

/// How much of the run is done, 0 to 1; nothing before its trainer said how much there is.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
pub fn progress(standing: &Standing) -> Option<f64> {
    if standing.state == State::Done {
        return Some(1.0);
    }
    let (step, steps) = (standing.said.step?, standing.said.steps?);
    (steps > 0).then(|| (step as f64 / steps as f64).clamp(0.0, 1.0))
}

/// Seconds to the end at the steadied speed, without evaluations; nothing where it does not work.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
pub fn seconds_left(standing: &Standing) -> Option<f64> {
    let said = &standing.said;
    let pace = said.seconds_per_image?;
    let left = said.steps?.checked_sub(said.step?)?;
    let images = left as f64 * standing.recipe.training.batch_size as f64;
    (standing.state == State::Running).then_some(images * pace)
}

/// Seconds as people say them: `42 s`, `3 min 05 s`, `2 h 07 min`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a negative or endless time saturates"
)]
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A time that is left, no finer than can be foretold: a clock that jumps tells less than a coarse one.
#[must_use]
pub fn time_left(seconds: f64) -> String {
    let grain = match seconds {
        ..10.0 => 1.0,
        ..60.0 => 5.0,
        ..600.0 => 15.0,
        ..3600.0 => 60.0,
        _ => 300.0,
    };
    duration((seconds / grain).ceil() * grain)
}

/// What a run does, in a line: `train r20 on digits`.
#[must_use]
pub fn task(standing: &Standing) -> String {
    let recipe = &standing.recipe;
    let mut text = match &recipe.task {
        Task::Imp { levels, .. } => format!("imp to level {levels}"),
        Task::Train { ticket_name, .. } => {
            format!("train {}", elth_core::quote::quote(ticket_name))
        }
    };
    // Writing to a string cannot fail.
    let _ = write!(text, " on {}", recipe.dataset);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (seconds, text) in
            [(0.4, "0 s"), (59.6, "1 min 00 s"), (185.0, "3 min 05 s"), (7_620.0, "2 h 07 min")]
        {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn what_is_left_is_told_no_finer_than_it_is_known() {
        for (seconds, text) in [
            (3.2, "4 s"),
            (41.0, "45 s"),
            (61.0, "1 min 15 s"),
            (1_234.0, "21 min 00 s"),
            (7_620.0, "2 h 10 min"),
        ] {
            assert_eq!(time_left(seconds), text);
        }
    }
}
