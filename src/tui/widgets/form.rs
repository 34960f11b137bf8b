//! A dialog's lines: label, answer, and what the line with the focus means.
//!
//! ```text
//!   target       cifar_resnet_20_8
//! › strategy   ‹ interpolate ›
//!   units        all▏
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::text::{cut, fit, wrap};
use crate::{
    layout,
    model::form::{Answer, Field, Form},
    theme::styles::Styles,
};

/// Draws the lines, and below them the hint of the one with the focus; returns the rows that were used.
pub fn draw(buffer: &mut Buffer, area: Rect, form: &Form, styles: Styles<'_>) -> u16 {
    let lines: Vec<(usize, &Field)> = form.shown().collect();
    let label = lines.iter().map(|(_, line)| line.label.len()).max().unwrap_or(0);
    let width = usize::from(area.width);
    let hint = form.focused().map_or(Vec::new(), |line| wrap(line.hint, width.saturating_sub(2)));
    let hint_rows = u16::try_from(hint.len() + 1).unwrap_or(0);
    let room = usize::from(area.height.saturating_sub(hint_rows)).max(1);
    let focus = lines.iter().position(|(at, _)| *at == form.at).unwrap_or(0);
    let first = layout::first_row(focus, lines.len(), room);
    let shown = lines.into_iter().skip(first).take(room);
    let mut row = area.y;
    for (at, line) in shown {
        let drawn = field(line, at == form.at, label, width, styles);
        buffer.set_line(area.x, row, &drawn, area.width);
        row += 1;
    }
    row += 1;
    for text in hint.iter().take(usize::from((area.y + area.height).saturating_sub(row))) {
        buffer.set_stringn(area.x + 2, row, text, width.saturating_sub(2), styles.faint());
        row += 1;
    }
    row - area.y
}

fn field(
    line: &Field,
    focused: bool,
    label: usize,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let (marker, name) = if focused { ("› ", styles.strong()) } else { ("  ", styles.faint()) };
    let room = width.saturating_sub(label + 7);
    let mut spans =
        vec![Span::styled(marker, styles.focus()), Span::styled(fit(line.label, label + 1), name)];
    match (&line.answer, focused) {
        (Answer::Choice(..), true) => {
            spans.push(Span::styled("‹ ", styles.key()));
            spans.push(Span::styled(cut(line.text(), room), styles.selected()));
            spans.push(Span::styled(" ›", styles.key()));
        }
        (Answer::Either(..), true) => {
            spans.push(Span::styled("‹ ", styles.key()));
            // The cell of the cursor sets the sign apart.
            spans.extend(with_cursor(line.text(), line.text().chars().count(), room + 1, styles));
            spans.push(Span::styled("›", styles.key()));
        }
        (Answer::Text(input), true) => {
            spans.push(Span::raw("  "));
            spans.extend(with_cursor(input.value(), input.cursor(), room, styles));
        }
        (_, false) => {
            spans.push(Span::raw("  "));
            let style = if line.is_changed() { styles.strong() } else { styles.text() };
            spans.push(Span::styled(cut(line.text(), room), style));
        }
    }
    Line::from(spans)
}

/// A text with the letter under the cursor inverse; a long one is shown around the cursor.
#[must_use]
pub fn with_cursor(
    text: &str,
    cursor: usize,
    room: usize,
    styles: Styles<'_>,
) -> Vec<Span<'static>> {
    let letters: Vec<char> = text.chars().collect();
    let first = cursor.saturating_sub(room.saturating_sub(1));
    let take = |range: std::ops::Range<usize>| -> String {
        letters[range.start.min(letters.len())..range.end.min(letters.len())].iter().collect()
    };
    let under = letters.get(cursor).copied().unwrap_or(' ');
    vec![
        Span::styled(take(first..cursor), styles.strong()),
        Span::styled(under.to_string(), styles.selected()),
        Span::styled(take(cursor + 1..first + room), styles.strong()),
    ]
}
