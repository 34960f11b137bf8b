//! `elth run delete`: removes runs with everything they wrote.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Result, bail};
use elth_store::run::{dir::RunDir, launch, standing};
use serde_json::{Value, json};

use crate::cli::{answer::answer, globals::Globals, run::find_all};

/// Which runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  elth run delete imp-1 --yes")]
pub struct Args {
    /// The runs' ids, or the starts of them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Does not ask
    #[arg(long, short)]
    yes: bool,
}

/// Removes the runs, if they are not alive and somebody means it.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let dirs = find_all(&args.ids, globals)?;
    // Nothing is asked or removed where one of them cannot go.
    if let Some(alive) = dirs.iter().find(|dir| standing::is_alive(dir)) {
        return Err(launch::CannotLaunch::Alive(alive.id()).into());
    }
    if !args.yes {
        confirm(&dirs)?;
    }
    for dir in &dirs {
        launch::delete(dir)?;
    }
    let ids: Vec<String> = dirs.iter().map(RunDir::id).collect();
    let document = || ids.iter().map(|id| json!({"id": id, "deleted": true})).collect::<Value>();
    answer(globals, document, || format!("deleted {}", ids.join(", ")))
}

fn confirm(dirs: &[RunDir]) -> Result<()> {
    let ids = dirs.iter().map(RunDir::id).collect::<Vec<_>>().join(", ");
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("deleting {ids} removes tickets and checkpoints with it: add --yes if you mean it");
    }
    let mut err = io::stderr().lock();
    write!(err, "delete {ids} with everything that was written there? [y/N] ")?;
    err.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    if matches!(line.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    bail!("nothing was deleted")
}
