//! What is to be said, above the footer: that something was done, or that it went wrong.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    layout,
    model::{Grade, Model},
    theme::styles::Styles,
    widgets::text::wrap,
};

/// Rows that a notice takes at the most.
const ROWS: usize = 3;

/// The notice in lines that fit; none where nothing is to be said.
#[must_use]
pub fn lines(model: &Model) -> Vec<String> {
    let Some(notice) = &model.notice else { return Vec::new() };
    let width = usize::from(model.size.columns).saturating_sub(4);
    let one_line = notice.text.lines().collect::<Vec<_>>().join(" ");
    wrap(&one_line, width).into_iter().take(ROWS).collect()
}

/// The parts of the screen as they are with this notice.
#[must_use]
pub fn parts(model: &Model) -> layout::Frame {
    layout::frame(model.size, u16::try_from(lines(model).len()).unwrap_or(0))
}

/// Draws the notice.
pub fn draw(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let Some(notice) = &model.notice else { return };
    let (sign, style) = match notice.grade {
        Grade::Done => ("✓", styles.good()),
        Grade::Wrong => ("✗", styles.bad()),
    };
    for (row, line) in (area.y..area.y + area.height).zip(lines(model)) {
        let sign = if row == area.y { sign } else { " " };
        buffer.set_stringn(area.x, row, format!(" {sign} {line}"), area.width.into(), style);
    }
}
