//! What set-up calls: a C++ compiler, and Python's pip.

use super::Check;
use crate::cli::setup::{Pip, compiler_version};

/// Needed once, to build the trainer.
pub fn compiler() -> Check {
    match compiler_version() {
        Ok(version) => Check::fine("compiler", version),
        Err(error) => Check::wrong("compiler", error.to_string(), "sudo apt install g++"),
    }
}

/// Needed once, to fetch libtorch.
pub fn pip() -> Check {
    match Pip::find() {
        Ok(pip) => Check::fine("pip", pip.version),
        Err(error) => Check::wrong("pip", error.to_string(), "sudo apt install python3-pip"),
    }
}
