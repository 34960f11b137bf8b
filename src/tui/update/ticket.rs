//! What keys and news do to a ticket's screen.

use std::path::Path;

use super::{close, moved, scroll::scroll, shelf};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model, Overlay, Screen,
        shelf::Node,
        ticket::{Focus, Measure, Scope, Side, TicketView, Zoom, cursor::Cursor},
    },
    portrait::Portrait,
    study::{Finding, Study},
};

mod moving;
mod others;

pub use moving::{point, turn_to};
pub use others::{candidates, choose, compare};

/// Opens a ticket's screen.
pub fn open(model: &mut Model, path: &Path) -> Vec<Effect> {
    model.asked += 1;
    let mut view = TicketView::open(path, model.asked);
    if let Some(portrait) = model.portrait(path) {
        view.cursor = Cursor::first(&portrait.stages);
    }
    model.screens.push(Screen::Ticket(Box::new(view)));
    wants(model)
}

/// The open ticket, where it is on top.
pub(super) fn view(model: &mut Model) -> Option<&mut TicketView> {
    match model.screens.last_mut() {
        Some(Screen::Ticket(view)) => Some(view),
        _ => None,
    }
}

/// The open ticket's portrait with the shelf and the state of its screen.
pub(super) fn seen(model: &Model) -> Option<(&TicketView, &Portrait)> {
    let Screen::Ticket(view) = model.screen() else { return None };
    Some((view, model.portrait(&view.path)?))
}

/// Asks for everything that the screen shows and that was not asked for yet.
pub fn wants(model: &mut Model) -> Vec<Effect> {
    let Screen::Ticket(open) = model.screen() else { return Vec::new() };
    let missing =
        portraits(model, open).into_iter().find(|path| !model.portraits.contains_key(path));
    let missing = missing.filter(|path| open.awaited.as_ref() != Some(path));
    let studies: Vec<Study> = studies(model, open)
        .into_iter()
        .filter(|study| !open.findings.contains_key(study) && !open.asked.contains(study))
        .collect();
    let mut effects = Vec::new();
    if let Some(path) = missing {
        effects.push(shelf::portray(model, path.clone()));
        if let Some(open) = view(model) {
            open.awaited = Some(path);
        }
    }
    for study in studies {
        model.asked += 1;
        let asking = model.asked;
        if let Some(open) = view(model) {
            open.asked.insert(study.clone());
            effects.push(Effect::Study { study, asking, generation: open.generation });
        }
    }
    effects
}

/// The tickets whose portraits are shown, its own first.
fn portraits(model: &Model, open: &TicketView) -> Vec<std::path::PathBuf> {
    let mut paths = vec![open.path.clone()];
    if open.shown_side(model.size) == Some(Side::Profiles) {
        paths.extend(open.profiled(&model.shelf));
    }
    paths
}

fn studies(model: &Model, open: &TicketView) -> Vec<Study> {
    let shelf = &model.shelf;
    let mut studies: Vec<Study> = open.pruned_study(shelf).into_iter().collect();
    let side = open.shown_side(model.size);
    let weights = Study::Weights { path: open.path.clone() };
    studies.extend((side == Some(Side::Weights)).then_some(weights));
    if side == Some(Side::Difference) || open.measure == Measure::Shared {
        studies.extend(open.difference_study());
    }
    if let Some(portrait) = model.portrait(&open.path) {
        let is_close = |zoom| open.zoom >= zoom;
        studies
            .extend(is_close(Zoom::Tensor).then(|| open.tensor_study(portrait, shelf)).flatten());
        studies.extend(is_close(Zoom::Bits).then(|| open.channel_study(portrait)).flatten());
    }
    studies
}

/// A ticket was read: the cursor goes to where it can be.
pub fn portrayed(model: &mut Model) -> Vec<Effect> {
    let Some((open, portrait)) = seen(model) else { return wants(model) };
    let is_new = open.cursor == Cursor::default() && open.focus == Focus::Picture;
    let stages = &portrait.stages;
    let cursor = if is_new { Cursor::first(stages) } else { open.cursor.within(stages) };
    if let Some(open) = view(model) {
        open.cursor = cursor;
        open.awaited = None;
    }
    wants(model)
}

/// Something was read for a ticket's screen.
pub fn studied(
    model: &mut Model,
    study: Study,
    generation: u64,
    outcome: Option<Result<Box<Finding>, String>>,
) -> Vec<Effect> {
    let Some(view) = views(model).find(|view| view.generation == generation) else {
        return Vec::new();
    };
    if let Some(outcome) = outcome {
        view.keep(study, outcome.map(|finding| *finding));
        return Vec::new();
    }
    // It is asked for again where it is still wanted.
    view.asked.remove(&study);
    wants(model)
}

/// A ticket was not read, because newer askings had overtaken it: it is asked for again where it is still wanted.
pub fn overtaken(model: &mut Model, path: &Path) -> Vec<Effect> {
    for view in views(model) {
        view.awaited.take_if(|awaited| awaited == path);
    }
    wants(model)
}

