//! `elth eval`: loss and accuracy of a ticket or trained weights, without training.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use elth_core::{blueprint::Blueprint, slot::Role};
use elth_store::{
    dataset::{Name, digest::shown_name},
    run::plan,
    ticket_file::{self, Loaded},
};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    asking,
    failure::{usage, warn},
    globals::{Globals, absolute, as_text},
    launching::{ChoiceArgs, PlaceArgs, refusal},
    paper::{number, percent},
    setup::{find_trainer, handshake},
    source,
};

/// Gives loss and accuracy of a ticket or trained weights, without training
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth eval trained.safetensors --dataset digits
  elth eval ticket.safetensors --dataset digits --bn recalibrate
  elth eval trained.safetensors --dataset cifar10 --split train --limit 10000
  elth eval trained.safetensors --dataset cifar10 --split validation --validation 5000")]
pub struct Args {
    /// A ticket file, a file of trained weights, or the name of a ticket on the shelf
    file: PathBuf,

    /// Data set to evaluate on
    #[arg(long, value_name = "NAME", default_value = "digits", value_parser = str::parse::<Name>)]
    dataset: Name,

    /// Which half of the data set
    #[arg(long, value_name = "HALF", default_value = "test", value_parser = ["test", "train", "validation"])]
    split: String,

    #[command(flatten)]
    choice: ChoiceArgs,

    /// Takes the first N images
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Batch-norm statistics: those in the file, or those of the training images
    #[arg(long, value_name = "WHICH", default_value = "stored")]
    bn: Statistics,

    #[command(flatten)]
    place: PlaceArgs,
}

/// Which batch-norm statistics are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistics {
    Stored,
    Recalibrate,
}

impl Statistics {
    fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Recalibrate => "recalibrate",
        }
    }
}

impl clap::ValueEnum for Statistics {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Stored, Self::Recalibrate]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// Asks the trainer.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let path = find(&args.file, globals)?;
    let loaded = ticket_file::read_either(&path)?;
    let (blueprint, weights, is_ticket) = match &loaded {
        Loaded::Ticket(ticket) => (ticket.blueprint(), ticket.weights(), true),
        Loaded::Trained(trained) => (&trained.blueprint, &trained.weights, false),
    };
    source::sound(&path, weights, blueprint)?;
    plan::fits(blueprint, args.dataset).map_err(refusal)?;
    if is_ticket && args.bn == Statistics::Stored && has_norms(blueprint) {
        let whose = "the ticket is not trained, and its batch-norm statistics are not its own";
        warn(anyhow!("{whose}: --bn recalibrate takes those of the training images"));
    }
    if args.split == "validation" && args.choice.choice().validation == 0 {
        let words = "nothing was set aside to validate with: give the run's --validation N and --data-seed N";
        return Err(usage(anyhow!(words)));
    }
    let trainer = find_trainer()?;
    handshake(&trainer)?;
    let grant = asking::device(args.place.device)?;
    let request = json!({
        "file": as_text(&path)?,
        "dataset": args.dataset.as_str(),
        "data_dir": as_text(&globals.data_dir()?)?,
        "split": args.split,
        "choice": args.choice.choice(),
        "limit": args.limit,
        "bn": args.bn.name(),
        "threads": args.place.threads(),
        "device": grant.name(),
    });
    let score = asking::ask(&trainer, "eval", &request, "examples")?;
    answer(globals, || document(&score, &request), || text(&score, &shown(&score, &request)))
}

/// A path, else a ticket on the shelf.
fn find(file: &Path, globals: &Globals) -> Result<PathBuf> {
    if file.exists() {
        return absolute(file);
    }
    Ok(source::ticket(globals, file)?.path)
}

fn has_norms(blueprint: &Blueprint) -> bool {
    blueprint.tensors.iter().any(|tensor| tensor.role == Role::RunningMean)
}

fn document(score: &Value, request: &Value) -> Value {
    let mut document = score.clone();
    for key in ["file", "dataset", "split", "bn", "device", "threads"] {
        document[key] = request[key].clone();
    }
    document["data"] = shown(score, request).into();
    document
}

/// The data set as people are shown it: a copy that is not the published one carries its digest.
fn shown(score: &Value, request: &Value) -> String {
    let name = request["dataset"].as_str().unwrap_or_default();
    let shown = score["data_digest"].as_str().map(|digest| shown_name(name, digest));
    shown.unwrap_or_else(|| name.to_owned())
}

fn text(score: &Value, data: &str) -> String {
    let value = |key: &str| score[key].as_f64().unwrap_or(f64::NAN);
    let examples = score["examples"].as_u64().and_then(|count| usize::try_from(count).ok());
    format!(
        "loss      {:.4}\naccuracy  {}\nimages    {} of {data}\n",
        value("loss"),
        percent(value("accuracy")),
        number(examples.unwrap_or_default())
    )
}
