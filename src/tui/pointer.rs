//! What a mouse does, as data.

use std::time::{Duration, Instant};

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// Two presses within this time are one double click, as desktops have it.
const SOON: Duration = Duration::from_millis(400);

/// Something that the mouse did, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// What.
    pub act: Act,
    /// Columns from the left.
    pub column: u16,
    /// Rows from the top.
    pub row: u16,
}

/// What a mouse can do here; only its main button counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The button went down.
    Press,
    /// It went down once more, at the same place and soon after.
    Twice,
    /// It moved with the button down.
    Drag,
    /// The button went up.
    Release,
    /// The wheel turned up.
    WheelUp,
    /// The wheel turned down.
    WheelDown,
}

impl Pointer {
    /// What a terminal's event says, where it means something here.
    #[must_use]
    pub fn of(event: MouseEvent) -> Option<Self> {
        let act = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => Act::Press,
            MouseEventKind::Drag(MouseButton::Left) => Act::Drag,
            MouseEventKind::Up(MouseButton::Left) => Act::Release,
            MouseEventKind::ScrollUp => Act::WheelUp,
            MouseEventKind::ScrollDown => Act::WheelDown,
            _ => return None,
        };
        Some(Self { act, column: event.column, row: event.row })
    }
}

/// Tells a double click from two presses; terminals do not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clicks(Option<(Instant, u16, u16)>);

impl Clicks {
    /// The same, or that the button went down once more.
    #[must_use]
    pub fn counted(&mut self, pointer: Pointer, now: Instant) -> Pointer {
        if pointer.act != Act::Press {
            return pointer;
        }
        let is_second = self.0.is_some_and(|(before, column, row)| {
            now.duration_since(before) < SOON && (column, row) == (pointer.column, pointer.row)
        });
        // A third press begins anew.
        self.0 = (!is_second).then_some((now, pointer.column, pointer.row));
        Pointer { act: if is_second { Act::Twice } else { Act::Press }, ..pointer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_presses_at_one_place_and_soon_are_a_double_click() {
        let (mut clicks, begin) = (Clicks::default(), Instant::now());
        let mut press = |column, millis| {
            let pointer = Pointer { act: Act::Press, column, row: 2 };
            clicks.counted(pointer, begin + Duration::from_millis(millis)).act
        };
        let presses =
            [(5, 0), (5, 100), (5, 200), (6, 250), (6, 900), (6, 1000), (6, 1100), (6, 1200)];
        let acts = presses.map(|(column, millis)| press(column, millis));
        let is_second = acts.map(|act| act == Act::Twice);
        assert_eq!(is_second, [false, true, false, false, false, true, false, true]);
    }
}
