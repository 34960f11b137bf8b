//! Packed bytes become plain ones: gzip, zlib, zip, JPEG and PNG, each within limits that hostile files cannot move.
//!
//! Nothing here opens a file, starts a thread or knows what the bytes are for.

pub mod archive;
pub mod inflate;
pub mod picture;

/// The sum that zip archives keep of their members.
pub use flate2::Crc;

pub use archive::Archive;
pub use picture::Picture;
