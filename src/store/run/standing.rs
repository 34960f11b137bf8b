//! How a run stands: folded from its events and locks, never stored.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use crate::run::said::Said;
use crate::run::{
    control::{self, Wanted},
    dir::RunDir,
    ending::{self, Waiting},
    event::Event,
    event_log::Tail,
    lease,
    recipe::{self, BadRecipe, Recipe, Task},
};

/// Bytes of new lines from which on there may be more: a living trainer writes a few hundred at a time.
const MANY: usize = 1 << 20;

/// The seven states that a run can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// What it was asked for last, while it lives; it may not have answered yet.
    pub wanted: Wanted,
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
    let mut tail = Tail::default();
    while catch_up(&mut standing, &mut tail) {}
    Ok(standing)
}

/// Opens a run without its events: [`listen`] brings them.
///
/// # Errors
/// When its recipe cannot be used.
pub fn open(dir: &RunDir) -> Result<Standing, BadRecipe> {
    let recipe = recipe::read(dir)?;
    let said = Said::default();
    let (state, reason) = state(dir, &said, is_alive(dir));
    let wanted = wanted(dir, state);
    Ok(Standing { dir: dir.clone(), recipe, state, reason, wanted, said })
}

/// Takes in what is new since `tail`, and looks at the locks again; returns the new events.
pub fn listen(standing: &mut Standing, tail: &mut Tail) -> Vec<Event> {
    // Locks first: a trainer that ends between the two readings has said so in its events.
    let alive = is_alive(&standing.dir);
    let events = hear(&standing.dir, &mut standing.said, tail);
    (standing.state, standing.reason) = state(&standing.dir, &standing.said, alive);
    standing.wanted = wanted(&standing.dir, standing.state);
    events
}

/// Takes in what is new since `tail`, a few megabytes of lines at the most; says whether there may be more.
pub fn catch_up(standing: &mut Standing, tail: &mut Tail) -> bool {
    let alive = is_alive(&standing.dir);
    let piece = tail.read_piece(&standing.dir.events()).unwrap_or_default();
    if let Some(piece) = &piece {
        standing.said.hear_piece(piece);
    }
    (standing.state, standing.reason) = state(&standing.dir, &standing.said, alive);
    standing.wanted = wanted(&standing.dir, standing.state);
    piece.is_some_and(|piece| piece.len() > MANY)
}

/// State, reason and what was said, for a run whose recipe may be damaged.
#[must_use]
pub fn state_of(dir: &RunDir) -> (State, Option<String>, Said) {
    let (alive, said) = (is_alive(dir), all_said(dir));
    let (state, reason) = state(dir, &said, alive);
    (state, reason, said)
}

/// How the last trainer left the run, whoever may be at work on it now.
pub(super) fn left_behind(dir: &RunDir) -> (State, Said) {
    let said = all_said(dir);
    let (state, _) = ended_state(dir, &said, ending::read_waiting(dir));
    (state, said)
}

/// Whether any process holds the run.
#[must_use]
pub fn is_alive(dir: &RunDir) -> bool {
    is_worked_on(dir) || lease::is_held(&dir.launcher_lease())
}

/// Whether a trainer or a supervisor holds the run.
#[must_use]
pub fn is_worked_on(dir: &RunDir) -> bool {
    lease::is_held(&dir.lease()) || lease::is_held(&dir.supervisor_lease())
}

fn hear(dir: &RunDir, said: &mut Said, tail: &mut Tail) -> Vec<Event> {
    let events = tail.read_new(&dir.events()).unwrap_or_default();
    for event in &events {
        said.hear(event);
    }
    events
}

fn all_said(dir: &RunDir) -> Said {
    let (mut said, mut tail) = (Said::default(), Tail::default());
    // What cannot be read counts as not said.
    while let Ok(Some(piece)) = tail.read_piece(&dir.events()) {
        said.hear_piece(&piece);
    }
    said
}

fn state(dir: &RunDir, said: &Said, alive: bool) -> (State, Option<String>) {
    let start = ending::read_waiting(dir);
    if alive { living_state(dir, said, start) } else { ended_state(dir, said, start) }
}

/// What a living run was asked for; nobody asks anything of one that has ended.
fn wanted(dir: &RunDir, state: State) -> Wanted {
    let asked = state.is_alive().then(|| control::read(dir).ok()).flatten();
    asked.map_or(Wanted::Run, |control| control.wanted)
}

/// What an earlier trainer said last says nothing about this one.
fn living_state(dir: &RunDir, said: &Said, start: Option<Waiting>) -> (State, Option<String>) {
    let heard = start.as_ref().map_or(0, |start| start.heard);
    let spoke = said.spoke_at > heard;
    match &said.last_word {
        // Its supervisor has still to record it.
        Some((state, reason)) if spoke && !lease::is_held(&dir.lease()) => (*state, reason.clone()),
        _ if said.paused && spoke => (State::Paused, None),
        _ if said.began_at > heard || lease::is_held(&dir.lease()) => (State::Running, None),
        _ => (State::Waiting, start.map(|start| start.reason)),
    }
}

fn ended_state(dir: &RunDir, said: &Said, start: Option<Waiting>) -> (State, Option<String>) {
    if let Some(ending) = ending::read(dir) {
        let all = [State::Stopped, State::Failed, State::Done];
        let state = all.into_iter().find(|state| state.name() == ending.state);
        return (state.unwrap_or(State::Lost), ending.reason);
    }
    let heard = start.map_or(0, |start| start.heard);
    match &said.last_word {
        Some((state, reason)) if said.spoke_at > heard => (*state, reason.clone()),
        _ => (State::Lost, Some(gone(dir))),
    }
}

fn gone(dir: &RunDir) -> String {
    format!("nothing works on it any more: `elth run resume {}`", dir.id())
}

#[cfg(test)]
mod tests;
