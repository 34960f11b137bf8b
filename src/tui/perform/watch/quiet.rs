//! Whether a run that works has said nothing for much longer than it usually does.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use elth_store::run::standing::{Standing, State};

/// A minute at the least: checkpoints and evaluations of large networks take that long.
const LEAST: Duration = Duration::from_mins(1);

/// Before a trainer has said a few lines nobody knows how fast it is: loading data may take this long.
const UNKNOWN: Duration = Duration::from_mins(10);

/// Lines after which a trainer's pace is known.
const FEW: u64 = 8;

/// So many times the usual pause is no pause any more.
const TIMES: u32 = 20;

/// For how long the run has been silent, where that is much longer than usual.
pub fn silence(standing: &Standing, now: SystemTime) -> Option<Duration> {
    if standing.state != State::Running {
        return None;
    }
    let spoke = modified(&standing.dir.events())?;
    // The trainer signs its lease when it comes up.
    let began = modified(&standing.dir.lease())?.min(spoke);
    let silent = now.duration_since(spoke).ok()?;
    let lines = standing.said.heard.saturating_sub(standing.said.began_at);
    let most = patience(spoke.duration_since(began).unwrap_or_default(), lines);
    (silent > most).then_some(silent)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// How long a silence may be after so many lines in that time.
fn patience(time: Duration, lines: u64) -> Duration {
    if lines < FEW {
        return UNKNOWN;
    }
    let usual = time / u32::try_from(lines).unwrap_or(u32::MAX);
    (usual * TIMES).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_long_when_it_is_long_for_that_run() {
        for (time, lines, most) in [(0, 0, 600), (100, 7, 600), (10, 100, 60), (1000, 10, 2000)] {
            assert_eq!(patience(Duration::from_secs(time), lines), Duration::from_secs(most));
        }
    }
}
