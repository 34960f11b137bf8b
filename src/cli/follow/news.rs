//! What is told of a run that is followed: a line that moves on a terminal, few whole lines elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use elth_store::run::{
    dir::RunDir,
    event::Event,
    recipe::Task,
    standing::{Standing, State},
};

use crate::cli::{
    paper::{number, percent, printable},
    setup::Progress,
};

/// 10 s: a log of a night stays readable.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// 1 s: what starts within that has not waited for anything that is worth a line.
const WAITING: Duration = Duration::from_secs(1);

/// Tells what is new.
pub struct News {
    progress: Progress,
    told: Option<Instant>,
    last: String,
    state: Option<(State, Option<String>)>,
    since: Instant,
    is_told: bool,
    levels: Levels,
    pace: Pace,
}

/// Seconds an image, mostly over the last twenty lines of progress: single ones jump on a busy machine.
#[derive(Debug, Clone, Copy, Default)]
struct Pace(Option<f64>);

/// What each level of pruning came to so far.
#[derive(Default)]
struct Levels {
    kept: BTreeMap<u32, usize>,
    accuracy: Option<f64>,
    told: BTreeSet<u32>,
}

impl News {
    /// Says where the run is and how to leave it alone.
    pub fn of(dir: &RunDir) -> Self {
        let progress = Progress::stderr();
        progress.say(&format!("run {} in {}", dir.id(), dir.path().display()));
        let (levels, pace) = (Levels::default(), Pace::default());
        let (since, is_told) = (Instant::now(), false);
        Self {
            progress,
            told: None,
            last: String::new(),
            state: None,
            since,
            is_told,
            levels,
            pace,
        }
    }

    /// Tells what these events brought; nothing is drawn where nothing moved.
    pub fn tell(&mut self, standing: &Standing, events: &[Event]) {
        let mut spoke = self.tell_state(standing);
        for event in events {
            self.pace.hear(event);
            if let Some(line) = self.levels.hear(event) {
                self.progress.say(&line);
                spoke = true;
            }
        }
        let line = line(standing, self.pace);
        let due = self.told.is_none_or(|told| told.elapsed() >= LINE_EVERY);
        match self.progress {
            Progress::Terminal if spoke || line != self.last => self.progress.moving(&line),
            Progress::Lines if due && line != self.last => self.progress.say(&line),
            _ => return,
        }
        (self.told, self.last) = (Some(Instant::now()), line);
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

    /// Says a state that a line should stay for, once; gives whether it did.
    fn tell_state(&mut self, standing: &Standing) -> bool {
        let state = (standing.state, standing.reason.clone());
        if self.state.as_ref() != Some(&state) {
            (self.since, self.is_told) = (Instant::now(), false);
        }
        let is_long = self.since.elapsed() >= WAITING;
        let line = match &state {
            (State::Waiting, Some(reason)) if is_long => {
                Some(format!("waiting: {}", printable(reason)))
            }
            (State::Paused, _) => Some("paused".to_owned()),
            _ => None,
        };
        self.state = Some(state);
        let line = line.filter(|_| !self.is_told);
        self.is_told |= line.is_some();
        line.inspect(|line| self.progress.say(line)).is_some()
    }
}

impl Levels {
    /// A line that stays: a note of the trainer, or what a level came to once its trained weights are written.
    fn hear(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::Note { text } => Some(printable(text)),
            Event::Evaluated { test_accuracy, .. } => {
                self.accuracy = Some(*test_accuracy);
                None
            }
            Event::Wrote { level: Some(level), kept: Some(kept), .. } => {
                self.kept.insert(*level, *kept);
                None
            }
            // A trainer that goes on names what was there already; it was told before.
            Event::Wrote { level: Some(level), .. } if self.told.insert(*level) => {
                let kept =
                    self.kept.get(level).map(|kept| format!("{} weights kept", number(*kept)));
                let accuracy =
                    self.accuracy.map(|share| format!("test accuracy {}", percent(share)));
                let parts: Vec<String> = kept.into_iter().chain(accuracy).collect();
                Some(format!("level {level}: {}", parts.join(", ")))
            }
            _ => None,
        }
    }
}

/// How far the run is, in one line.
fn line(standing: &Standing, pace: Pace) -> String {
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
        pace.left(standing).map(|left| format!("{left} left")),
    ];
    parts.extend(more.into_iter().flatten());
    parts.join("  ")
}

impl Pace {
    fn hear(&mut self, event: &Event) {
        let Event::Progress { images_per_second, .. } = event else { return };
        if *images_per_second > 0.0 {
            let last = images_per_second.recip();
            self.0 = Some(self.0.map_or(last, |pace| 0.95 * pace + 0.05 * last));
        }
    }

    /// How long training goes on, without what lies between trainings.
    fn left(self, standing: &Standing) -> Option<String> {
        let said = &standing.said;
        let steps = said.steps?.checked_sub(said.step?)?;
        #[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
        let seconds = steps as f64 * standing.recipe.training.batch_size as f64 * self.0?;
        let is_going = standing.state == State::Running && steps > 0;
        is_going.then(|| clock(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
    }
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
    fn each_level_is_told_once_with_its_own_accuracy() {
        let wrote = |level, kept| {
            let (path, digest) = (String::new(), String::new());
            Event::Wrote { path, level: Some(level), kept, digest }
        };
        let evaluated = |test_accuracy| {
            let (level, step, level_step, test_loss) = (None, 0, 0, 0.0);
            let (correct, examples) = (0, 0);
            #[rustfmt::skip]
            let event = Event::Evaluated { step, level, level_step, test_loss, test_accuracy, correct, examples };
            event
        };
        let mut levels = Levels::default();
        let events = [
            (wrote(0, Some(5036)), None),
            (evaluated(0.5), None),
            (wrote(0, None), Some("level 0: 5,036 weights kept, test accuracy 50.00 %")),
            (wrote(1, Some(4028)), None),
            (wrote(0, None), None),
            (evaluated(0.75), None),
            (wrote(1, None), Some("level 1: 4,028 weights kept, test accuracy 75.00 %")),
        ];
        for (event, line) in events {
            assert_eq!(levels.hear(&event).as_deref(), line, "{event:?}");
        }
    }

    #[test]
    fn times_read_as_on_a_clock() {
        for (seconds, text) in [(0, "0:00"), (7, "0:07"), (754, "12:34"), (18_754, "5:12:34")] {
            assert_eq!(clock(Duration::from_secs(seconds)), text);
        }
    }
}
