//! The official code's files: read without running anything of them, and written so that the official code reads them.

pub mod archive;
pub mod pth;

pub mod branch;
pub mod log;
pub mod md5;

pub mod import;
pub mod tree;

pub mod write;
