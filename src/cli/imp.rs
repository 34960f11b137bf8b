//! `elth imp`: iterative magnitude pruning with rewinding, as a run.

use anyhow::Result;
use elth_core::{
    blueprint::{Family, UnknownModel},
    family::{default_training, official_layers_to_ignore},
    prune::criterion::Criterion,
    schedule::Step,
};
use elth_store::run::{
    plan::{self, Imp},
    recipe::CriterionTable,
};

use crate::cli::{
    failure::usage,
    globals::Globals,
    launching::LaunchArgs,
    rule::{self, RuleArgs},
};

/// Finds tickets by iterative magnitude pruning with rewinding, as a run
///
/// Trains the network, prunes the smallest weights, rewinds the rest, and does it again until the last level.
/// Another `--method` scores otherwise; each round goes down the same ladder of kept weights.
/// The run goes on by itself: Ctrl-C stops following it, never the run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth imp --model cifar_resnet_14_8 --dataset digits --levels 12 --training-steps 840it --rewinding-steps 42it \\
      --milestone-steps 420it,630it --batch-size 64
  elth imp --model cifar_resnet_20 --dataset cifar10 --levels 10 --detach
  elth imp --model cifar_resnet_20 --dataset cifar10 --levels 10 --method synflow --score-at rewind
  elth imp --model cifar_vgg_16 --dataset cifar10 --levels 10 --compat openlth")]
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

    /// Which weights a round prunes first: magnitude (the smallest), random, snip, grasp (signed, as published),
    /// graspabs, synflow
    #[arg(long, value_name = "NAME", default_value = "magnitude", value_parser = rule::criterion)]
    method: Criterion,

    /// Weights that are scored: those at the end of a level's training, or those that it is rewound to
    #[arg(long, value_name = "WHICH", default_value = "end", value_parser = ["end", "rewind"])]
    score_at: String,

    #[command(flatten)]
    rule: RuleArgs,

    /// Tensors that no round touches, such as fc.weight, or none; what they keep counts all the same
    /// [default: none; with --compat openlth fc.weight for VGG networks and perceptrons]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pruning_layers_to_ignore: Option<Vec<String>>,

    /// More steps to keep rewind weights of, such as 0it,500it
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', value_parser = Step::parse)]
    snapshot_steps: Vec<Step>,

    #[command(flatten)]
    launch: LaunchArgs,
}

/// Starts the run, and follows it unless told not to.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let blueprint = plan::model(&args.model, args.launch.dataset).map_err(refused)?;
    args.rule.check(args.method)?;
    let data = args.launch.data(globals)?;
    let imp = Imp {
        model: blueprint.name,
        levels: args.levels,
        pruning_fraction: args.pruning_fraction,
        counting: args.rule.counting(),
        snapshot_steps: args.snapshot_steps.clone(),
        criterion: criterion(args, blueprint.family),
    };
    let defaults = default_training(blueprint.family);
    args.launch.launch(globals, defaults, None, |wishes| plan::imp(&imp, &data, wishes))
}

fn refused(error: UnknownModel) -> anyhow::Error {
    usage(error)
}

fn criterion(args: &Args, family: Family) -> CriterionTable {
    let (method, rule) = (args.method, &args.rule);
    let usual = CriterionTable {
        method: rule.criterion(method).name().to_owned(),
        allocation: rule.allocation.name().to_owned(),
        rounds: rule.rounds(method),
        score_at: args.score_at.clone(),
        layers_to_ignore: ignored(args, family),
        ..CriterionTable::usual()
    };
    if !rule.looks_at_images(method) {
        return usual;
    }
    let (examples, augmented) = (rule.examples(method), rule.is_augmented());
    let (bn, compat) = (rule.norms().to_owned(), rule.is_official());
    CriterionTable { examples, augmented, bn, compat, ..usual }
}

fn ignored(args: &Args, family: Family) -> Vec<String> {
    match &args.pruning_layers_to_ignore {
        Some(names) => names.iter().filter(|name| *name != "none").cloned().collect(),
        None if args.rule.is_official() => official_layers_to_ignore(family),
        None => Vec::new(),
    }
}
