//! A tensor closely: shares of blocks of kernels, shares of kernels, bits of kernels, each with the channels' numbers.
//!
//! ```text
//!       0       8       16
//!     0 ▂▁··▃▂▁▁▁▁··▂▂▁▁▃▃▂▂
//!     1 ▁▁▂▂··▁▁▂▂▃▃▁▁··▁▁▂▂
//! ```

use elth_core::{mask::Mask, ticket::Count};
use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{
    heatmap::sign,
    text::{fit, right},
};
use crate::{
    layout::{self, ticket::LABELS},
    study::{
        Part,
        grid::{Grid, kernel},
    },
    theme::styles::Styles,
};

/// What a tensor's picture shows.
#[derive(Debug, Clone, Copy)]
pub struct Closely<'a> {
    /// The tensor's mask.
    pub part: &'a Part,
    /// The output and the input channel that the cursor is on.
    pub at: (usize, usize),
    /// Columns and rows for cells.
    pub room: (usize, usize),
    /// Whether pruned weights are shown in place of kept ones.
    pub is_pruned: bool,
}

/// All of a tensor, several kernels a cell where there is no room for each.
#[must_use]
pub fn whole(shown: Closely<'_>, styles: Styles<'_>) -> Vec<Line<'static>> {
    let grid = &shown.part.grid;
    let size = grid.fitting(shown.room.1, shown.room.0);
    let at = grid.cell(size, shown.at.0, shown.at.1);
    let cell = |row: usize, column: usize| {
        let kept = grid.block(size, row, column).count;
        shown.measured(kept, |pruned| pruned.block(size, row, column).count.kept)
    };
    let output = |row: usize| grid.block(size, row, 0).outputs.start;
    let input = |column: usize| grid.block(size, 0, column).inputs.start;
    picture((0..size.0, 0..size.1), at, shown.room.0, (output, input, cell), styles)
}

/// A part of a tensor, a kernel a cell.
#[must_use]
pub fn kernels(shown: Closely<'_>, styles: Styles<'_>) -> Vec<Line<'static>> {
    let (part, grid) = (shown.part, &shown.part.grid);
    let rows = window(shown.at.0, grid.outputs, shown.room.1);
    let columns = window(shown.at.1, grid.inputs, shown.room.0);
    let cell = |output: usize, input: usize| {
        let kept = kernel(&part.mask, grid, output, input);
        let lost = part.pruned.as_ref().map_or(0, |p| kernel(&p.mask, grid, output, input).kept);
        shown.measured(kept, |_| lost)
    };
    picture((rows, columns), shown.at, shown.room.0, (|row| row, |column| column, cell), styles)
}

/// How closely a tensor is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closeness {
    /// As [`whole`] draws it.
    Whole,
    /// As [`kernels`] draws it.
    Kernels,
    /// As [`bits`] draws it.
    Bits,
}

/// The output and the input channel that lie in that line and column of such a picture.
#[must_use]
pub fn channels_at(
    grid: &Grid,
    at: (usize, usize),
    room: (usize, usize),
    closeness: Closeness,
    (line, column): (usize, usize),
) -> Option<(usize, usize)> {
    let (y, x) = (line.checked_sub(1)?, column.checked_sub(LABELS)?);
    let (rows, columns, high, wide) = match closeness {
        Closeness::Whole => {
            let size = grid.fitting(room.1, room.0);
            let wide = width_of_cell(size.1, room.0);
            let cell = (y, x / wide);
            let is_there = cell.0 < size.0 && cell.1 < size.1;
            let block = is_there.then(|| grid.block(size, cell.0, cell.1))?;
            return Some((block.outputs.start, block.inputs.start));
        }
        Closeness::Kernels => {
            let rows = window(at.0, grid.outputs, room.1);
            let columns = window(at.1, grid.inputs, room.0);
            let wide = width_of_cell(columns.len(), room.0);
            (rows, columns, 1, wide)
        }
        Closeness::Bits => {
            let (rows, columns, gap) = windows(grid, at, room);
            (rows, columns, grid.kernel.0 + gap, grid.kernel.1 + gap)
        }
    };
    let (output, input) = (rows.start + y / high, columns.start + x / wide);
    (rows.contains(&output) && columns.contains(&input)).then_some((output, input))
}

/// The kernels whose bits are shown, by outputs and inputs, and the cells between two.
fn windows(
    grid: &Grid,
    at: (usize, usize),
    room: (usize, usize),
) -> (std::ops::Range<usize>, std::ops::Range<usize>, usize) {
    let (high, wide) = grid.kernel;
    let gap = usize::from(high * wide > 1);
    let rows = window(at.0, grid.outputs, (room.1 / (high + gap)).max(1));
    (rows, window(at.1, grid.inputs, (room.0 / (wide + gap)).max(1)), gap)
}

/// Cells of a terminal are twice as high as wide.
fn width_of_cell(columns: usize, room: usize) -> usize {
    if 2 * columns <= room { 2 } else { 1 }
}

