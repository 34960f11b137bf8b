//! How `elth` and `elth-worker` find out whether they belong together.

use serde::{Deserialize, Serialize};

/// Version of everything the two say to one another: recipe, events, control, arguments.
pub const PROTOCOL: u32 = 1;

/// What `elth-worker hello` prints, one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// `elth-worker`.
    pub program: String,
    /// Its [`PROTOCOL`].
    pub protocol: u32,
    /// Hash of the sources it was built from.
    pub build: String,
    /// Version of libtorch it runs with.
    pub libtorch: String,
    /// Whether CUDA can be used.
    pub cuda: bool,
    /// CUDA devices, by index.
    #[serde(default)]
    pub devices: Vec<String>,
}
