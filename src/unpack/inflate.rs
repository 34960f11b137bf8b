//! gzip and zlib, up to a number of bytes that the caller names.

use std::io::{self, Read};

use flate2::{bufread::MultiGzDecoder, read::ZlibDecoder};

/// What every gzip file starts with; told by contents, because browsers unpack `.gz` files and keep the name.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Whether bytes are a gzip file's.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP)
}

/// Unpacks a gzip file, of one part or of several.
///
/// # Errors
/// When it is damaged, ends early, or holds more than `most` bytes.
pub fn gzip(bytes: &[u8], most: u64) -> io::Result<Vec<u8>> {
    bounded(MultiGzDecoder::new(bytes), most)
}

/// Unpacks a zlib stream.
///
/// # Errors
/// When it is damaged, ends early, or holds more than `most` bytes.
pub fn zlib(bytes: &[u8], most: u64) -> io::Result<Vec<u8>> {
    bounded(ZlibDecoder::new(bytes), most)
}

/// Reads a source to its end, which must come before `most` bytes.
///
/// # Errors
/// When the source fails or goes on.
pub fn bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it holds more than {most} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    #[test]
    fn what_unpacks_to_more_than_is_allowed_is_refused_before_it_is_held() {
        let zeros = vec![0; 1_000_000];
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(&zeros).unwrap();
        let gz = gz.finish().unwrap();
        let mut zlib_encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib_encoder.write_all(&zeros).unwrap();
        let packed = zlib_encoder.finish().unwrap();
        assert_eq!(gzip(&gz, 1_000_000).unwrap(), zeros);
        assert_eq!(zlib(&packed, 1_000_000).unwrap(), zeros);
        assert!(gzip(&gz, 999_999).is_err());
        assert!(zlib(&packed, 999_999).is_err());
        assert!(zlib(&packed[..packed.len() / 2], 1_000_000).is_err());
    }
}
