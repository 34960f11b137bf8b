//! From a file's bytes to pixels; what a header claims is checked before anything is allocated for it.

use std::io::Cursor;

use png::{ColorType, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::picture::Picture;

/// 64 million pixels: more than cameras give, and 200 MB when decoded.
const MOST_PIXELS: usize = 1 << 26;

/// 4 million pixels: what a file of any length may claim.
const ALWAYS: usize = 1 << 22;

/// Neither format packs an even surface closer: a file that claims more pixels a byte has no contents for them.
const MOST_A_BYTE: usize = 1_000;

/// Why bytes give no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotDecode {
    /// It is neither kind of file.
    #[error("it is neither JPEG nor PNG")]
    Foreign,
    /// The header claims what no such file holds.
    #[error("it claims {width}x{height} pixels in {bytes} bytes")]
    Claims {
        /// Columns that the header names.
        width: usize,
        /// Rows that the header names.
        height: usize,
        /// Bytes of the file.
        bytes: usize,
    },
    /// It ends before its last row.
    #[error("it ends too early")]
    Short,
    /// The decoder refuses it.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl Picture {
    /// Decodes a JPEG or PNG file, whatever its name says; grey pictures become colour, transparency is left out.
    ///
    /// # Errors
    /// When it is another file, claims more than it holds, ends early or is damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, CannotDecode> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return jpeg(bytes);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            png(bytes)
        } else {
            Err(CannotDecode::Foreign)
        }
    }
}

fn check_claim(width: usize, height: usize, bytes: usize) -> Result<(), CannotDecode> {
    let pixels = width.saturating_mul(height);
    let backed = pixels <= ALWAYS.max(bytes.saturating_mul(MOST_A_BYTE));
    if pixels == 0 || pixels > MOST_PIXELS || !backed {
        return Err(CannotDecode::Claims { width, height, bytes });
    }
    Ok(())
}

fn damaged(error: impl std::fmt::Debug) -> CannotDecode {
    let said = format!("{error:?}");
    CannotDecode::Damaged(said.lines().next().unwrap_or_default().to_owned())
}

fn jpeg(bytes: &[u8]) -> Result<Picture, CannotDecode> {
    // The decoder fills what is missing with grey; Python's libraries refuse it, and so does this.
    if !bytes.windows(2).rev().any(|pair| pair == [0xff, 0xd9]) {
        return Err(CannotDecode::Short);
    }
    let options = DecoderOptions::default()
        .set_max_width(65_535)
        .set_max_height(65_535)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = decoder.dimensions().ok_or(CannotDecode::Short)?;
    check_claim(width, height, bytes.len())?;
    let values = decoder.decode().map_err(damaged)?;
    whole(width, height, values)
}

fn png(bytes: &[u8]) -> Result<Picture, CannotDecode> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    check_claim(width, height, bytes.len())?;
    let mut values = vec![0; reader.output_buffer_size().ok_or(CannotDecode::Short)?];
    let frame = reader.next_frame(&mut values).map_err(damaged)?;
    // A picture that breaks off within its first frame says so here.
    reader.finish().map_err(damaged)?;
    values.truncate(frame.buffer_size());
    let values = match frame.color_type {
        ColorType::Rgb => values,
        ColorType::Rgba => {
            values.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
        }
        ColorType::Grayscale => values.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => {
            values.chunks_exact(2).flat_map(|pixel| [pixel[0]; 3]).collect()
        }
        ColorType::Indexed => return Err(CannotDecode::Damaged("it names no colours".to_owned())),
    };
    whole(width, height, values)
}

fn whole(width: usize, height: usize, values: Vec<u8>) -> Result<Picture, CannotDecode> {
    if values.len() == 3 * width * height {
        Ok(Picture { width, height, values })
    } else {
        Err(CannotDecode::Short)
    }
}
