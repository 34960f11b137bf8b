//! `elth tickets`: the tickets on the shelf, or in other folders.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use elth_core::quote::quote;
use elth_store::{shelf, ticket_file};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    failure::warn,
    globals::{Globals, absolute},
    paper::{Paper, number, percent},
    source::Found,
    table::{Side, Table},
};

/// Lists tickets
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth tickets
  elth tickets sample_tickets runs/7f3a/tickets --json")]
pub struct Args {
    /// Folders of tickets, or single files [default: the shelf, which is the home's tickets and the samples]
    folders: Vec<PathBuf>,
}

/// Prints what each ticket is; files that cannot be read are named on standard error.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let folders = if args.folders.is_empty() { globals.shelf()? } else { given(&args.folders)? };
    let tickets = read(&folders);
    answer(
        globals,
        || tickets.iter().map(document).collect(),
        || text(&tickets, &folders, Paper::of_stdout()),
    )
}

fn given(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let missing = folders.iter().find(|folder| !folder.exists());
    if let Some(missing) = missing {
        bail!("there is no folder `{}`: name one that holds tickets", missing.display());
    }
    folders.iter().map(|folder| absolute(folder)).collect()
}

/// Every ticket of the folders; trained weights are no tickets and no mistake either.
fn read(folders: &[PathBuf]) -> Vec<Found> {
    let (alone, listed): (Vec<_>, Vec<_>) =
        folders.iter().cloned().partition(|path| path.is_file());
    let shelf = shelf::list(&listed);
    shelf.unreadable.into_iter().for_each(warn);
    let paths = shelf.tickets.into_iter().map(|summary| summary.path).chain(alone);
    let read = |path: PathBuf| match ticket_file::read(&path) {
        Ok(ticket) => Some(Found { path, ticket }),
        Err(error) => {
            warn(error);
            None
        }
    };
    paths.filter_map(read).collect()
}

fn document(found: &Found) -> Value {
    let (ticket, about) = (&found.ticket, &found.ticket.about);
    let count = ticket.count();
    json!({
        "path": found.path,
        "model": ticket.blueprint().name,
        "family": ticket.blueprint().family.name(),
        "dataset": about.dataset,
        "level": about.level,
        "kept": count.kept,
        "weights": count.weights,
        "density": count.density(),
        "digest": ticket.digest().to_string(),
    })
}

fn text(tickets: &[Found], folders: &[PathBuf], paper: Paper) -> String {
    if tickets.is_empty() {
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let folders = folders.join(", ");
        return format!("no tickets in {folders}: `elth imp` finds one, `elth prune` makes one\n");
    }
    let mut table = Table::new(&[
        ("model", Side::Left),
        ("data", Side::Left),
        ("level", Side::Right),
        ("kept", Side::Right),
        ("of weights", Side::Right),
        ("density", Side::Right),
        ("digest", Side::Left),
        ("file", Side::Left),
    ]);
    let here = env::current_dir().unwrap_or_default();
    for found in tickets {
        table.row(cells(found, &here));
    }
    table.draw(paper)
}

fn cells(found: &Found, here: &Path) -> [String; 8] {
    let Found { path, ticket } = found;
    let count = ticket.count();
    let unknown = || "-".to_owned();
    let path = path.strip_prefix(here).unwrap_or(path);
    [
        ticket.blueprint().name.clone(),
        ticket.about.dataset.as_deref().map_or_else(unknown, quote),
        ticket.about.level.map_or_else(unknown, |level| level.to_string()),
        number(count.kept),
        number(count.weights),
        percent(count.density()),
        ticket.digest().short(),
        path.display().to_string(),
    ]
}
