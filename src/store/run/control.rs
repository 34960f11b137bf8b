//! `control.json`: the state that somebody wants, numbered so that the trainer can answer.

use std::{fs::File, io};

use serde::{Deserialize, Serialize};

use crate::{
    atomic::{self, CannotWrite},
    regular::{self, SMALL},
    run::dir::RunDir,
};

/// What a run shall do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Go on.
    #[default]
    Run,
    /// Wait where it is; the process stays.
    Pause,
    /// Checkpoint and end.
    Stop,
}

/// The wanted state with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Control {
    /// Counts up with every wish.
    pub number: u64,
    /// The wish.
    pub wanted: Wanted,
}

/// Reads the wanted state; a run that nobody spoke to goes on.
///
/// # Errors
/// When the file is there but cannot be read.
pub fn read(dir: &RunDir) -> io::Result<Control> {
    match regular::read(&dir.control(), SMALL) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Control::default()),
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
    }
}

/// Asks for a state and returns the wish with its number.
///
/// Who asks for a pause while another asked for the end gets the end: that wish stands, and is returned.
///
/// # Errors
/// When the disk refuses.
pub fn ask(dir: &RunDir, wanted: Wanted) -> Result<Control, CannotWrite> {
    // Two wishes at once get two numbers; where the lock cannot be had, a wish counts more than its number.
    let lock = File::options().create(true).truncate(false).write(true).open(dir.control_lock());
    let _lock = lock.and_then(|file| file.lock().map(|()| file));
    // An unreadable wish is replaced by a readable one.
    let last = read(dir).unwrap_or_default();
    if (last.wanted, wanted) == (Wanted::Stop, Wanted::Pause) {
        return Ok(last);
    }
    let control = Control { number: last.number + 1, wanted };
    let json = serde_json::json!(control).to_string();
    atomic::replace(&dir.control(), json.as_bytes())?;
    Ok(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_outranks_a_pause_whichever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        let asked = |wanted| ask(&dir, wanted).map(|it| (it.number, it.wanted)).unwrap();
        assert_eq!(asked(Wanted::Pause), (1, Wanted::Pause));
        assert_eq!(asked(Wanted::Stop), (2, Wanted::Stop));
        assert_eq!(asked(Wanted::Pause), (2, Wanted::Stop));
        assert_eq!(asked(Wanted::Run), (3, Wanted::Run));
    }
}
