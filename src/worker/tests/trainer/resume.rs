//! Killed, paused, stopped and gone on with: the tickets must be those of a run left alone.

use std::{fs, process::Command, thread, time::Duration};

use elth_store::run::{control::Wanted, event::Event, recipe::Task};

use crate::running::{Run, assert_same, pruning, undisturbed};

/// Kills the trainer as soon as it has said that it passed `step`, and returns how far it had come.
fn kill_after(run: &Run, step: u64, delay: Duration) {
    let mut child = run.start();
    run.wait_until(|events| {
        let last = events.iter().rev().find_map(|event| match event {
            Event::Progress { step, .. } => Some(*step),
            _ => None,
        });
        last >= Some(step)
    });
    thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_run_killed_at_any_moment_ends_with_the_same_bytes() {
    let run = Run::new(&pruning(), None);
    // Before the rewind point, at it, within epochs, between levels; at odd moments of a step.
    for (step, delay) in [(2, 0), (4, 3), (17, 7), (40, 11), (46, 1), (83, 5), (100, 13)] {
        kill_after(&run, step, Duration::from_millis(delay));
    }
    run.go_well();
    assert_same(&run.tickets(), undisturbed());
}

#[test]
fn a_killed_run_goes_on_where_its_checkpoint_is() {
    let run = Run::new(&pruning(), None);
    kill_after(&run, 60, Duration::ZERO);
    run.go_well();
    let starts: Vec<u64> = run.events().iter().filter_map(start).collect();
    assert_eq!(starts.len(), 2);
    assert!(starts[1] >= 59, "it went on from step {}", starts[1]);
}

fn start(event: &Event) -> Option<u64> {
    match event {
        Event::Started { step, .. } => Some(*step),
        _ => None,
    }
}

#[test]
fn a_paused_run_waits_and_goes_on_to_the_same_bytes() {
    let run = Run::new(&pruning(), None);
    let mut child = run.start();
    run.wait_for(|event| matches!(event, Event::Progress { step, .. } if *step > 10));
    let pause = run.ask(Wanted::Pause).number;
    run.wait_for(|event| is_answer(event, pause, "paused"));
    let said = run.events().len();
    thread::sleep(Duration::from_millis(300));
    assert_eq!(run.events().len(), said, "a paused trainer says and does nothing");
    let go_on = run.ask(Wanted::Run).number;
    run.wait_for(|event| is_answer(event, go_on, "running"));
    assert!(child.wait().unwrap().success());
    assert_same(&run.tickets(), undisturbed());
}

#[test]
fn a_stopped_run_ends_well_and_goes_on_to_the_same_bytes() {
    let run = Run::new(&pruning(), None);
    let mut child = run.command().spawn().unwrap();
    run.wait_for(|event| matches!(event, Event::Progress { .. }));
    let stop = run.ask(Wanted::Stop).number;
    assert!(child.wait().unwrap().success());
    let events = run.events();
    assert!(events.iter().any(|event| is_answer(event, stop, "stopped")));
    assert!(matches!(events.last(), Some(Event::Stopped { .. })));
    run.ask(Wanted::Run);
    run.go_well();
    assert_same(&run.tickets(), undisturbed());
}

#[test]
fn a_trainer_told_to_end_by_a_signal_stops_as_if_asked() {
    let run = Run::new(&pruning(), None);
    let mut child = run.command().spawn().unwrap();
    run.wait_for(|event| matches!(event, Event::Progress { .. }));
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success() && child.wait().unwrap().success());
    assert!(matches!(run.events().last(), Some(Event::Stopped { .. })));
    run.ask(Wanted::Pause);
    let mut paused = run.command().spawn().unwrap();
    run.wait_for(|event| matches!(event, Event::Answered { state, .. } if state == "paused"));
    Command::new("kill").args(["-TERM", &paused.id().to_string()]).status().unwrap();
    assert!(paused.wait().unwrap().success());
    run.ask(Wanted::Run);
    let half_written = run.dir.tickets().join(".level_0.safetensors.1.0.aside");
    fs::write(half_written, b"what a killed writer left").unwrap();
    run.go_well();
    assert_same(&run.tickets(), undisturbed());
}

#[test]
fn two_threads_give_the_same_bytes_each_time_and_after_a_kill() {
    let mut recipe = pruning();
    recipe.threads = 2;
    recipe.model = "cifar_resnet_8_16".to_owned();
    let Task::Imp { levels, .. } = &mut recipe.task else { unreachable!() };
    *levels = 0;
    let (whole, killed) = (Run::new(&recipe, None), Run::new(&recipe, None));
    whole.go_well();
    kill_after(&killed, 20, Duration::from_millis(2));
    killed.go_well();
    assert_same(&killed.tickets(), &whole.tickets());
}

fn is_answer(event: &Event, to: u64, what: &str) -> bool {
    matches!(event, Event::Answered { number, state } if *number == to && state == what)
}

#[test]
fn a_checkpoint_that_is_damaged_is_said_and_left_out() {
    let run = Run::new(&pruning(), None);
    kill_after(&run, 60, Duration::ZERO);
    let path = run.dir.checkpoints().join("latest.safetensors");
    let bytes = fs::read(&path).unwrap();
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for damaged in [&bytes[..bytes.len() / 2], &flipped[..], b"", b"{}"] {
        fs::write(&path, damaged).unwrap();
        let mut child = run.command().spawn().unwrap();
        run.wait_for(|event| {
            matches!(event, Event::Note { text } if text.contains("the checkpoint is damaged"))
        });
        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_file(run.dir.events()).unwrap();
    }
    fs::write(&path, &flipped).unwrap();
    run.go_well();
    assert_same(&run.tickets(), undisturbed());
}
