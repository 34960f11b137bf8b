//! How a run ended, from its trainer's last word and its process's end.

use std::os::unix::process::ExitStatusExt as _;

use elth_store::run::{
    dir::RunDir,
    ending::Ending,
    event::now,
    standing::{self, Said, State},
};
use signal_hook::low_level::signal_name;

use super::trainer::End;

/// The ending of a run whose trainer is gone; only what it said after `heard` lines of the log counts.
pub fn of(dir: &RunDir, heard: u64, end: &End) -> Ending {
    let (_, _, said) = standing::state_of(dir);
    let (state, reason) = decide(&dir.id(), &said, heard, end);
    Ending { state: state.name().to_owned(), at: now(), reason, exit: end.status.code() }
}

fn decide(id: &str, said: &Said, heard: u64, end: &End) -> (State, Option<String>) {
    if let Some(word) = said.last_word.clone().filter(|_| said.spoke_at > heard) {
        return word;
    }
    if let Some(signal) = end.status.signal() {
        let name = signal_name(signal).map(|name| format!(" ({name})")).unwrap_or_default();
        let reason =
            format!("the trainer was killed by signal {signal}{name}: `elth run resume {id}`");
        return (State::Lost, Some(reason));
    }
    let silent = || "see worker.log, then resume it".to_owned();
    let code = end.status.code().unwrap_or_default();
    let said = end.last_line.clone().unwrap_or_else(silent);
    (State::Failed, Some(format!("the trainer ended with status {code} without a word: {said}")))
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;

    use elth_store::run::event::Event;

    use super::*;

    /// The raw status of a process that ended with this code, or by this signal.
    fn exit(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    fn killed(signal: i32) -> ExitStatus {
        ExitStatus::from_raw(signal)
    }

    fn check(events: &[Event], heard: u64, status: ExitStatus, line: &str, expected: &str) {
        let mut said = Said::default();
        for event in events {
            said.hear(event);
        }
        let last_line = Some(line.to_owned()).filter(|line| !line.is_empty());
        let (state, reason) = decide("imp-1", &said, heard, &End { status, last_line });
        assert_eq!(format!("{state}: {}", reason.unwrap_or_default()), expected);
    }

    #[test]
    fn the_trainers_last_word_counts_before_its_exit_status() {
        let at = String::new;
        let failure = Event::Failed { at: at(), reason: "loss is NaN".to_owned() };
        check(&[Event::Done { at: at() }], 0, exit(0), "", "done: ");
        check(&[Event::Done { at: at() }], 0, killed(11), "", "done: ");
        check(&[Event::Stopped { at: at() }], 0, exit(0), "", "stopped: ");
        check(&[failure], 0, exit(1), "elth-worker: loss is NaN", "failed: loss is NaN");
    }

    #[test]
    fn a_trainer_that_said_nothing_is_lost_when_killed_and_failed_when_it_ended() {
        let lost = "lost: the trainer was killed by signal 9 (SIGKILL): `elth run resume imp-1`";
        check(&[], 0, killed(9), "", lost);
        let line = "error while loading shared libraries: libtorch_cpu.so";
        let failed = format!("failed: the trainer ended with status 127 without a word: {line}");
        check(&[], 0, exit(127), line, &failed);
        let failed = "failed: the trainer ended with status 0 without a word: see worker.log, then resume it";
        check(&[], 0, exit(0), "", failed);
    }

    #[test]
    fn what_an_earlier_trainer_said_last_is_not_this_ones_word() {
        let lost = "lost: the trainer was killed by signal 9 (SIGKILL): `elth run resume imp-1`";
        check(&[Event::Stopped { at: String::new() }], 1, killed(9), "", lost);
    }
}
