//! How a run stands: folded from its events and locks, never stored.

use std::{fmt, path::PathBuf};

use crate::run::{
    dir::RunDir,
    ending,
    event::Event,
    event_log::Tail,
    lease,
    recipe::{self, BadRecipe, Recipe, Task},
};

/// The seven states that a run can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Not begun yet; the reason says why.
    Waiting,
    /// A trainer works on it.
    Running,
    /// A trainer holds it and waits.
    Paused,
    /// Checkpointed and ended on request.
    Stopped,
    /// Ended by an error.
    Failed,
    /// Its trainer died without a word.
    Lost,
    /// All is done.
    Done,
}

impl State {
    /// The word in JSON and on the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Done => "done",
        }
    }

    /// Whether a process still works on it or waits for it.
    #[must_use]
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Waiting | Self::Running | Self::Paused)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a trainer has said so far, in sum.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// Steps done of the whole run.
    pub step: Option<u64>,
    /// Steps of the whole run.
    pub steps: Option<u64>,
    /// Steps in an epoch.
    pub steps_per_epoch: Option<u64>,
    /// Epoch of the current training.
    pub epoch: Option<u64>,
    /// Level, for `imp`.
    pub level: Option<u32>,
    /// Step of the current training.
    pub level_step: Option<u64>,
    /// Last training loss.
    pub train_loss: Option<f64>,
    /// Last test loss.
    pub test_loss: Option<f64>,
    /// Last test accuracy.
    pub test_accuracy: Option<f64>,
    /// Test images classified rightly, and all, at the last evaluation.
    pub correct: Option<(u64, u64)>,
    /// Images a second.
    pub images_per_second: Option<f64>,
    /// `cpu` or `cuda:N`.
    pub device: Option<String>,
    /// UUID of the GPU.
    pub device_uuid: Option<String>,
    /// CPU threads.
    pub threads: Option<usize>,
    /// What it does now.
    pub phase: Option<String>,
    /// First start.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// Tickets and weights written, relative to the run directory.
    pub outputs: Vec<String>,
    /// The last wish that was answered.
    pub answered: u64,
    /// Whether it waits because it was told to.
    pub paused: bool,
    /// Its last word: done, stopped, or failed with a reason.
    pub last_word: Option<(State, Option<String>)>,
}

impl Said {
    /// Takes in one more event.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Started { .. } => self.hear_start(event),
            Event::Phase { name, level } => {
                self.phase = Some(name.clone());
                self.level = level.or(self.level);
            }
            Event::Progress { .. } | Event::Evaluated { .. } => self.hear_step(event),
            Event::Wrote { path, .. } if !self.outputs.contains(path) => {
                self.outputs.push(path.clone());
            }
            Event::Answered { number, state } => {
                self.answered = *number;
                self.paused = state == "paused";
            }
            Event::Stopped { at } => self.hear_end(at, State::Stopped, None),
            Event::Failed { at, reason } => self.hear_end(at, State::Failed, Some(reason.clone())),
            Event::Done { at } => self.hear_end(at, State::Done, None),
            Event::Wrote { .. } | Event::Schema { .. } | Event::Note { .. } | Event::Unknown => {}
        }
    }

    fn hear_start(&mut self, event: &Event) {
        let Event::Started { at, device, device_uuid, threads, steps, steps_per_epoch, step } =
            event
        else {
            return;
        };
        self.started.get_or_insert_with(|| at.clone());
        self.device = Some(device.clone());
        self.device_uuid.clone_from(device_uuid);
        self.threads = Some(*threads);
        self.steps = Some(*steps);
        self.steps_per_epoch = Some(*steps_per_epoch);
        self.step = Some(*step);
        (self.paused, self.finished, self.last_word) = (false, None, None);
    }

    fn hear_step(&mut self, event: &Event) {
        match event {
            Event::Progress {
                step,
                level,
                level_step,
                epoch,
                train_loss,
                images_per_second,
                ..
            } => {
                (self.step, self.level_step) = (Some(*step), Some(*level_step));
                self.level = level.or(self.level);
                self.epoch = Some(*epoch);
                self.train_loss = Some(*train_loss);
                self.images_per_second = Some(*images_per_second);
            }
            Event::Evaluated {
                step,
                level,
                level_step,
                test_loss,
                test_accuracy,
                correct,
                examples,
            } => {
                (self.step, self.level_step) = (Some(*step), Some(*level_step));
                self.level = level.or(self.level);
                self.test_loss = Some(*test_loss);
                self.test_accuracy = Some(*test_accuracy);
                self.correct = Some((*correct, *examples));
            }
            _ => {}
        }
    }

    fn hear_end(&mut self, at: &str, state: State, reason: Option<String>) {
        self.finished = Some(at.to_owned());
        self.last_word = Some((state, reason));
        self.paused = false;
    }
}

