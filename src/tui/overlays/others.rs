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
        form::with_cursor,
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
    let mut asked = vec![Span::styled(" search ", styles.faint())];
    asked.extend(with_cursor(search.value(), search.cursor(), width.saturating_sub(10), styles));
    buffer.set_line(inside.x, inside.y, &Line::from(asked), inside.width);
    let found = candidates(model, search.value());
    let height = usize::from(inside.height.saturating_sub(ABOVE));
    let first = layout::first_row(selected, found.len(), height);
    let rows = inside.y + 2..inside.y + inside.height;
    for (row, (at, ticket)) in rows.zip(found.iter().enumerate().skip(first)) {
        let is_marked = model.shelf.marked.contains(&ticket.path);
        let marker = format!(
            "{}{} ",
            if at == selected { "›" } else { " " },
            if is_marked { "●" } else { " " }
        );
        let level = ticket.about.level.map_or("-".to_owned(), |level| format!("L{level}"));
        let kept = count(ticket).map_or("?".to_owned(), |count| brief(count.density()));
        let head = format!("{marker}{} {}  ", fit(&level, 4), right(&kept, 5));
        let room = width.saturating_sub(head.chars().count());
        let line = head + &ending(&stem(&ticket.path), room);
        let style = if at == selected { styles.selected() } else { styles.text() };
        buffer.set_stringn(inside.x, row, fit(&line, width), width, style);
        if at == selected {
            buffer.set_style(Rect::new(inside.x, row, inside.width, 1), styles.selected());
        }
    }
    if found.is_empty() && inside.height > 2 {
        let text = "no other ticket has these words";
        buffer.set_stringn(inside.x + 2, inside.y + 2, text, width, styles.faint());
    }
}
