//! `elth map`: which source unit would fill which target unit.

use std::path::PathBuf;

use anyhow::Result;
use elth_core::{blueprint::Blueprint, unit_map::UnitMap};
use serde_json::json;

use crate::cli::{
    answer::answer,
    globals::Globals,
    mapping::{Hop, MappingArgs},
    paper::Paper,
    seeds::SeedArgs,
    source::model_or_ticket,
    table::{Side, Table},
};

/// Shows the mapping that a strategy gives between two models
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth map cifar_resnet_20 cifar_resnet_32
  elth map cifar_resnet_32 cifar_resnet_56 --strategy append --units first:2
  elth map ticket.safetensors cifar_resnet_20 --map '0:0;2:1;4:2'")]
pub struct Args {
    /// A model, or a ticket of it
    source: PathBuf,

    /// A model, or a ticket of it
    target: PathBuf,

    #[command(flatten)]
    mapping: MappingArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// Prints the mapping.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let from = model_or_ticket(globals, &args.source)?;
    let to = model_or_ticket(globals, &args.target)?;
    let (source, target) = (from.blueprint(&to)?, to.blueprint(&from)?);
    let map = args.mapping.plan(&source, &target, args.seeds.seeds().mask, Hop::ONLY)?;
    let document = || {
        json!({
            "source": source.name,
            "target": target.name,
            "mapping": map.official(),
            "stages": map.stages(),
        })
    };
    answer(globals, document, || text(&source, &target, &map, Paper::of_stdout()))
}

fn text(source: &Blueprint, target: &Blueprint, map: &UnitMap, paper: Paper) -> String {
    let mut table = Table::new(&[
        ("stage", Side::Left),
        ("units", Side::Right),
        ("source unit of each target unit", Side::Left),
        ("dropped", Side::Left),
    ]);
    let stages = source.elastic_stages().zip(map.stages());
    for ((_, stage), units) in stages {
        let dropped = (0..stage.units.len()).filter(|unit| !units.contains(unit));
        table.row([
            stage.name.clone(),
            format!("{} {} {}", stage.units.len(), paper.pick("→", "->"), units.len()),
            list(units.iter().copied()),
            list(dropped),
        ]);
    }
    let heading = heading(&[source.name.clone(), target.name.clone()], map, paper);
    format!("{heading}\n\n{}", table.draw(paper))
}

/// Source, target and the official string.
pub fn heading([source, target]: &[String; 2], map: &UnitMap, paper: Paper) -> String {
    let arrow = paper.pick("→", "->");
    let models = paper.bold(&format!("{source} {arrow} {target}"));
    format!("{models}\nmapping  {}", map.official())
}

fn list(units: impl Iterator<Item = usize>) -> String {
    units.map(|unit| unit.to_string()).collect::<Vec<_>>().join(" ")
}
