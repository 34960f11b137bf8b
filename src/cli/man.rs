//! `elth man`: the manual's pages, from the same words as `--help`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_mangen::Man;
use serde_json::json;

use crate::cli::{
    Cli,
    answer::{self, answer},
    failure::usage,
    globals::Globals,
    paper,
};

/// Prints a page of the manual, or writes all of them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth man | man -l -
  elth man transform | man -l -
  elth man --dir ~/.local/share/man/man1")]
pub struct Args {
    /// The command whose page is printed; elth itself where none is named
    #[arg(value_name = "COMMAND")]
    command: Option<String>,

    /// Writes every page into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Prints one page, or writes all.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    if let Some(folder) = &args.dir {
        let cannot = || format!("cannot write to `{}`: name another folder", folder.display());
        std::fs::create_dir_all(folder).with_context(cannot)?;
        clap_mangen::generate_to(Cli::command(), folder).with_context(cannot)?;
        let said = || format!("wrote the manual to {}", paper::path(folder));
        return answer(globals, || json!({ "dir": answer::path(folder) }), said);
    }
    let page = page(args.command.as_deref())?;
    answer(globals, || json!({ "page": page }), || page.clone())
}

fn page(name: Option<&str>) -> Result<String> {
    let mut all = Cli::command();
    all.build();
    let command = match name {
        None => all,
        Some(name) => {
            let found = all.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| {
                usage(format!("`{name}` is no command: `elth --help` lists them"))
            })?;
            found.display_name(format!("elth-{name}"))
        }
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page).context("cannot write a page")?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
