//! A list that is searched by typing: what is searched for above, the lines that are found below.
//!
//! ```text
//!  > stret                                          
//! › do      transform  stretch, squeeze or …      t
//!   ticket  stretched  cifar_resnet_20_8, 6.9% kept
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use tui_input::Input;

use crate::{layout, theme::styles::Styles, widgets::form::with_cursor};

/// What is drawn of such a list, beside its lines.
#[derive(Debug)]
pub struct Finder<'a> {
    /// What stands before the words.
    pub prompt: Span<'static>,
    /// The words.
    pub search: &'a Input,
    /// Rows above the lines, that of the words among them.
    pub above: u16,
    /// The chosen line.
    pub selected: usize,
    /// The first line that is shown, where a click has fixed it.
    pub pinned: Option<usize>,
    /// What is said where no line is found.
    pub nothing: &'a str,
}

/// Draws the words and those of `count` lines that fit around the chosen one.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    finder: &Finder<'_>,
    count: usize,
    line: impl Fn(usize) -> Line<'static>,
    styles: Styles<'_>,
) {
    let (search, prompt) = (finder.search, finder.prompt.clone());
    let room = usize::from(area.width).saturating_sub(prompt.width() + 2);
    let mut asked = vec![prompt];
    asked.extend(with_cursor(search.value(), search.cursor(), room, styles));
    buffer.set_line(area.x, area.y, &Line::from(asked), area.width);
    let height = area.height.saturating_sub(finder.above);
    let first = layout::first_shown(finder.pinned, finder.selected, count, height.into());
    let rows = Rect { y: area.y + finder.above, height, ..area };
    for (row, at) in (rows.y..rows.y + rows.height).zip(first..count) {
        buffer.set_line(rows.x, row, &line(at), rows.width);
        if at == finder.selected {
            buffer.set_style(Rect { y: row, height: 1, ..rows }, styles.selected());
        }
    }
    if count == 0 && height > 0 {
        buffer.set_stringn(rows.x + 2, rows.y, finder.nothing, rows.width.into(), styles.faint());
    }
}
