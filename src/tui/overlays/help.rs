//! All keys of a screen, from the one table; searched by typing, done by choosing.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use tui_input::Input;

use crate::{
    keymap::{Context, Keymap, bindings::Bound},
    layout::{self, Size},
    model::Model,
    theme::styles::Styles,
    view::clear,
    widgets::{
        form::with_cursor,
        pane::{self, Focus},
        text::{cut, fit},
    },
};

/// Rows above the lines.
pub const ABOVE: u16 = 2;

/// What a mouse can do, below the keys; and how to get at the terminal's own copying.
const MOUSE: &str = "mouse: click, wheel, drag the border; hold shift while dragging to copy text";

/// Where it lies.
#[must_use]
pub fn area(size: Size) -> Rect {
    layout::middle(size, size.columns.saturating_sub(4).min(100), size.rows - 2)
}

/// The lines that have all words searched for, in their keys or their text; first those whose key it is.
#[must_use]
pub fn lines<'a>(keys: &'a Keymap, context: Context, search: &str) -> Vec<&'a Bound> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let has = |bound: &&Bound| {
        let Bound { keys, entry, .. } = bound;
        let text = format!("{} {} {}", keys.join(" "), entry.word, entry.help);
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut lines: Vec<_> = keys.entries(context).filter(has).collect();
    lines.sort_by_key(|bound| !bound.keys.iter().any(|key| key == search.trim()));
    lines
}

/// Draws the keys of that place.
pub fn draw(
    model: &Model,
    context: Context,
    search: &Input,
    selected: usize,
    buffer: &mut Buffer,
    styles: Styles<'_>,
) {
    let area = area(model.size);
    clear(buffer, area, styles);
    let title = format!("keys: {}", context.name());
    let inside = pane::frame(buffer, area, &title, Focus::Here, styles);
    let width = usize::from(inside.width);
    let mut asked = vec![Span::styled(" search ", styles.faint())];
    asked.extend(with_cursor(search.value(), search.cursor(), width.saturating_sub(10), styles));
    buffer.set_line(inside.x, inside.y, &Line::from(asked), inside.width);
    let entries = lines(&model.keys, context, search.value());
    let height = usize::from(inside.height.saturating_sub(ABOVE));
    let first = layout::first_row(selected, entries.len(), height);
    let rows = inside.y + ABOVE..inside.y + inside.height;
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
            let line = Rect::new(inside.x, row, inside.width, 1);
            buffer.set_style(line, styles.selected());
        }
    }
    if model.has_mouse {
        let row = area.bottom().saturating_sub(1);
        let text = cut(&format!(" {MOUSE} "), width);
        buffer.set_stringn(area.x + 2, row, text, width.saturating_sub(2), styles.faint());
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
