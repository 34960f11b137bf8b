//! Which other tickets a ticket is compared with: chosen from a list, or marked on the shelf.

use std::path::PathBuf;

use elth_store::ticket_file::Summary;
use tui_input::Input;

use super::{open, picker, stepped, view, wants};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{Model, Overlay, Screen, shelf::stem, ticket::Side},
};

/// Shows the difference to the other ticket; where there is none yet, or once more, asks which.
pub fn difference(model: &mut Model) -> Vec<Effect> {
    let Some(open) = view(model) else { return Vec::new() };
    open.scrolled = 0;
    if open.other.is_some() && open.side != Some(Side::Difference) {
        open.side = Some(Side::Difference);
        return wants(model);
    }
    if candidates(model, "").is_empty() {
        model.complain("no other ticket of this model is on the shelf: nothing to compare with");
        return Vec::new();
    }
    model.overlay = Some(Overlay::Others { search: Input::default(), selected: 0 });
    Vec::new()
}

/// The tickets that the open one can be compared with and whose names have all words: marked ones first, then its chain,
/// the nearest level first and of two as near the one before.
#[must_use]
pub fn candidates<'a>(model: &'a Model, search: &str) -> Vec<&'a Summary> {
    let Screen::Ticket(open) = model.screen() else { return Vec::new() };
    let Some(ticket) = model.shelf.ticket_at(&open.path) else { return Vec::new() };
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let has = |other: &&Summary| {
        let level = other.about.level.map_or(String::new(), |level| format!("l{level}"));
        let text = format!("{} {level}", stem(&other.path)).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let tickets = model.shelf.listing.iter().flat_map(|listing| &listing.tickets);
    let alike = |other: &&Summary| {
        other.path != ticket.path && other.about.blueprint.tensors == ticket.about.blueprint.tensors
    };
    let mut found: Vec<&Summary> = tickets.filter(alike).filter(has).collect();
    let chain: Vec<&PathBuf> = open.chain(&model.shelf).iter().map(|t| &t.path).collect();
    let place = |path: &PathBuf| chain.iter().position(|other| *other == path);
    let here = place(&ticket.path).unwrap_or(0);
    found.sort_by_key(|other| {
        let is_marked = model.shelf.marked.contains(&other.path);
        let there = place(&other.path);
        let away = there.map_or(0, |there| there.abs_diff(here));
        (!is_marked, there.is_none(), away, there)
    });
    found
}

/// Does what is asked for in the list of other tickets.
pub fn choose(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some((search, selected)) = picker(model) else { return Vec::new() };
    let (search, at) = (search.value().to_owned(), *selected);
    let found: Vec<PathBuf> =
        candidates(model, &search).into_iter().map(|ticket| ticket.path.clone()).collect();
    if action != Action::Accept {
        if let Some((_, selected)) = picker(model) {
            *selected = stepped(at, action, found.len());
        }
        return Vec::new();
    }
    model.overlay = None;
    if let (Some(path), Some(open)) = (found.get(at), view(model)) {
        open.other = Some(path.clone());
        open.side = Some(Side::Difference);
    }
    wants(model)
}

/// Compares the marked tickets of the shelf: two of one model by what they share, others by their densities.
pub fn compare(model: &mut Model) -> Vec<Effect> {
    let marked: Vec<&Summary> =
        model.shelf.marked.iter().filter_map(|path| model.shelf.ticket_at(path)).collect();
    let [first, rest @ ..] = marked.as_slice() else {
        model.complain("nothing to compare: mark two tickets or more");
        return Vec::new();
    };
    let is_alike = |other: &Summary| other.about.blueprint.tensors == first.about.blueprint.tensors;
    let (first, other) = match rest {
        [] => {
            model.complain("one ticket is marked: mark another to compare it with");
            return Vec::new();
        }
        [other] if is_alike(other) => (first.path.clone(), Some(other.path.clone())),
        _ => (first.path.clone(), None),
    };
    let (profiles, asked) = (model.shelf.marked.clone(), open(model, &first));
    if let Some(open) = view(model) {
        open.side = Some(if other.is_some() { Side::Difference } else { Side::Profiles });
        open.other = other;
        open.profiles = profiles;
    }
    asked.into_iter().chain(wants(model)).collect()
}
