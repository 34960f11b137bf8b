//! A dialog's lines: label, answer, and what the line with the focus means.
//!
//! ```text
//!   target       cifar_resnet_20_8
//! › strategy   ‹ interpolate ›
//!   units        all▏
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::text::{cut, fit, wrap};
use crate::{
    layout,
    model::form::{Answer, Field, Form},
    theme::styles::Styles,
};

/// A place of a form: a line, and how many columns to the right of the first letter of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Which line of the form.
    pub line: usize,
    /// Columns from the answer's first letter; fewer than 0 left of it.
    pub column: isize,
}

/// What lies there in a form that is drawn in that area.
#[must_use]
pub fn touched(area: Rect, form: &Form, at: Position) -> Option<Touched> {
    let lines: Vec<(usize, &Field)> = form.shown().collect();
    let (first, room) = window(area, form, &lines);
    let row = usize::from(at.y.saturating_sub(area.y));
    let (line, field) = *lines.get(first + row).filter(|_| area.contains(at) && row < room)?;
    let answer = label_width(&lines) + 5;
    let x = usize::from(at.x - area.x);
    let hidden = match &field.answer {
        Answer::Text(input) if line == form.at => {
            let room = usize::from(area.width).saturating_sub(answer + 2);
            input.cursor().saturating_sub(room.saturating_sub(1))
        }
        _ => 0,
    };
    let column = x.cast_signed() - answer.cast_signed() + hidden.cast_signed();
    Some(Touched { line, column })
}

fn label_width(lines: &[(usize, &Field)]) -> usize {
    lines.iter().map(|(_, line)| line.label.len()).max().unwrap_or(0)
}

/// The first line that is shown, and how many have room above the hint.
fn window(area: Rect, form: &Form, lines: &[(usize, &Field)]) -> (usize, usize) {
    let hint = hint(form, usize::from(area.width)).len() + 1;
    let room = usize::from(area.height).saturating_sub(hint).max(1);
    let focus = lines.iter().position(|(at, _)| *at == form.at).unwrap_or(0);
    (layout::first_row(focus, lines.len(), room), room)
}

fn hint(form: &Form, width: usize) -> Vec<String> {
    form.focused().map_or(Vec::new(), |line| wrap(line.hint, width.saturating_sub(2)))
}

/// Draws the lines, and below them the hint of the one with the focus; returns the rows that were used.
pub fn draw(buffer: &mut Buffer, area: Rect, form: &Form, styles: Styles<'_>) -> u16 {
    let lines: Vec<(usize, &Field)> = form.shown().collect();
    let (label, width) = (label_width(&lines), usize::from(area.width));
    let hint = hint(form, width);
    let (first, room) = window(area, form, &lines);
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
