//! Reads the shelf: every ticket by header, and the models that are listed or have tickets.

use std::{collections::BTreeMap, panic::resume_unwind, path::PathBuf, thread};

use elth_core::{
    blueprint::{Blueprint, Family},
    family,
};
use elth_store::{
    run::launch,
    shelf::{self, Shelf},
    ticket_file::Summary,
};

use crate::{
    Options,
    model::shelf::{Listing, ModelLine},
};

/// The shelf by headers; models by size, tickets by data set and level.
pub fn of(options: &Options) -> Listing {
    let (Shelf { mut tickets, unreadable }, listed) = thread::scope(|scope| {
        let listed = scope.spawn(listed);
        (read(options), listed.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let models = models(&tickets, listed);
    tickets.sort_by(|one, other| place(one).cmp(&place(other)));
    let unreadable = unreadable.iter().map(ToString::to_string).collect();
    Listing { models, tickets, unreadable }
}

fn read(options: &Options) -> Shelf {
    let folders = folders(options);
    let Some(place) = options.remembered.clone() else { return shelf::list(&folders) };
    let (shelf, news) = shelf::list_indexed(&folders, &place);
    if let Some(news) = news {
        // The index is for the next time; one that cannot be written is done without.
        thread::spawn(move || news.tell(&place));
    }
    shelf
}

fn folders(options: &Options) -> Vec<PathBuf> {
    let found = launch::ticket_folders(&options.home.runs());
    let folders = [options.home.tickets()].into_iter().chain(options.samples.iter().cloned());
    folders.chain(found).collect()
}

/// The models that are listed whether there are tickets of them or not.
fn listed() -> Vec<ModelLine> {
    let listed = Family::ALL.into_iter().flat_map(family::listed);
    let blueprints = listed.filter_map(|name| Blueprint::new(name, None, None).ok());
    blueprints.map(|blueprint| ModelLine::of(&blueprint)).collect()
}

fn models(tickets: &[Summary], listed: Vec<ModelLine>) -> Vec<ModelLine> {
    let mut models: BTreeMap<String, ModelLine> =
        listed.into_iter().map(|model| (model.name.clone(), model)).collect();
    for ticket in tickets {
        let blueprint = &ticket.about.blueprint;
        if !models.contains_key(&blueprint.name) {
            models.insert(blueprint.name.clone(), ModelLine::of(blueprint));
        }
    }
    let mut models: Vec<_> = models.into_values().collect();
    models.sort_by_key(|model| model.prunable);
    models
}

/// What tickets are sorted by.
fn place(ticket: &Summary) -> (Option<&str>, Option<u32>, &std::path::Path) {
    (ticket.about.dataset.as_deref(), ticket.about.level, &ticket.path)
}
