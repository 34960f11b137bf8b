//! What tch does not expose, behind safe functions.
//!
//! The only place with unsafe code. Nothing here knows elth: no files, no recipes, no tickets.
//! No C++ exception crosses: every failure is an [`Error`] with libtorch's own words.

mod cuda;
mod ffi;
mod graph;
mod many;
mod mode;

pub use cuda::{NoCuda, load_cuda};
pub use graph::{Graph, SideStream};
pub use many::{
    Rate, Sgd, channels_last, foreach_copy_, foreach_mul_, foreach_zero_, fused_sgd,
    fused_sgd_with, set_data_channels_last,
};
pub use mode::{Autocast, deterministic, keep_memory, set_flush_denormal, tf32, torch_version};

/// What libtorch said when it could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An exception, in its first line's words.
    #[error("libtorch: {0}")]
    Torch(String),
    /// Lists that belong together have different lengths.
    #[error("{what}: {left} and {right} tensors do not pair up")]
    Lengths {
        /// The function that was asked.
        what: &'static str,
        /// Length of the first list.
        left: usize,
        /// Length of the other list.
        right: usize,
    },
}
