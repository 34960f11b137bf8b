//! A mapping as a picture: each source unit with the target units that it fills.
//!
//! ```text
//! stage1  3 → 5     stage2  3 → 5
//! 0 ─▶ 0            0 ─▶ 0
//! 1 ─▶ 1 2          1 ─▶ 1 2
//! 2 ─▶ 3 4          2 ✗  dropped
//! ```

use elth_core::{blueprint::Blueprint, unit_map::UnitMap};
use ratatui::text::{Line, Span};

use super::text::fit;
use crate::theme::styles::Styles;

/// Columns that a stage needs at the least.
const LEAST: usize = 13;

/// Draws the mapping, its stages side by side as far as there is room.
#[must_use]
pub fn picture(
    source: &Blueprint,
    map: &UnitMap,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let stages: Vec<_> =
        source.elastic_stages().map(|(_, stage)| stage).zip(map.stages()).collect();
    let beside = ((width + 2) / (LEAST + 2)).clamp(1, stages.len().max(1));
    let column = (width + 2) / beside;
    let mut lines = Vec::new();
    for group in stages.chunks(beside) {
        let heads = group.iter().map(|(stage, units)| {
            let head = format!("{}  {} → {}", stage.name, stage.units.len(), units.len());
            Span::styled(fit(&head, column), styles.faint())
        });
        lines.push(heads.collect::<Line>());
        let most = group.iter().map(|(stage, _)| stage.units.len()).max().unwrap_or(0);
        for unit in 0..most {
            let cells = group.iter().map(|(stage, units)| {
                let there = unit < stage.units.len();
                if there { row(unit, units, column, styles) } else { Span::raw(" ".repeat(column)) }
            });
            lines.push(cells.collect::<Line>());
        }
    }
    lines
}

fn row(unit: usize, units: &[usize], column: usize, styles: Styles<'_>) -> Span<'static> {
    let targets: Vec<String> =
        (0..units.len()).filter(|at| units[*at] == unit).map(|at| at.to_string()).collect();
    match targets.len() {
        0 => Span::styled(fit(&format!("{unit:>2} ✗  dropped"), column), styles.faint()),
        1 => Span::raw(fit(&format!("{unit:>2} ─▶ {}", targets[0]), column)),
        _ => {
            let text = format!("{unit:>2} ─▶ {}", targets.join(" "));
            Span::styled(fit(&text, column), styles.strong())
        }
    }
}
