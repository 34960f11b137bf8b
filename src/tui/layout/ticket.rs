//! Where things are on a ticket's screen.
//!
//! ```text
//! ┌ picture ─────────────────┐┌ side ───────────┐   narrow: the picture alone, or the side alone
//! │ levels                   ││                 │
//! │ picture                  ││                 │
//! │ legend                   │└─────────────────┘
//! │ what the cursor is on    │┌ corner ─────────┐   large only
//! └──────────────────────────┘│                 │
//! ┌ below ───────────────────┐│                 │   high only
//! └──────────────────────────┘└─────────────────┘
//! ```

use ratatui::layout::{Constraint, Layout, Rect};

use super::inside;

/// Columns from which a side pane stands beside the picture.
const WIDE: u16 = 100;
/// Columns from which lineage stands there too.
const LARGE: u16 = 150;
/// Rows from which something stands below the picture.
const HIGH: u16 = 40;

/// Columns that the numbers of output channels take beside a grid.
pub const LABELS: usize = 6;

/// The panes of a ticket's screen; which there are depends on the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the picture above says what they are")]
pub struct Panes {
    pub picture: Option<Rect>,
    pub below: Option<Rect>,
    pub side: Option<Rect>,
    pub corner: Option<Rect>,
}

/// Whether the user has asked for something beside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Yes: where there is room for one pane only, it is this one.
    Side,
    /// No.
    Nothing,
}

/// Cuts the body.
#[must_use]
pub fn panes(body: Rect, asked: Asked) -> Panes {
    let (is_wide, is_high) = (body.width >= WIDE, body.height >= HIGH);
    let none = Panes { picture: Some(body), below: None, side: None, corner: None };
    match (is_wide, is_high, asked) {
        (false, false, Asked::Nothing) => none,
        (false, false, Asked::Side) => Panes { picture: None, side: Some(body), ..none },
        (false, true, _) => {
            let [picture, side] = halves(body);
            Panes { picture: Some(picture), side: Some(side), ..none }
        }
        (true, is_high, _) => {
            let share = if body.width >= LARGE { 58 } else { 60 };
            let across = [Constraint::Percentage(share), Constraint::Min(1)];
            let [left, right] = Layout::horizontal(across).areas(body);
            if !is_high {
                return Panes { picture: Some(left), side: Some(right), ..none };
            }
            let [picture, below] = halves(left);
            let panes = Panes { picture: Some(picture), below: Some(below), ..none };
            if body.width < LARGE {
                return Panes { side: Some(right), ..panes };
            }
            let [side, corner] = halves(right);
            Panes { side: Some(side), corner: Some(corner), ..panes }
        }
    }
}

fn halves(area: Rect) -> [Rect; 2] {
    Layout::vertical([Constraint::Percentage(50), Constraint::Min(1)]).areas(area)
}

/// What a picture's pane is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the picture above says what they are")]
pub struct Parts {
    pub levels: Rect,
    pub picture: Rect,
    pub legend: Rect,
    pub facts: Rect,
}

/// Cuts a picture's pane; `facts` lines are said of what the cursor is on, under a rule.
#[must_use]
pub fn parts(pane: Rect, facts: u16) -> Parts {
    let inside = inside(pane);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    let facts = facts.min(inside.height.saturating_sub(5));
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(facts),
    ]);
    let [levels, picture, legend, facts] = rows.areas(inside);
    Parts { levels, picture, legend, facts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_or_what_was_asked_for_is_always_there() {
        for (columns, rows, panes_there) in
            [(40, 8, 1), (80, 22, 1), (120, 38, 2), (80, 58, 2), (120, 58, 3), (200, 58, 4)]
        {
            for asked in [Asked::Nothing, Asked::Side] {
                let body = Rect::new(0, 1, columns, rows);
                let panes = panes(body, asked);
                let all = [panes.picture, panes.below, panes.side, panes.corner];
                let areas: Vec<Rect> = all.into_iter().flatten().collect();
                assert_eq!(areas.len(), panes_there, "{columns}x{rows}");
                let cells: u32 = areas.iter().map(|area| area.area()).sum();
                assert_eq!(cells, body.area(), "{columns}x{rows}");
                assert!(asked == Asked::Nothing || panes.side.is_some(), "{columns}x{rows}");
            }
        }
    }

    #[test]
    fn a_picture_keeps_a_row_on_the_smallest_screen() {
        let parts = parts(Rect::new(0, 1, 40, 8), 5);
        assert_eq!((parts.picture.height, parts.levels.height), (3, 1));
    }
}
