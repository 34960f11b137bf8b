//! `elth train`: retrains a ticket, as a run.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use elth_core::{
    family::default_training,
    ticket::{About, format},
};
use elth_store::{
    dataset::Dataset,
    run::plan::{self, StartAt},
};

use crate::cli::{
    failure::warn,
    globals::Globals,
    launching::{LaunchArgs, refusal},
    source,
};

/// Retrains a ticket, as a run
///
/// The run goes on by itself: Ctrl-C stops following it, never the run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth train ticket.safetensors --dataset digits --training-steps 840it --milestone-steps 420it,630it
  elth train ticket.safetensors --dataset cifar10 --start-at zero --detach")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// Where training starts: at the ticket's rewind step, or at zero
    /// [default: rewind; zero on another data set than the ticket was found on]
    #[arg(long, value_name = "STEP")]
    start_at: Option<Start>,

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
    let found = source::ticket(globals, &args.ticket)?;
    let ticket = found.ticket;
    source::sound(&found.path, ticket.weights(), ticket.blueprint())?;
    plan::fits(ticket.blueprint(), args.launch.dataset).map_err(refusal)?;
    let data = args.launch.data(globals)?;
    let rewinding = args.launch.training.rewinding_steps;
    let start = args.start_at.map(|start| start.0);
    let start = start.unwrap_or_else(|| {
        let start = plan::default_start(&ticket.about, &data, rewinding);
        explain(start, &ticket.about, &data);
        start
    });
    let name = name(&found.path);
    let defaults = default_training(ticket.blueprint().family);
    args.launch.launch(globals, defaults, Some(&format::encode(&ticket)), |wishes| {
        plan::train(&ticket, &name, start, rewinding, &data, wishes)
    })
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
