//! What a mouse does, as data.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

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
