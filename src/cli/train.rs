//! `elth train`: retrains a ticket, as a run.

mod dynamic;
mod retraining;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use elth_core::{
    family::default_training,
    head::refit,
    schedule::iterations_per_epoch,
    ticket::{About, Ticket, format},
};
use elth_store::{
    dataset::{Dataset, Name, preprocessing::entering_shape},
    run::plan::{self, StartAt, Wishes},
};

use crate::cli::{
    failure::{usage, warn},
    globals::Globals,
    launching::{LaunchArgs, refusal},
    paper::number,
    prune::fresh,
    source::{self, Found, Source},
    train::{dynamic::DynamicArgs, retraining::RetrainingArgs},
};

/// Retrains a ticket, as a run
///
/// With `--dynamic` the mask moves on the way, and the run ends with the ticket that it came to, over the weights that
/// it began with, beside the trained weights. The run goes on by itself: Ctrl-C stops following it, never the run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth train ticket.safetensors --dataset digits --training-steps 840it --milestone-steps 420it,630it
  elth train ticket.safetensors --dataset cifar10 --start-at zero --detach
  elth train cifar_resnet_20 --dataset cifar10 --dynamic rigl --sparsity 0.9
  elth train ticket.safetensors --dataset cifar10 --dynamic set --update-every 50it --training-steps-multiplier 5
  elth train cifar_resnet_20 --dataset cifar10 --dynamic gradual --sparsity 0.9 --ramp-until 80ep
  elth train runs/imp-3/tickets/level_9.safetensors --dataset cifar10 --retraining lr-rewinding")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf; with --dynamic also a model
    ticket: PathBuf,

    /// Where training starts: at the ticket's rewind step, or at zero
    /// [default: rewind; zero on another data set than the ticket was found on]
    #[arg(long, value_name = "STEP")]
    start_at: Option<Start>,

    #[command(flatten)]
    dynamic: DynamicArgs,

    #[command(flatten)]
    retraining: RetrainingArgs,

    #[command(flatten)]
    launch: LaunchArgs,
}

/// [`StartAt`] on the command line.
#[derive(Debug, Clone, Copy)]
struct Start(StartAt);

impl clap::ValueEnum for Start {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(StartAt::Rewind), Self(StartAt::Zero)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            StartAt::Rewind => "rewind",
            StartAt::Zero => "zero",
        }))
    }
}

/// Starts the run, and follows it unless told not to.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let Found { path, ticket } = found(args, globals)?;
    source::sound(&path, ticket.weights(), ticket.blueprint())?;
    let ticket = args.retraining.start(&path, ticket)?;
    let moves = args.dynamic.moves(ticket.blueprint())?;
    let ticket = args.dynamic.start(ticket, args.launch.seeds().mask)?;
    let ticket = fitted(ticket, args.launch.dataset, args.launch.seeds().init)?;
    plan::fits(ticket.blueprint(), args.launch.dataset).map_err(refusal)?;
    let data = args.launch.data(globals)?;
    let rewinding = args.launch.training.rewinding_steps;
    let start = args.start_at.map(|start| start.0);
    let start = start.unwrap_or_else(|| {
        let start = plan::default_start(&ticket.about, &data, rewinding);
        explain(start, &ticket.about, &data);
        start
    });
    let name = name(&path);
    let defaults = default_training(ticket.blueprint().family);
    args.launch.launch(globals, defaults, Some(&format::encode(&ticket)), |wishes| {
        let training = args.dynamic.stretched(wishes.training.clone());
        let per_epoch = iterations_per_epoch(data.train.len(), training.batch_size);
        let training = args.retraining.retraining.schedule(&training, per_epoch);
        let wishes = Wishes { training, ..wishes.clone() };
        let recipe = plan::train(&ticket, &name, start, rewinding, &data, &wishes)?;
        match &moves {
            Some(moves) => plan::moving(recipe, &ticket, moves, data.train.len()),
            None => Ok(recipe),
        }
    })
}

/// The ticket that is named, or fresh weights of the model where masks are to move.
fn found(args: &Args, globals: &Globals) -> Result<Found> {
    if args.dynamic.dynamic.is_none() {
        return source::ticket(globals, &args.ticket);
    }
    match source::model_or_ticket(globals, &args.ticket)? {
        Source::Ticket(found) => Ok(*found),
        Source::Model(name) => {
            let model = plan::model(&name, args.launch.dataset).map_err(usage)?;
            let ticket = fresh(&model, args.launch.seeds().init)?;
            Ok(Found { path: PathBuf::from(name), ticket })
        }
    }
}

/// The ticket as the data set's images and classes want it: with a new head where they are other classes.
fn fitted(ticket: Ticket, dataset: Name, seed: u64) -> Result<Ticket> {
    let (blueprint, classes) = (ticket.blueprint(), dataset.classes());
    let input = entering_shape(dataset, blueprint.family);
    if (blueprint.classes, blueprint.input) == (classes, input) {
        return Ok(ticket);
    }
    let fitted = refit(&ticket, classes, input, seed)?;
    let before = ticket.count();
    let after = fitted.count();
    if blueprint.classes != classes {
        warn(anyhow!(
            "`{dataset}` has {classes} classes and the ticket {}: its head is made anew from --seed-init and keeps every \
             weight ({} of {} kept before, {} of {} now)",
            blueprint.classes,
            number(before.kept),
            number(before.weights),
            number(after.kept),
            number(after.weights)
        ));
    }
    if blueprint.input != input {
        warn(anyhow!("the ticket was made for images of {}, these are {input}", blueprint.input));
    }
    Ok(fitted)
}

/// Says why a training starts at zero that nobody asked to start there.
fn explain(start: StartAt, ticket: &About, data: &Dataset) {
    if start == StartAt::Rewind {
        return;
    }
    let why = if plan::is_foreign(ticket, data) {
        let found = ticket.dataset.as_deref().unwrap_or("another data set");
        format!("the ticket was found on `{found}`, not on this `{}`", data.name)
    } else {
        "the ticket does not say what step it is rewound to".to_owned()
    };
    warn(anyhow!("{why}: its training starts at step 0"));
}

/// What the ticket is called where it comes from.
fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
