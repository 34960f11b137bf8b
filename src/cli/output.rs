//! Where a new ticket goes, and what is never written over.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use elth_core::ticket::Ticket;
use elth_store::{atomic::CannotWrite, ticket_file};

use crate::cli::{failure::usage, globals::absolute, paper};

/// The file that a command writes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// The file to write
    #[arg(short, long, value_name = "FILE", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// Replaces the file where it exists
    #[arg(long)]
    force: bool,

    /// Shows what would come out, and writes nothing
    #[arg(long)]
    dry_run: bool,
}

impl OutputArgs {
    /// Refuses a place that cannot or may not be written, before any work is done for it.
    pub fn check(&self, input: Option<&Path>) -> Result<()> {
        match self.output.as_deref() {
            Some(output) if !self.dry_run => check(output, self.force, input),
            _ => Ok(()),
        }
    }

    /// Writes the ticket, unless this is a dry run, and gives its path from the root on.
    pub fn save(&self, ticket: &Ticket) -> Result<Option<PathBuf>> {
        let Some(output) = self.output.as_deref().filter(|_| !self.dry_run) else {
            return Ok(None);
        };
        ticket_file::write(output, ticket)?;
        absolute(output).map(Some)
    }
}

/// The last line of a command's text: what was written, or that nothing was.
pub fn closing(output: Option<&Path>) -> String {
    match output {
        Some(path) => format!("wrote {}\n", paper::path(path)),
        None => "nothing written: this was a dry run\n".to_owned(),
    }
}

fn check(output: &Path, force: bool, input: Option<&Path>) -> Result<()> {
    let shown = output.display();
    if output.file_name().is_none() || output.is_dir() {
        return Err(usage(format!("`{shown}` is a folder: name a file in it")));
    }
    if output.exists() && !output.is_file() {
        return Err(usage(format!("`{shown}` is no plain file: name another one")));
    }
    if input.is_some_and(|input| is_same(input, output)) {
        return Err(usage(format!("`{shown}` is the ticket itself: name another file to write")));
    }
    if output.symlink_metadata().is_ok() && !force {
        bail!("`{shown}` is there already: name another file, or add --force to replace it");
    }
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(CannotWrite::NoFolder(output.to_owned()).into());
    }
    Ok(())
}

fn is_same(one: &Path, two: &Path) -> bool {
    match (one.canonicalize(), two.canonicalize()) {
        (Ok(one), Ok(two)) => one == two,
        _ => false,
    }
}
