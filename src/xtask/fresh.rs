//! `cargo xtask fresh`: what somebody gets who clones what is committed.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::cargo::{checkout, pass};

/// Clones HEAD into an empty folder and runs `.ci/run` there, with nothing built before.
pub fn run() -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let clone = folder.path().join("elth");
    let started = Instant::now();
    pass(Command::new("git").args(["clone", "--quiet"]).arg(checkout()).arg(&clone))?;
    let mut ci = Command::new(clone.join(".ci/run"));
    // Not this checkout's: the clone finds its own or stands without.
    for name in ["CARGO_TARGET_DIR", "ELTH_WORKER", "ELTH_LIBTORCH"] {
        ci.env_remove(name);
    }
    pass(ci.current_dir(&clone))?;
    eprintln!("xtask: a fresh clone passes, in {} s", started.elapsed().as_secs());
    Ok(())
}
