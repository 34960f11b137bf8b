//! `elth show`: one ticket, down to every tensor.

mod heatmap;

use std::path::{Path, PathBuf};

use anyhow::Result;
use elth_core::{
    quote::quote,
    ticket::{Count, Outside, Ticket, lineage::Act},
};
use elth_tui::widgets::text::wrap;
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::{usage, warn},
    globals::Globals,
    paper::{self, Paper, number, percent},
    source::{self, Found},
    table::{Side, Table},
};

/// Shows a ticket: stages, units, tensors, densities, how it came to be
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth show ticket.safetensors
  elth show ticket.safetensors --heatmap
  elth show ticket.safetensors --heatmap stage3
  elth show ticket.safetensors --json")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    #[arg(required_unless_present = "heatmap")]
    ticket: Option<PathBuf>,

    /// Draws where weights survive, in all stages or in one
    #[arg(long, value_name = "STAGE", num_args = 0..=1, default_missing_value = ALL)]
    heatmap: Option<String>,
}

/// What stands for every stage.
const ALL: &str = "all";

/// Prints the ticket, or draws its masks.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let (named, stage) = arguments(args)?;
    let found = source::ticket(globals, named)?;
    if let Err(unsound) =
        source::sound(&found.path, found.ticket.weights(), found.ticket.blueprint())
    {
        warn(unsound);
    }
    let stages = stage.map(|stage| chosen(&found.ticket, stage)).transpose()?;
    let paper = Paper::of_stdout();
    match stages {
        None => answer(globals, || document(&found), || text(&found, paper)),
        Some(stages) => answer(
            globals,
            || {
                let mut document = document(&found);
                document["heatmap"] = heatmap::document(&found.ticket, &stages);
                document
            },
            || heatmap::text(&found.ticket, &stages, paper),
        ),
    }
}

/// The ticket, and the stage to draw where one is.
///
/// In `show --heatmap FILE` the word after the option is the ticket, since there is no other.
fn arguments(args: &Args) -> Result<(&Path, Option<&str>)> {
    match (&args.ticket, args.heatmap.as_deref()) {
        (Some(ticket), stage) => Ok((ticket, stage)),
        (None, Some(ticket)) if ticket != ALL => Ok((Path::new(ticket), Some(ALL))),
        _ => Err(usage("no ticket is named: write `elth show TICKET`")),
    }
}

/// Indices of the stages to draw.
fn chosen(ticket: &Ticket, wanted: &str) -> Result<Vec<usize>> {
    let stages = ticket.stages().filter(|(_, stage)| wanted == ALL || wanted == stage.name);
    let stages: Vec<usize> = stages.map(|(index, _)| index).collect();
    if stages.is_empty() {
        let all: Vec<_> = ticket.stages().map(|(_, stage)| stage.name.as_str()).collect();
        let (model, all) = (&ticket.blueprint().name, all.join(", "));
        return Err(usage(format!("`{wanted}` is no stage of {model}: {all}")));
    }
    Ok(stages)
}

fn document(found: &Found) -> Value {
    let (ticket, about) = (&found.ticket, &found.ticket.about);
    let (count, model) = (ticket.count(), ticket.blueprint());
    json!({
        "path": answer::path(&found.path),
        "model": model.name,
        "family": model.family.name(),
        "classes": model.classes,
        "input": model.input.to_string(),
        "parameters": model.parameters(),
        "flops": model.flops(),
        "kept_flops": ticket.flops(),
        "dataset": about.dataset,
        "data_digest": about.data_digest,
        "level": about.level,
        "rewind": about.rewind.map(|step| step.to_string()),
        "rewind_weights": outside(about.outside),
        "weights": count.weights,
        "kept": count.kept,
        "density": count.density(),
        "sparsity": count.sparsity(),
        "digest": ticket.digest().to_string(),
        "lineage": about.lineage.acts(),
        "stages": (0..model.stages.len()).map(|stage| stage_document(ticket, stage)).collect::<Value>(),
    })
}

fn stage_document(ticket: &Ticket, index: usize) -> Value {
    let (stage, count) = (&ticket.blueprint().stages[index], ticket.count_in_stage(index));
    let units = (0..stage.units.len()).map(|unit| {
        let count = ticket.count_in_unit(index, unit);
        let tensors = tensors(ticket, index, unit).map(|(name, shape, count)| {
            json!({ "name": name, "shape": shape, "kept": count.kept, "weights": count.weights })
        });
        json!({
            "index": unit,
            "kept": count.kept,
            "weights": count.weights,
            "tensors": tensors.collect::<Value>(),
        })
    });
    json!({
        "name": stage.name,
        "kept": count.kept,
        "weights": count.weights,
        "units": units.collect::<Value>(),
    })
}

