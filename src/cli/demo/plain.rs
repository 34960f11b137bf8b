//! The demo in plain lines: the mapping, then each run as it goes on.

use std::{thread, time::Duration};

use anyhow::Result;
use elth_store::run::{
    event_log::Tail,
    standing::{self, Standing},
};

use super::{Contender, tickets::Pair};
use crate::cli::{
    answer::print, failure::interrupted, globals::Globals, interrupt, setup::Progress,
};

/// Often enough to look live, seldom enough to leave the cores to the trainers.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A line a run for each eighth of the way.
const LINES: u64 = 8;

/// Watches both runs until they have ended; Ctrl-C ends the watching alone.
pub fn watch(globals: &Globals, pair: &Pair, contenders: &[Contender; 2]) -> Result<()> {
    let said = |text: &str| if globals.json { Ok(()) } else { print(text) };
    said(&introduction(pair))?;
    let mut watched = contenders.iter().map(Watched::new).collect::<Result<Vec<_>>>()?;
    while watched.iter().any(|run| run.standing.state.is_alive()) {
        if interrupt::heard() {
            Progress::stderr().say(&left(contenders));
            return Err(interrupted());
        }
        thread::sleep(LOOK_EVERY);
        for run in &mut watched {
            if let Some(line) = run.news() {
                said(&line)?;
            }
        }
    }
    Ok(())
}

/// Says that the runs go on without us.
fn left(contenders: &[Contender; 2]) -> String {
    let [ticket, control] = [&contenders[0], &contenders[1]].map(|run| run.dir.id());
    format!("runs {ticket} and {control} go on: `elth runs` lists them, `elth run stop` ends them")
}

/// One run and how far it was told of.
struct Watched {
    label: &'static str,
    standing: Standing,
    tail: Tail,
    told: u64,
}

impl Watched {
    fn new(contender: &Contender) -> Result<Self> {
        let standing = standing::open(&contender.dir)?;
        Ok(Self { label: contender.label, standing, tail: Tail::default(), told: 0 })
    }

    fn news(&mut self) -> Option<String> {
        standing::listen(&mut self.standing, &mut self.tail);
        let said = &self.standing.said;
        let (step, steps) = (said.step?, said.steps?.max(1));
        let eighth = step * LINES / steps;
        // The last evaluation comes after the last step.
        let unexamined = step == steps && self.standing.state.is_alive();
        if eighth <= self.told || unexamined {
            return None;
        }
        self.told = eighth;
        let accuracy = said
            .correct
            .map_or(String::new(), |(right, all)| format!("  {right} of {all} test images right"));
        let loss = said.train_loss.map_or(String::new(), |loss| format!("  loss {loss:.3}"));
        Some(format!("{:<17} step {step:>3} of {steps}{loss}{accuracy}\n", self.label))
    }
}

fn introduction(pair: &Pair) -> String {
    let (source, target) = (pair.source.blueprint(), pair.stretched.ticket.blueprint());
    let (before, after) = (pair.source.count(), pair.stretched.ticket.count());
    let share = |count: elth_core::ticket::Count| 100.0 * count.density();
    format!(
        "ticket            {} at level {}, {:.1} % of its weights kept, found on digits\n\
         stretched         to {} by `{}`, {:.1} % kept\n\
         control           the same counts in every tensor, at places drawn by lot\n\
         Both are retrained from their rewind weights on 1,347 images; 450 others test them.\n",
        source.name,
        pair.source.about.level.unwrap_or_default(),
        share(before),
        target.name,
        pair.map.official(),
        share(after),
    )
}
