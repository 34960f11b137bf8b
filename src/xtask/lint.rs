//! `cargo xtask lint`: what a reader would stumble over, found by machines.

use anyhow::{Context, Result};

use crate::cargo::{cargo, pass};
use crate::test::set_up;

/// Format, then clippy, then documentation; the first complaint ends it.
pub fn run() -> Result<()> {
    pass(&mut cargo(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;
    // Checking the trainer needs libtorch's headers.
    set_up(&[])?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    pass(&mut cargo(clippy))?;
    let mut doc = cargo(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    pass(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
