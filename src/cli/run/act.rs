//! `elth run pause|resume|stop`: what is asked of runs, and whether they answered.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use elth_store::run::{
    control::{self, Wanted},
    dir::RunDir,
    launch::{self, Resumed},
    recipe,
    standing::{self, State},
};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, print},
    failure::warn,
    globals::Globals,
    launching::{check_trainer, this_program},
};

/// 10 s: a checkpoint of any network is written in that time, and nobody waits longer without asking why.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an answer is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Does one thing to several runs; those that refuse are named, and do not keep it from the others.
pub fn run(
    dirs: &[RunDir],
    act: impl Fn(&RunDir) -> Result<String>,
    globals: &Globals,
) -> Result<()> {
    let mut documents = Vec::new();
    let mut refused = Vec::new();
    for dir in dirs {
        match act(dir) {
            Ok(line) if !globals.json => print(&(line + "\n"))?,
            Ok(_) => documents.push(document(dir)),
            Err(error) => refused.push(error),
        }
    }
    if globals.json {
        print(&(Value::from(documents).to_string() + "\n"))?;
    }
    let Some(last) = refused.pop() else { return Ok(()) };
    refused.into_iter().for_each(warn);
    Err(last)
}

/// Lets a run wait where it is.
pub fn pause(dir: &RunDir) -> Result<String> {
    let id = dir.id();
    match standing::state_of(dir).0 {
        State::Paused => Ok(format!("run {id} is paused already")),
        State::Waiting => {
            control::ask(dir, Wanted::Pause)?;
            Ok(format!("run {id} has not begun, and will not before `elth run resume {id}`"))
        }
        State::Running => {
            let number = control::ask(dir, Wanted::Pause)?.number;
            match heed(dir, |state, answered| answered >= number || !state.is_alive()) {
                Some(State::Paused) => Ok(format!("run {id} is paused")),
                Some(state) if !state.is_alive() => bail!("run `{id}` is {state}: it ended first"),
                _ => Ok(format!("run {id} was asked to pause, and has not answered yet")),
            }
        }
        state => bail!("run `{id}` is {state}: there is nothing to pause"),
    }
}

/// Lets a run go on; returns at once.
pub fn resume(dir: &RunDir) -> Result<String> {
    if !standing::is_alive(dir) && standing::state_of(dir).0 != State::Done {
        check_trainer(&recipe::read(dir)?)?;
    }
    let id = dir.id();
    Ok(match launch::resume(dir, &this_program()?)? {
        Resumed::Told(_) => format!("run {id} was told to go on"),
        Resumed::Started => format!("run {id} was started again"),
    })
}

/// Lets a run write a checkpoint and end.
pub fn stop(dir: &RunDir) -> Result<String> {
    let id = dir.id();
    let state = standing::state_of(dir).0;
    if state == State::Stopped {
        return Ok(format!("run {id} is stopped already"));
    }
    if !state.is_alive() {
        bail!("run `{id}` is {state}: there is nothing to stop");
    }
    control::ask(dir, Wanted::Stop)?;
    // Until its processes are gone, so that it can be resumed or deleted at once.
    match heed(dir, |state, _| !state.is_alive() && !standing::is_worked_on(dir)) {
        Some(State::Stopped) => Ok(format!("run {id} is stopped: `elth run resume {id}` goes on")),
        Some(state) => bail!("run `{id}` is {state}: it ended before it could stop"),
        None => bail!(
            "run `{id}` was asked to stop and has not ended after {} s: it ends after its step, `elth run show {id}` tells",
            PATIENCE.as_secs()
        ),
    }
}

/// The state once it is as expected; nothing where that takes too long.
fn heed(dir: &RunDir, expected: impl Fn(State, u64) -> bool) -> Option<State> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let (state, _, said) = standing::state_of(dir);
        if expected(state, said.answered) {
            return Some(state);
        }
        thread::sleep(LOOK_EVERY);
    }
    None
}

fn document(dir: &RunDir) -> Value {
    let (state, reason, _) = standing::state_of(dir);
    let path = answer::path(dir.path());
    json!({"id": dir.id(), "state": state.name(), "reason": reason, "dir": path})
}
