//! `elth prune`: a ticket in one shot, from fresh weights or from another ticket.

use std::path::PathBuf;

use anyhow::Result;
use elth_core::{
    blueprint::{Blueprint, Input},
    chance::Seeds,
    initialise::initialise,
    prune::{self, Counting},
    schedule::Step,
    ticket::{
        About, Outside, Ticket, full_masks,
        lineage::{Act, Lineage},
    },
};
use elth_store::dataset::{self, preprocessing};

use crate::cli::{
    answer::answer,
    control::{document, text},
    failure::usage,
    globals::Globals,
    output::OutputArgs,
    paper::Paper,
    seeds::SeedArgs,
    source::{Source, model_or_ticket},
};

/// Prunes a model's fresh weights, or a ticket further, in one shot
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth prune cifar_resnet_20 --method magnitude --sparsity 0.9 -o ticket.safetensors
  elth prune cifar_resnet_14_8 --dataset digits --method random --sparsity 0.5 --seed 7 -o ticket.safetensors
  elth prune ticket.safetensors --method magnitude --sparsity 0.95 -o sparser.safetensors")]
pub struct Args {
    /// A model, a ticket file, or the name of a ticket on the shelf
    source: PathBuf,

    /// Which weights go first: magnitude (the smallest) or random
    #[arg(long, value_name = "NAME", value_parser = method)]
    method: Method,

    /// Share of zeros over all prunable weights of the result, from 0 to below 1
    #[arg(long, value_name = "S", value_parser = sparsity)]
    sparsity: f64,

    /// exact, or openlth: the official code's, which prunes one weight more
    #[arg(long, value_name = "NAME", default_value = "exact", value_parser = counting)]
    counting: Counting,

    /// Classes of a model [default: the data set's, else 10]
    #[arg(long, value_name = "N")]
    classes: Option<usize>,

    /// Data set whose images a model takes
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

/// What decides which weights go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Magnitude,
    Random,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Magnitude => "magnitude",
            Self::Random => "random",
        }
    }
}

/// Writes the pruned ticket and says what it holds.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let source = model_or_ticket(globals, &args.source)?;
    let input = match &source {
        Source::Ticket(found) => Some(found.path.as_path()),
        Source::Model(_) => None,
    };
    args.output.check(input)?;
    let seeds = args.seeds.seeds();
    let start = start(args, &source, seeds.init)?;
    let made = pruned(args, start, seeds)?;
    let output = args.output.save(&made)?;
    let output = output.as_deref();
    let method = args.method.name();
    let document = || {
        let mut document = document(&made, method, output);
        document["counting"] = args.counting.name().into();
        document
    };
    answer(globals, document, || text(&made, method, output, Paper::of_stdout()))
}

/// What is pruned: the ticket as it is, or fresh weights of the model under full masks.
fn start(args: &Args, source: &Source, seed: u64) -> Result<Ticket> {
    match source {
        Source::Model(name) => fresh(&model(args, name)?, seed),
        Source::Ticket(_) if args.shapes_a_model() => Err(usage(
            "a ticket has its own classes and input: leave out --classes, --dataset and --input",
        )),
        Source::Ticket(found) => Ok(found.ticket.clone()),
    }
}

impl Args {
    fn shapes_a_model(&self) -> bool {
        self.classes.is_some() || self.dataset.is_some() || self.input.is_some()
    }
}

fn model(args: &Args, name: &str) -> Result<Blueprint> {
    let family = Blueprint::new(name, None, None).map_err(usage)?.family;
    let entering = args.dataset.map(|set| preprocessing::entering_shape(set, family));
    let classes = args.classes.or(args.dataset.map(dataset::Name::classes));
    Blueprint::new(name, classes, args.input.or(entering)).map_err(usage)
}

fn fresh(model: &Blueprint, seed: u64) -> Result<Ticket> {
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
        lineage: Lineage(vec![act]),
    };
    Ok(Ticket::assemble(about, initialise(model, seed), full_masks(model))?)
}

/// The ticket with the mask that the options give; it is of no level any more.
fn pruned(args: &Args, start: Ticket, seeds: Seeds) -> Result<Ticket> {
    let scores = match args.method {
        Method::Magnitude => prune::magnitude(start.blueprint(), start.weights()),
        Method::Random => prune::random(start.blueprint(), seeds.mask),
    };
    let masks = prune::to_sparsity(&scores, start.masks(), args.sparsity, args.counting)?;
    let act = Act::new("prune")
        .with("method", args.method.name())
        .with("sparsity", args.sparsity.to_string())
        .with("counting", args.counting.name())
        .of("ticket", &start.digest());
    let act = match args.method {
        Method::Magnitude => act,
        Method::Random => act.with("seed-mask", seeds.mask.to_string()),
    };
    let lineage = start.about.lineage.then(act);
    let weights = start.weights().clone();
    let about = About { level: None, lineage, ..start.about };
    Ok(Ticket::assemble(about, weights, masks)?)
}

/// Criteria that are spoken for: this version says so instead of calling them unknown.
const NOT_YET: [&str; 6] = ["snip", "grasp", "graspabs", "synflow", "gradual", "distill"];

fn method(text: &str) -> Result<Method, String> {
    match text {
        "magnitude" => Ok(Method::Magnitude),
        "random" => Ok(Method::Random),
        _ if NOT_YET.contains(&text) => {
            Err(format!("`{text}` is not in this version yet: magnitude or random"))
        }
        _ => Err(format!("`{text}` is no way to prune: magnitude or random")),
    }
}

fn sparsity(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| {
        format!("`{text}` is no share of zeros: give a number from 0 to below 1, such as 0.9")
    })
}

fn counting(text: &str) -> Result<Counting, String> {
    Counting::parse(text).ok_or_else(|| format!("`{text}` is no counting: exact or openlth"))
}

fn input(text: &str) -> Result<Input, String> {
    Input::parse(text).ok_or_else(|| {
        format!("`{text}` is no shape: give channels, height and width as `3x32x32`")
    })
}
