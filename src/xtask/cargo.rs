//! Runs Cargo in this checkout.

use std::env;
use std::ffi::{OsStr, OsString};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The checkout that this program was built in.
pub fn checkout() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// A command of the Cargo that runs us.
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(checkout());
    command
}

/// Runs a command whose words go straight to the user.
pub fn pass(command: &mut Command) -> Result<()> {
    let said = words(command);
    eprintln!("xtask: {said}");
    let status = command.status().with_context(|| format!("`{said}` does not start"))?;
    ensure!(status.success(), "`{said}` failed ({status})");
    Ok(())
}

/// The command as somebody would type it.
fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Builds one program with the features of the whole workspace, as its tests are built.
pub fn build(program: &str) -> Result<PathBuf> {
    built(program, cargo(["build", "--quiet", "--workspace", "--bin", program]))
}

/// Builds one program as `cargo run` does, without what only the trainer needs.
pub fn build_alone(program: &str) -> Result<PathBuf> {
    built(program, cargo(["build", "--quiet", "--bin", program]))
}

fn built(program: &str, mut command: Command) -> Result<PathBuf> {
    command.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let output = command.output().context("cargo does not start")?;
    ensure!(output.status.success(), "`{program}` does not build");
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for message in built {
        let executable = message["executable"].as_str();
        if let Some(path) = executable.filter(|_| message["target"]["name"] == program) {
            return Ok(PathBuf::from(path));
        }
    }
    bail!("Cargo does not say where it put `{program}`")
}
