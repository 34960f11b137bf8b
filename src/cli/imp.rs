//! `elth imp`: iterative magnitude pruning with rewinding, as a run.

use anyhow::Result;
use elth_core::{
    blueprint::UnknownModel, family::default_training, prune::Counting, schedule::Step,
};
use elth_store::run::plan::{self, Imp};

use crate::cli::{failure::usage, globals::Globals, launching::LaunchArgs};

/// Finds tickets by iterative magnitude pruning with rewinding, as a run
///
/// Trains the network, prunes the smallest weights, rewinds the rest, and does it again until the last level.
/// The run goes on by itself: Ctrl-C stops following it, never the run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth imp --model cifar_resnet_14_8 --dataset digits --levels 12 --training-steps 840it --rewinding-steps 42it \\
      --milestone-steps 420it,630it --batch-size 64
  elth imp --model cifar_resnet_20 --dataset cifar10 --levels 10 --detach")]
pub struct Args {
    /// Official name of the model
    #[arg(long, value_name = "NAME")]
    model: String,

    /// The last level; level 0 is the dense network
    #[arg(long, value_name = "N")]
    levels: u32,

    /// Share of the remaining weights that each round prunes
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, allow_negative_numbers = true)]
    pruning_fraction: f64,

    /// exact, or openlth: the official code's, which prunes one weight more
    #[arg(long, value_name = "NAME", default_value = "exact", value_parser = counting)]
    counting: Counting,

    /// More steps to keep rewind weights of, such as 0it,500it
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', value_parser = Step::parse)]
    snapshot_steps: Vec<Step>,

    #[command(flatten)]
    launch: LaunchArgs,
}

/// Starts the run, and follows it unless told not to.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let blueprint = plan::model(&args.model, args.launch.dataset).map_err(refused)?;
    let data = args.launch.data(globals)?;
    let imp = Imp {
        model: blueprint.name,
        levels: args.levels,
        pruning_fraction: args.pruning_fraction,
        counting: args.counting,
        snapshot_steps: args.snapshot_steps.clone(),
    };
    let defaults = default_training(blueprint.family);
    args.launch.launch(globals, defaults, None, |wishes| plan::imp(&imp, &data, wishes))
}

fn refused(error: UnknownModel) -> anyhow::Error {
    usage(error)
}

fn counting(text: &str) -> Result<Counting, String> {
    Counting::parse(text).ok_or_else(|| format!("`{text}` is no counting: exact or openlth"))
}
