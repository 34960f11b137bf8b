//! The choice of themes; the whole screen is the preview.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    layout,
    model::Model,
    theme::styles::Styles,
    view::clear,
    widgets::{
        pane::{self, Focus},
        text::fit,
    },
};

/// At the right, so that most of the preview stays in sight.
#[must_use]
pub fn area(model: &Model) -> Rect {
    let rows = u16::try_from(model.themes.len()).unwrap_or(u16::MAX).saturating_add(2);
    let height = rows.min(model.size.rows.saturating_sub(2));
    Rect::new(model.size.columns.saturating_sub(24), 1, 24, height)
}

/// Draws the names.
pub fn draw(model: &Model, buffer: &mut Buffer, styles: Styles<'_>) {
    let area = area(model);
    clear(buffer, area, styles);
    let inside = pane::frame(buffer, area, "theme", Focus::Here, styles);
    let first =
        layout::first_shown(model.pinned, model.theme, model.themes.len(), inside.height.into());
    let shown = model.themes.iter().enumerate().skip(first);
    for (row, (at, name)) in (inside.y..inside.y + inside.height).zip(shown) {
        let (marker, style) =
            if at == model.theme { ("›", styles.selected()) } else { (" ", styles.text()) };
        let text = fit(&format!("{marker} {name}"), inside.width.into());
        buffer.set_stringn(inside.x, row, text, inside.width.into(), style);
    }
}
