//! A command's answer on standard output: a JSON document, or text.

use std::{
    io::{self, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::cli::globals::Globals;

/// Prints the document with `--json`, the text without; both end with a line break.
pub fn answer(
    globals: &Globals,
    document: impl FnOnce() -> Value,
    text: impl FnOnce() -> String,
) -> Result<()> {
    let mut answer = if globals.json { document().to_string() } else { text() };
    if !answer.ends_with('\n') {
        answer.push('\n');
    }
    print(&answer)
}

/// A path in a document; what is no text in it is replaced, since JSON holds nothing else.
pub fn path(path: &Path) -> Value {
    path.to_string_lossy().into()
}

/// Writes text to standard output; a broken pipe comes back as an error that `failure` takes for success.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("cannot write the answer to standard output: free the disk or choose another")
}
