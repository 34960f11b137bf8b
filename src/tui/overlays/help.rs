//! All keys of a screen, from the one table; searched by typing, done by choosing.

use ratatui::{
    buffer::Buffer,
    text::{Line, Span},
};
use tui_input::Input;

use crate::{
    keymap::Context,
    layout,
    model::Model,
    theme::styles::Styles,
    update::overlays::found,
    view::clear,
    widgets::{
        form::with_cursor,
        pane::{self, Focus},
        text::{cut, fit},
    },
};

/// Draws the keys of that place.
pub fn draw(
    model: &Model,
    context: Context,
    search: &Input,
    selected: usize,
    buffer: &mut Buffer,
    styles: Styles<'_>,
) {
    let size = model.size;
    let area = layout::middle(size, size.columns.saturating_sub(4).min(100), size.rows - 2);
    clear(buffer, area, styles);
    let title = format!("keys: {}", context.name());
    let inside = pane::frame(buffer, area, &title, Focus::Here, styles);
    let width = usize::from(inside.width);
    let mut asked = vec![Span::styled(" search ", styles.faint())];
    asked.extend(with_cursor(search.value(), search.cursor(), width.saturating_sub(10), styles));
    buffer.set_line(inside.x, inside.y, &Line::from(asked), inside.width);
    let entries = found(&model.keys, context, search.value());
    let height = usize::from(inside.height.saturating_sub(2));
    let first = layout::first_row(selected, entries.len(), height);
    let rows = inside.y + 2..inside.y + inside.height;
    for (row, (at, bound)) in rows.zip(entries.iter().enumerate().skip(first)) {
        let marker = if at == selected { "› " } else { "  " };
        let keys = fit(&bound.keys.join(" "), 18);
        let help = cut(bound.entry.help, width.saturating_sub(20));
        let line = Line::from_iter([
            Span::styled(marker, styles.focus()),
            Span::styled(keys, styles.key()),
            Span::raw(help),
        ]);
        buffer.set_line(inside.x, row, &line, inside.width);
        if at == selected {
            let line = ratatui::layout::Rect::new(inside.x, row, inside.width, 1);
            buffer.set_style(line, styles.selected());
        }
    }
    if entries.is_empty() && inside.height > 2 {
        buffer.set_stringn(
            inside.x + 2,
            inside.y + 2,
            "no key does that here",
            width,
            styles.faint(),
        );
    }
}
