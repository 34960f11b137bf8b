//! What the ticket shares with another, tensor by tensor, beside what chance would let them share.

use elth_core::compare::Overlap;
use ratatui::{style::Style, text::Line};

use super::{Scene, Text};
use crate::widgets::text::{brief, fit, number, right, wrap};

/// The lines of the pane: A is the ticket itself, B the other.
pub fn text(scene: Scene<'_>, columns: usize) -> Text {
    let (open, styles) = (scene.open, scene.styles);
    let study = open.difference_study();
    let change = match open.change(study.as_ref()) {
        Some(Ok(change)) => change,
        Some(Err(reason)) => return scene.unread(Some(reason), columns),
        None => return scene.unread(None, columns),
    };
    let total = change.total();
    let mut lines: Vec<Line> =
        wrap(&verdict(&total), columns).into_iter().map(Line::from).collect();
    lines.push(Line::default());
    lines.push(Line::styled(head(columns), styles.faint()));
    lines.push(line(" all", &total, columns, styles.strong()));
    let mut chosen = 0;
    for (stage, of) in scene.portrait.stages.iter().enumerate() {
        let overlap = change.stage(stage);
        lines.push(line(&format!(" {}", of.name), &overlap, columns, styles.heading()));
        for (unit, its) in of.units.iter().enumerate() {
            for (at, tensor) in its.tensors.iter().enumerate() {
                let Some(overlap) = change.tensor(stage, unit, at) else { continue };
                let cursor = open.cursor;
                let is_here = (stage, unit, at) == (cursor.stage, cursor.unit, cursor.tensor);
                let marker = if is_here { "›" } else { " " };
                let style = if is_here { styles.strong() } else { Style::new() };
                if is_here {
                    chosen = lines.len();
                }
                let part = tensor.part.strip_suffix(".weight").unwrap_or(&tensor.part);
                let name = format!("{marker}  {unit} {part}");
                lines.push(line(&name, overlap, columns, style));
            }
        }
    }
    Text { lines, chosen }
}

/// In a sentence: more than chance, about chance, or less.
fn verdict(total: &Overlap) -> String {
    let (found, chance) = (total.jaccard(), total.expected_jaccard());
    let times =
        if chance > 0.0 { format!(", {:.2} times as much", found / chance) } else { String::new() };
    format!(
        "A, this ticket, keeps {}; B {}; both {}. Jaccard {found:.4}, by chance {chance:.4}{times}. Chance: masks of the same counts in every tensor.",
        number(total.kept_a),
        number(total.kept_b),
        number(total.both)
    )
}

fn head(columns: usize) -> String {
    row("tensor", &[" A", "B", "both", "Jaccard", "chance", "sign"].map(str::to_owned), columns)
}

fn line(name: &str, overlap: &Overlap, columns: usize, style: Style) -> Line<'static> {
    // Nothing in common agrees and disagrees in nothing.
    let sign = if overlap.both > 0 { brief(overlap.sign_agreement()) } else { "-".to_owned() };
    let cells = [
        number(overlap.kept_a),
        number(overlap.kept_b),
        number(overlap.both),
        format!("{:.4}", overlap.jaccard()),
        format!("{:.4}", overlap.expected_jaccard()),
        sign,
    ];
    Line::styled(row(name, &cells, columns), style)
}

/// Narrow panes leave the counts of A and B out.
fn row(name: &str, cells: &[String; 6], columns: usize) -> String {
    let wide = columns >= 72;
    let widths = if wide { [11, 11, 11, 8, 8, 6] } else { [0, 0, 9, 8, 8, 6] };
    let names = columns.saturating_sub(widths.iter().sum()).clamp(8, 28);
    let cells = cells.iter().zip(widths).map(|(cell, width)| right(cell, width));
    fit(name, names) + &cells.collect::<String>()
}
