//! The first row: which screens there are, where one is, and whose home it is.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    model::{Access, Model, Screen},
    story::line::counted,
    theme::styles::Styles,
};

/// A screen that one can always go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Two runs beside one another, where that was asked for.
    Demo,
    /// Models and tickets.
    Shelf,
    /// What runs and ran.
    Runs,
}

/// What stands before the tabs.
const NAME: &str = " elth ";

/// The tabs with their words, and the one where one is.
fn tabs(model: &Model) -> Vec<(Root, String, bool)> {
    let alive = model.runs.alive();
    let runs = if alive > 0 { format!(" runs ({alive} alive) ") } else { " runs ".to_owned() };
    let here = here(model);
    let demo = model.demo.is_some().then(|| (Root::Demo, " demo ".to_owned()));
    let others = [(Root::Shelf, " shelf ".to_owned()), (Root::Runs, runs)];
    let tabs = demo.into_iter().chain(others);
    tabs.map(|(root, word)| (root, word, here == Some(root))).collect()
}

/// The tab that one is on, or came from.
#[must_use]
pub fn here(model: &Model) -> Option<Root> {
    if matches!(model.screen(), Screen::Demo) {
        return Some(Root::Demo);
    }
    model.screens.iter().rev().find_map(root)
}

/// The tab that a screen is, where it is one.
#[must_use]
pub fn root(screen: &Screen) -> Option<Root> {
    match screen {
        Screen::Shelf => Some(Root::Shelf),
        Screen::Runs => Some(Root::Runs),
        _ => None,
    }
}

/// The tab in that column.
#[must_use]
pub fn at(model: &Model, column: u16) -> Option<Root> {
    let mut from = NAME.len() + 1;
    let tabs = tabs(model).into_iter();
    let mut ends = tabs.map(|(root, word, _)| {
        from += word.width();
        (root, from)
    });
    let column = usize::from(column);
    (column > NAME.len()).then(|| ends.find(|(_, end)| column < *end))?.map(|(root, _)| root)
}

/// Draws the header.
pub fn draw(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let mut spans = vec![Span::styled(NAME, styles.heading()), Span::raw(" ")];
    spans.extend(tabs(model).into_iter().map(|(_, word, is_here)| {
        Span::styled(word, if is_here { styles.selected() } else { styles.faint() })
    }));
    if !matches!(model.screen(), Screen::Shelf | Screen::Runs | Screen::Demo) {
        let name = format!(" › {}", model.screen().context().name());
        spans.push(Span::styled(name, styles.heading()));
    }
    let alerts = model.runs.unseen_alerts();
    if alerts > 0 {
        spans.push(Span::styled(format!(" ! {}", counted(alerts, "alert")), styles.bad()));
    }
    if model.access == Access::ReadOnly {
        spans.push(Span::styled(" read-only", styles.warn()));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    let home = format!("{} ", model.places.home.path().display());
    let room = usize::from(area.width).saturating_sub(used + 2);
    if home.width() <= room {
        let at = area.width - u16::try_from(home.width()).unwrap_or(0);
        buffer.set_stringn(at, area.y, home, room, styles.faint());
    }
}
