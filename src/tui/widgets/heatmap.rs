//! Masks as pictures: a row for each unit, a block for each tensor, a sign for each band of channels.
//!
//! ```text
//! stage1                    stage2                    stage3
//! 0 ▅▅▆▅▄▅ ▃▃▄▃▂▃     18%   0 ▄▄▃▄▄▃ ▂▂▂▃▂▂ ▅▅  12%   0 …
//! 1 ▃▂▃▃▂▃ ▂▂▁▂▂▂     11%   1 …
//! ```

use elth_core::ticket::Count;
use ratatui::text::{Line, Span};

use super::text::{brief, fit, right};
use crate::{
    portrait::{StagePortrait, UnitPortrait},
    theme::styles::Styles,
};

/// Signs for nothing kept, then up to all kept.
const SIGNS: [&str; 9] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Where the levels end: close together where tickets are, so that 2 % and 5 % look different.
const ENDS: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 0.999_999];

/// Columns that a stage needs for its numbers beside its picture.
const WITH_NUMBERS: usize = 18;
/// Columns that a stage's picture needs at the least.
const LEAST: usize = 10;

/// The sign of a density with its style.
#[must_use]
pub fn sign(count: Count, styles: Styles<'_>) -> Span<'static> {
    let level = level(count);
    Span::styled(SIGNS[level], styles.heat(level))
}

/// The level of a density: 0 nothing, 8 everything kept.
#[must_use]
pub fn level(count: Count) -> usize {
    if count.kept == 0 {
        return 0;
    }
    1 + ENDS.iter().filter(|end| count.density() > **end).count()
}

/// How many of so many stages have room side by side.
#[must_use]
pub fn beside(width: usize, stages: usize) -> usize {
    ((width + 2) / (LEAST + 2)).clamp(1, stages.max(1))
}

/// Draws the elastic stages side by side, as far as there is room; `label` names a unit of an elastic stage.
#[must_use]
pub fn stages(
    stages: &[StagePortrait],
    label: impl Fn(usize, usize) -> String,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let elastic: Vec<_> = stages.iter().filter(|stage| stage.elastic).collect();
    let beside = beside(width, elastic.len());
    let column = ((width + 2) / beside).saturating_sub(2).min(64);
    let mut lines = Vec::new();
    for (row, group) in elastic.chunks(beside).enumerate() {
        let heads =
            group.iter().map(|stage| Span::styled(fit(&stage.name, column + 2), styles.faint()));
        lines.push(heads.collect::<Line>());
        let units = group.iter().map(|stage| stage.units.len()).max().unwrap_or(0);
        for unit in 0..units {
            let mut spans = Vec::new();
            for (at, stage) in group.iter().enumerate() {
                let name = label(row * beside + at, unit);
                spans.extend(cell(stage, unit, &name, column, styles));
                spans.push(Span::raw("  "));
            }
            lines.push(Line::from(spans));
        }
    }
    lines
}

/// Draws the other stages, the stem and the head, in a line each.
#[must_use]
pub fn fixed(stages: &[StagePortrait], width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let fixed = stages.iter().filter(|stage| !stage.elastic);
    let lines = fixed.map(|stage| {
        let mut spans = vec![Span::styled(fit(&stage.name, 6), styles.faint())];
        let units = stage.units.iter();
        spans.extend(
            units.flat_map(|unit| tensors(unit, width.saturating_sub(12).min(32), 1, styles)),
        );
        spans.push(Span::raw(right(&brief(stage.count().density()), 6)));
        Line::from(spans)
    });
    lines.collect()
}

/// Says what the signs mean.
#[must_use]
pub fn legend(styles: Styles<'_>) -> Line<'static> {
    let ends = ["0", "2", "5", "10", "20", "35", "60", "<100", "100"];
    let mut spans = vec![Span::styled("kept % ", styles.faint())];
    for (at, (sign, end)) in SIGNS.iter().zip(ends).enumerate() {
        spans.push(Span::styled(*sign, styles.heat(at)));
        spans.push(Span::styled(format!("{end} "), styles.faint()));
    }
    Line::from(spans)
}

fn cell(
    stage: &StagePortrait,
    unit_number: usize,
    name: &str,
    column: usize,
    styles: Styles<'_>,
) -> Vec<Span<'static>> {
    let names = name.chars().count().max(2) + 1;
    let mut spans = vec![Span::styled(fit(name, names), styles.faint())];
    let drawn = unit(stage, unit_number, column.saturating_sub(names), styles);
    if drawn.is_empty() {
        return vec![Span::raw(" ".repeat(column))];
    }
    spans.extend(drawn);
    spans
}

/// Draws one unit of a stage in so many columns, with its density where there is room; nothing where there is no such unit.
#[must_use]
pub fn unit(
    stage: &StagePortrait,
    unit: usize,
    column: usize,
    styles: Styles<'_>,
) -> Vec<Span<'static>> {
    let Some(portrait) = stage.units.get(unit) else { return Vec::new() };
    let numbers = if column + 3 >= WITH_NUMBERS { 5 } else { 0 };
    let room = column.saturating_sub(numbers);
    // Tensors that only some units have, such as shortcuts, get less room, so that the others stay below one another.
    let common = stage.units.iter().map(|unit| unit.tensors.len()).min().unwrap_or(1).max(1);
    let mut spans = tensors(portrait, room, common, styles);
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    if numbers > 0 {
        spans.push(Span::raw(right(&brief(portrait.count().density()), numbers)));
    }
    spans
}

fn tensors(
    unit: &UnitPortrait,
    room: usize,
    common: usize,
    styles: Styles<'_>,
) -> Vec<Span<'static>> {
    let extras = 3 * usize::from(room >= 10);
    let each = (room.saturating_sub(extras + common - 1) / common).max(1);
    let mut spans = Vec::new();
    let shown = if extras == 0 { common } else { unit.tensors.len() };
    for (at, tensor) in unit.tensors.iter().enumerate().take(shown) {
        let cells = if at < common { each } else { extras.saturating_sub(1) };
        if at > 0 {
            spans.push(Span::raw(" "));
        }
        for count in tensor.cells(cells.min(tensor.bands.len())) {
            spans.push(sign(count, styles));
        }
        spans.push(Span::raw(" ".repeat(cells.saturating_sub(tensor.bands.len()))));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_tell_sparse_tickets_apart() {
        for (kept, expected) in [(0, 0), (1, 1), (20, 1), (21, 2), (69, 3), (999, 7), (1000, 8)] {
            assert_eq!(level(Count { kept, weights: 1000 }), expected, "{kept}");
        }
    }
}
