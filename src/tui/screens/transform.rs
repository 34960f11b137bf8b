//! The dialog that transforms a ticket: answers on the left, what would come of them on the right.
//!
//! ```text
//! ┌ transform r14-l12 ─────────┐┌ preview ──────────────────────┐
//! │› target  ‹ cifar_resnet_20 ›││ stage1 2 → 3   stage2 2 → 3   │
//! │  strategy   default        ││ 0 ─▶ 0         0 ─▶ 0         │
//! │  …                         ││ 1 ─▶ 1 2       1 ─▶ 1 2       │
//! │ what the line means        ││ heatmap of the target         │
//! │ command                    ││ densities beside the source's │
//! └────────────────────────────┘└───────────────────────────────┘
//! ```

use elth_core::ticket::Count;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::look;
use crate::{
    layout,
    model::{
        Model,
        shelf::stem,
        transform::{Preview, Transform},
    },
    portrait::{StagePortrait, total},
    theme::styles::Styles,
    widgets::{
        form, heatmap, mapping,
        pane::{self, Focus},
        text::{fit, percent, right, shell, wrap},
    },
};

/// Draws the dialog.
pub fn draw(
    model: &Model,
    dialog: &Transform,
    buffer: &mut Buffer,
    body: Rect,
    styles: Styles<'_>,
) {
    let (left, right) = layout::panes(body, model.split);
    let title = stem(&dialog.source);
    let inside = pane::frame(buffer, left, &title, Focus::Here, styles);
    let used = form::draw(buffer, inside, &dialog.form, styles);
    let rest = Rect {
        y: inside.y + used,
        height: inside.height.saturating_sub(used),
        x: inside.x + 1,
        width: inside.width.saturating_sub(1),
    };
    pane::lines(buffer, rest, &below(dialog, rest.width.into(), styles), 0, styles);
    let Some(area) = right else { return };
    let inside = pane::frame(buffer, area, "preview", Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let lines = preview(model, dialog, inside.width.into(), styles);
    pane::lines(buffer, inside, &lines, dialog.scrolled, styles);
}

/// Whether it can be saved, and the command that does the same.
fn below(dialog: &Transform, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    match &dialog.preview {
        Ok(preview) => {
            let text = wrap(&format!("✓ {}", preview.map.official()), width);
            lines.extend(text.into_iter().map(|line| Line::styled(line, styles.good())));
        }
        Err(reason) => {
            let text = wrap(&format!("✗ {reason}"), width);
            lines.extend(text.into_iter().map(|line| Line::styled(line, styles.bad())));
        }
    }
    lines.push(Line::default());
    let command = format!("elth {}", shell(&dialog.command()));
    lines.extend(wrap(&command, width).into_iter().map(|line| Line::styled(line, styles.faint())));
    lines
}

fn preview(
    model: &Model,
    dialog: &Transform,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let source = &dialog.about.blueprint;
    let Ok(preview) = &dialog.preview else {
        return vec![Line::styled("nothing to show yet", styles.faint())];
    };
    let title = format!("{} → {}", source.name, preview.target.name);
    let mut lines = vec![Line::styled(title, styles.strong())];
    lines.extend(mapping::picture(source, &preview.map, width, styles));
    lines.push(Line::default());
    let Some(portrait) = model.portrait(&dialog.source) else {
        let text = match model.portraits.get(&dialog.source) {
            Some(Err(reason)) => format!("✗ {reason}"),
            _ => "reading the masks…".to_owned(),
        };
        lines.extend(wrap(&text, width).into_iter().map(Line::from));
        return lines;
    };
    let label = |stage: usize, unit: usize| labelled(preview, stage, unit);
    lines.push(Line::styled("the target, its source units after ←", styles.faint()));
    lines.extend(heatmap::stages(&preview.stages, label, width, styles));
    lines.push(heatmap::legend(styles));
    lines.push(Line::default());
    lines.extend(densities(&portrait.stages, &preview.stages, styles));
    lines.extend(look::kept(total(&preview.stages), width, styles));
    lines
}

/// A target unit with its source: `3←1`.
fn labelled(preview: &Preview, stage: usize, unit: usize) -> String {
    let from = preview.map.stages().get(stage).and_then(|units| units.get(unit));
    from.map_or(String::new(), |from| format!("{unit}←{from}"))
}

/// Densities stage by stage, the source's beside the target's.
#[must_use]
pub fn densities(
    source: &[StagePortrait],
    target: &[StagePortrait],
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let row = |name: &str, units: &str, from: &str, to: &str| {
        format!("{} {} {} {}", fit(name, 7), fit(units, 9), right(from, 9), right(to, 9))
    };
    let head = row("stage", "units", "source", "target");
    let mut lines = vec![Line::styled(head, styles.faint())];
    let density = |count: Count| percent(count.density());
    for (from, to) in source.iter().zip(target) {
        let units = format!("{} → {}", from.units.len(), to.units.len());
        let text = row(&from.name, &units, &density(from.count()), &density(to.count()));
        lines.push(Line::raw(text));
    }
    let all = row("all", "", &density(total(source)), &density(total(target)));
    lines.push(Line::from(Span::styled(all, styles.strong())));
    lines
}
