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
        finder::{self, Finder},
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
    let entries = lines(&model.keys, context, search.value());
    let nothing = "no key does that here";
    let prompt = Span::styled(" search ", styles.faint());
    let finder = Finder { prompt, search, above: ABOVE, selected, pinned: model.pinned, nothing };
    let line = |at: usize| {
        let bound = entries[at];
        Line::from_iter([
            Span::styled(if at == selected { "› " } else { "  " }, styles.focus()),
            Span::styled(fit(&bound.keys.join(" "), 18), styles.key()),
            Span::raw(cut(bound.entry.help, width.saturating_sub(20))),
        ])
    };
    finder::draw(buffer, inside, &finder, entries.len(), line, styles);
    if model.has_mouse {
        let row = area.bottom().saturating_sub(1);
        let text = cut(&format!(" {MOUSE} "), width);
        buffer.set_stringn(area.x + 2, row, text, width.saturating_sub(2), styles.faint());
    }
}
