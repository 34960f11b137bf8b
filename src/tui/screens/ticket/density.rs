//! Density of every stage, unit and tensor as bars.

use elth_core::ticket::Count;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Scene, Text};
use crate::widgets::{
    bar::bar,
    map::flag,
    spread::round_up,
    text::{fit, percent, right},
};

/// Columns that names take.
const NAMES: usize = 22;

/// The lines of the pane.
pub fn text(scene: Scene<'_>, columns: usize) -> Text {
    let (styles, cursor) = (scene.styles, scene.open.cursor);
    let tensors = scene.portrait.stages.iter().flat_map(|s| &s.units).flat_map(|u| &u.tensors);
    let most = tensors.map(|tensor| tensor.count().density()).fold(0.0, f64::max);
    let end = round_up(most).min(1.0);
    let cells = columns.saturating_sub(NAMES + 12).clamp(1, 80);
    let row = |marker: &str, name: String, count: Count, sign: Span<'static>, style: Style| {
        let drawn = bar(count.density() / end, cells);
        Line::from_iter([
            Span::styled(format!("{marker}{}", fit(&name, NAMES)), style),
            Span::styled(drawn, styles.series(0)),
            Span::raw(right(&percent(count.density()), 9)),
            Span::raw(" "),
            sign,
        ])
    };
    let head = format!(" {}full at {}", fit("", NAMES), percent(end));
    let (mut lines, mut chosen) = (vec![Line::styled(head, styles.faint())], 0);
    let none = || Span::raw("");
    for (stage, of) in scene.portrait.stages.iter().enumerate() {
        lines.push(row(" ", of.name.clone(), of.count(), none(), styles.heading()));
        for (unit, its) in of.units.iter().enumerate() {
            // A unit of one tensor is that tensor.
            if of.units.len() > 1 && its.tensors.len() > 1 {
                let name = format!("  unit {unit}");
                lines.push(row(" ", name, its.count(), none(), styles.text()));
            }
            for (at, tensor) in its.tensors.iter().enumerate() {
                let is_here = (stage, unit, at) == (cursor.stage, cursor.unit, cursor.tensor);
                let (marker, style) =
                    if is_here { ("›", styles.strong()) } else { (" ", styles.faint()) };
                if is_here {
                    chosen = lines.len();
                }
                let part = tensor.part.strip_suffix(".weight").unwrap_or(&tensor.part);
                let name = match (its.tensors.len(), of.units.len()) {
                    (1, 2..) => format!("  unit {unit} {part}"),
                    _ => format!("    {part}"),
                };
                lines.push(row(marker, name, tensor.count(), flag(tensor, styles), style));
            }
        }
    }
    Text { lines, chosen }
}