/// One run: what it is, how it stands, what its trainer has said.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its directory.
    pub dir: RunDir,
    /// Its recipe.
    pub recipe: Recipe,
    /// Its state.
    pub state: State,
    /// Why it waits, failed or was lost.
    pub reason: Option<String>,
    /// What its trainer has said.
    pub said: Said,
}

impl Standing {
    /// Absolute paths of what the run wrote.
    #[must_use]
    pub fn outputs(&self) -> Vec<PathBuf> {
        self.said.outputs.iter().map(|path| self.dir.path().join(path)).collect()
    }

    /// Digest of the ticket that it retrains.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        match &self.recipe.task {
            Task::Train { ticket, .. } => Some(ticket),
            Task::Imp { .. } => None,
        }
    }

    /// When it ended, as the trainer or the supervisor noted.
    #[must_use]
    pub fn finished(&self) -> Option<String> {
        let noted = || ending::read(&self.dir).map(|ending| ending.at);
        if self.state.is_alive() { None } else { self.said.finished.clone().or_else(noted) }
    }
}

/// Reads a run from its start.
///
/// # Errors
/// When its recipe cannot be used; events that cannot be read count as not said.
pub fn read(dir: &RunDir) -> Result<Standing, BadRecipe> {
    let mut standing = open(dir)?;
    let _ = listen(&mut standing, &mut Tail::default());
    Ok(standing)
}

/// Opens a run without its events: [`listen`] brings them.
///
/// # Errors
/// When its recipe cannot be used.
pub fn open(dir: &RunDir) -> Result<Standing, BadRecipe> {
    let recipe = recipe::read(dir)?;
    let said = Said::default();
    let (state, reason) = state(dir, &said);
    Ok(Standing { dir: dir.clone(), recipe, state, reason, said })
}

/// Takes in what is new since `tail`, and looks at the locks again; returns the new events.
pub fn listen(standing: &mut Standing, tail: &mut Tail) -> Vec<Event> {
    // Locks first: a trainer that ends between the two readings has said so in its events.
    let before = is_alive(&standing.dir);
    let events = tail.read_new(&standing.dir.events()).unwrap_or_default();
    for event in &events {
        standing.said.hear(event);
    }
    (standing.state, standing.reason) = if before {
        living_state(&standing.dir, &standing.said)
    } else {
        state(&standing.dir, &standing.said)
    };
    events
}

/// Whether any process holds the run.
#[must_use]
pub fn is_alive(dir: &RunDir) -> bool {
    [dir.lease(), dir.supervisor_lease(), dir.launcher_lease()]
        .iter()
        .any(|path| lease::is_held(path))
}

fn state(dir: &RunDir, said: &Said) -> (State, Option<String>) {
    if is_alive(dir) {
        return living_state(dir, said);
    }
    if let Some((state, reason)) = &said.last_word {
        return (*state, reason.clone());
    }
    match ending::read(dir) {
        Some(ending) => {
            let all = [State::Stopped, State::Failed, State::Done];
            let state = all.into_iter().find(|state| state.name() == ending.state);
            (state.unwrap_or(State::Lost), ending.reason)
        }
        None => (State::Lost, Some("nothing works on it any more: resume it".to_owned())),
    }
}

fn living_state(dir: &RunDir, said: &Said) -> (State, Option<String>) {
    match &said.last_word {
        Some((state, reason)) if !lease::is_held(&dir.lease()) => (*state, reason.clone()),
        _ if said.paused => (State::Paused, None),
        _ if lease::is_held(&dir.lease()) => (State::Running, None),
        _ => (State::Waiting, ending::read_waiting(dir).map(|waiting| waiting.reason)),
    }
}
