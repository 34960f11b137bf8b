//! The command palette: everything that can be asked for here, and every ticket, model and run to go to.

use std::{cmp::Reverse, path::PathBuf};

use elth_store::run::dir::RunDir;

use super::{
    Model,
    runs::task,
    shelf::{count, stem},
};
use crate::{
    fuzzy,
    keymap::{Action, Context},
    widgets::text::brief,
};

/// What a line of the palette leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Ask for this.
    Do(Action),
    /// Go to this ticket on the shelf.
    Ticket(PathBuf),
    /// Go to this model on the shelf.
    Model(String),
    /// Open this run.
    Run(RunDir),
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it leads to.
    pub choice: Choice,
    /// What kind of thing that is, in a word.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub about: String,
    /// Its keys, where it has some.
    pub keys: String,
}

/// Actions that a palette would only repeat: moving about, and the palette's own.
const LEFT_OUT: [Action; 8] = [
    Action::Up,
    Action::Down,
    Action::PageUp,
    Action::PageDown,
    Action::Top,
    Action::Bottom,
    Action::Palette,
    Action::Interrupt,
];

/// The lines that fit what is searched for, the best first.
#[must_use]
pub fn lines(model: &Model, context: Context, search: &str) -> Vec<Line> {
    let all = actions(model, context).chain(runs(model)).chain(tickets(model)).chain(models(model));
    let mut wanted = fuzzy::Search::of(search);
    let scored = all.filter_map(|line| Some((fit(&mut wanted, search.trim(), &line)?, line)));
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by_key(|(fit, _)| Reverse(*fit));
    scored.into_iter().map(|(_, line)| line).collect()
}

/// A key that was typed goes first, then names that fit, then what is known of a thing.
fn fit(wanted: &mut fuzzy::Search, search: &str, line: &Line) -> Option<(bool, bool, u32)> {
    let is_key = !search.is_empty() && line.keys.split(' ').any(|key| key == search);
    let name = wanted.score(&format!("{} {}", line.name, line.kind));
    let all = || wanted.score(&format!("{} {} {} {}", line.name, line.kind, line.about, line.keys));
    let is_named = name.is_some();
    Some((is_key, is_named, name.or_else(all)?))
}

fn actions(model: &Model, context: Context) -> impl Iterator<Item = Line> {
    let shown = model.keys.entries(context);
    let shown = shown.filter(|b| !LEFT_OUT.contains(&b.entry.action) && model.can(b.entry.action));
    shown.map(|bound| Line {
        choice: Choice::Do(bound.entry.action),
        kind: "do",
        name: bound.entry.word.to_owned(),
        about: bound.entry.help.to_owned(),
        keys: bound.keys.join(" "),
    })
}

fn runs(model: &Model) -> impl Iterator<Item = Line> {
    model.runs.list().iter().map(|standing| Line {
        choice: Choice::Run(standing.dir.clone()),
        kind: "run",
        name: standing.dir.id(),
        about: format!("{}, {}", standing.state, task(standing)),
        keys: String::new(),
    })
}

fn tickets(model: &Model) -> impl Iterator<Item = Line> {
    let tickets = model.shelf.listing.iter().flat_map(|listing| &listing.tickets);
    tickets.map(|ticket| {
        let about = &ticket.about;
        let level = about.level.map_or(String::new(), |level| format!(", level {level}"));
        let kept =
            count(ticket).map_or(String::new(), |c| format!(", {} kept", brief(c.density())));
        Line {
            choice: Choice::Ticket(ticket.path.clone()),
            kind: "ticket",
            name: stem(&ticket.path),
            about: format!("{}{level}{kept}", about.blueprint.name),
            keys: String::new(),
        }
    })
}

fn models(model: &Model) -> impl Iterator<Item = Line> {
    let models = model.shelf.listing.iter().flat_map(|listing| &listing.models);
    models.map(|line| Line {
        choice: Choice::Model(line.name.clone()),
        kind: "model",
        name: line.name.clone(),
        about: line.family.name().to_owned(),
        keys: String::new(),
    })
}
