//! A ticket: its masks as a picture under a cursor, and beside it densities, weights, differences, lineage.
//!
//! ```text
//! ┌ r14-l12 · level 12 ──────────┐┌ weights ────────────┐
//! │ levels 10 11 [12] 13         ││                     │
//! │ stage1      stage2    stage3 ││                     │
//! │ 0 ▅▅▆ ▃▃▄   …                │└─────────────────────┘
//! │ ── stage1 · 0 · conv1 ────── │┌ lineage ────────────┐
//! │ 12 of 216 weights kept       ││                     │
//! └──────────────────────────────┘└─────────────────────┘
//! ```

mod density;
mod difference;
mod facts;
mod lineage;
mod picture;
mod profiles;
pub mod spot;
mod weights;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    layout,
    model::{
        Model,
        shelf::stem,
        ticket::{Scope, Side, TicketView},
    },
    portrait::Portrait,
    theme::styles::Styles,
    widgets::{
        pane::{self, Focus},
        text::wrap,
    },
};

/// A ticket whose portrait is there, as it is drawn.
#[derive(Debug, Clone, Copy)]
struct Scene<'a> {
    model: &'a Model,
    open: &'a TicketView,
    portrait: &'a Portrait,
    styles: Styles<'a>,
}

/// Lines with the one that the cursor is on, which stays in sight.
struct Text {
    lines: Vec<Line<'static>>,
    chosen: usize,
}

/// Draws a ticket's screen.
pub fn draw(model: &Model, open: &TicketView, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let panes = open.panes_in(body);
    let portrait = match model.portraits.get(&open.path) {
        Some(Ok(portrait)) => portrait,
        other => {
            let inside = pane::frame(buffer, body, &stem(&open.path), Focus::Here, styles);
            let (text, style) = match other {
                Some(Err(reason)) => (format!("✗ {reason}"), styles.bad()),
                _ => ("reading the masks…".to_owned(), styles.faint()),
            };
            let lines: Vec<Line> = wrap(&text, inside.width.into())
                .into_iter()
                .map(|line| Line::styled(line, style))
                .collect();
            return pane::text(buffer, inside, &lines);
        }
    };
    let scene = Scene { model, open, portrait, styles };
    if let Some(area) = panes.picture {
        picture::draw(scene, buffer, area);
    }
    let beside = open.side_of(panes);
    for (area, side) in [
        (panes.side, beside),
        (panes.below, Some(Side::Density)),
        (panes.corner, Some(Side::Lineage)),
    ] {
        if let (Some(area), Some(side)) = (area, side) {
            draw_side(scene, side, side == beside.unwrap_or(side), buffer, area);
        }
    }
}

fn draw_side(scene: Scene<'_>, side: Side, is_asked: bool, buffer: &mut Buffer, area: Rect) {
    let mut title = title(scene, side);
    if scene.open.panes(scene.model.size).picture.is_none() {
        title = format!("{} · {title}", stem(&scene.open.path));
    }
    let inside = pane::frame(buffer, area, &title, Focus::Elsewhere, scene.styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let (columns, rows) = (usize::from(inside.width), usize::from(inside.height));
    let text = match side {
        Side::Density => density::text(scene, columns),
        Side::Weights => weights::text(scene, columns, rows),
        Side::Difference => difference::text(scene, columns),
        Side::Profiles => profiles::text(scene, columns),
        Side::Lineage => lineage::text(scene, columns),
    };
    let at = layout::first_row(text.chosen, text.lines.len(), rows);
    let scrolled = if is_asked { scene.open.scrolled } else { 0 };
    pane::lines(buffer, inside, &text.lines, at + scrolled, scene.styles);
}

fn title(scene: Scene<'_>, side: Side) -> String {
    let open = scene.open;
    match side {
        Side::Difference => match &open.other {
            Some(other) => format!("{} to {}", side.name(), stem(other)),
            None => side.name().to_owned(),
        },
        Side::Weights => format!("{} of {}", side.name(), scene.scope()),
        _ => side.name().to_owned(),
    }
}

impl<'a> Scene<'a> {
    /// The stage under the cursor, by name.
    fn stage(&self) -> &'a str {
        self.portrait.stages.get(self.open.cursor.stage).map_or("", |stage| stage.name.as_str())
    }

    /// Whose weights are counted, in words.
    fn scope(&self) -> String {
        match self.open.scope {
            Scope::Tensor => {
                self.open.tensor(self.portrait).map_or(String::new(), |t| t.name.clone())
            }
            Scope::Stage => self.stage().to_owned(),
            Scope::All => "all tensors".to_owned(),
        }
    }

    /// What is said while something is read, or where it could not be.
    fn unread(&self, reason: Option<&str>, columns: usize) -> Text {
        let (text, style) = match reason {
            Some(reason) => (format!("✗ {reason}"), self.styles.bad()),
            None => ("reading…".to_owned(), self.styles.faint()),
        };
        let lines = wrap(&text, columns).into_iter().map(|line| Line::styled(line, style));
        Text { lines: lines.collect(), chosen: 0 }
    }
}
