//! The hidden `elth supervise`: waits for what a run needs, starts its trainer, records how it ended.
//!
//! It is the only process of `elth` that lives on after a command: in a session of its own, without its starter's
//! terminal and streams.

mod trainer;
mod verdict;
mod wait;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use elth_store::run::{
    dir::RunDir,
    ending::{self, Ending},
    event::now,
    lease::{self, Lease},
    recipe,
    standing::State,
};
use signal_hook::{consts::SIGHUP, flag};

use crate::cli::globals::absolute;

/// Waits for what a run needs, starts its trainer, records how it ended
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub struct Args {
    /// The run's directory
    dir: PathBuf,
}

/// Supervises one run to its end.
pub fn run(args: &Args) -> Result<()> {
    // Fails where this process leads its group already: then it was started by hand.
    let _ = rustix::process::setsid();
    // A terminal that closes ends nothing here.
    flag::register(SIGHUP, std::sync::Arc::default()).context("cannot listen to signals")?;
    let dir = RunDir::at(absolute(&args.dir)?);
    let lease = Lease::take(&dir.supervisor_lease())
        .with_context(|| format!("cannot lock `{}`", dir.supervisor_lease().display()))?;
    let Some(_lease) = lease else {
        bail!("run `{}` has a supervisor: stop it first (`elth run stop {0}`)", dir.id());
    };
    if lease::is_held(&dir.lease()) {
        bail!("run `{}` has a trainer: stop it first (`elth run stop {0}`)", dir.id());
    }
    let ending = carry_out(&dir).unwrap_or_else(|error| failed(&error));
    Ok(ending::write(&dir, &ending)?)
}

fn carry_out(dir: &RunDir) -> Result<Ending> {
    let recipe = recipe::read(dir)?;
    let mut waiting = wait::Waiting::of(dir);
    let Some(given) = wait::for_all(dir, &recipe, &mut waiting)? else {
        return Ok(ended(State::Stopped, None));
    };
    waiting.granted(&given.grant)?;
    let end = trainer::run(dir, &recipe, &given)?;
    Ok(verdict::of(dir, waiting.heard(), &end))
}

fn failed(error: &anyhow::Error) -> Ending {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    ended(State::Failed, Some(causes.join(": ")))
}

fn ended(state: State, reason: Option<String>) -> Ending {
    Ending { state: state.name().to_owned(), at: now(), reason, exit: None }
}