/// Name, shape and count of a unit's prunable tensors.
fn tensors(
    ticket: &Ticket,
    stage: usize,
    unit: usize,
) -> impl Iterator<Item = (&str, &[usize], Count)> {
    let here = ticket.blueprint().prunable();
    let here = here.filter(move |tensor| tensor.slot.stage == stage && tensor.slot.unit == unit);
    here.map(|tensor| (tensor.name.as_str(), &*tensor.shape, ticket.count_of(&tensor.name)))
}

fn outside(outside: Outside) -> &'static str {
    match outside {
        Outside::Dense => "dense",
        Outside::Masked => "masked",
    }
}

fn text(found: &Found, paper: Paper) -> String {
    let lineage = lineage(found.ticket.about.lineage.acts());
    let (head, body) = (head(found, paper), tensor_table(&found.ticket).draw(paper));
    format!("{head}\n{body}\n{}\n{lineage}", paper.bold("how it came to be"))
}

fn head(found: &Found, paper: Paper) -> String {
    let (ticket, about) = (&found.ticket, &found.ticket.about);
    let (count, model) = (ticket.count(), ticket.blueprint());
    let unknown = || "-".to_owned();
    let rewound = about.rewind.map_or_else(unknown, |step| step.to_string());
    let lines = [
        ("file", paper::path(&found.path)),
        ("found on", about.dataset.as_deref().map_or_else(unknown, quote)),
        ("level", about.level.map_or_else(unknown, |level| level.to_string())),
        ("rewound to", format!("{rewound}, weights {}", outside(about.outside))),
        ("takes", format!("images of {}, {} classes", model.input, model.classes)),
        ("kept", format!("{} of {} weights", number(count.kept), number(count.weights))),
        (
            "density",
            format!("{}, sparsity {}", percent(count.density()), percent(count.sparsity())),
        ),
        ("FLOPs", format!("{} an image, of {}", number(ticket.flops()), number(model.flops()))),
        ("digest", ticket.digest().to_string()),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<12}{value}\n"));
    format!("{}\n{}", paper.bold(&model.name), lines.concat())
}

fn tensor_table(ticket: &Ticket) -> Table {
    let mut table = Table::new(&[
        ("stage, unit, tensor", Side::Left),
        ("shape", Side::Left),
        ("kept", Side::Right),
        ("of weights", Side::Right),
        ("density", Side::Right),
    ]);
    let mut row = |name: String, shape: String, count: Count| {
        let (kept, weights) = (number(count.kept), number(count.weights));
        table.row([name, shape, kept, weights, percent(count.density())]);
    };
    for (index, stage) in ticket.stages() {
        row(stage.name.clone(), String::new(), ticket.count_in_stage(index));
        for unit in 0..stage.units.len() {
            row(format!("  unit {unit}"), String::new(), ticket.count_in_unit(index, unit));
            for (name, shape, count) in tensors(ticket, index, unit) {
                let shape: Vec<_> = shape.iter().map(ToString::to_string).collect();
                row(format!("    {name}"), shape.join("x"), count);
            }
        }
    }
    table
}

fn lineage(acts: &[Act]) -> String {
    if acts.is_empty() {
        return "  not recorded\n".to_owned();
    }
    acts.iter().enumerate().map(|(at, act)| act_text(at + 1, act)).collect()
}

/// An act with its arguments below it, as many in a line as eighty columns hold.
///
/// ```text
///   2. transform  from source:1a2b3c4d
///      mapping=0:0;1:1,2 target=cifar_resnet_20
/// ```
fn act_text(number: usize, act: &Act) -> String {
    let inputs = act.inputs.iter().map(|(role, digest)| {
        let short: String = digest.chars().take(8).collect();
        format!(" {}:{}", quote(role), quote(&short))
    });
    let inputs: String = inputs.collect();
    let from = if inputs.is_empty() { "" } else { "  from" };
    let head = format!("{number:>3}. {}{from}{inputs}\n", quote(&act.act));
    let pairs = act.arguments.iter();
    let pairs: Vec<_> = pairs.map(|(name, value)| quote(name) + "=" + &quote(value)).collect();
    wrap(&pairs.join(" "), 74)
        .iter()
        .filter(|line| !line.is_empty())
        .fold(head, |text, line| text + "     " + line.trim_end() + "\n")
}
