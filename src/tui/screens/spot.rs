//! What lies under the pointer on a screen, so that a click does what a key would do there.

use std::path::PathBuf;

use ratatui::layout::{Position, Rect};

use super::{compare, launch, run, runs, shelf, ticket, transform};
use crate::{
    model::{Model, Screen, runs::order::Order, ticket::cursor::Cursor},
    widgets::form::Touched,
};

/// A place that means something.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    /// A row of the screen's list, with the first row that is shown.
    Row(usize, usize),
    /// The head of a column of runs.
    Head(Order),
    /// A line of a dialog.
    Line(Touched),
    /// A target unit in a mapping's picture, by stage and number.
    Unit(usize, usize),
    /// A place of a ticket's masks, with the first line of the picture that is shown.
    Mask(Cursor, usize),
    /// A level of a ticket's chain.
    Level(PathBuf),
    /// A place of curves, as a share of their width.
    Curve(f64),
}

/// What lies there on the visible screen; nothing where a click does nothing.
#[must_use]
pub fn at(model: &Model, body: Rect, at: Position) -> Option<Spot> {
    let row = |(row, first)| Spot::Row(row, first);
    match model.screen() {
        Screen::Shelf => shelf::row_at(model, body, at).map(row),
        Screen::Runs => {
            let head = || runs::order_at(model, body, at).map(Spot::Head);
            runs::row_at(model, body, at).map(row).or_else(head)
        }
        Screen::Ticket(open) => ticket::spot::at(model, open, body, at).map(|found| match found {
            ticket::spot::Found::Level(path) => Spot::Level(path),
            ticket::spot::Found::Mask(cursor, first) => Spot::Mask(cursor, first),
        }),
        Screen::Run(view) => run::share_at(model, view, body, at).map(Spot::Curve),
        Screen::Compare(open) => {
            let curve = || compare::share_at(open, body, at).map(Spot::Curve);
            compare::row_at(model, open, body, at).map(row).or_else(curve)
        }
        Screen::Launch(dialog) => launch::touched(model, dialog, body, at).map(Spot::Line),
        Screen::Transform(dialog) => {
            let unit = || transform::unit_at(model, dialog, body, at);
            let line = transform::touched(model, dialog, body, at).map(Spot::Line);
            line.or_else(|| unit().map(|(stage, unit)| Spot::Unit(stage, unit)))
        }
        Screen::Demo => None,
    }
}

/// The pane that the wheel scrolls apart from the list, where the screen has one.
#[must_use]
pub fn beside(model: &Model, body: Rect) -> Option<Rect> {
    match model.screen() {
        Screen::Shelf => crate::layout::panes(body, model.split).1,
        Screen::Ticket(open) => open.panes_in(body).side,
        Screen::Launch(_) => Some(launch::panes(model, body)[1]),
        Screen::Transform(dialog) => transform::panes(model, dialog, body)[1],
        Screen::Runs | Screen::Run(_) | Screen::Compare(_) | Screen::Demo => None,
    }
}