/// Every open ticket, the one on top last.
fn views(model: &mut Model) -> impl Iterator<Item = &mut TicketView> {
    model.screens.iter_mut().filter_map(|screen| match screen {
        Screen::Ticket(view) => Some(&mut **view),
        _ => None,
    })
}

/// The shelf was read again: portraits that were asked for before it are not answered.
pub fn listed(model: &mut Model) -> Vec<Effect> {
    if let Some(open) = view(model) {
        open.awaited = None;
    }
    wants(model)
}

/// One step back: from what was asked for beside the picture, from closer looks, to the shelf.
pub fn back(model: &mut Model) -> Vec<Effect> {
    let Some(open) = view(model) else { return Vec::new() };
    if open.side.take().is_some() {
        open.scrolled = 0;
        return wants(model);
    }
    if open.zoom > Zoom::Ticket {
        return moving::zoom_out(model);
    }
    let path = open.path.clone();
    let effects = close(model);
    if model.shelf.ticket_at(&path).is_some() {
        model.shelf.selected = Some(Node::Ticket(path));
    }
    effects
}

/// Does what is asked for on a ticket's screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::ZoomIn => return moving::zoom_in(model),
        Action::ZoomOut => return moving::zoom_out(model),
        Action::LevelBefore | Action::LevelAfter => return moving::level(model, action),
        Action::Difference => return others::difference(model),
        Action::Retrain | Action::Transform => return dialog(model, action),
        Action::Copy | Action::CopyDigest => return copy(model, action),
        Action::Reload => return reload(model),
        Action::Measure => measure(model),
        Action::LogScale => {
            if let Some(open) = view(model) {
                open.axis = open.axis.other();
            }
        }
        Action::ScrollUp | Action::ScrollDown => scroll(model, action),
        _ => match side(action) {
            Some(side) => turn(model, side),
            None => return moving::go(model, action),
        },
    }
    wants(model)
}

fn side(action: Action) -> Option<Side> {
    match action {
        Action::Density => Some(Side::Density),
        Action::Weights => Some(Side::Weights),
        Action::Profiles => Some(Side::Profiles),
        Action::Lineage => Some(Side::Lineage),
        _ => None,
    }
}

/// Shows something beside the picture; asked for again, weights are those of more, and others go away.
fn turn(model: &mut Model, side: Side) {
    let marked = model.shelf.marked.clone();
    let Some(open) = view(model) else { return };
    open.scrolled = 0;
    match (side, open.side) {
        (Side::Weights, Some(Side::Weights)) => {
            open.scope = match open.scope {
                Scope::Tensor => Scope::Stage,
                Scope::Stage => Scope::All,
                Scope::All => Scope::Tensor,
            };
        }
        (side, before) if before == Some(side) => open.side = None,
        (Side::Profiles, _) => {
            open.profiles = marked;
            open.side = Some(side);
        }
        _ => open.side = Some(side),
    }
}

/// The next thing that the picture can show.
fn measure(model: &mut Model) {
    let Screen::Ticket(open) = model.screen() else { return };
    let (has_before, has_other) = (open.before(&model.shelf).is_some(), open.other.is_some());
    let next = match open.measure {
        Measure::Kept if has_before => Measure::Pruned,
        Measure::Kept | Measure::Pruned if has_other => Measure::Shared,
        _ => Measure::Kept,
    };
    if !has_before && !has_other {
        return model.complain(
            "the picture can show kept weights only: the ticket has no level before, and no other to compare with",
        );
    }
    if let Some(open) = view(model) {
        open.measure = next;
    }
}

/// Opens a dialog on the ticket, as the shelf does.
fn dialog(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(path) = view(model).map(|open| open.path.clone()) else { return Vec::new() };
    model.shelf.selected = Some(Node::Ticket(path));
    match action {
        Action::Retrain => shelf::retrain(model),
        _ => shelf::transform(model),
    }
}

fn copy(model: &mut Model, action: Action) -> Vec<Effect> {
    let Screen::Ticket(open) = model.screen() else { return Vec::new() };
    let text = match action {
        Action::Copy => Some(open.path.display().to_string()),
        _ => model.portrait(&open.path).map(|portrait| portrait.digest.to_string()),
    };
    text.map(Effect::Copy).into_iter().collect()
}

/// Reads everything again.
fn reload(model: &mut Model) -> Vec<Effect> {
    model.asked += 1;
    let generation = model.asked;
    if let Some(open) = view(model) {
        open.generation = generation;
        open.findings.clear();
        open.asked.clear();
    }
    shelf::act(model, Action::Reload)
}

/// A row number so many rows on, for lists over the screen.
fn stepped(at: usize, action: Action, rows: usize) -> usize {
    moved(at, action, rows, rows).unwrap_or(at)
}

/// Whether the picker of tickets is open.
fn picker(model: &mut Model) -> Option<(&mut tui_input::Input, &mut usize)> {
    match &mut model.overlay {
        Some(Overlay::Others { search, selected }) => Some((search, selected)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
