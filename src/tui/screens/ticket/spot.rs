//! What of a ticket's picture lies at a place of the screen: a level, a tensor, a pair of channels.

use std::path::PathBuf;

use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr as _;

use super::picture::{LEVEL, level_words};
use crate::{
    layout::{self, ticket::LABELS},
    model::{
        Model,
        ticket::{
            TicketView, Zoom,
            cursor::{Cursor, rows},
        },
    },
    portrait::Portrait,
    widgets::{
        bits::{self, Closeness},
        map::{common, tensor_at},
    },
};

/// What lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A ticket of the chain of levels.
    Level(PathBuf),
    /// A place of the masks, with the first line of the picture that is shown.
    Mask(Cursor, usize),
}

/// A unit in a line of the picture: from which column on, how wide, under a name of how many letters.
#[derive(Debug, Clone, Copy)]
struct Cell {
    from: usize,
    wide: usize,
    name: usize,
    stage: usize,
    unit: usize,
    /// The tensor, where the line is of one alone.
    tensor: Option<usize>,
}

/// What lies there on a ticket's screen.
#[must_use]
pub fn at(model: &Model, open: &TicketView, body: Rect, at: Position) -> Option<Found> {
    let portrait = model.portrait(&open.path)?;
    let parts = open.parts(open.panes_in(body).picture?, portrait);
    if parts.levels.contains(at) {
        let x = usize::from(at.x - parts.levels.x);
        return level_at(model, open, portrait, x).map(Found::Level);
    }
    let area = parts.picture;
    if !area.contains(at) {
        return None;
    }
    let (line, column) = (usize::from(at.y - area.y), usize::from(at.x - area.x));
    let (columns, height) = (usize::from(area.width), usize::from(area.height));
    if open.zoom >= Zoom::Tensor {
        return channels_at(model, open, portrait, (columns, height), (line, column))
            .map(|cursor| Found::Mask(cursor, 0));
    }
    let plan = plan(open, portrait, columns);
    let first = layout::first_shown(model.pinned, chosen(open, &plan), plan.len(), height);
    let cursor = unit_at(open, portrait, plan.get(first + line)?, column)?;
    Some(Found::Mask(cursor, first))
}

fn level_at(model: &Model, open: &TicketView, portrait: &Portrait, x: usize) -> Option<PathBuf> {
    let words = level_words(model, open, portrait);
    let mut from = 1 + LEVEL.len();
    let mut found = None;
    for (word, path) in words {
        found = (from..from + word.width()).contains(&x).then_some(path).or(found);
        from += word.width();
    }
    found.filter(|_| open.chain(&model.shelf).len() > 1)
}

/// The units of every line as they are drawn, from all stages to one unit.
fn plan(open: &TicketView, portrait: &Portrait, columns: usize) -> Vec<Vec<Cell>> {
    let Cursor { stage, unit, .. } = open.cursor;
    let cell = |unit: usize| Cell { from: 0, wide: columns, name: 1, stage, unit, tensor: None };
    match open.zoom {
        Zoom::Ticket => all_stages(portrait, columns),
        Zoom::Stage => {
            let units = portrait.stages.get(stage).map_or(0, |stage| stage.units.len());
            let name = |unit: usize| unit.to_string().len();
            let lines = (0..units).flat_map(|unit| [unit; 2]);
            let lines = lines.map(|unit| vec![Cell { name: name(unit), ..cell(unit) }]);
            [Vec::new()].into_iter().chain(lines).collect()
        }
        _ => {
            let units = portrait.stages.get(stage).map_or(&[][..], |stage| &stage.units);
            let tensors = units.get(unit).map_or(0, |unit| unit.tensors.len());
            let of = |tensor| vec![Cell { tensor: Some(tensor), ..cell(unit) }];
            let lines = (0..3 * tensors).map(|line| of(line / 3));
            [Vec::new()].into_iter().chain(lines).collect()
        }
    }
}

fn all_stages(portrait: &Portrait, columns: usize) -> Vec<Vec<Cell>> {
    let mut lines = Vec::new();
    for beside in rows(&portrait.stages, columns) {
        let column = ((columns + 2) / beside.len()).saturating_sub(2);
        let is_elastic = portrait.stages[beside[0]].elastic;
        lines.extend(is_elastic.then(Vec::new));
        let units = beside.iter().map(|stage| portrait.stages[*stage].units.len()).max();
        for unit in 0..units.unwrap_or(0) {
            let there = beside.iter().enumerate();
            let there = there.filter(|(_, stage)| unit < portrait.stages[**stage].units.len());
            let cells = there.map(|(at, stage)| Cell {
                from: at * (column + 2),
                wide: if is_elastic { column } else { column.min(48) },
                name: if is_elastic { unit.to_string().len() } else { 4 },
                stage: *stage,
                unit,
                tensor: None,
            });
            lines.push(cells.collect());
        }
    }
    lines
}

/// The line that stays in sight because the cursor is on it, as the picture has it.
fn chosen(open: &TicketView, plan: &[Vec<Cell>]) -> usize {
    let Cursor { stage, unit, tensor, .. } = open.cursor;
    let is_here = |cell: &Cell| (cell.stage, cell.unit) == (stage, unit);
    let line = plan.iter().position(|cells| cells.iter().any(is_here)).unwrap_or(0);
    match open.zoom {
        Zoom::Stage => line + 1,
        Zoom::Unit => 3 * tensor + 3,
        _ => line,
    }
}

fn unit_at(open: &TicketView, portrait: &Portrait, cells: &[Cell], x: usize) -> Option<Cursor> {
    let cell = cells.iter().find(|cell| (cell.from..cell.from + cell.wide).contains(&x))?;
    let stage = portrait.stages.get(cell.stage)?;
    let tensors = stage.units.get(cell.unit)?.tensors.len();
    let under = || tensor_at(tensors, common(stage), cell.name, cell.wide, x - cell.from);
    let tensor = cell.tensor.unwrap_or_else(under);
    let there = Cursor { stage: cell.stage, unit: cell.unit, tensor, ..Cursor::default() };
    Some(if same_tensor(there, open.cursor) { open.cursor } else { there })
}

fn same_tensor(one: Cursor, other: Cursor) -> bool {
    (one.stage, one.unit, one.tensor) == (other.stage, other.unit, other.tensor)
}

fn channels_at(
    model: &Model,
    open: &TicketView,
    portrait: &Portrait,
    (columns, rows): (usize, usize),
    place: (usize, usize),
) -> Option<Cursor> {
    let part = open.part(portrait, &model.shelf)?.ok()?;
    let room = (columns.saturating_sub(LABELS).max(1), rows.saturating_sub(1).max(1));
    let closeness = match open.zoom {
        Zoom::Bits => Closeness::Bits,
        Zoom::Kernels => Closeness::Kernels,
        _ => Closeness::Whole,
    };
    let here = (open.cursor.output, open.cursor.input);
    let (output, input) = bits::channels_at(&part.grid, here, room, closeness, place)?;
    Some(Cursor { output, input, ..open.cursor })
}
