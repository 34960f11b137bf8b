//! `elth prune`: a ticket without training, from fresh weights or from another ticket's.

mod criterion;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, anyhow};
use elth_core::{
    blueprint::{Blueprint, Input},
    chance::Seeds,
    initialise::initialise,
    mask::Mask,
    prune::allocation::Pruned,
    schedule::Step,
    ticket::{
        About, Outside, Ticket, full_masks,
        lineage::{Act, Lineage},
    },
};
use elth_store::dataset::{self, preprocessing};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    control::{document, text},
    failure::{usage, warn},
    globals::Globals,
    output::OutputArgs,
    paper::Paper,
    prune::criterion::{Asked, CriterionArgs, Looked, collapsed, sparsity_of},
    seeds::SeedArgs,
    source::{Source, model_or_ticket},
};

/// Prunes a model's fresh weights, or a ticket's rewind weights, without training
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth prune cifar_resnet_20 --method magnitude --sparsity 0.9 -o ticket.safetensors
  elth prune cifar_resnet_14_8 --dataset digits --method random --sparsity 0.5 --seed 7 -o ticket.safetensors
  elth prune ticket.safetensors --method magnitude --sparsity 0.95 -o sparser.safetensors
  elth prune cifar_resnet_20 --dataset cifar10 --method synflow --sparsity 0.95 -o synflow.safetensors
  elth prune ticket.safetensors --from-dense --method snip --dataset cifar10 -o snip.safetensors")]
pub struct Args {
    /// A model, a ticket file, or the name of a ticket on the shelf
    source: PathBuf,

    #[command(flatten)]
    criterion: CriterionArgs,

    /// Share of zeros over all prunable weights of the result, from 0 to below 1 [default with --from-dense: the ticket's]
    #[arg(long, value_name = "S", value_parser = sparsity, required_unless_present = "from_dense")]
    sparsity: Option<f64>,

    /// Prunes a ticket's rewind weights as if none were pruned yet, which needs them to be dense
    #[arg(long)]
    from_dense: bool,

    /// Classes of a model [default: the data set's, else 10]
    #[arg(long, value_name = "N")]
    classes: Option<usize>,

    /// Data set whose images a model takes, and gradients are taken from
    #[arg(long, value_name = "NAME", conflicts_with = "input", value_parser = str::parse::<dataset::Name>)]
    dataset: Option<dataset::Name>,

    /// Shape of the images a model takes [default: the family's own]
    #[arg(long, value_name = "CxHxW", value_parser = input)]
    input: Option<Input>,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// Writes the pruned ticket and says what it holds.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    args.criterion.check()?;
    let source = model_or_ticket(globals, &args.source)?;
    let input = match &source {
        Source::Ticket(found) => Some(found.path.as_path()),
        Source::Model(_) => None,
    };
    args.output.check(input)?;
    let seeds = args.seeds.seeds();
    let start = start(args, source, seeds.init)?;
    let sparsity = args.sparsity.map_or_else(|| sparsity_of(&start), Ok)?;
    let masks = if args.from_dense { afresh(&start)? } else { start.masks().clone() };
    let asked = Asked { globals, sparsity, dataset: args.dataset, seeds };
    let (pruned, looked) = args.criterion.prune(&asked, &start, &masks)?;
    let (asked, act) = (pruned.asked.clone(), act(args, &start, sparsity, seeds));
    let made = made(start, pruned, act, &looked, args)?;
    let empty = collapsed(made.masks());
    if !empty.is_empty() {
        warn(anyhow!("no weight is left of {} (layer collapse)", empty.join(", ")));
    }
    let output = args.output.save(&made)?;
    let output = output.as_deref();
    let method = args.criterion.method.name();
    let document = || {
        let mut document = document(&made, method, output);
        document["counting"] = args.criterion.rule.counting().name().into();
        document["allocation"] = args.criterion.rule.allocation.name().into();
        document["rounds"] = args.criterion.rounds().into();
        document["examples"] = looked.examples.into();
        document["collapsed"] = json!(empty);
        document["tensors"] = tensors(&made, asked.as_ref());
        document
    };
    answer(globals, document, || text(&made, method, output, Paper::of_stdout()))
}

