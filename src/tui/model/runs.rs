//! Runs: how each stands, and the stories of those that are followed.

use std::{collections::BTreeMap, fmt::Write as _};

use elth_store::run::{
    dir::RunDir,
    recipe::Task,
    standing::{Standing, State},
};

use crate::story::Story;

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

    /// The row number of the selected run.
    #[must_use]
    pub fn selected_row(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.list().iter().position(|standing| standing.dir == *selected)
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
        if self.selected.is_none() {
            self.selected = all.first().map(|standing| standing.dir.clone());
        }
        has_written
    }

    /// Forgets runs that are gone; the selection goes to a neighbour.
    pub fn forget(&mut self, gone: &[RunDir]) {
        let row = self.selected_row().unwrap_or(0);
        self.all.get_or_insert_default().retain(|standing| !gone.contains(&standing.dir));
        self.stories.retain(|dir, _| !gone.contains(dir));
        if self.selected.as_ref().is_some_and(|dir| gone.contains(dir)) {
            let next = row.min(self.list().len().saturating_sub(1));
            self.selected = self.list().get(next).map(|standing| standing.dir.clone());
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

/// Seconds to the end at the speed of the last steps, without evaluations; nothing where it does not work.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
pub fn seconds_left(standing: &Standing) -> Option<f64> {
    let said = &standing.said;
    let speed = said.images_per_second.filter(|speed| *speed > 0.0)?;
    let left = said.steps?.checked_sub(said.step?)?;
    let images = left as f64 * standing.recipe.training.batch_size as f64;
    (standing.state == State::Running).then_some(images / speed)
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
}
