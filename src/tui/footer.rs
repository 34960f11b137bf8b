//! The last row: the keys of the place where one is, and which of them lies under the pointer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    keymap::{Action, Place, bindings::Bound},
    model::Model,
    theme::styles::Styles,
};

/// One key with its word, and where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The first column.
    pub from: u16,
    /// The column after the last.
    pub to: u16,
    /// What is shown there.
    pub bound: &'a Bound,
}

/// As many keys as there is room for; help and leaving always.
#[must_use]
pub fn items(model: &Model, width: u16) -> Vec<Item<'_>> {
    let shown = model.keys.entries(model.context());
    let shown = shown.filter(|b| b.entry.place == Place::Footer && !b.keys.is_empty());
    let (last, first): (Vec<_>, Vec<_>) =
        shown.partition(|bound| matches!(bound.entry.action, Action::Help | Action::Quit));
    let mut room = usize::from(width).saturating_sub(last.iter().map(|b| columns(b)).sum());
    let fitting = first.into_iter().take_while(|bound| {
        let fits = columns(bound) <= room;
        room = room.saturating_sub(columns(bound));
        fits
    });
    let mut from = 1;
    let placed = fitting.collect::<Vec<_>>().into_iter().chain(last).map(|bound| {
        let next = from + u16::try_from(columns(bound)).unwrap_or(u16::MAX);
        let item = Item { from, to: next - 2, bound };
        from = next;
        item
    });
    placed.collect()
}

/// The key, a space, its word and two spaces.
fn columns(bound: &Bound) -> usize {
    bound.keys[0].width() + bound.entry.word.width() + 3
}

/// What a click in that column of the footer asks for.
#[must_use]
pub fn at(model: &Model, column: u16) -> Option<Action> {
    let items = items(model, model.size.columns);
    let item = items.iter().find(|item| (item.from..item.to).contains(&column))?;
    Some(item.bound.entry.action)
}

/// Draws the footer; what would do nothing now is dimmed.
pub fn draw(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let mut spans = vec![Span::raw(" ")];
    for Item { bound, .. } in items(model, area.width) {
        let (key, word) = if model.can(bound.entry.action) {
            (styles.key(), styles.text())
        } else {
            (styles.faint(), styles.faint())
        };
        spans.push(Span::styled(bound.keys[0].as_str(), key));
        spans.push(Span::styled(format!(" {}  ", bound.entry.word), word));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}
