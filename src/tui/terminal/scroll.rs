//! Rows that moved up as they are: the terminal moves them itself, instead of being told every sign of them again.

use ratatui::buffer::{Buffer, Cell};

/// More lines than this in one frame are not followed by an eye either.
const MOST: usize = 8;

/// Fewer rows than this cost no more than the moving does.
const LEAST: usize = 4;

/// Rows that move up within a part of the screen; what moves in at its end is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scroll {
    /// The first row of the part.
    top: usize,
    /// The row after its last.
    end: usize,
    /// By how many lines.
    lines: usize,
}

/// The move that makes most of the screen as it should be, where there is one.
pub fn between(shown: &Buffer, next: &Buffer) -> Option<Scroll> {
    let (before, after) = (rows(shown)?, rows(next)?);
    if before.len() != after.len() {
        return None;
    }
    let changed: Vec<bool> = before.iter().zip(&after).map(|(one, two)| one != two).collect();
    if changed.iter().filter(|changed| **changed).count() < LEAST {
        return None;
    }
    let moves = (1..=MOST).filter_map(|lines| longest(&before, &after, &changed, lines));
    let (gain, scroll) = moves.max_by_key(|(gain, scroll)| (*gain, MOST - scroll.lines))?;
    (gain >= LEAST).then_some(scroll)
}

/// The rows in a row that moved up by so many lines, with how many of them are elsewhere now than they were.
fn longest(
    before: &[&[Cell]],
    after: &[&[Cell]],
    changed: &[bool],
    lines: usize,
) -> Option<(usize, Scroll)> {
    let (mut best, mut top, mut gain) = (None, 0, 0);
    for row in 0..after.len().saturating_sub(lines) {
        if after[row] != before[row + lines] {
            (top, gain) = (row + 1, 0);
            continue;
        }
        gain += usize::from(changed[row]);
        if best.is_none_or(|(most, _)| gain > most) {
            best = Some((gain, Scroll { top, end: row + 1 + lines, lines }));
        }
    }
    best
}

fn rows(buffer: &Buffer) -> Option<Vec<&[Cell]>> {
    let width = usize::from(buffer.area.width);
    (width > 0).then(|| buffer.content.chunks(width).collect())
}

impl Scroll {
    /// What tells a terminal: line feeds at the end of a part of the screen, which every one since the VT100 knows.
    pub fn bytes(self) -> String {
        let Self { top, end, lines } = self;
        format!("\x1b[m\x1b[{};{end}r\x1b[{end}H{}\x1b[r", top + 1, "\n".repeat(lines))
    }

    /// Does the same to what is known to be shown.
    pub fn apply(self, shown: &mut Buffer) {
        let width = usize::from(shown.area.width);
        let part = &mut shown.content[self.top * width..self.end * width];
        part.rotate_left(self.lines * width);
        let empty = part.len() - self.lines * width;
        part[empty..].fill(Cell::EMPTY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(rows: &[&str]) -> Buffer {
        Buffer::with_lines(rows.iter().map(|row| format!("{row:<6}")))
    }

    fn check(before: &[&str], after: &[&str], expected: Option<(usize, usize, usize)>) {
        let (mut shown, next) = (screen(before), screen(after));
        let found = between(&shown, &next);
        let parts = found.map(|Scroll { top, end, lines }| (top, end, lines));
        assert_eq!(parts, expected, "{before:?} → {after:?}");
        let Some(scroll) = found else { return };
        let written_without = shown.diff(&next).len();
        scroll.apply(&mut shown);
        assert!(shown.diff(&next).len() < written_without);
    }

    #[test]
    fn a_log_that_grows_is_moved_and_a_frame_around_it_stays() {
        let before = ["┌log─┐", "│ 10 │", "│ 11 │", "│ 12 │", "│ 13 │", "│ 14 │", "└────┘", "keys"];
        let one = ["┌log─┐", "│ 11 │", "│ 12 │", "│ 13 │", "│ 14 │", "│ 15 │", "└────┘", "keys"];
        check(&before, &one, Some((1, 6, 1)));
        let two = ["┌log─┐", "│ 12 │", "│ 13 │", "│ 14 │", "│ 15 │", "│ 16 │", "└────┘", "keys"];
        check(&before, &two, None);
        check(&before, &before, None);
    }

    #[test]
    fn several_lines_are_moved_at_once_and_what_is_alike_anyway_counts_for_nothing() {
        let before = ["a", "b", "c", "d", "e", "f", "g", "h"];
        check(&before, &["c", "d", "e", "f", "g", "h", "i", "j"], Some((0, 8, 2)));
        check(&before, &["A", "B", "C", "D", "E", "F", "G", "H"], None);
        check(&[""; 8], &["x", "", "", "", "", "", "", ""], None);
        check(&["x", "", "", "", "", "", "", ""], &["", "", "", "", "", "", "", "x"], None);
    }

    #[test]
    fn a_terminal_is_told_by_line_feeds_within_a_part_of_the_screen() {
        let scroll = Scroll { top: 3, end: 20, lines: 2 };
        assert_eq!(scroll.bytes(), "\x1b[m\x1b[4;20r\x1b[20H\n\n\x1b[r");
    }
}
