//! The choice of a ticket to compare with: those of the same tensors, marked ones first.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use tui_input::Input;

use crate::{
    layout::{self, Size},
    model::{
        Model,
        shelf::{count, stem},
    },
    theme::styles::Styles,
    update::ticket::candidates,
    view::clear,
    widgets::{
        finder::{self, Finder},
        pane::{self, Focus},
        text::{brief, ending, fit, right},
    },
};

/// Rows above the list: what is searched for, and an empty one.
pub const ABOVE: u16 = 2;

/// Where the list lies.
#[must_use]
pub fn area(size: Size) -> Rect {
    layout::middle(size, size.columns.saturating_sub(4).min(90), (size.rows - 2).min(24))
}

/// Draws the list in the middle.
pub fn draw(
    model: &Model,
    search: &Input,
    selected: usize,
    buffer: &mut Buffer,
    styles: Styles<'_>,
) {
    let area = area(model.size);
    clear(buffer, area, styles);
    let inside = pane::frame(buffer, area, "compare with", Focus::Here, styles);
    let width = usize::from(inside.width);
    let found = candidates(model, search.value());
    let nothing = "no other ticket has these words";
    let prompt = Span::styled(" search ", styles.faint());
    let finder = Finder { prompt, search, above: ABOVE, selected, pinned: model.pinned, nothing };
    let line = |at: usize| {
        let ticket = found[at];
        let chosen = if at == selected { "›" } else { " " };
        let marked = if model.shelf.marked.contains(&ticket.path) { "●" } else { " " };
        let level = ticket.about.level.map_or("-".to_owned(), |level| format!("L{level}"));
        let kept = count(ticket).map_or("?".to_owned(), |count| brief(count.density()));
        let head = format!("{chosen}{marked} {} {}  ", fit(&level, 4), right(&kept, 5));
        let room = width.saturating_sub(head.chars().count());
        Line::raw(head + &ending(&stem(&ticket.path), room))
    };
    finder::draw(buffer, inside, &finder, found.len(), line, styles);
}
