//! Every file name of a run directory, in one place.

use std::path::{Path, PathBuf};

/// A run directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// Names a run directory; touches nothing.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The run's id: the directory's name.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What is to be done, complete; written once by the launcher.
    #[must_use]
    pub fn recipe(&self) -> PathBuf {
        self.0.join("recipe.toml")
    }

    /// The ticket that a retraining starts from, copied in by the launcher.
    #[must_use]
    pub fn input_ticket(&self) -> PathBuf {
        self.0.join("input.safetensors")
    }

    /// Append-only JSON lines; written by the trainer.
    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.0.join("events.jsonl")
    }

    /// Every move of the masks, where they move; written by the trainer.
    #[must_use]
    pub fn mask_history(&self) -> PathBuf {
        self.0.join("masks.history")
    }

    /// The wanted state; replaced by whoever wants another.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.0.join("control.json")
    }

    /// Locked by whoever replaces the wanted state, while it does.
    #[must_use]
    pub fn control_lock(&self) -> PathBuf {
        self.0.join("control.lock")
    }

    /// Locked by the trainer for its whole life.
    #[must_use]
    pub fn lease(&self) -> PathBuf {
        self.0.join("lease")
    }

    /// Locked by the supervisor for its whole life.
    #[must_use]
    pub fn supervisor_lease(&self) -> PathBuf {
        self.0.join("supervisor.lease")
    }

    /// Locked by whoever starts a supervisor, until the supervisor holds its own.
    #[must_use]
    pub fn launcher_lease(&self) -> PathBuf {
        self.0.join("launcher.lease")
    }

    /// What the supervisor waits for, while it waits; replaced by the supervisor.
    #[must_use]
    pub fn waiting(&self) -> PathBuf {
        self.0.join("waiting.json")
    }

    /// How it ended; replaced by the supervisor.
    #[must_use]
    pub fn result(&self) -> PathBuf {
        self.0.join("result.json")
    }

    /// The trainer's standard output and error.
    #[must_use]
    pub fn worker_log(&self) -> PathBuf {
        self.0.join("worker.log")
    }

    /// Tickets and trained weights that the run wrote.
    #[must_use]
    pub fn tickets(&self) -> PathBuf {
        self.0.join("tickets")
    }

    /// The ticket that a training ended with whose masks moved.
    #[must_use]
    pub fn moved_ticket(&self) -> PathBuf {
        self.tickets().join("ticket.safetensors")
    }

    /// What a killed trainer resumes from.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }
}
