//! Masks as a map with a cursor: units below one another, their tensors as blocks, a sign for what is dead.

use ratatui::{
    style::Modifier,
    text::{Line, Span},
};

use super::{
    heatmap::sign,
    text::{brief, cut, fit, right},
};
use crate::{
    portrait::{StagePortrait, TensorPortrait, UnitPortrait},
    theme::styles::Styles,
};

/// Columns that tensors get which only some units have, such as shortcuts.
const EXTRA: usize = 3;

/// A unit as it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// What the blocks show.
    pub unit: &'a UnitPortrait,
    /// The unit itself: which of its channels are dead.
    pub kept: &'a UnitPortrait,
    /// Tensors that all units of the stage have.
    pub common: usize,
    /// The tensor that the cursor is on.
    pub chosen: Option<usize>,
}

/// How many tensors every unit of a stage has.
#[must_use]
pub fn common(stage: &StagePortrait) -> usize {
    stage.units.iter().map(|unit| unit.tensors.len()).min().unwrap_or(1).max(1)
}

/// A unit in so many columns: its name, its tensors, its share.
#[must_use]
pub fn row(row: Row<'_>, name: &str, columns: usize, styles: Styles<'_>) -> Vec<Span<'static>> {
    let names = name.chars().count().max(2) + 1;
    let numbers = if columns >= 18 { 5 } else { 0 };
    let room = columns.saturating_sub(names + numbers);
    let style = if row.chosen.is_some() { styles.strong() } else { styles.faint() };
    let mut spans = vec![Span::styled(fit(name, names), style)];
    spans.extend(blocks(row, room, styles));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat((names + room).saturating_sub(used))));
    if numbers > 0 {
        spans.push(Span::raw(right(&brief(row.unit.count().density()), numbers)));
    }
    spans
}

/// The columns of a unit's tensors, the sign behind each left out; those without room have none.
#[must_use]
pub fn widths(tensors: usize, common: usize, room: usize) -> Vec<usize> {
    let extras = tensors.saturating_sub(common) * EXTRA;
    let extras = if room >= 10 + extras { extras } else { 0 };
    let each = (room.saturating_sub(extras + common) / common.max(1)).max(1);
    let width = |at| match (at < common, extras > 0) {
        (true, _) => each,
        (false, true) => EXTRA - 1,
        (false, false) => 0,
    };
    (0..tensors).map(width).collect()
}

/// The tensor of a unit whose block is at that column of its row, or nearest to it on the left.
#[must_use]
pub fn tensor_at(tensors: usize, common: usize, name: usize, columns: usize, at: usize) -> usize {
    let names = name.max(2) + 1;
    let numbers = if columns >= 18 { 5 } else { 0 };
    let widths = widths(tensors, common, columns.saturating_sub(names + numbers));
    let mut from = names;
    let mut found = 0;
    for (tensor, width) in widths.into_iter().enumerate().filter(|(_, width)| *width > 0) {
        if at >= from {
            found = tensor;
        }
        from += width + 1;
    }
    found
}

fn blocks(row: Row<'_>, room: usize, styles: Styles<'_>) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let widths = widths(row.unit.tensors.len(), row.common, room);
    let tensors = row.unit.tensors.iter().zip(&row.kept.tensors).zip(widths);
    for (at, ((tensor, kept), width)) in tensors.enumerate().filter(|(_, (_, width))| *width > 0) {
        let mut block = band(tensor, width, styles);
        if row.chosen == Some(at) {
            let chosen = |span: Span<'static>| span.patch_style(Modifier::REVERSED);
            block = block.into_iter().map(chosen).collect();
        }
        spans.extend(block);
        spans.push(flag(kept, styles));
    }
    spans
}

/// A tensor's bands in so many columns.
#[must_use]
pub fn band(tensor: &TensorPortrait, columns: usize, styles: Styles<'_>) -> Vec<Span<'static>> {
    let cells = columns.min(tensor.bands.len());
    let counts = tensor.cells(cells);
    (0..columns)
        .filter_map(|column| Some(sign(*counts.get(column * cells / columns)?, styles)))
        .collect()
}

/// A sign for a tensor that keeps nothing, or that has dead output channels.
#[must_use]
pub fn flag(tensor: &TensorPortrait, styles: Styles<'_>) -> Span<'static> {
    match (tensor.is_empty(), tensor.dead) {
        (true, _) => Span::styled("✗", styles.bad()),
        (false, 0) => Span::raw(" "),
        (false, _) => Span::styled("!", styles.warn()),
    }
}

/// The names of a unit's tensors under its blocks, with the share of each.
#[must_use]
pub fn names(row: Row<'_>, indent: usize, columns: usize, styles: Styles<'_>) -> Line<'static> {
    let room = columns.saturating_sub(indent + 5);
    let widths = widths(row.unit.tensors.len(), row.common, room);
    let mut spans = vec![Span::raw(" ".repeat(indent))];
    for (tensor, width) in row.unit.tensors.iter().zip(widths).filter(|(_, width)| *width > 0) {
        let name = tensor.part.strip_suffix(".weight").unwrap_or(&tensor.part);
        let text = format!("{name} {}", brief(tensor.count().density()));
        let text = if text.chars().count() <= width { text } else { cut(name, width) };
        spans.push(Span::styled(fit(&text, width + 1), styles.faint()));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_never_take_more_than_their_room() {
        for tensors in 1..6 {
            for common in 1..=tensors {
                for room in 2 * tensors..120 {
                    let widths = widths(tensors, common, room);
                    let shown = widths.iter().filter(|width| **width > 0).count();
                    let used: usize = widths.iter().sum::<usize>() + shown;
                    assert!(used <= room, "{tensors} {common} {room}: {widths:?}");
                }
            }
        }
    }
}
