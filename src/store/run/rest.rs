//! Whether anything can have changed about a run since it was looked at: a few questions to the system, nothing read.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::{run::dir::RunDir, stamp::Stamp};

/// The files that say how a run stands, as they were at one moment.
///
/// Whoever takes a lease signs it, and `waiting.json`, `result.json` and `control.json` are replaced whole, which changes
/// the directory: so a run cannot wake up without one of these changing. A launcher's lease is not looked at: who holds
/// it replaces `waiting.json` at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest([Option<Stamp>; 4]);

impl Rest {
    /// The files as they are now; nothing where one of them was written so lately that it may have been so again since.
    ///
    /// Taken before the run is looked at, so that what comes meanwhile is seen the next time.
    #[must_use]
    pub fn of(dir: &RunDir) -> Option<Self> {
        let now = SystemTime::now();
        let files = [dir.path().to_owned(), dir.events(), dir.lease(), dir.supervisor_lease()];
        let stamps = files.map(|file| Stamp::at(&file));
        let rested = stamps.iter().flatten().all(|stamp| stamp.had_rested(now));
        rested.then_some(Self(stamps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{ending, lease::Lease};
    use std::{fs, thread, time::Duration};

    #[test]
    fn a_run_that_wakes_up_rests_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        assert_eq!(Rest::of(&dir), Rest::of(&dir));
        for file in [dir.recipe(), dir.events(), dir.result()] {
            fs::write(file, "{}").unwrap();
        }
        drop(Lease::take(&dir.lease()).unwrap());
        assert_eq!(Rest::of(&dir), None, "written a moment ago");
        thread::sleep(Duration::from_millis(2_100));
        let rest = Rest::of(&dir);
        assert!(rest.is_some());
        assert_eq!(Rest::of(&dir), rest);
        let lease = Lease::take(&dir.lease()).unwrap();
        assert_ne!(Rest::of(&dir), rest, "held");
        drop(lease);
        assert_ne!(Rest::of(&dir), rest, "held a moment ago");
        thread::sleep(Duration::from_millis(2_100));
        let rest = Rest::of(&dir);
        assert!(rest.is_some());
        ending::write_waiting(&dir, &ending::Waiting::default()).unwrap();
        assert_ne!(Rest::of(&dir), rest, "to be started");
    }
}
