//! What lies over a screen: one file each.

pub mod confirm;
pub mod help;
pub mod themes;
