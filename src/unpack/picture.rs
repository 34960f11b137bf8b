//! Pictures: JPEG and PNG files as rows of red, green and blue, and parts of them in another size.

mod decode;
mod resize;

pub use decode::CannotDecode;
pub use resize::Part;

/// Pixels of three bytes, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of each pixel.
    pub values: Vec<u8>,
}

impl Picture {
    /// The same values plane by plane, as networks take them.
    #[must_use]
    pub fn planes(&self) -> Vec<u8> {
        let mut planes = Vec::with_capacity(self.values.len());
        for channel in 0..3 {
            planes.extend(self.values.iter().skip(channel).step_by(3));
        }
        planes
    }

    /// A picture of planes; a single one is repeated.
    ///
    /// # Panics
    /// Where there are fewer values than that.
    #[must_use]
    pub fn of_planes(planes: &[u8], height: usize, width: usize) -> Self {
        let plane = height * width;
        let channels = planes.len() / plane.max(1);
        let value = |at: usize| planes[at % 3 % channels.max(1) * plane + at / 3];
        Self { width, height, values: (0..3 * plane).map(value).collect() }
    }

    /// Mirrors it left to right.
    pub fn mirror(&mut self) {
        for row in self.values.chunks_exact_mut(3 * self.width) {
            let (mut left, mut right) = (0, self.width - 1);
            while left < right {
                for channel in 0..3 {
                    row.swap(3 * left + channel, 3 * right + channel);
                }
                (left, right) = (left + 1, right - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests;
