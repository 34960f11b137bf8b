//! Dots of braille: two columns and four rows of them in a cell.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// The dots of a plot, counted from its upper left corner.
#[derive(Debug, Clone, Copy)]
pub struct Dots {
    area: Rect,
    /// Columns of dots.
    pub columns: i32,
    /// Rows of dots.
    pub rows: i32,
}

impl Dots {
    /// The dots of an area that is not empty.
    #[must_use]
    pub fn of(area: Rect) -> Self {
        Self { area, columns: i32::from(area.width) * 2, rows: i32::from(area.height) * 4 }
    }

    /// The column of dots at that share of the width.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "dots of a screen")]
    pub fn column(&self, share: f64) -> i32 {
        ((share * f64::from(self.columns - 1)).round() as i32).clamp(0, self.columns - 1)
    }

    /// The row of dots at that share of the height, from below.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "dots of a screen")]
    pub fn row(&self, share: f64) -> i32 {
        let last = f64::from(self.rows - 1);
        ((1.0 - share) * last).round().clamp(0.0, last) as i32
    }

    /// The cell that a dot lies in.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of a screen")]
    pub fn cell(&self, x: i32, y: i32) -> (u16, u16) {
        (self.area.x + (x / 2) as u16, self.area.y + (y / 4) as u16)
    }

    /// Sets one dot.
    #[expect(clippy::cast_sign_loss, reason = "dots of a screen")]
    pub fn set(&self, buffer: &mut Buffer, x: i32, y: i32, style: Style) {
        // Bits of a braille cell by column and row of dots.
        const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let cell = &mut buffer[self.cell(x, y)];
        let there = cell.symbol().chars().next().map_or(0, u32::from);
        let there = if (0x2800..=0x28ff).contains(&there) { there - 0x2800 } else { 0 };
        let bit = BITS[(x % 2) as usize][(y % 4) as usize];
        if let Some(sign) = char::from_u32(0x2800 + (there | bit)) {
            cell.set_char(sign).set_style(style);
        }
    }

    /// Sets the dots on the straight line between two points.
    #[expect(clippy::cast_possible_truncation, reason = "dots of a screen")]
    pub fn join(&self, buffer: &mut Buffer, from: (i32, i32), to: (i32, i32), style: Style) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1);
        for step in 0..=steps {
            let share = f64::from(step) / f64::from(steps);
            let along = |from: i32, to: i32| {
                (f64::from(from) + share * f64::from(to - from)).round() as i32
            };
            self.set(buffer, along(from.0, to.0), along(from.1, to.1), style);
        }
    }
}
