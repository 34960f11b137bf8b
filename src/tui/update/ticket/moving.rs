//! How keys move over a ticket's picture: arrows, closer looks, levels.

use std::path::PathBuf;

use super::{seen, view, wants};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model,
        ticket::{
            Focus, TicketView, Zoom,
            cursor::{Cursor, channels},
        },
    },
    portrait::StagePortrait,
};

/// Looks closer at what the cursor is on.
pub fn zoom_in(model: &mut Model) -> Vec<Effect> {
    let Some((open, portrait)) = seen(model) else { return Vec::new() };
    if open.focus == Focus::Levels {
        let cursor = open.cursor;
        return go_to(model, cursor, Focus::Picture);
    }
    let room = open.room(model.size, portrait);
    let fits = || match open.part(portrait, &model.shelf) {
        Some(Ok(part)) => TicketView::fits(&part.grid, room),
        _ => false,
    };
    let next = match open.zoom {
        Zoom::Ticket => Zoom::Stage,
        Zoom::Stage => Zoom::Unit,
        Zoom::Unit => Zoom::Tensor,
        Zoom::Tensor if !fits() => Zoom::Kernels,
        Zoom::Tensor | Zoom::Kernels | Zoom::Bits => Zoom::Bits,
    };
    zoom(model, next)
}

/// Looks from further away.
pub fn zoom_out(model: &mut Model) -> Vec<Effect> {
    let Some((open, portrait)) = seen(model) else { return Vec::new() };
    let room = open.room(model.size, portrait);
    let fits = || match open.part(portrait, &model.shelf) {
        Some(Ok(part)) => TicketView::fits(&part.grid, room),
        _ => false,
    };
    let next = match open.zoom {
        Zoom::Bits if !fits() => Zoom::Kernels,
        Zoom::Bits | Zoom::Kernels => Zoom::Tensor,
        Zoom::Tensor => Zoom::Unit,
        Zoom::Unit => Zoom::Stage,
        Zoom::Stage | Zoom::Ticket => Zoom::Ticket,
    };
    zoom(model, next)
}

fn zoom(model: &mut Model, to: Zoom) -> Vec<Effect> {
    if let Some(open) = view(model) {
        open.zoom = to;
        open.focus = Focus::Picture;
    }
    wants(model)
}

/// Goes to the level before or after.
pub fn level(model: &mut Model, action: Action) -> Vec<Effect> {
    let crate::model::Screen::Ticket(open) = model.screen() else { return Vec::new() };
    let chain = open.chain(&model.shelf);
    let at = chain.iter().position(|ticket| ticket.path == open.path);
    let to = at.and_then(|at| match action {
        Action::LevelBefore => at.checked_sub(1),
        _ => Some(at + 1),
    });
    let path = to.and_then(|to| chain.get(to)).map(|ticket| ticket.path.clone());
    let Some(path) = path else {
        let alone = chain.len() < 2;
        model.complain(match (alone, action) {
            (true, _) => "this ticket is of no chain: no other level of it lies in its folder",
            (_, Action::LevelBefore) => "this is the first level that is there",
            _ => "this is the last level that is there",
        });
        return Vec::new();
    };
    turn_to(model, path)
}

/// Shows another ticket of the chain, the cursor where it is.
pub fn turn_to(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let stages = model.portrait(&path).map(|portrait| portrait.stages.clone());
    if let Some(open) = view(model) {
        open.path = path;
        open.cursor = stages.map_or(open.cursor, |stages| open.cursor.within(&stages));
    }
    wants(model)
}

/// Puts the cursor somewhere on the picture.
pub fn point(model: &mut Model, cursor: Cursor) -> Vec<Effect> {
    go_to(model, cursor, Focus::Picture)
}

/// Moves the cursor.
pub fn go(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some((open, portrait)) = seen(model) else { return Vec::new() };
    let (cursor, room) = (open.cursor, open.room(model.size, portrait));
    match (open.focus, action) {
        (Focus::Levels, Action::Left) => return level(model, Action::LevelBefore),
        (Focus::Levels, Action::Right) => return level(model, Action::LevelAfter),
        (Focus::Levels, Action::Down) => return go_to(model, cursor, Focus::Picture),
        (Focus::Levels, _) => return Vec::new(),
        (Focus::Picture, _) if open.zoom >= Zoom::Tensor => {
            let cursor = channel(open, model, room, action).within(&portrait.stages);
            return go_to(model, cursor, Focus::Picture);
        }
        (Focus::Picture, _) => {}
    }
    match among_tensors(open, &portrait.stages, room, action) {
        Some(cursor) => go_to(model, cursor, Focus::Picture),
        None if open.chain(&model.shelf).len() > 1 => go_to(model, cursor, Focus::Levels),
        None => Vec::new(),
    }
}

/// Where a key leads among stages, units and tensors; nothing where it leads off the top.
fn among_tensors(
    open: &TicketView,
    stages: &[StagePortrait],
    (columns, rows): (usize, usize),
    action: Action,
) -> Option<Cursor> {
    let step = |cursor: Cursor, action| cursor.step(stages, open.zoom, columns, action);
    let far = |one| (0..rows / 2).fold(open.cursor, |at, _| step(at, one).unwrap_or(at));
    match action {
        Action::Top => Some(Cursor::default()),
        Action::Bottom => {
            let last = Cursor { stage: usize::MAX, unit: usize::MAX, ..Cursor::default() };
            Some(last.within(stages))
        }
        Action::PageUp => Some(far(Action::Up)),
        Action::PageDown => Some(far(Action::Down)),
        Action::Up | Action::Down | Action::Left | Action::Right => step(open.cursor, action),
        _ => Some(open.cursor),
    }
}

fn go_to(model: &mut Model, cursor: Cursor, focus: Focus) -> Vec<Effect> {
    if let Some(open) = view(model) {
        (open.cursor, open.focus) = (cursor, focus);
    }
    wants(model)
}

/// Where an arrow leads among the channels of a tensor: a cell on.
fn channel(
    open: &TicketView,
    model: &Model,
    (columns, rows): (usize, usize),
    action: Action,
) -> Cursor {
    let at = open.cursor;
    let Some(portrait) = model.portrait(&open.path) else { return at };
    let Some(tensor) = open.tensor(portrait) else { return at };
    let (outputs, inputs) = channels(tensor);
    let page = (rows / 2).max(1);
    if let (Zoom::Tensor, Some(Ok(part))) = (open.zoom, open.part(portrait, &model.shelf)) {
        let size = part.grid.fitting(rows, columns);
        let (row, column) = part.grid.cell(size, at.output, at.input);
        let (row, column) = shifted((row, column), size, page, action);
        let block = part.grid.block(size, row, column);
        return Cursor { output: block.outputs.start, input: block.inputs.start, ..at };
    }
    let (output, input) = shifted((at.output, at.input), (outputs, inputs), page, action);
    Cursor { output, input, ..at }
}

fn shifted(
    (row, column): (usize, usize),
    (rows, columns): (usize, usize),
    page: usize,
    action: Action,
) -> (usize, usize) {
    let (bottom, end) = (rows.saturating_sub(1), columns.saturating_sub(1));
    match action {
        Action::Up => (row.saturating_sub(1), column),
        Action::Down => ((row + 1).min(bottom), column),
        Action::Left => (row, column.saturating_sub(1)),
        Action::Right => (row, (column + 1).min(end)),
        Action::PageUp => (row.saturating_sub(page), column),
        Action::PageDown => ((row + page).min(bottom), column),
        Action::Top => (0, 0),
        Action::Bottom => (bottom, end),
        _ => (row, column),
    }
}
