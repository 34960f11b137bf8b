//! What keys and news do to the shelf.

use std::path::Path;

use elth_store::ticket_file::Summary;
use tui_input::Input;

use super::{
    dialogs::{self, Was},
    moved, page, runs,
    scroll::scroll,
    ticket,
};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model, Screen,
        launch::Launch,
        shelf::{Branch, Listing, Node, Row, Shelf, count, offspring::Offspring, stem},
        transform::Transform,
    },
};

/// Asks for the shelf; answers to earlier askings count no more.
pub fn list(model: &mut Model) -> Effect {
    model.shelf.generation += 1;
    Effect::ListShelf { generation: model.shelf.generation }
}

/// The shelf was read.
pub fn shelved(model: &mut Model, generation: u64, listing: Listing) -> Vec<Effect> {
    if generation != model.shelf.generation {
        return Vec::new();
    }
    let is_there = |path: &Path| listing.tickets.iter().any(|ticket| ticket.path == path);
    forget(model, is_there);
    model.shelf.marked.retain(|path| is_there(path));
    model.shelf.listing = Some(listing);
    // What is selected was never hidden by whoever selected it.
    if let Some(selected @ Node::Ticket(_)) = model.shelf.selected.clone() {
        model.shelf.open_above(&selected);
    }
    let rows = model.shelf.rows();
    if model.shelf.selected_row(&rows).is_none() {
        model.shelf.selected = first(&rows);
    }
    let mut effects = look(model);
    effects.extend(ticket::listed(model));
    effects
}

/// The first ticket that was pruned, else the first there is, else the first row.
fn first(rows: &[Row<'_>]) -> Option<Node> {
    let is_sparse = |row: &&Row| match row {
        Row::Ticket(ticket) => count(ticket).is_some_and(|count| count.kept < count.weights),
        _ => false,
    };
    let ticket = || rows.iter().find(|row| matches!(row, Row::Ticket(_)));
    rows.iter().find(is_sparse).or_else(ticket).or(rows.first()).map(Row::node)
}

/// Forgets what tickets look like, but for those to keep and the demo's.
fn forget(model: &mut Model, keep: impl Fn(&Path) -> bool) {
    let demo = model.demo.as_ref();
    let shown = |path: &Path| demo.is_some_and(|d| d.source == path || d.stretched == path);
    model.portraits.retain(|path, _| keep(path) || shown(path));
}

/// A ticket was saved: it is shown on the shelf, unless its dialog was left before.
pub fn saved(model: &mut Model, asking: u64, path: &Path) -> Vec<Effect> {
    if dialogs::close(model, asking) != Was::Left {
        model.shelf.selected = Some(Node::Ticket(path.to_owned()));
    }
    model.say(format!("saved `{}` on the shelf", stem(path)));
    vec![list(model)]
}

/// Changes the filter; the selection goes to the first ticket that is left.
pub fn filter(model: &mut Model, change: impl FnOnce(&mut Input)) -> Vec<Effect> {
    change(&mut model.shelf.filter);
    let rows = model.shelf.rows();
    // The best one is what was looked for.
    if model.shelf.is_searched() || model.shelf.selected_row(&rows).is_none() {
        model.shelf.selected = first(&rows);
        model.shelf.scrolled = 0;
    }
    look(model)
}

/// Does what is asked for on the shelf.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => model.shelf.is_filtering = true,
        Action::Accept => model.shelf.is_filtering = false,
        Action::Reload => {
            forget(model, |_| false);
            return vec![list(model)];
        }
        Action::ScrollUp | Action::ScrollDown => scroll(model, action),
        Action::Open | Action::Close => return fold(model, action),
        Action::Show => return show(model),
        Action::Retrain => return retrain(model),
        Action::Mark => return mark(model),
        Action::Sort => model.shelf.order = model.shelf.order.next(),
        Action::Compare => return ticket::compare(model),
        Action::Transform => return transform(model),
        Action::Copy => return named(model).map(Effect::Copy).into_iter().collect(),
        Action::CopyDigest => {
            let digest = model.shelf.ticket().and_then(|ticket| ticket.digest.clone());
            return digest.map(Effect::Copy).into_iter().collect();
        }
        _ => return go(model, action),
    }
    Vec::new()
}

fn go(model: &mut Model, action: Action) -> Vec<Effect> {
    let rows = model.shelf.rows();
    let at = model.shelf.selected_row(&rows).unwrap_or(0);
    let Some(to) = moved(at, action, rows.len(), page(model)) else { return Vec::new() };
    let node = rows[to].node();
    select(model, node)
}

/// Goes to a node that is shown.
pub fn select(model: &mut Model, node: Node) -> Vec<Effect> {
    model.shelf.selected = Some(node);
    model.shelf.scrolled = 0;
    look(model)
}

/// Goes to a node wherever it lies: whatever hides it is opened.
pub fn reveal(model: &mut Model, node: Node) -> Vec<Effect> {
    model.shelf.filter.reset();
    model.shelf.is_filtering = false;
    model.shelf.open_above(&node);
    select(model, node)
}

