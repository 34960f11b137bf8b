//! The command palette: type a few letters of what is wanted, and go.
//!
//! ```text
//! ┌ go to, or do ────────────────────────────────────┐
//! │ > stret                                          │
//! │› do      transform  stretch, squeeze or …      t │
//! │  ticket  stretched  cifar_resnet_20_8, 6.9% kept │
//! └──────────────────────────────────────────────────┘
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

use crate::{
    keymap::Context,
    layout::{self, Size},
    model::{Model, palette},
    theme::styles::Styles,
    view::clear,
    widgets::{
        finder::{self, Finder},
        pane::{self, Focus},
        text::{cut, fit},
    },
};

/// Columns of the kind, and of the name.
const KIND: usize = 7;
const NAME: usize = 26;

/// Rows above the lines.
pub const ABOVE: u16 = 1;

/// Where it lies.
#[must_use]
pub fn area(size: Size) -> Rect {
    let rows = size.rows.saturating_sub(4).min(24);
    let area = layout::middle(size, size.columns.saturating_sub(4).min(100), rows);
    Rect { y: 1, ..area }
}

/// Draws what is searched for and the lines that fit.
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
    let inside = pane::frame(buffer, area, "go to, or do", Focus::Here, styles);
    let width = usize::from(inside.width);
    let lines = palette::lines(model, context, search.value());
    let nothing = "nothing here has these letters";
    let prompt = Span::styled(" > ", styles.key());
    let finder = Finder { prompt, search, above: ABOVE, selected, pinned: model.pinned, nothing };
    let line = |at: usize| {
        let marker = if at == selected { "› " } else { "  " };
        spans(&lines[at], marker, width, styles)
    };
    finder::draw(buffer, inside, &finder, lines.len(), line, styles);
}

fn spans(
    line: &palette::Line,
    marker: &'static str,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let keys = format!(" {} ", line.keys);
    let name = NAME.min(width / 3);
    let room = width.saturating_sub(2 + KIND + 1 + name + 1 + keys.width());
    Line::from_iter([
        Span::styled(marker, styles.focus()),
        Span::styled(fit(line.kind, KIND + 1), styles.faint()),
        Span::styled(fit(&line.name, name) + " ", styles.strong()),
        Span::styled(fit(&cut(&line.about, room), room), styles.text()),
        Span::styled(keys, styles.key()),
    ])
}
