//! `elth lmc`: whether two trainings of one ticket lie in one valley, by the errors on the line between them.

mod end;
mod line;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use elth_core::{chance::Seeds, family::default_training, ticket::format};
use elth_store::{
    dataset::digest::shown_name,
    run::{
        dir::RunDir,
        plan::{self, Wishes},
    },
};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    asking,
    failure::{usage, warn},
    follow,
    globals::{Globals, as_text},
    launching::{LaunchArgs, refusal, started},
    lmc::{end::End, line::Line},
    paper::Paper,
    setup::{find_trainer, handshake},
    source,
};

/// Connects two trainings by a straight line and gives the errors along it
///
/// Takes two finished runs or files of trained weights; or a ticket, which is first trained twice, with different data
/// orders. Instability is the largest error on the line less the mean of its ends; the largest drop is from the better
/// end to the worst point. Every number is interpolated, running statistics too; nothing is trained on the line.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth lmc train-1 train-2 --dataset cifar10
  elth lmc one.safetensors other.safetensors --dataset digits --points 31 --bn recalibrate
  elth lmc ticket.safetensors --dataset digits --training-steps 840it --milestone-steps 420it,630it --batch-size 64")]
pub struct Args {
    /// A run, a file of trained weights, or a ticket to train twice
    one: PathBuf,

    /// Another run or file of trained weights
    other: Option<PathBuf>,

    /// Points of the line, both ends among them
    #[arg(long, value_name = "N", default_value_t = 21, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    points: u32,

    /// Takes the first N training images [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Batch-norm statistics: the interpolated ones, those of the training images at each point, or both in turn
    #[arg(long, value_name = "WHICH", default_value = "both", value_parser = ["stored", "recalibrate", "both"])]
    bn: String,

    /// Trains a ticket twice with the same crops, shifts and flips: the order alone differs
    #[arg(long)]
    same_augmentation: bool,

    #[command(flatten)]
    launch: LaunchArgs,
}

/// Finds or trains both ends, and asks the trainer for the line.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let ends = match &args.other {
        Some(other) => [end::find(globals, &args.one)?, end::find(globals, other)?],
        None if end::is_run(globals, &args.one) => {
            return Err(usage("a line has two ends: name another run, or a ticket to train twice"));
        }
        None => match trained_twice(args, globals)? {
            Some(ends) => ends,
            None => return Ok(()),
        },
    };
    check(args, &ends)?;
    let trainer = find_trainer()?;
    handshake(&trainer)?;
    let grant = asking::device(args.launch.place.device)?;
    let request = json!({
        "one": as_text(&ends[0].file)?, "other": as_text(&ends[1].file)?,
        "dataset": args.launch.dataset.as_str(),
        "data_dir": as_text(&globals.data_dir()?)?,
        "points": args.points, "limit": args.limit,
        "bn": if args.bn == "both" { vec!["stored", "recalibrate"] } else { vec![&*args.bn] },
        "threads": args.launch.place.threads(), "device": grant.name(),
    });
    let told = asking::ask(&trainer, "lmc", &request, "lines")?;
    let lines = line::read(&told)?;
    answer(
        globals,
        || document(args, &ends, &told, &lines),
        || text(args, &ends, &told, &lines, Paper::of_stdout()),
    )
}

/// Refuses ends that no line joins, and warns of those that say little.
fn check(args: &Args, ends: &[End; 2]) -> Result<()> {
    let [one, other] = ends;
    plan::fits(&one.blueprint, args.launch.dataset).map_err(refusal)?;
    if one.blueprint != other.blueprint {
        let (one, other) = (&one.blueprint, &other.blueprint);
        bail!(
            "the ends are of `{}` ({} classes, {}) and `{}` ({} classes, {}): a line joins networks of one model",
            one.name,
            one.classes,
            one.input,
            other.name,
            other.classes,
            other.input
        );
    }
    if one.ticket.zip(other.ticket).is_some_and(|(one, other)| one != other) {
        warn(anyhow!("the ends come from different tickets: their line tells nothing of either"));
    }
    if !one.masks_like(other) {
        warn(anyhow!("the ends have zeros in different places: the line leaves both masks"));
    }
    if one.seeds.zip(other.seeds).is_some_and(|(one, other)| one.order == other.order) {
        warn(anyhow!(
            "both ends were trained in the same data order: give them different --seed-order"
        ));
    }
    Ok(())
}