/// What the selected node is known by: a ticket's file, or the name.
#[must_use]
pub fn named(model: &Model) -> Option<String> {
    match model.shelf.selected.as_ref()? {
        Node::Ticket(path) => Some(path.display().to_string()),
        Node::Model(name) => Some(name.clone()),
        Node::Family(name) => Some((*name).to_owned()),
        Node::Run(dir) => Some(dir.id()),
        Node::Unreadable => None,
    }
}

/// Reads the selected ticket, if it was not read yet.
fn look(model: &mut Model) -> Vec<Effect> {
    match &model.shelf.selected {
        Some(Node::Ticket(path)) if !model.portraits.contains_key(path) => {
            let path = path.clone();
            vec![portray(model, path)]
        }
        _ => Vec::new(),
    }
}

/// Asks for a ticket's portrait.
pub fn portray(model: &mut Model, path: std::path::PathBuf) -> Effect {
    model.asked += 1;
    Effect::Portray { path, asking: model.asked, generation: model.shelf.generation }
}

/// Opens or closes what is selected; what is closed already, or cannot be, goes to what it lies in.
fn fold(model: &mut Model, action: Action) -> Vec<Effect> {
    let rows = model.shelf.rows();
    let Some(at) = model.shelf.selected_row(&rows) else { return Vec::new() };
    let node = rows[at].node();
    let above = match &rows[at] {
        Row::Run(_) => {
            rows[..at].iter().rev().find(|row| matches!(row, Row::Ticket(_))).map(Row::node)
        }
        Row::Ticket(ticket) if !is_open(&model.shelf, ticket) => {
            Some(Node::Model(ticket.about.blueprint.name.clone()))
        }
        Row::Model(model, _, Branch::Closed) => Some(Node::Family(model.family.name())),
        Row::Ticket(_) | Row::Model(..) | Row::Family(..) | Row::Unreadable(_) => None,
    };
    match (action, above) {
        (Action::Open, _) => model.shelf.fold(node, Branch::Open),
        (_, Some(above)) => return select(model, above),
        (_, None) => model.shelf.fold(node, Branch::Closed),
    }
    Vec::new()
}

/// Whether a ticket shows the runs that retrain it.
fn is_open(shelf: &Shelf, ticket: &Summary) -> bool {
    let has_runs = !shelf.offspring.runs(ticket.digest.as_deref()).is_empty();
    has_runs && !shelf.closed.contains(&Node::Ticket(ticket.path.clone()))
}

/// Runs stand otherwise: so does what was made of the tickets.
pub fn follow_runs(model: &mut Model) {
    model.shelf.offspring = Offspring::of(model.runs.list());
    if let Some(Node::Run(dir)) = &model.shelf.selected
        && model.runs.standing(dir).is_none()
    {
        model.shelf.selected = first(&model.shelf.rows());
    }
}

/// Opens what is selected on a screen of its own; a branch is opened or closed.
fn show(model: &mut Model) -> Vec<Effect> {
    if let Some(ticket) = model.shelf.ticket() {
        let path = ticket.path.clone();
        return ticket::open(model, &path);
    }
    if let Some(Node::Run(dir)) = model.shelf.selected.clone() {
        return runs::show(model, dir);
    }
    let rows = model.shelf.rows();
    let row = model.shelf.selected_row(&rows).map(|at| &rows[at]);
    match row {
        Some(Row::Family(_, _, Branch::Closed) | Row::Model(_, _, Branch::Closed)) => {
            fold(model, Action::Open)
        }
        Some(Row::Family(..)) => fold(model, Action::Close),
        Some(Row::Model(of, ..)) => {
            let node = Node::Model(of.name.clone());
            model.shelf.fold(node, Branch::Closed);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Marks the selected ticket or takes its mark away, and goes on to the next row.
fn mark(model: &mut Model) -> Vec<Effect> {
    let Some(path) = model.shelf.ticket().map(|ticket| ticket.path.clone()) else {
        model.complain("nothing to mark: select a ticket first");
        return Vec::new();
    };
    let marked = &mut model.shelf.marked;
    match marked.iter().position(|other| *other == path) {
        Some(at) => drop(marked.remove(at)),
        None => marked.push(path),
    }
    go(model, Action::Down)
}

/// Opens the dialog that retrains the selected ticket.
pub fn retrain(model: &mut Model) -> Vec<Effect> {
    let Some(ticket) = model.shelf.ticket() else {
        model.complain("nothing to retrain: select a ticket first");
        return Vec::new();
    };
    let parked = model.parked.launch(ticket.path.clone(), None);
    let launch =
        parked.unwrap_or_else(|| Box::new(Launch::open(&ticket.path, &ticket.about, &model.shelf)));
    model.screens.push(Screen::Launch(launch));
    vec![Effect::LookAtMachine]
}

/// Opens the dialog that transforms the selected ticket.
pub fn transform(model: &mut Model) -> Vec<Effect> {
    let Some(ticket) = model.shelf.ticket() else {
        model.complain("nothing to transform: select a ticket first");
        return Vec::new();
    };
    let transform = model.parked.transform(&ticket.path).unwrap_or_else(|| {
        let portrait = model.portrait(&ticket.path);
        Box::new(Transform::open(&ticket.path, &ticket.about, &model.shelf, portrait))
    });
    model.screens.push(Screen::Transform(transform));
    dialogs::portrayed(model);
    super::transform::look(model)
}

#[cfg(test)]
mod tests;
