//! Whom a ticket is related to: the levels of its chain, what it was made from, and what was made from it.

use std::{collections::BTreeMap, path::Path};

use elth_core::ticket::About;
use elth_store::{run::standing::Standing, ticket_file::Summary};

use crate::model::shelf::Shelf;

/// Arguments of acts that tell the levels of one chain apart.
const LEVELS: [&str; 2] = ["level", "levels"];

/// The tickets of one chain of levels by the lowest first: same folder, same model, same acts but for the level.
#[must_use]
pub fn chain<'a>(shelf: &'a Shelf, path: &Path) -> Vec<&'a Summary> {
    let Some(ticket) = shelf.ticket_at(path) else { return Vec::new() };
    let tickets = shelf.listing.iter().flat_map(|listing| &listing.tickets);
    let mut levels = BTreeMap::new();
    for other in tickets.filter(|other| is_of_chain(ticket, other)) {
        // Of two copies of a level the one that is looked at stands for both.
        if other.path == ticket.path {
            levels.insert(other.about.level, other);
        } else {
            levels.entry(other.about.level).or_insert(other);
        }
    }
    if levels.is_empty() { vec![ticket] } else { levels.into_values().collect() }
}

fn is_of_chain(one: &Summary, other: &Summary) -> bool {
    let (a, b) = (&one.about, &other.about);
    a.level.is_some()
        && b.level.is_some()
        && one.path.parent() == other.path.parent()
        && a.blueprint.name == b.blueprint.name
        && a.data_digest == b.data_digest
        && a.rewind == b.rewind
        && are_acts_alike(a, b)
}

fn are_acts_alike(one: &About, other: &About) -> bool {
    let (one, other) = (one.lineage.acts(), other.lineage.acts());
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| {
            let apart = |name: &&String| !LEVELS.contains(&name.as_str());
            let mut names = a.arguments.keys().chain(b.arguments.keys()).filter(apart);
            a.act == b.act && names.all(|name| a.arguments.get(name) == b.arguments.get(name))
        })
}

/// The ticket on the shelf with that digest.
#[must_use]
pub fn ticket_of<'a>(shelf: &'a Shelf, digest: &str) -> Option<&'a Summary> {
    let mut tickets = shelf.listing.iter().flat_map(|listing| &listing.tickets);
    tickets.find(|ticket| ticket.digest.as_deref() == Some(digest))
}

/// The tickets on the shelf that the ticket of that digest went into, in whatever role.
#[must_use]
pub fn tickets_from<'a>(shelf: &'a Shelf, digest: &str) -> Vec<&'a Summary> {
    let tickets = shelf.listing.iter().flat_map(|listing| &listing.tickets);
    let went_in = |ticket: &&Summary| {
        let mut inputs = ticket.about.lineage.acts().iter().flat_map(|act| act.inputs.values());
        inputs.any(|input| input == digest)
    };
    tickets.filter(went_in).collect()
}

/// The runs that retrain the ticket of that digest.
pub fn runs_from<'a>(
    runs: &'a [Standing],
    digest: &'a str,
) -> impl Iterator<Item = &'a Standing> + 'a {
    runs.iter().filter(move |run| run.ticket() == Some(digest))
}