/// Trains the ticket twice; nothing where nobody waits for it.
fn trained_twice(args: &Args, globals: &Globals) -> Result<Option<[End; 2]>> {
    let found = source::ticket(globals, &args.one)?;
    let ticket = found.ticket;
    source::sound(&found.path, ticket.weights(), ticket.blueprint())?;
    plan::fits(ticket.blueprint(), args.launch.dataset).map_err(refusal)?;
    let data = args.launch.data(globals)?;
    let rewinding = args.launch.training.rewinding_steps;
    let start = plan::default_start(&ticket.about, &data, rewinding);
    let name = found.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let defaults = default_training(ticket.blueprint().family);
    let recipe = |seeds: Seeds| {
        args.launch.planned(globals, defaults.clone(), |wishes| {
            let wishes = Wishes { seeds, ..wishes.clone() };
            plan::train(&ticket, &name, start, rewinding, &data, &wishes)
        })
    };
    let first = args.launch.seeds();
    let recipes = [recipe(first)?, recipe(second(first, args.same_augmentation))?];
    let bytes = format::encode(&ticket);
    let [one, other] = [&recipes[0], &recipes[1]].map(|it| started(globals, it, Some(&bytes)));
    let runs = [one?, other?];
    if args.launch.is_detached() {
        detached(args, globals, &runs)?;
        return Ok(None);
    }
    for run in &runs {
        follow::wait(run)?;
    }
    let end = |run: &RunDir| end::find(globals, Path::new(&run.id()));
    Ok(Some([end(&runs[0])?, end(&runs[1])?]))
}

/// Another order, and other crops, shifts and flips unless those are to be the same.
fn second(first: Seeds, same_augmentation: bool) -> Seeds {
    let order = Seeds::derive(first.order).order;
    let augment =
        if same_augmentation { first.augment } else { Seeds::derive(first.augment).augment };
    Seeds { order, augment, ..first }
}

fn detached(args: &Args, globals: &Globals, runs: &[RunDir; 2]) -> Result<()> {
    let [one, other] = [runs[0].id(), runs[1].id()];
    let then = format!("elth lmc {one} {other} --dataset {}", args.launch.dataset);
    let dirs: Vec<Value> = runs.iter().map(|run| answer::path(run.path())).collect();
    answer(
        globals,
        || json!({ "runs": [one, other], "dirs": dirs, "then": then }),
        || format!("{one}\n{other}\nwhen both are done: {then}"),
    )
}

/// Whether a seed differs; nothing where it is not known of both.
fn differs(ends: &[End; 2], seed: impl Fn(Seeds) -> u64) -> Option<bool> {
    Some(seed(ends[0].seeds?) != seed(ends[1].seeds?))
}

fn document(args: &Args, ends: &[End; 2], told: &Value, lines: &[Line]) -> Value {
    let end = |end: &End| {
        let ticket = end.ticket.map(|digest| digest.to_string());
        json!({ "file": answer::path(&end.file), "run": end.run, "ticket": ticket })
    };
    let mut document = json!({
        "model": ends[0].blueprint.name, "dataset": args.launch.dataset.as_str(),
        "data_digest": told["data_digest"],
        "one": end(&ends[0]), "other": end(&ends[1]), "points": args.points,
        "train_examples": told["train_examples"], "test_examples": told["test_examples"],
        "order_differs": differs(ends, |seeds| seeds.order),
        "augmentation_differs": differs(ends, |seeds| seeds.augment),
    });
    for line in lines {
        document[&line.bn] = line.document();
    }
    document
}

fn text(args: &Args, ends: &[End; 2], told: &Value, lines: &[Line], paper: Paper) -> String {
    let name = args.launch.dataset.as_str();
    let data = shown_name(name, told["data_digest"].as_str().unwrap_or_default());
    let said = |differs: Option<bool>| match differs {
        Some(true) => "differs",
        Some(false) => "is the same",
        None => "is not known of both",
    };
    let mut text = format!(
        "{} on {data}, from {} to {}\nthe data order {}, the augmentation {}\n",
        ends[0].blueprint.name,
        ends[0].name(),
        ends[1].name(),
        said(differs(ends, |seeds| seeds.order)),
        said(differs(ends, |seeds| seeds.augment)),
    );
    text += &line::table(lines, paper);
    for line in lines {
        text += &line.verdict();
    }
    text
}
