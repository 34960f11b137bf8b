//! `elth tickets`: the tickets on the shelf, or in other folders.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use elth_core::{
    digest::Digest,
    quote::quote,
    ticket::{About, Count},
};
use elth_store::{
    remembered::Place,
    shelf::{self, Shelf},
    ticket_file::{self, CannotRead, Summary},
};
use elth_tui::model::shelf::stem;
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::warn,
    globals::{Globals, absolute},
    paper::{self, Paper, number, percent},
    table::{Side, Table},
};

/// Lists tickets
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth tickets
  elth tickets sample_tickets runs/imp-1/tickets --json")]
pub struct Args {
    /// Folders of tickets, or single files [default: the shelf: the home's tickets,
    /// the samples, and what searches found]
    folders: Vec<PathBuf>,
}

/// Prints what each ticket is; files that cannot be read are named on standard error.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let (folders, shelf) = match args.folders.as_slice() {
        [] => (globals.shelf()?, globals.remembered()),
        folders => (given(folders)?, None),
    };
    let tickets = read(&folders, shelf.as_ref());
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

/// What a list says of a ticket.
struct Entry {
    path: PathBuf,
    about: About,
    count: Count,
    digest: Digest,
}

/// Every ticket of the folders; trained weights are no tickets and no mistake either.
fn read(folders: &[PathBuf], index: Option<&Place>) -> Vec<Entry> {
    let (alone, listed): (Vec<_>, Vec<_>) =
        folders.iter().cloned().partition(|path| path.is_file());
    let shelf = match index {
        Some(place) => listed_indexed(&listed, place),
        None => shelf::list(&listed),
    };
    shelf.unreadable.into_iter().for_each(warn);
    let alone = alone.into_iter().map(|path| ticket_file::read_summary(&path));
    let summaries = shelf.tickets.into_iter().map(Ok).chain(alone);
    let entries = summaries.map(|summary| summary.and_then(entry));
    let mut entries: Vec<Entry> = entries.filter_map(|entry| entry.map_err(warn).ok()).collect();
    // By level as numbers: names would put level 10 before level 6.
    entries.sort_by(|one, two| place(one).cmp(&place(two)));
    entries
}

fn listed_indexed(folders: &[PathBuf], place: &Place) -> Shelf {
    let (shelf, news) = shelf::list_indexed(folders, place);
    if let Some(news) = news {
        // The index is for the next time; one that cannot be written is done without.
        let _ = news.tell(place);
    }
    shelf
}

/// Model, data set, level: what a list is sorted by; files of equal place stay in the order of their names.
fn place(entry: &Entry) -> (&str, Option<&str>, Option<u32>) {
    let about = &entry.about;
    (&about.blueprint.name, about.dataset.as_deref(), about.level)
}

/// Takes count and digest from the header where its writer noted them, else from the tensors.
fn entry(summary: Summary) -> Result<Entry, CannotRead> {
    let Summary { path, about, kept, weights, digest } = summary;
    let kept = kept.filter(|kept| *kept <= weights);
    if let (Some(kept), Some(digest)) = (kept, digest.as_deref().and_then(Digest::parse)) {
        return Ok(Entry { path, about, count: Count { kept, weights }, digest });
    }
    let ticket = ticket_file::read(&path)?;
    Ok(Entry { path, count: ticket.count(), digest: ticket.digest(), about })
}

fn document(entry: &Entry) -> Value {
    let Entry { path, about, count, digest } = entry;
    json!({
        "name": stem(path),
        "path": answer::path(path),
        "model": about.blueprint.name,
        "family": about.blueprint.family.name(),
        "dataset": about.dataset,
        "level": about.level,
        "kept": count.kept,
        "weights": count.weights,
        "density": count.density(),
        "digest": digest.to_string(),
    })
}

fn text(tickets: &[Entry], folders: &[PathBuf], paper: Paper) -> String {
    if tickets.is_empty() {
        let folders: Vec<_> = folders.iter().map(|folder| paper::path(folder)).collect();
        let folders = folders.join(", ");
        return format!("no tickets in {folders}: `elth imp` finds one, `elth prune` makes one\n");
    }
    let mut table = Table::new(&[
        ("name", Side::Left),
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
    for entry in tickets {
        table.row(cells(entry, &here));
    }
    table.draw(paper)
}

fn cells(entry: &Entry, here: &Path) -> [String; 9] {
    let Entry { path, about, count, digest } = entry;
    let unknown = || "-".to_owned();
    let name = stem(path);
    let path = path.strip_prefix(here).unwrap_or(path);
    [
        name,
        about.blueprint.name.clone(),
        about.dataset.as_deref().map_or_else(unknown, quote),
        about.level.map_or_else(unknown, |level| level.to_string()),
        number(count.kept),
        number(count.weights),
        percent(count.density()),
        digest.short(),
        paper::path(path),
    ]
}
