//! Scrolling of panes: no further than there are lines.

use crate::{
    keymap::Action,
    model::{Model, Screen},
    sight::drawn,
};

/// Lines that a pane moves at once.
const SCROLL: usize = 4;

/// Scrolls the pane of the visible screen; at the end of its lines it stays, so that the way back is as short as it looks.
pub fn scroll(model: &mut Model, action: Action) {
    let Some(before) = position(model).map(|at| *at) else { return };
    if action == Action::ScrollUp {
        return set(model, before.saturating_sub(SCROLL));
    }
    let seen = drawn(model);
    set(model, before + SCROLL);
    // The first step may only take a picture from its cursor.
    if before > 0 && drawn(model) == seen {
        set(model, before);
    }
}

fn position(model: &mut Model) -> Option<&mut usize> {
    match model.screens.last_mut() {
        Some(Screen::Transform(dialog)) => Some(&mut dialog.scrolled),
        Some(Screen::Launch(dialog)) => Some(&mut dialog.scrolled),
        Some(Screen::Ticket(open)) => Some(&mut open.scrolled),
        Some(Screen::Shelf) => Some(&mut model.shelf.scrolled),
        _ => None,
    }
}

fn set(model: &mut Model, to: usize) {
    if let Some(at) = position(model) {
        *at = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::{given, shelf_of};

    fn check(keys: &str) {
        let mut bench = given(shelf_of(3)).press(keys);
        let mut positions = Vec::new();
        for _ in 0..100 {
            bench = bench.press("ctrl-d");
            positions.push(position(&mut bench.model).copied().unwrap());
        }
        let last = *positions.last().unwrap();
        assert!(last < 200 && positions.iter().filter(|at| **at == last).count() > 1, "{keys}");
        for _ in 0..last.div_ceil(SCROLL) {
            bench = bench.press("ctrl-u");
        }
        assert_eq!(position(&mut bench.model), Some(&mut 0), "{keys}");
    }

    #[test]
    fn a_pane_is_scrolled_no_further_than_its_lines_go() {
        for keys in ["r", "r left", "t", "t tab", "enter d", "j"] {
            check(keys);
        }
    }
}
