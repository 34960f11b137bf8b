//! The ticket that was found in the target itself: what a transformed one is measured against.

use std::path::PathBuf;

use elth_core::{blueprint::Blueprint, ticket::About};
use elth_store::ticket_file::Summary;

use crate::model::shelf::Shelf;

/// The ticket of that model whose level is nearest to the source's; of equal ones the first on the shelf.
pub(super) fn find(source: &About, target: &Blueprint, shelf: &Shelf) -> Option<PathBuf> {
    let tickets = &shelf.listing.as_ref()?.tickets;
    let level = source.level?;
    let found = tickets.iter().filter(|ticket| is_found(ticket, target));
    let levels = found.filter_map(|ticket| Some((ticket.about.level?, ticket)));
    let nearest = levels.min_by_key(|(its, _)| its.abs_diff(level));
    nearest.map(|(_, ticket)| ticket.path.clone())
}

/// Whether a search found it in that model; what was transformed or made a control since was not.
fn is_found(ticket: &Summary, target: &Blueprint) -> bool {
    let last = ticket.about.lineage.acts().last();
    *ticket.about.blueprint == *target && last.is_some_and(|act| act.act == "imp")
}
