//! `result.json`: how the supervisor saw the run end, and `waiting.json`: its last start and what it waits for.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    atomic::{self, CannotWrite},
    regular::{self, SMALL},
    run::dir::RunDir,
};

/// How a trainer's process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// `done`, `stopped`, `failed` or `lost`.
    pub state: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Why, where it is not plain.
    #[serde(default)]
    pub reason: Option<String>,
    /// Exit status of the trainer, where it had one.
    #[serde(default)]
    pub exit: Option<i32>,
}

/// The last start of a run, and what it waits for until its trainer is up.
///
/// Written first by whoever starts a supervisor, then by that supervisor alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Waiting {
    /// In words, such as `cuda:0 is used by another run`.
    pub reason: String,
    /// Lines of the event log at the start: what a trainer said in them belongs to an earlier one.
    #[serde(default)]
    pub heard: u64,
    /// UUID of the GPU that the trainer was started on.
    #[serde(default)]
    pub device_uuid: Option<String>,
}

/// Reads how the run ended; nothing while it goes on.
#[must_use]
pub fn read(dir: &RunDir) -> Option<Ending> {
    read_json(&dir.result())
}

/// Records how the run ended.
///
/// # Errors
/// When the disk refuses.
pub fn write(dir: &RunDir, ending: &Ending) -> Result<(), CannotWrite> {
    atomic::replace(&dir.result(), serde_json::json!(ending).to_string().as_bytes())
}

/// Reads what the run waits for.
#[must_use]
pub fn read_waiting(dir: &RunDir) -> Option<Waiting> {
    read_json(&dir.waiting())
}

/// Says what the run waits for.
///
/// # Errors
/// When the disk refuses.
pub fn write_waiting(dir: &RunDir, waiting: &Waiting) -> Result<(), CannotWrite> {
    atomic::replace(&dir.waiting(), serde_json::json!(waiting).to_string().as_bytes())
}

fn read_json<T: DeserializeOwned>(path: &std::path::Path) -> Option<T> {
    serde_json::from_slice(&regular::read(path, SMALL).ok()?).ok()
}
