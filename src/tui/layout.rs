//! Where things are on the screen: pure, so that drawing and scrolling agree.
//!
//! ```text
//! ┌ header ───────────────────────────────────┐  1 row
//! │ body                                      │  what is left
//! │                                           │
//! ├ notice ───────────────────────────────────┤  0 to 3 rows, when something is to be said
//! └ footer: keys ─────────────────────────────┘  1 row
//! ```

pub mod ticket;

use ratatui::layout::{Constraint, Layout, Rect};

/// Columns and rows of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    /// The least that anything can be read on.
    pub const LEAST: Self = Self { columns: 40, rows: 10 };

    /// Names the two numbers.
    #[must_use]
    pub const fn new(columns: u16, rows: u16) -> Self {
        Self { columns, rows }
    }

    /// Whether there is room for the workbench.
    #[must_use]
    pub fn is_enough(self) -> bool {
        self.columns >= Self::LEAST.columns && self.rows >= Self::LEAST.rows
    }

    /// All of it.
    #[must_use]
    pub fn area(self) -> Rect {
        Rect::new(0, 0, self.columns, self.rows)
    }
}

/// The parts that every screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the picture above says what they are")]
pub struct Frame {
    pub header: Rect,
    pub body: Rect,
    pub notice: Rect,
    pub footer: Rect,
}

/// Cuts the screen; `notice` is the number of rows that there is something to say in.
#[must_use]
pub fn frame(size: Size, notice: u16) -> Frame {
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(notice),
        Constraint::Length(1),
    ]);
    let [header, body, notice, footer] = rows.areas(size.area());
    Frame { header, body, notice, footer }
}

/// Two panes side by side, or the first alone where the second would be too narrow to read; `split` is what the
/// user wants of the first.
///
/// ```text
/// ┌ list ──────┐┌ look ───────────────────────┐
/// │            ││                             │
/// └────────────┘└─────────────────────────────┘
/// ```
#[must_use]
pub fn panes(body: Rect, split: Option<u16>) -> (Rect, Option<Rect>) {
    if body.width < 64 {
        return (body, None);
    }
    let list = match split {
        Some(columns) => columns.clamp(20, body.width - 30),
        None => (body.width * 2 / 5).clamp(34, 64),
    };
    let [list, look] =
        Layout::horizontal([Constraint::Length(list), Constraint::Min(1)]).areas(body);
    (list, Some(look))
}

/// What a frame leaves inside.
#[must_use]
pub fn inside(pane: Rect) -> Rect {
    Rect::new(
        pane.x.saturating_add(1),
        pane.y.saturating_add(1),
        pane.width.saturating_sub(2),
        pane.height.saturating_sub(2),
    )
}

/// A run's panes.
///
/// ```text
/// ┌ run ──────────────────────────────────────┐  how it stands
/// └───────────────────────────────────────────┘
/// ┌ loss ───────────────┐┌ accuracy ──────────┐  one over the other where it is narrow,
/// └─────────────────────┘└────────────────────┘  the gradient beside them where it is wide
/// ┌ log ──────────────────────────┐┌ levels ──┐  levels where it has some
/// └───────────────────────────────┘└──────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the picture above says what they are")]
pub struct RunPanes {
    pub standing: Rect,
    pub loss: Rect,
    pub accuracy: Rect,
    pub gradient: Rect,
    pub log: Rect,
    pub levels: Rect,
}

/// Cuts the body of a run's screen; `lines` is how much there is to say of how it stands.
#[must_use]
pub fn run(body: Rect, lines: u16, levels: bool) -> RunPanes {
    let standing = if body.height >= 18 { (lines + 2).min(8) } else { 3 };
    let rows = Layout::vertical([
        Constraint::Length(standing),
        Constraint::Percentage(45),
        Constraint::Min(3),
    ]);
    let [standing, charts, below] = rows.areas(body);
    let wide = charts.width >= 60;
    let halves = if wide { Layout::horizontal } else { Layout::vertical };
    let gradient = if charts.width >= 150 { charts.width / 4 } else { 0 };
    let [charts, gradient] =
        Layout::horizontal([Constraint::Min(1), Constraint::Length(gradient)]).areas(charts);
    let [loss, accuracy] = halves([Constraint::Percentage(50), Constraint::Min(1)]).areas(charts);
    let width = if levels && below.width >= 60 { 28 } else { 0 };
    let [log, levels] =
        Layout::horizontal([Constraint::Min(1), Constraint::Length(width)]).areas(below);
    RunPanes { standing, loss, accuracy, gradient, log, levels }
}

/// The middle of the screen, for an overlay of so many columns and rows.
#[must_use]
pub fn middle(size: Size, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(size.columns), rows.min(size.rows));
    Rect::new((size.columns - width) / 2, (size.rows - height) / 2, width, height)
}

/// The first row of a list that is shown, so that the selected one is in sight, in the middle where it can be.
#[must_use]
pub fn first_row(selected: usize, rows: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(rows.saturating_sub(height))
}

/// The same where a click has fixed the first row: a list does not move under the pointer.
#[must_use]
pub fn first_shown(pinned: Option<usize>, selected: usize, rows: usize, height: usize) -> usize {
    let pinned = pinned.map(|first| first.min(rows.saturating_sub(height)));
    let sees = |first: &usize| (*first..*first + height).contains(&selected);
    pinned.filter(sees).unwrap_or_else(|| first_row(selected, rows, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_list_stays_while_the_selected_row_is_in_sight() {
        for (pinned, selected, first) in
            [(None, 10, 7), (Some(9), 10, 9), (Some(0), 10, 7), (Some(90), 29, 23)]
        {
            assert_eq!(first_shown(pinned, selected, 30, 7), first, "{pinned:?} {selected}");
        }
    }

    #[test]
    fn the_parts_fill_the_screen_without_overlap() {
        for (columns, rows, notice) in [(80, 24, 0), (200, 60, 3), (40, 10, 1)] {
            let size = Size::new(columns, rows);
            let frame = frame(size, notice);
            let heights = [frame.header, frame.body, frame.notice, frame.footer].map(|r| r.height);
            assert_eq!(heights.iter().sum::<u16>(), rows);
            let (list, look) = panes(frame.body, None);
            assert_eq!(list.width + look.map_or(0, |look| look.width), columns);
        }
    }

    #[test]
    fn the_selected_row_is_always_in_sight() {
        for rows in 0..30 {
            for selected in 0..rows {
                let first = first_row(selected, rows, 7);
                assert!((first..first + 7).contains(&selected), "{selected} of {rows}: {first}");
            }
        }
    }
}
