//! A part of a picture in another size, by the filter of Pillow and torchvision.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use crate::picture::Picture;

/// A rectangle of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Part {
    /// All of a picture.
    #[must_use]
    pub fn all(picture: &Picture) -> Self {
        Self { top: 0, left: 0, height: picture.height, width: picture.width }
    }
}

impl Picture {
    /// A part of it, as it is.
    ///
    /// # Panics
    /// Where the part leaves the picture.
    #[must_use]
    pub fn cut(&self, part: Part) -> Self {
        let row = |row: usize| {
            let from = 3 * ((part.top + row) * self.width + part.left);
            &self.values[from..from + 3 * part.width]
        };
        let values = (0..part.height).flat_map(row).copied().collect();
        Self { width: part.width, height: part.height, values }
    }

    /// A part of it in another size: triangles over the pixels, wider where it shrinks (bilinear with antialiasing).
    ///
    /// # Panics
    /// Where the part leaves the picture, or either is empty.
    #[must_use]
    pub fn resized(&self, part: Part, height: usize, width: usize) -> Self {
        // Cut first: what lies around the part must not shine into it.
        let part = self.cut(part);
        let size = |size: usize| u32::try_from(size).expect("a picture's sides are short");
        let from =
            ImageRef::new(size(part.width), size(part.height), &part.values, PixelType::U8x3)
                .expect("a picture holds three bytes a pixel");
        let mut to = Image::new(size(width), size(height), PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        let mut resizer = Resizer::new();
        resizer.resize(&from, &mut to, &options).expect("both are of one kind of pixels");
        Self { width, height, values: to.into_vec() }
    }
}
