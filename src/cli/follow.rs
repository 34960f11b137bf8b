//! Following a run: its news on standard error, what came out on standard output.

mod news;

use std::{thread, time::Duration};

use anyhow::{Result, anyhow};
use elth_store::run::{
    dir::RunDir,
    event_log::Tail,
    standing::{self, Standing, State},
};

use crate::cli::{
    answer::answer,
    failure::interrupted,
    globals::Globals,
    interrupt,
    run::show::{document, result},
};

use news::News;

/// 100 ms: feels live, and reading a few lines so often costs nothing.
const LISTEN_EVERY: Duration = Duration::from_millis(100);

/// Follows a run until it ends, then says how; Ctrl-C ends the following alone.
pub fn follow(dir: &RunDir, globals: &Globals) -> Result<()> {
    conclude(&watch(dir)?, globals)
}

/// Follows a run that something else waits for; an error where it does not come to its end.
pub fn wait(dir: &RunDir) -> Result<()> {
    ended_well(&watch(dir)?)
}

/// Tells a run's news until it ends.
fn watch(dir: &RunDir) -> Result<Standing> {
    interrupt::take();
    let mut standing = standing::open(dir)?;
    let mut tail = Tail::default();
    let mut news = News::of(dir);
    loop {
        let events = standing::listen(&mut standing, &mut tail);
        news.tell(&standing, &events);
        // Until its processes are gone, so that whoever comes next may resume or delete it.
        if !standing.state.is_alive() && !standing::is_worked_on(dir) {
            break;
        }
        if interrupt::heard() {
            news.left(dir);
            return Err(interrupted());
        }
        thread::sleep(LISTEN_EVERY);
    }
    news.still();
    Ok(standing)
}

/// A run that did not come to its end is an error after the answer, too.
fn conclude(standing: &Standing, globals: &Globals) -> Result<()> {
    let done = standing.state == State::Done;
    if done || globals.json {
        answer(globals, || document(standing), || result(standing))?;
    }
    ended_well(standing)
}

fn ended_well(standing: &Standing) -> Result<()> {
    let id = standing.dir.id();
    let reason = standing.reason.clone().unwrap_or_else(|| "nobody knows why".to_owned());
    match standing.state {
        State::Done => Ok(()),
        State::Stopped => Err(anyhow!("run `{id}` was stopped: `elth run resume {id}` goes on")),
        State::Lost => Err(anyhow!("run `{id}` was lost: {reason}")),
        state => Err(anyhow!("run `{id}` {state}: {reason}")),
    }
}
