//! How the rewind weights are distributed, of the tensor under the cursor, its stage, or all.

use elth_core::ticket::Outside;
use ratatui::text::Line;

use super::{Scene, Text};
use crate::{
    model::ticket::Scope,
    study::{
        Finding, Study,
        histogram::{Histogram, Sum},
    },
    widgets::{
        spread,
        text::{fit, number, right, wrap},
    },
};

/// The lines of the pane.
pub fn text(scene: Scene<'_>, columns: usize, rows: usize) -> Text {
    let styles = scene.styles;
    let study = Study::Weights { path: scene.open.path.clone() };
    let all = match scene.open.finding(&study) {
        Some(Ok(Finding::Weights(all))) => all,
        Some(Err(reason)) => return scene.unread(Some(reason), columns),
        _ => return scene.unread(None, columns),
    };
    let histogram = chosen(scene, all);
    let mut lines = table(scene, &histogram);
    if scene.portrait.about.outside == Outside::Masked {
        let note =
            "! this file holds zeros outside the mask: what the pruned weights were is not known";
        lines.extend(wrap(note, columns).into_iter().map(|line| Line::styled(line, styles.warn())));
    }
    lines.push(Line::default());
    let high = rows.saturating_sub(lines.len() + 6) / 2;
    lines.extend(spread::spread(&histogram, columns.max(3), high.clamp(1, 12), styles));
    Text { lines, chosen: 0 }
}

fn chosen(scene: Scene<'_>, all: &[Vec<Vec<Histogram>>]) -> Histogram {
    let cursor = scene.open.cursor;
    let stage = all.get(cursor.stage).map_or(&[][..], Vec::as_slice);
    let sum = |stages: &[Vec<Vec<Histogram>>]| {
        let all = stages.iter().flatten().flatten();
        all.fold(Histogram::default(), |sum, one| sum.plus(one))
    };
    match scene.open.scope {
        Scope::Tensor => {
            let tensor = stage.get(cursor.unit).and_then(|unit| unit.get(cursor.tensor));
            tensor.cloned().unwrap_or_default()
        }
        Scope::Stage => sum(&[stage.to_vec()]),
        Scope::All => sum(all),
    }
}

fn table(scene: Scene<'_>, histogram: &Histogram) -> Vec<Line<'static>> {
    let row = |name: &str, cells: [String; 4]| {
        let cells = cells.map(|cell| format!(" {}", right(&cell, 11))).concat();
        format!("{}{cells}", fit(name, 7))
    };
    let of = |name: &str, sum: &Sum| {
        let odd = if sum.odd > 0 {
            format!("  ! {} are no numbers", number(sum.odd))
        } else {
            String::new()
        };
        let cells = [
            number(sum.weights),
            format!("{:.5}", sum.mean_magnitude()),
            format!("{:.5}", sum.largest),
            format!("{:.5}", sum.mean()),
        ];
        Line::raw(row(name, cells) + &odd)
    };
    let heads = ["weights", "mean |w|", "largest |w|", "mean"].map(str::to_owned);
    vec![
        Line::styled(row("", heads), scene.styles.faint()),
        of("kept", &histogram.kept),
        of("pruned", &histogram.pruned),
    ]
}
