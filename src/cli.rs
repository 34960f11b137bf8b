//! What was typed, turned into a command: one file a command, one line each in [`Command`] and in [`perform`].

mod control;
mod diff;
mod map;
mod models;
mod prune;
mod show;
mod tickets;
mod transform;

mod export;
mod import;

mod demo;
mod eval;
mod imp;
mod lmc;
mod rule;
mod run;
mod runs;
mod train;

mod follow;
mod launching;
mod supervise;

mod completions;
mod config;
mod data;
mod doctor;
mod gpus;
mod man;
mod setup;
mod themes;

mod mapping;
mod output;
mod samples;
mod seeds;
mod source;

mod answer;
mod asking;
mod failure;
mod globals;
mod interrupt;
mod paper;
mod table;

mod workbench;

#[cfg(test)]
mod experiments;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use globals::Globals;

/// Finds, stretches, trains and compares lottery tickets: sparse networks that train as well as dense ones
#[derive(Debug, Parser)]
#[command(name = "elth", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  elth                                               opens the workbench
  elth models                                        lists model families
  elth map cifar_resnet_20 cifar_resnet_32           shows a mapping";

#[derive(Debug, Subcommand)]
enum Command {
    Models(models::Args),
    Tickets(tickets::Args),
    Show(show::Args),
    Diff(diff::Args),
    Map(map::Args),
    Transform(transform::Args),
    Control(control::Args),
    Prune(prune::Args),
    Import(import::Args),
    Export(export::Args),
    Demo(demo::Args),
    Imp(Box<imp::Args>),
    Train(Box<train::Args>),
    Eval(eval::Args),
    Lmc(Box<lmc::Args>),
    Runs(runs::Args),
    Run(run::Args),
    Supervise(supervise::Args),
    Data(data::Args),
    Gpus(gpus::Args),
    Setup(setup::Args),
    Doctor(doctor::Args),
    Config(config::Args),
    Themes(themes::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs what the command line asks for; the exit status is 0, 1, 2 or 130 as [`failure`] says.
pub fn run() -> ExitCode {
    let Cli { globals, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::told_by_clap(&error),
    };
    let done = match command {
        Some(command) => interrupt::listen().and_then(|()| perform(command, &globals)),
        // The workbench listens itself: it gives the terminal back first.
        None => workbench::open(&globals, None),
    };
    failure::exit_code(done)
}

fn perform(command: Command, globals: &Globals) -> Result<()> {
    match command {
        Command::Models(args) => models::run(&args, globals),
        Command::Tickets(args) => tickets::run(&args, globals),
        Command::Show(args) => show::run(&args, globals),
        Command::Diff(args) => diff::run(&args, globals),
        Command::Map(args) => map::run(&args, globals),
        Command::Transform(args) => transform::run(&args, globals),
        Command::Control(args) => control::run(&args, globals),
        Command::Prune(args) => prune::run(&args, globals),
        Command::Import(args) => import::run(&args, globals),
        Command::Export(args) => export::run(&args, globals),
        Command::Demo(args) => demo::run(&args, globals),
        Command::Imp(args) => imp::run(&args, globals),
        Command::Train(args) => train::run(&args, globals),
        Command::Eval(args) => eval::run(&args, globals),
        Command::Lmc(args) => lmc::run(&args, globals),
        Command::Runs(args) => runs::run(&args, globals),
        Command::Run(args) => run::run(&args, globals),
        Command::Supervise(args) => supervise::run(&args),
        Command::Data(args) => data::run(&args, &globals.data_dir()?, globals.json),
        Command::Setup(args) => setup::run(&args, globals),
        Command::Gpus(args) => gpus::run(&args, globals),
        Command::Doctor(args) => doctor::run(&args, globals),
        Command::Config(args) => config::run(&args, globals),
        Command::Themes(args) => themes::run(&args, globals),
        Command::Completions(args) => completions::run(&args, globals),
        Command::Man(args) => man::run(&args, globals),
    }
}
