//! `elth completions SHELL`: what makes the Tab key know the commands.

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

use crate::cli::{Cli, answer::answer, globals::Globals};

/// Prints the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  elth completions bash > ~/.local/share/bash-completion/completions/elth"
)]
pub struct Args {
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "elth", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    answer(
        globals,
        || json!({ "shell": args.shell.to_string(), "script": script }),
        || script.clone(),
    )
}
