//! What must end a run, and how: no number, no room, no second trainer.

use std::{
    fs,
    process::{Command, Stdio},
};

use elth_store::run::{control::Wanted, event::Event};

use crate::running::{Run, WORKER, assert_same, pruning, undisturbed};

fn last_reason(run: &Run) -> String {
    match run.events().pop() {
        Some(Event::Failed { reason, .. }) => reason,
        other => panic!("no failure but {other:?}"),
    }
}

#[test]
fn a_loss_that_is_no_number_fails_the_run_and_says_where() {
    let mut recipe = pruning();
    recipe.training.lr = 1e30;
    let run = Run::new(&recipe, None);
    let output = run.start().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    let reason = last_reason(&run);
    for word in ["became", "at step ", "(level 0, epoch 0)", "lower --lr"] {
        assert!(reason.contains(word), "{reason}");
    }
    assert!(run.tickets().is_empty(), "nothing is written of a broken training");
}

#[test]
fn a_second_trainer_is_refused_and_the_first_not_disturbed() {
    let run = Run::new(&pruning(), None);
    let mut first = run.start();
    run.wait_for(|event| matches!(event, Event::Progress { .. }));
    run.ask(Wanted::Pause);
    run.wait_for(|event| matches!(event, Event::Answered { state, .. } if state == "paused"));
    let second = run.go();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another trainer works on"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let last = run.events().pop();
    assert!(matches!(last, Some(Event::Answered { .. })), "it wrote into the log: {last:?}");
    run.ask(Wanted::Run);
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_full_disk_fails_the_run_in_one_line_and_loses_nothing() {
    let run = Run::new(&pruning(), None);
    let checkpoint = run.dir.checkpoints().join("latest.safetensors");
    let mut child = run.start();
    run.wait_for(|event| matches!(event, Event::Progress { step, .. } if *step > 60));
    child.kill().unwrap();
    child.wait().unwrap();
    let before = fs::read(&checkpoint).unwrap();
    // No file may grow past this, and the checkpoint is just larger: the system refuses as a full disk does.
    let room = (before.len() - 1) / 1024;
    let limited = format!("ulimit -f {room}; exec \"$0\" run \"$1\"");
    let output = Command::new("bash")
        .args(["-c", &limited, WORKER])
        .arg(run.dir.path())
        .env("ELTH_CHECKPOINT_SECONDS", "0")
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("cannot write") && said.contains("latest.safetensors"), "{said}");
    assert!(last_reason(&run).contains("latest.safetensors"));
    assert!(fs::read(&checkpoint).unwrap() == before, "the checkpoint before stays");
    let left: Vec<_> = fs::read_dir(run.dir.checkpoints()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left half-written: {left:?}");
    run.go_well();
    assert_same(&run.tickets(), undisturbed());
}
