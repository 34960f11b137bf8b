//! `elth run`: one run looked at, followed, paused, resumed, stopped, deleted.

mod act;
mod curve;
mod delete;
pub mod seen;
pub mod show;

use anyhow::Result;
use elth_store::run::{dir::RunDir, launch};

use crate::cli::{follow, globals::Globals};

/// Looks at a run, follows it, or tells it what to do
///
/// A run is named by its id or the start of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth run show imp-1
  elth run follow imp-1
  elth run curve imp-1 --metric test_accuracy
  elth run stop imp-1 train-2
  elth run resume imp-1")]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Says how a run stands and what came out
    #[command(after_help = "Example:\n  elth run show imp-1 --json")]
    Show(One),
    /// Shows a run's progress until it ends; Ctrl-C ends the following, never the run
    #[command(after_help = "Example:\n  elth run follow imp-1")]
    Follow(One),
    /// Prints one metric over the steps of a run
    Curve(curve::Args),
    /// Lets runs wait where they are; their processes stay
    #[command(after_help = "Example:\n  elth run pause imp-1")]
    Pause(Many),
    /// Lets paused runs go on, and starts stopped, lost and failed ones again from their last checkpoint
    #[command(after_help = "Example:\n  elth run resume imp-1")]
    Resume(Many),
    /// Lets runs write a checkpoint and end
    #[command(after_help = "Example:\n  elth run stop imp-1 train-2")]
    Stop(Many),
    /// Removes runs with everything they wrote
    Delete(delete::Args),
}

/// One run.
#[derive(Debug, clap::Args)]
struct One {
    /// The run's id, or the start of it
    id: String,
}

/// One run or more.
#[derive(Debug, clap::Args)]
struct Many {
    /// The runs' ids, or the starts of them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    match &args.act {
        Act::Show(one) => show::run(&find(&one.id, globals)?, globals),
        Act::Follow(one) => follow::follow(&find(&one.id, globals)?, globals),
        Act::Curve(args) => curve::run(args, globals),
        Act::Pause(many) => act::run(&find_all(&many.ids, globals)?, act::pause, globals),
        Act::Resume(many) => act::run(&find_all(&many.ids, globals)?, act::resume, globals),
        Act::Stop(many) => act::run(&find_all(&many.ids, globals)?, act::stop, globals),
        Act::Delete(args) => delete::run(args, globals),
    }
}

fn find(id: &str, globals: &Globals) -> Result<RunDir> {
    Ok(launch::find(&globals.home()?.runs(), id)?)
}

/// All of them or an error: nothing is done to some where another cannot be found.
fn find_all(ids: &[String], globals: &Globals) -> Result<Vec<RunDir>> {
    ids.iter().map(|id| find(id, globals)).collect()
}
