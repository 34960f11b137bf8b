//! The trainer: reads a run directory, trains, writes what came out.
//!
//! Never typed by a user: `elth` starts it. One line on standard error says what could not be done.

mod session;

mod dataset;
mod network;

mod health;
mod masked;
mod state;

mod checkpoint;
mod control;
mod halt;
mod outputs;
mod report;

mod train;

mod retrain;
mod rounds;

mod run;

mod evaluate;
mod score;

mod bench;
mod eval;
mod hello;
mod lmc;

#[cfg(test)]
mod parity;
#[cfg(test)]
mod pytorch;

use std::{env, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

/// What there is to type, for whoever comes here all the same.
const USAGE: &str = "give a command: `hello`, `run DIR [--device cpu|cuda:N]`, `eval [REQUEST]`, `lmc [REQUEST]`, `score [REQUEST]` (JSON, else on standard input) \
or `bench [--model M] [--input 3x32x32] [--batch N] [--threads N] [--steps N] [--layout first|last] [--device D] [--json]`";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match obey(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("elth-worker: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

fn obey(arguments: &[String]) -> Result<()> {
    let (command, rest) = arguments.split_first().context(USAGE)?;
    match command.as_str() {
        "hello" => hello::print(),
        "run" => {
            let dir = rest.first().context(USAGE)?;
            run::run(&PathBuf::from(dir), option(rest, "--device")?)
        }
        "eval" => eval::print(rest.first().map(String::as_str)),
        "lmc" => lmc::print(rest.first().map(String::as_str)),
        "score" => score::print(rest.first().map(String::as_str)),
        "bench" => bench::print(rest),
        _ => bail!("`{command}` is no command of the trainer: {USAGE}"),
    }
}

/// The value after an option; nothing where it is not given.
fn option<'a>(arguments: &'a [String], name: &str) -> Result<Option<&'a str>> {
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(None) };
    let value = arguments.get(at + 1).with_context(|| format!("`{name}` needs a value"))?;
    Ok(Some(value))
}

/// An error with its causes, on one line.
pub fn one_line(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.join(": ").lines().next().unwrap_or_default().to_owned()
}
