//! What a click does to what lies under it.

use ratatui::layout::{Position, Rect};
use tui_input::InputRequest;

use super::Click;
use crate::{
    curves,
    effect::Effect,
    keymap::Action,
    model::{
        Model, Screen,
        form::{Answer, Form},
    },
    screens::spot::{self, Spot},
    update::{act, dialogs, shelf, ticket},
    widgets::form::Touched,
};

/// Does what a click on that spot means: once chooses, twice does what enter does.
pub fn on(model: &mut Model, spot: Spot, click: Click) -> Vec<Effect> {
    let mut effects = match spot {
        Spot::Row(row, first) => {
            model.pinned = Some(first);
            choose(model, row)
        }
        Spot::Mask(cursor, first) => {
            model.pinned = Some(first);
            ticket::point(model, cursor)
        }
        Spot::Line(touched) => return answer(model, touched),
        Spot::Level(path) => return ticket::turn_to(model, path),
        Spot::Unit(stage, unit) => {
            draw_at(model, stage, unit);
            return Vec::new();
        }
        Spot::Head(order) => {
            model.runs.order = order;
            model.say(format!("sorted by {}", order.name()));
            return Vec::new();
        }
        Spot::Curve(share) => {
            if let Some((lens, reach)) = curves::lens(model) {
                lens.point(share, reach);
            }
            return Vec::new();
        }
    };
    if click == Click::Double {
        model.pinned = None;
        let is_ticket = matches!(model.screen(), Screen::Ticket(_));
        effects.extend(act(model, if is_ticket { Action::ZoomIn } else { Action::Show }));
    }
    effects
}

/// Goes to a row of the visible list.
fn choose(model: &mut Model, row: usize) -> Vec<Effect> {
    match model.screens.last_mut() {
        Some(Screen::Shelf) => {
            let rows = model.shelf.rows();
            let node = rows.get(row).map(crate::model::shelf::Row::node);
            return node.map_or(Vec::new(), |node| shelf::select(model, node));
        }
        Some(Screen::Runs) => {
            let dir = model.runs.shown().get(row).map(|run| run.dir.clone());
            model.runs.selected = dir.or(model.runs.selected.take());
        }
        Some(Screen::Compare(compare)) => compare.at = row,
        _ => {}
    }
    Vec::new()
}

/// A click goes to a line; on the line that one is on it turns a choice, or puts the cursor between letters.
fn answer(model: &mut Model, Touched { line, column }: Touched) -> Vec<Effect> {
    if let Some(Screen::Transform(dialog)) = model.screens.last_mut()
        && std::mem::take(&mut dialog.picture.has_focus)
    {
        (dialog.picture.held, dialog.scrolled) = (None, 0);
    }
    dialogs::answer(model, |form| {
        if form.at == line {
            touch(form, column);
        } else {
            form.at = line;
        }
    })
}

/// Left of a choice goes back, on it and right of it goes on; what was typed stays unless its signs are hit.
fn touch(form: &mut Form, column: isize) {
    let Some(field) = form.lines.get_mut(form.at) else { return };
    let letters = field.text().chars().count().cast_signed();
    let before = (-2..0).contains(&column);
    match &mut field.answer {
        Answer::Text(input) => {
            if column >= 0 {
                input.handle(InputRequest::SetCursor(column.min(letters).cast_unsigned()));
            }
        }
        Answer::Choice(..) if column >= 0 => form.turn(1),
        Answer::Either(..) if column > letters => form.turn(1),
        Answer::Choice(..) | Answer::Either(..) if before => form.turn(-1),
        Answer::Choice(..) | Answer::Either(..) => {}
    }
}

/// Keys go to the mapping's picture, at that unit.
fn draw_at(model: &mut Model, stage: usize, unit: usize) {
    let Some(Screen::Transform(dialog)) = model.screens.last_mut() else { return };
    dialog.rest();
    dialog.picture.has_focus = true;
    if dialog.picture.stage != stage {
        dialog.picture.held = None;
    }
    (dialog.picture.stage, dialog.picture.unit) = (stage, unit);
    dialog.picture.typed.clear();
}

/// Keys go to the pane that was clicked, where a screen has two.
pub fn focus_pane(model: &mut Model, body: Rect, at: Position) {
    let is_picture = spot::beside(model, body).is_some_and(|area| area.contains(at));
    let Some(Screen::Transform(dialog)) = model.screens.last_mut() else { return };
    if dialog.picture.has_focus != is_picture {
        dialog.rest();
        (dialog.picture.has_focus, dialog.picture.held) = (is_picture, None);
    }
    dialog.scrolled = 0;
}

/// A line up or down in a dialog, not round at the ends: a wheel turns further than one means.
pub fn step(model: &mut Model, action: Action) -> Vec<Effect> {
    let form = match model.screen() {
        Screen::Launch(dialog) => &dialog.form,
        Screen::Transform(dialog) if !dialog.picture.has_focus => &dialog.form,
        _ => return Vec::new(),
    };
    let end = match action {
        Action::Up => form.shown().next(),
        _ => form.shown().last(),
    };
    let is_end = end.is_some_and(|(line, _)| line == form.at);
    if is_end { Vec::new() } else { act(model, action) }
}

/// Shows so many times as much of the curves, around a share of their width.
pub fn zoom(model: &mut Model, share: f64, times: f64) {
    if let Some((lens, reach)) = curves::lens(model) {
        lens.zoom_at(times, share, reach);
    }
}
