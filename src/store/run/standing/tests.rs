//! Every state from the files and locks that make it.

use super::*;
use crate::run::{
    ending::{Ending, Waiting},
    event_log::Writer,
    lease::Lease,
};

/// What is done to a run directory, in order.
enum Step {
    /// The trainer says something.
    Says(Event),
    /// Somebody starts it again.
    Starts,
    /// The supervisor records an end.
    Records(&'static str),
    /// Somebody holds this lock from now on.
    Holds(fn(&RunDir) -> PathBuf),
}

use Step::{Holds, Records, Says, Starts};

const TRAINER: Step = Holds(RunDir::lease);
const SUPERVISOR: Step = Holds(RunDir::supervisor_lease);
const LAUNCHER: Step = Holds(RunDir::launcher_lease);

fn started() -> Step {
    Says(Event::Started {
        at: "2026-01-01T00:00:00.000Z".to_owned(),
        device: "cpu".to_owned(),
        device_uuid: None,
        threads: 2,
        steps: 100,
        steps_per_epoch: 10,
        step: 0,
    })
}

fn answered(state: &str) -> Step {
    Says(Event::Answered { number: 1, state: state.to_owned() })
}

fn ended(state: State) -> Step {
    let at = "2026-01-01T00:01:00.000Z".to_owned();
    Says(match state {
        State::Done => Event::Done { at },
        State::Stopped => Event::Stopped { at },
        _ => Event::Failed { at, reason: "loss is NaN".to_owned() },
    })
}

fn check(steps: Vec<Step>, expected: State, reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let dir = RunDir::at(folder.path().join("imp-1"));
    std::fs::create_dir(dir.path()).unwrap();
    let mut held = Vec::new();
    for step in steps {
        match step {
            Says(event) => Writer::open(&dir.events()).unwrap().append(&event).unwrap(),
            Starts => {
                let _ = std::fs::remove_file(dir.result());
                let heard = left_behind(&dir).1.heard;
                let reason = "a GPU".to_owned();
                ending::write_waiting(&dir, &Waiting { reason, heard, device_uuid: None }).unwrap();
            }
            Records(state) => {
                let (state, at, reason) = (state.to_owned(), String::new(), None);
                ending::write(&dir, &Ending { state, at, reason, exit: None }).unwrap();
            }
            Holds(lock) => held.push(Lease::take(&lock(&dir)).unwrap().unwrap()),
        }
    }
    let (state, said, _) = state_of(&dir);
    assert_eq!((state, said.unwrap_or_default().as_str()), (expected, reason));
}

const GONE: &str = "nothing works on it any more: `elth run resume imp-1`";

#[test]
fn a_run_is_what_its_locks_and_its_last_words_say() {
    check(vec![Starts, SUPERVISOR], State::Waiting, "a GPU");
    check(vec![Starts, LAUNCHER], State::Waiting, "a GPU");
    check(vec![Starts, SUPERVISOR, TRAINER], State::Running, "");
    check(vec![Starts, SUPERVISOR, TRAINER, started()], State::Running, "");
    let paused = || vec![Starts, SUPERVISOR, TRAINER, started(), answered("paused")];
    check(paused(), State::Paused, "");
    check([paused(), vec![answered("running")]].concat_steps(), State::Running, "");
    check(vec![Starts, started(), ended(State::Done), Records("done")], State::Done, "");
    check(vec![Starts, started(), Records("lost")], State::Lost, "");
    check(vec![Starts, started(), Records("dreamt by a newer elth")], State::Lost, "");
}

#[test]
fn a_run_that_nobody_holds_is_lost_unless_it_said_how_it_ended() {
    check(vec![], State::Lost, GONE);
    check(vec![Starts, started()], State::Lost, GONE);
    check(vec![Starts, started(), ended(State::Done)], State::Done, "");
    check(vec![Starts, started(), ended(State::Failed)], State::Failed, "loss is NaN");
    check(vec![Starts, started(), ended(State::Stopped)], State::Stopped, "");
}

#[test]
fn a_living_trainer_without_a_supervisor_is_not_lost() {
    check(vec![Starts, TRAINER, started()], State::Running, "");
    check(vec![Starts, TRAINER, started(), ended(State::Done)], State::Running, "");
}

#[test]
fn a_supervisor_that_has_still_to_record_the_end_does_not_hide_it() {
    check(vec![Starts, SUPERVISOR, started(), ended(State::Done)], State::Done, "");
    check(vec![Starts, SUPERVISOR, started()], State::Running, "");
}

#[test]
fn what_an_earlier_trainer_said_last_does_not_count_after_a_new_start() {
    let stopped = || vec![Starts, started(), ended(State::Stopped), Records("stopped"), Starts];
    check([stopped(), vec![SUPERVISOR]].concat_steps(), State::Waiting, "a GPU");
    check([stopped(), vec![SUPERVISOR, TRAINER]].concat_steps(), State::Running, "");
    check(stopped(), State::Lost, GONE);
    let paused = vec![Starts, started(), answered("paused"), Records("lost"), Starts];
    check([paused, vec![SUPERVISOR, TRAINER]].concat_steps(), State::Running, "");
}

/// One list of steps after another.
trait ConcatSteps {
    fn concat_steps(self) -> Vec<Step>;
}

impl ConcatSteps for [Vec<Step>; 2] {
    fn concat_steps(self) -> Vec<Step> {
        self.into_iter().flatten().collect()
    }
}
