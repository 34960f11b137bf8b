//! In which order runs are listed, and which of them.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use elth_store::run::standing::{Standing, State};

use super::{seconds_left, seeds, task};
use crate::model::natural::natural;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The youngest first.
    #[default]
    Youngest,
    /// What works first, then what waits, then what ended.
    State,
    /// The highest accuracy first.
    Accuracy,
    /// What ends soonest first.
    Left,
    /// By what is done, in letters.
    Task,
}

impl Order {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Youngest => Self::State,
            Self::State => Self::Accuracy,
            Self::Accuracy => Self::Left,
            Self::Left => Self::Task,
            Self::Task => Self::Youngest,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Youngest => "youngest",
            Self::State => "state",
            Self::Accuracy => "accuracy",
            Self::Left => "time left",
            Self::Task => "task",
        }
    }

    /// Sorts runs that are given the youngest first; equal ones stay so.
    pub fn sort(self, runs: &mut [&Standing]) {
        match self {
            Self::Youngest => {}
            Self::State => runs.sort_by_key(|run| rank(run.state)),
            Self::Accuracy => {
                let accuracy = |run: &Standing| run.said.test_accuracy.unwrap_or(-1.0);
                runs.sort_by(|one, other| accuracy(other).total_cmp(&accuracy(one)));
            }
            Self::Left => {
                let left = |run: &Standing| seconds_left(run).unwrap_or(f64::INFINITY);
                runs.sort_by(|one, other| left(one).total_cmp(&left(other)));
            }
            Self::Task => {
                runs.sort_by_cached_key(|run| (natural(&task(run)), Reverse(run.said.step)));
            }
        }
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Running => 0,
        State::Paused => 1,
        State::Waiting => 2,
        State::Failed | State::Lost => 3,
        State::Stopped => 4,
        State::Done => 5,
    }
}

/// What a filter searches: id, state, task, model, seeds, device and reason.
#[must_use]
pub fn text(run: &Standing) -> String {
    let device = run.said.device.as_deref().unwrap_or(&run.recipe.device);
    let reason = run.reason.as_deref().unwrap_or_default();
    let (id, state, task) = (run.dir.id(), run.state.name(), task(run));
    let seeds = seeds::words(&run.recipe);
    format!("{id} {state} {task} {} {seeds} {device} {reason}", run.recipe.model)
}