/// What was asked of each tensor, and what it got.
fn tensors(made: &Ticket, asked: Option<&BTreeMap<String, usize>>) -> Value {
    let all = made.blueprint().prunable().map(|tensor| {
        let count = made.count_of(&tensor.name);
        let asked = asked.and_then(|asked| asked.get(&tensor.name));
        json!({ "name": tensor.name, "asked": asked, "kept": count.kept, "weights": count.weights })
    });
    all.collect()
}

/// Full masks, for a ticket with dense weights.
fn afresh(ticket: &Ticket) -> Result<BTreeMap<String, Mask>> {
    if ticket.about.outside == Outside::Masked {
        return Err(usage(
            "the ticket holds zeros outside its mask: --from-dense needs one with dense rewind weights",
        ));
    }
    Ok(full_masks(ticket.blueprint()))
}

/// What is pruned: the ticket as it is, or fresh weights of the model under full masks.
fn start(args: &Args, source: Source, seed: u64) -> Result<Ticket> {
    match source {
        Source::Model(_) if args.from_dense => Err(usage(
            "a model has nothing pruned yet: leave out --from-dense, and give --sparsity",
        )),
        Source::Model(name) => fresh(&model(args, &name)?, seed),
        Source::Ticket(_) if args.shapes_a_model() => Err(usage(
            "a ticket has its own classes and input: leave out --classes and --input, and --dataset where no gradients are taken",
        )),
        Source::Ticket(found) => Ok(found.ticket),
    }
}

impl Args {
    fn shapes_a_model(&self) -> bool {
        let for_shape = self.dataset.is_some() && !self.criterion.looks_at_images();
        self.classes.is_some() || for_shape || self.input.is_some()
    }
}

fn model(args: &Args, name: &str) -> Result<Blueprint> {
    let family = Blueprint::new(name, None, None).map_err(usage)?.family;
    let entering = args.dataset.map(|set| preprocessing::entering_shape(set, family));
    let classes = args.classes.or(args.dataset.map(dataset::Name::classes));
    Blueprint::new(name, classes, args.input.or(entering)).map_err(usage)
}

/// Fresh weights of a model under full masks.
pub fn fresh(model: &Blueprint, seed: u64) -> Result<Ticket> {
    let act = Act::new("initialise")
        .with("model", &model.name)
        .with("classes", model.classes.to_string())
        .with("input", model.input.to_string())
        .with("seed-init", seed.to_string());
    let about = About {
        blueprint: model.clone().into(),
        // `--dataset` gives a shape: nothing was found on its images.
        dataset: None,
        data_digest: None,
        level: None,
        rewind: Some(Step::iterations(0)),
        outside: Outside::Dense,
        lineage: Lineage::new(vec![act]),
    };
    Ok(Ticket::assemble(about, initialise(model, seed), full_masks(model))?)
}

fn act(args: &Args, start: &Ticket, sparsity: f64, seeds: Seeds) -> Act {
    let act =
        Act::new("prune").with("sparsity", sparsity.to_string()).of("ticket", &start.digest());
    let act = if args.from_dense { act.with("from", "dense") } else { act };
    args.criterion.told(act, args.dataset, seeds)
}

/// The ticket with the new masks; it is of no level any more.
fn made(start: Ticket, pruned: Pruned, act: Act, looked: &Looked, args: &Args) -> Result<Ticket> {
    let lineage = start.about.lineage.then(act);
    let mut about = About { level: None, lineage, ..start.about.clone() };
    if let Some(digest) = &looked.data_digest {
        about.dataset = args.dataset.map(|name| name.as_str().to_owned());
        about.data_digest = Some(digest.clone());
    }
    Ok(start.under(about, pruned.masks)?)
}

fn sparsity(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| {
        format!("`{text}` is no share of zeros: give a number from 0 to below 1, such as 0.9")
    })
}

fn input(text: &str) -> Result<Input, String> {
    Input::parse(text).ok_or_else(|| {
        format!("`{text}` is no shape: give channels, height and width as `3x32x32`")
    })
}
