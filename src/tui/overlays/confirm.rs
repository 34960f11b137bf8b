//! The question before something that cannot be taken back.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    keymap::{Action, Context, Keymap},
    layout::{self, Size},
    model::Question,
    theme::styles::Styles,
    view::clear,
    widgets::pane::{self, Focus},
};

/// In the middle.
#[must_use]
pub fn area(size: Size) -> Rect {
    layout::middle(size, 56, 7)
}

/// Draws the question.
pub fn draw(
    size: Size,
    keys: &Keymap,
    question: &Question,
    buffer: &mut Buffer,
    styles: Styles<'_>,
) {
    let (title, asked, what) = match question {
        Question::Stop(dir) => ("stop", dir.id(), "It checkpoints and ends; it can be resumed."),
        Question::Delete(dir) => {
            ("delete", dir.id(), "Its log, checkpoints and tickets go with it.")
        }
    };
    let area = area(size);
    clear(buffer, area, styles);
    let inside = pane::frame(buffer, area, title, Focus::Here, styles);
    let (yes, no) =
        [Action::Agree, Action::Back].map(|action| keys.key_for(Context::Confirm, action)).into();
    let lines = [
        (format!(" {title} run `{asked}`?"), styles.strong()),
        (format!(" {what}"), styles.faint()),
        (String::new(), styles.text()),
        (format!(" {yes}: {title} it    {no}: leave it"), styles.key()),
    ];
    for (row, (text, style)) in (inside.y..inside.y + inside.height).zip(lines) {
        buffer.set_stringn(inside.x, row, text, inside.width.into(), style);
    }
}
