//! Pause, resume, stop.

use elth_store::run::standing::State;

use crate::given::{Bench, SMALL};

#[test]
fn a_paused_run_keeps_its_process_and_goes_on_when_told() {
    let bench = Bench::new().long_run();
    let trainer = || elth_store::run::lease::holder(&bench.dir("imp-1").lease()).unwrap().process;
    let before = trainer();
    assert_eq!(bench.elth("run pause imp-1").out, "run imp-1 is paused\n");
    assert_eq!(bench.json("run show imp-1")["state"], "paused");
    let step = bench.json("run show imp-1")["step"].clone();
    assert_eq!(bench.elth("run pause imp-1").out, "run imp-1 is paused already\n");
    assert_eq!(bench.json("run show imp-1")["step"], step);
    assert_eq!(bench.elth("run resume imp-1").out, "run imp-1 was told to go on\n");
    bench.wait_for("imp-1", State::Running);
    assert_eq!(trainer(), before);
    bench.elth("run resume imp-1").refuses(1, "run `imp-1` is alive");
}

#[test]
fn a_stopped_run_has_ended_and_goes_on_from_its_checkpoint() {
    let bench = Bench::new().long_run();
    let answer = bench.elth("run stop imp-1");
    assert_eq!(answer.out, "run imp-1 is stopped: `elth run resume imp-1` goes on\n");
    let shown = bench.json("run show imp-1");
    assert_eq!(shown["state"], "stopped");
    assert!(shown["finished"].is_string());
    let stopped_at = shown["step"].as_u64().unwrap();
    assert_eq!(bench.elth("run stop imp-1").out, "run imp-1 is stopped already\n");
    bench.elth("run pause imp-1").refuses(1, "run `imp-1` is stopped: there is nothing to pause");
    bench.elth("run resume imp-1").is_done();
    bench.wait_for("imp-1", State::Running);
    let shown = bench.json("run show imp-1");
    assert!(shown["finished"].is_null() && shown["step"].as_u64().unwrap() >= stopped_at);
}

#[test]
fn a_paused_run_can_be_stopped_and_resumed() {
    let bench = Bench::new().long_run();
    bench.elth("run pause imp-1").is_done();
    bench.elth("run stop imp-1").is_done();
    assert_eq!(bench.json("run show imp-1")["state"], "stopped");
    bench.elth("run resume imp-1").is_done();
    bench.wait_for("imp-1", State::Running);
}

#[test]
fn a_run_that_is_done_has_nothing_left_to_ask_for() {
    let bench = Bench::new();
    bench.elth(&format!("imp {SMALL}")).is_done();
    bench.elth("run resume imp-1").refuses(1, "run `imp-1` is done: `elth run show imp-1`");
    bench.elth("run stop imp-1").refuses(1, "run `imp-1` is done: there is nothing to stop");
    bench.elth("run pause imp-1").refuses(1, "run `imp-1` is done: there is nothing to pause");
}

#[test]
fn several_runs_are_asked_at_once_and_answer_in_json() {
    let bench = Bench::new().long_run();
    bench.elth(&format!("imp {SMALL} --detach")).is_done();
    bench.wait_for("imp-2", State::Running);
    let answer = bench.json("run stop imp-1 imp-2");
    let states: Vec<&str> =
        answer.as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["stopped", "stopped"]);
    bench.elth("run stop imp").refuses(1, "`imp` could be imp-1, imp-2");
    bench.elth("run stop imp-3").refuses(1, "there is no run `imp-3`");
}

#[test]
fn a_run_whose_follower_is_gone_is_followed_again() {
    let bench = Bench::new().with("FAKE_STEPS", "40");
    bench.elth(&format!("imp {SMALL} --detach")).is_done();
    let answer = bench.elth("run follow imp-1");
    answer.is_done();
    assert!(answer.out.starts_with("imp-1 is done: test accuracy 96.00 %"), "{answer:?}");
}
