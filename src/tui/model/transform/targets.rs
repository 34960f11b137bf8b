//! Models that a ticket can become one of, and names that no ticket on the shelf has yet.

use elth_core::{blueprint::Blueprint, family, ticket::About, unit_map::check_models};

use crate::model::shelf::{Shelf, stem};

/// The name, with a number where a ticket of that name is on the shelf.
#[must_use]
pub fn free_name(name: &str, shelf: &Shelf) -> String {
    let tickets = shelf.listing.as_ref().map(|listing| listing.tickets.as_slice());
    let taken = |name: &str| tickets.unwrap_or_default().iter().any(|t| stem(&t.path) == name);
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// Models that the ticket can become one of: the listed ones in its width, and those on the shelf.
pub(super) fn targets(about: &About, shelf: &Shelf) -> Vec<String> {
    let source = &about.blueprint;
    let width =
        source.name.splitn(4, '_').nth(3).map_or(String::new(), |width| format!("_{width}"));
    let listed = family::listed(source.family).iter();
    let listed = listed.flat_map(|name| [(*name).to_owned(), format!("{name}{width}")]);
    let there = shelf.listing.iter().flat_map(|listing| &listing.models);
    let names = listed.chain(there.map(|model| model.name.clone()));
    let mut fitting: Vec<(usize, String)> = names
        .filter_map(|name| {
            let model = Blueprint::new(&name, Some(source.classes), Some(source.input)).ok()?;
            check_models(source, &model).ok().map(|()| (model.prunable_weights(), name))
        })
        .collect();
    fitting.sort();
    fitting.dedup();
    fitting.into_iter().map(|(_, name)| name).collect()
}

/// The listed model that is next larger than the source.
pub(super) fn next_deeper(source: &Blueprint, targets: &[String]) -> String {
    let at = targets.iter().position(|name| *name == source.name);
    let next = at.and_then(|at| targets.get(at + 1)).or(targets.first());
    next.cloned().unwrap_or_else(|| source.name.clone())
}
