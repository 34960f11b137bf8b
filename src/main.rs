//! `elth`: a command, or the workbench where none is given.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