impl Closely<'_> {
    fn measured(&self, kept: Count, lost: impl Fn(&Grid) -> usize) -> Count {
        match &self.part.pruned {
            Some(pruned) if self.is_pruned => {
                let lost = lost(&pruned.grid);
                Count { kept: lost, weights: kept.kept + lost }
            }
            _ => kept,
        }
    }
}

/// So many of all, those around one in the middle where they can be.
fn window(at: usize, all: usize, room: usize) -> std::ops::Range<usize> {
    let first = layout::first_row(at, all, room);
    first..(first + room).min(all)
}

fn picture(
    (rows, columns): (std::ops::Range<usize>, std::ops::Range<usize>),
    at: (usize, usize),
    room: usize,
    (output, input, cell): (
        impl Fn(usize) -> usize,
        impl Fn(usize) -> usize,
        impl Fn(usize, usize) -> Count,
    ),
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let wide = width_of_cell(columns.len(), room);
    let mut lines = vec![numbers(columns.clone().map(input), wide, styles)];
    for row in rows {
        let style = if row == at.0 { styles.strong() } else { styles.faint() };
        let label = right(&output(row).to_string(), LABELS - 1);
        let mut spans = vec![Span::styled(format!("{label} "), style)];
        for column in columns.clone() {
            let one = sign(cell(row, column), styles);
            let is_here = (row, column) == at;
            let style = if is_here { reversed(one.style) } else { one.style };
            spans.push(Span::styled(one.content.repeat(wide), style));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// Numbers of input channels above their columns, as many as have room.
fn numbers(inputs: impl Iterator<Item = usize>, wide: usize, styles: Styles<'_>) -> Line<'static> {
    let mut text = fit("out\\in", LABELS);
    for (at, input) in inputs.enumerate() {
        let column = LABELS + at * wide;
        if at == 0 || (input % 8 == 0 && text.chars().count() < column) {
            text = fit(&text, column) + &input.to_string();
        }
    }
    Line::styled(text, styles.faint())
}

fn reversed(style: Style) -> Style {
    style.add_modifier(Modifier::REVERSED)
}

/// The bits of the kernels around the cursor: `■` kept, `×` pruned since the level before, `·` pruned earlier.
#[must_use]
pub fn bits(shown: Closely<'_>, styles: Styles<'_>) -> Vec<Line<'static>> {
    let grid = &shown.part.grid;
    let (high, wide) = grid.kernel;
    let (rows, columns, gap) = windows(grid, shown.at, shown.room);
    let mut lines = vec![numbers(columns.clone(), wide + gap, styles)];
    for output in rows {
        for y in 0..high {
            let label = if y == 0 { output.to_string() } else { String::new() };
            let style = if output == shown.at.0 { styles.strong() } else { styles.faint() };
            let mut spans = vec![Span::styled(right(&label, LABELS - 1) + " ", style)];
            for input in columns.clone() {
                let first = ((output * grid.inputs + input) * high + y) * wide;
                let is_here = (output, input) == shown.at;
                spans.extend((first..first + wide).map(|at| {
                    let one = bit(&shown.part.mask, shown.part, at, styles);
                    if is_here { one.patch_style(Modifier::REVERSED) } else { one }
                }));
                spans.push(Span::raw(" ".repeat(gap)));
            }
            lines.push(Line::from(spans));
        }
        lines.extend((0..gap).map(|_| Line::default()));
    }
    lines
}

/// One weight of a tensor.
#[must_use]
pub fn bit(mask: &Mask, part: &Part, at: usize, styles: Styles<'_>) -> Span<'static> {
    let is_new = part.pruned.as_ref().is_some_and(|pruned| pruned.mask.keeps(at));
    match (mask.keeps(at), is_new) {
        (true, _) => Span::styled("■", styles.heat(8)),
        (false, true) => Span::styled("×", styles.warn()),
        (false, false) => Span::styled("·", styles.faint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BUILTIN, Theme};

    fn text(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    #[test]
    fn kernels_show_their_bits_and_what_was_pruned() {
        let mask = Mask::from_fn(2 * 2 * 4, |at| at % 4 == 0);
        let before = Mask::from_fn(16, |at| at % 4 < 2);
        let part = Part::of(&[2, 2, 2, 2], mask, Some(&before));
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let shown = Closely { part: &part, at: (1, 0), room: (40, 10), is_pruned: false };
        let lines = text(&bits(shown, Styles(&theme)));
        assert_eq!(lines[1..4], ["    0 ■× ■×", "      ·· ··", ""]);
        let lines = text(&whole(shown, Styles(&theme)));
        assert_eq!(lines[1..], ["    0 ▅▅▅▅", "    1 ▅▅▅▅"]);
        let lost = Closely { is_pruned: true, ..shown };
        assert_eq!(text(&kernels(lost, Styles(&theme)))[1..], ["    0 ▆▆▆▆", "    1 ▆▆▆▆"]);
    }
}
