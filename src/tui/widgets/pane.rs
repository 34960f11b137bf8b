//! A frame with a title around a part of the screen, and lines that scroll in it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Widget as _},
};

use super::text::ending;
use crate::{layout, theme::styles::Styles};

/// Whether keys go to a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// They do.
    Here,
    /// They do not.
    Elsewhere,
}

/// Draws the frame; returns what is inside.
pub fn frame(
    buffer: &mut Buffer,
    area: Rect,
    title: &str,
    focus: Focus,
    styles: Styles<'_>,
) -> Rect {
    let border = if focus == Focus::Here { styles.focus() } else { styles.border() };
    let title = ending(title, usize::from(area.width).saturating_sub(4));
    let title = Span::styled(format!(" {title} "), styles.heading());
    Block::bordered().border_style(border).title(title).render(area, buffer);
    layout::inside(area)
}

/// Draws lines from the top, as many as there is room for.
pub fn text(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (row, line) in (area.y..area.y + area.height).zip(lines) {
        buffer.set_line(area.x, row, line, area.width);
    }
}

/// Draws lines, the first so many left out; what does not fit below is said in the last row.
pub fn lines(
    buffer: &mut Buffer,
    area: Rect,
    lines: &[Line<'_>],
    scrolled: usize,
    styles: Styles<'_>,
) {
    let height = usize::from(area.height);
    let first = scrolled.min(lines.len().saturating_sub(height));
    let shown = lines.iter().skip(first).take(height);
    for (row, line) in (area.y..).zip(shown) {
        buffer.set_line(area.x, row, line, area.width);
    }
    let below = lines.len().saturating_sub(first + height);
    if below > 0 && height > 1 {
        let text = format!(" … {} more lines below ", below + 1);
        let row = area.y + area.height - 1;
        buffer.set_stringn(
            area.x,
            row,
            " ".repeat(area.width.into()),
            area.width.into(),
            styles.text(),
        );
        buffer.set_stringn(area.x, row, text, area.width.into(), styles.faint());
    }
}
