//! `elth transform`: a ticket stretched, squeezed or re-ordered into one of another model.

use std::path::{Path, PathBuf};

use anyhow::Result;
use elth_core::{reshape::reshape, ticket::Ticket, unit_map::UnitMap};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::warn,
    globals::Globals,
    map,
    mapping::MappingArgs,
    output::{self, OutputArgs},
    paper::{Paper, number, percent},
    seeds::SeedArgs,
    source,
    table::{Side, Table},
};

/// Stretches, squeezes or re-orders a ticket
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth transform ticket.safetensors --to cifar_resnet_32 -o stretched.safetensors
  elth transform ticket.safetensors --to cifar_resnet_32 --strategy append --dry-run
  elth transform ticket.safetensors --to cifar_resnet_20 --map '0:0;1:1,2' -o stretched.safetensors")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// The target model; it gets the ticket's classes and input
    #[arg(long, value_name = "MODEL")]
    to: String,

    #[command(flatten)]
    mapping: MappingArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// Writes the transformed ticket and shows what became of each stage.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let found = source::ticket(globals, &args.ticket)?;
    args.output.check(Some(&found.path))?;
    if let Err(unsound) =
        source::sound(&found.path, found.ticket.weights(), found.ticket.blueprint())
    {
        warn(unsound);
    }
    let target = source::like(&args.to, found.ticket.blueprint())?;
    let map = args.mapping.plan(found.ticket.blueprint(), &target, args.seeds.seeds().mask)?;
    let made = reshape(&found.ticket, &target, &map)?;
    let output = args.output.save(&made)?;
    let output = output.as_deref();
    answer(
        globals,
        || document(&found.ticket, &made, &map, output),
        || text(&found.ticket, &made, &map, output, Paper::of_stdout()),
    )
}

fn document(given: &Ticket, made: &Ticket, map: &UnitMap, output: Option<&Path>) -> Value {
    let stages = made.stages().map(|(index, stage)| {
        let (count, from) = (made.count_in_stage(index), given.count_in_stage(index));
        json!({
            "name": stage.name,
            "kept": count.kept,
            "weights": count.weights,
            "density": count.density(),
            "source_density": from.density(),
        })
    });
    let (all, from) = (made.count(), given.count());
    json!({
        "source": given.blueprint().name,
        "target": made.blueprint().name,
        "mapping": map.official(),
        "output": output.map(answer::path),
        "kept": all.kept,
        "weights": all.weights,
        "density": all.density(),
        "source_density": from.density(),
        "digest": made.digest().to_string(),
        "stages": stages.collect::<Value>(),
    })
}

fn text(
    given: &Ticket,
    made: &Ticket,
    map: &UnitMap,
    output: Option<&Path>,
    paper: Paper,
) -> String {
    let mut table = Table::new(&[
        ("stage", Side::Left),
        ("units", Side::Right),
        ("kept", Side::Right),
        ("of weights", Side::Right),
        ("density", Side::Right),
        ("source's", Side::Right),
    ]);
    let mut row = |name: &str, units: String, count: elth_core::ticket::Count, from: f64| {
        let (kept, weights) = (number(count.kept), number(count.weights));
        table.row([name.to_owned(), units, kept, weights, percent(count.density()), percent(from)]);
    };
    for ((index, stage), (_, before)) in made.stages().zip(given.stages()) {
        let units =
            format!("{}{}{}", before.units.len(), paper.pick(" → ", " -> "), stage.units.len());
        let from = given.count_in_stage(index).density();
        row(&stage.name, units, made.count_in_stage(index), from);
    }
    row("all", String::new(), made.count(), given.count().density());
    let heading = map::heading(given.blueprint(), made.blueprint(), map, paper);
    format!("{heading}\n\n{}\n{}", table.draw(paper), output::closing(output))
}
