//! A run as it is listed: whole, or damaged with the reason.

use elth_store::run::{
    dir::RunDir,
    standing::{self, Standing, State},
};
use serde_json::{Value, json};

use crate::cli::answer;

/// What can be said of a run directory.
pub enum Seen {
    /// Its recipe can be used.
    Sound(Box<Standing>),
    /// It cannot.
    Damaged {
        /// The directory.
        dir: RunDir,
        /// Why.
        reason: String,
    },
}

impl Seen {
    /// Looks at a run.
    pub fn of(dir: &RunDir) -> Self {
        match standing::read(dir) {
            Ok(standing) => Self::Sound(Box::new(standing)),
            Err(error) => Self::Damaged { dir: dir.clone(), reason: error.to_string() },
        }
    }

    /// The run, where it is sound.
    pub fn sound(&self) -> Option<&Standing> {
        match self {
            Self::Sound(standing) => Some(standing),
            Self::Damaged { .. } => None,
        }
    }

    /// Its directory.
    pub fn dir(&self) -> &RunDir {
        match self {
            Self::Sound(standing) => &standing.dir,
            Self::Damaged { dir, .. } => dir,
        }
    }

    /// Its state; a damaged run has failed.
    pub fn state(&self) -> State {
        self.sound().map_or(State::Failed, |standing| standing.state)
    }

    /// Why it waits, failed or was lost.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Sound(standing) => standing.reason.as_deref(),
            Self::Damaged { reason, .. } => Some(reason),
        }
    }

    /// `cpu` or `cuda:N`, once it is known.
    pub fn device(&self) -> Option<String> {
        let standing = self.sound()?;
        let asked = || Some(standing.recipe.device.clone()).filter(|it| it == "cpu");
        standing.said.device.clone().or_else(asked)
    }

    /// The keys that every answer about a run holds.
    pub fn summary(&self) -> Value {
        let recipe = self.sound().map(|standing| &standing.recipe);
        let id = self.dir().id();
        // Of a damaged run, the id still says what it was.
        let kind = recipe.map(elth_store::run::recipe::Recipe::kind);
        let kind = kind.or_else(|| id.rsplit_once('-').map(|(kind, _)| kind));
        json!({
            "id": id,
            "kind": kind,
            "state": self.state().name(),
            "model": recipe.map(|recipe| &recipe.model),
            "dataset": recipe.map(|recipe| &recipe.dataset),
            "data_digest": recipe.map(|recipe| &recipe.data_digest),
            "device": self.device(),
            "reason": self.reason(),
            "dir": answer::path(self.dir().path()),
        })
    }
}
