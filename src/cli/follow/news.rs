//! What is told of a run that is followed: a line that moves on a terminal, few whole lines elsewhere.

use std::time::{Duration, Instant};

use elth_store::run::{
    dir::RunDir,
    event::Event,
    recipe::Task,
    standing::{Standing, State},
};

use crate::cli::{
    paper::{number, percent},
    setup::Progress,
};

/// 10 s: a log of a night stays readable.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Tells what is new.
pub struct News {
    progress: Progress,
    told: Option<Instant>,
    last: String,
    state: Option<(State, Option<String>)>,
}

impl News {
    /// Says where the run is and how to leave it alone.
    pub fn of(dir: &RunDir) -> Self {
        let progress = Progress::stderr();
        progress.say(&format!("run {} in {}", dir.id(), dir.path().display()));
        Self { progress, told: None, last: String::new(), state: None }
    }

    /// Tells what these events brought.
    pub fn tell(&mut self, standing: &Standing, events: &[Event]) {
        for line in events.iter().filter_map(|event| mark(standing, event)) {
            self.progress.say(&line);
        }
        self.tell_state(standing);
        let line = line(standing);
        self.progress.moving(&line);
        let due = self.told.is_none_or(|told| told.elapsed() >= LINE_EVERY);
        if self.progress == Progress::Lines && due && line != self.last {
            self.progress.say(&line);
            (self.told, self.last) = (Some(Instant::now()), line);
        }
    }

    /// Takes the moving line away.
    pub fn still(&self) {
        self.progress.still();
    }

    /// Says that the run goes on without us.
    pub fn left(&self, dir: &RunDir) {
        self.progress.still();
        let id = dir.id();
        let back = format!("`elth run follow {id}` comes back, `elth run stop {id}` ends it");
        self.progress.say(&format!("run {id} goes on: {back}"));
    }

    fn tell_state(&mut self, standing: &Standing) {
        let state = (standing.state, standing.reason.clone());
        if self.state.as_ref() == Some(&state) {
            return;
        }
        match &state {
            (State::Waiting, Some(reason)) => self.progress.say(&format!("waiting: {reason}")),
            (State::Paused, _) => self.progress.say("paused"),
            _ => {}
        }
        self.state = Some(state);
    }
}

/// A line that stays: notes of the trainer, and what each level of pruning came to.
fn mark(standing: &Standing, event: &Event) -> Option<String> {
    match event {
        Event::Note { text } => Some(text.clone()),
        Event::Wrote { level: Some(level), kept: Some(kept), .. } => {
            let accuracy = standing.said.test_accuracy.map(percent);
            let kept = number(*kept);
            let accuracy = accuracy.map(|it| format!(", test accuracy {it}")).unwrap_or_default();
            Some(format!("level {level}: {kept} weights kept{accuracy}"))
        }
        _ => None,
    }
}

/// How far the run is, in one line.
fn line(standing: &Standing) -> String {
    let said = &standing.said;
    let mut parts = vec![standing.dir.id(), standing.state.to_string()];
    if let (Task::Imp { levels, .. }, Some(level)) = (&standing.recipe.task, said.level) {
        parts.push(format!("level {level}/{levels}"));
    }
    if let (Some(step), Some(steps)) = (said.step, said.steps) {
        parts.push(format!("step {step}/{steps}"));
    }
    let more = [
        said.phase.clone().filter(|phase| phase != "training"),
        said.epoch.map(|epoch| format!("epoch {epoch}")),
        said.train_loss.map(|loss| format!("loss {loss:.4}")),
        said.test_accuracy.map(|accuracy| format!("accuracy {}", percent(accuracy))),
        said.images_per_second.map(|rate| format!("{rate:.0} img/s")),
        left(standing).map(|left| format!("{left} left")),
    ];
    parts.extend(more.into_iter().flatten());
    parts.join("  ")
}

/// How long training goes on at the last speed, without what lies between trainings.
fn left(standing: &Standing) -> Option<String> {
    let said = &standing.said;
    let steps = said.steps?.checked_sub(said.step?)?;
    let rate = said.images_per_second.filter(|rate| *rate > 0.0)?;
    #[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
    let seconds = steps as f64 * standing.recipe.training.batch_size as f64 / rate;
    let is_going = standing.state == State::Running && steps > 0;
    is_going.then(|| clock(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
}

/// `0:07`, `12:34`, `5:12:34`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_on_a_clock() {
        for (seconds, text) in [(0, "0:00"), (7, "0:07"), (754, "12:34"), (18_754, "5:12:34")] {
            assert_eq!(clock(Duration::from_secs(seconds)), text);
        }
    }
}
