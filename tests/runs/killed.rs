//! Processes that die without a word, one by one and together.

use std::{process::Stdio, thread};

use elth_store::run::{event::Event, event_log, standing::State};
use rustix::process::Signal;

use crate::given::{Bench, SMALL, kill, wait};

/// The step that each trainer of a run went on from.
fn starts(bench: &Bench) -> Vec<u64> {
    let events = event_log::read(&bench.dir("imp-1").events()).unwrap();
    let starts = events.iter().filter_map(|event| match event {
        Event::Started { step, .. } => Some(*step),
        _ => None,
    });
    starts.collect()
}

/// Resumes with few steps left, and checks that the run ends where it left off.
fn resumes_from_its_checkpoint(bench: Bench) {
    bench.wait_until_free("imp-1");
    let bench = bench.with("FAKE_STEPS", "1");
    let answer = bench.elth("run resume imp-1");
    assert_eq!(answer.out, "run imp-1 was started again\n", "{answer:?}");
    bench.wait_for("imp-1", State::Done);
    let starts = starts(&bench);
    assert!(starts.len() == 2 && starts[0] == 0 && starts[1] > 0, "{starts:?}");
}

#[test]
fn a_killed_trainer_is_lost_and_resumes() {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    let mut command = bench.command(&format!("imp {SMALL}"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bench.wait_for("imp-1", State::Running);
    kill(&bench.dir("imp-1").lease(), Signal::KILL);
    let answer = wait(child);
    let words = "error: run `imp-1` was lost: the trainer was killed by signal 9 (SIGKILL)";
    assert_eq!(answer.status, Some(1));
    assert!(answer.err.lines().last().unwrap().starts_with(words), "{answer:?}");
    let shown = bench.json("run show imp-1");
    assert_eq!(shown["state"], "lost");
    assert!(shown["reason"].as_str().unwrap().contains("`elth run resume imp-1`"));
    resumes_from_its_checkpoint(bench);
}

#[test]
fn a_supervisor_killed_alone_does_not_make_a_living_trainer_look_lost() {
    let bench = Bench::new().long_run();
    kill(&bench.dir("imp-1").supervisor_lease(), Signal::KILL);
    assert_eq!(bench.json("run show imp-1")["state"], "running");
    bench.elth("run resume imp-1").refuses(1, "run `imp-1` is alive");
    bench.elth("run delete imp-1 --yes").refuses(1, "run `imp-1` is alive");
    // Nobody is left to record it; the trainer's last word is enough.
    bench.elth("run stop imp-1").is_done();
    assert!(!bench.dir("imp-1").result().exists());
    let shown = bench.json("run show imp-1");
    assert_eq!((&shown["state"], shown["finished"].is_string()), (&"stopped".into(), true));
}

#[test]
fn a_run_with_all_its_processes_killed_is_lost_and_resumes() {
    let bench = Bench::new().long_run();
    kill(&bench.dir("imp-1").supervisor_lease(), Signal::KILL);
    kill(&bench.dir("imp-1").lease(), Signal::KILL);
    bench.wait_for("imp-1", State::Lost);
    let shown = bench.json("run show imp-1");
    assert_eq!(shown["reason"], "nothing works on it any more: `elth run resume imp-1`");
    resumes_from_its_checkpoint(bench);
}

#[test]
fn a_supervisor_that_is_hung_up_on_goes_on() {
    let bench = Bench::new().long_run();
    kill(&bench.dir("imp-1").supervisor_lease(), Signal::HUP);
    thread::sleep(std::time::Duration::from_millis(100));
    assert!(elth_store::run::lease::is_held(&bench.dir("imp-1").supervisor_lease()));
}

#[test]
fn of_two_resumes_at_once_one_wins_and_the_other_says_alive() {
    let bench = Bench::new().long_run();
    bench.elth("run stop imp-1").is_done();
    let resume = || {
        let mut command = bench.command("run resume imp-1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut answers = [resume(), resume(), resume()].map(wait);
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers[0].out, "run imp-1 was started again\n", "{answers:?}");
    for loser in &answers[1..] {
        loser.refuses(1, "run `imp-1` is alive");
    }
    bench.wait_for("imp-1", State::Running);
    assert_eq!(starts(&bench).len(), 2);
}

#[test]
fn a_second_supervisor_or_trainer_leaves_the_first_alone() {
    let bench = Bench::new().long_run();
    let dir = bench.dir("imp-1");
    let second = bench.elth(&format!("supervise {}", dir.path().display()));
    second.refuses(1, "run `imp-1` has a supervisor");
    kill(&dir.supervisor_lease(), Signal::KILL);
    bench.wait_for("imp-1", State::Running);
    let third = bench.elth(&format!("supervise {}", dir.path().display()));
    third.refuses(1, "run `imp-1` has a trainer");
    bench.wait_for("imp-1", State::Running);
    assert_eq!(starts(&bench).len(), 1);
    assert!(!dir.result().exists());
}
