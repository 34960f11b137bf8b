//! What developers do often, as one command each: `cargo xtask test`.

mod cargo;
mod fresh;
mod lint;
mod pictures;
mod test;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask test [ARGS]    sets up, then runs every test, the trainer's too; ARGS go to the test runner
cargo xtask lint           format, clippy and documentation, without a warning
cargo xtask pictures       draws the README's pictures anew, from a session of its own
cargo xtask setup [ARGS]   makes the trainer ready, as `elth setup` does
cargo xtask fresh          clones what is committed into an empty folder and runs `.ci/run` there";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    match perform(&task, &arguments.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &str, arguments: &[String]) -> Result<()> {
    match task {
        "test" => test::run(arguments),
        "lint" => lint::run(),
        "pictures" => pictures::run(),
        "setup" => test::set_up(arguments).map(|_| ()),
        "fresh" => fresh::run(),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no task `{other}`:\n{USAGE}"),
    }
}
