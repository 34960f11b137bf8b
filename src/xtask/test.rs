//! `cargo xtask test`: every test of the workspace, with a trainer of the same build.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cargo::{build, cargo, pass};

/// Sets up, then lets the test runner have the last word.
pub fn run(arguments: &[String]) -> Result<()> {
    let trainer = set_up(&[])?;
    let documented = if arguments.is_empty() { run_documentation() } else { Ok(()) };
    let runner = if has_nextest() {
        cargo(["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        cargo(["test", "--workspace", "--all-targets", "--no-fail-fast"])
    };
    let mut runner = runner;
    pass(runner.args(arguments).env("ELTH_WORKER", &trainer))?;
    documented
}

/// Makes the trainer ready, as `elth setup` does; answers where it is.
pub fn set_up(arguments: &[String]) -> Result<PathBuf> {
    let elth = build("elth")?;
    let mut command = std::process::Command::new(elth);
    command.args(["setup", "--json"]).args(arguments).stderr(Stdio::inherit());
    let output = command.output().context("elth does not start")?;
    ensure!(output.status.success(), "set-up failed, see above");
    let answer: Value = serde_json::from_slice(&output.stdout).context("elth setup --json")?;
    let trainer = answer["trainer"].as_str().context("elth setup names no trainer")?;
    eprintln!("xtask: the trainer is {trainer}");
    Ok(PathBuf::from(trainer))
}

/// nextest leaves out what is written in the documentation.
fn run_documentation() -> Result<()> {
    pass(&mut cargo(["test", "--workspace", "--doc", "--quiet"]))
}

fn has_nextest() -> bool {
    let asked = cargo(["nextest", "--version"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}
