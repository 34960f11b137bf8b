//! `elth models`: the families and how large their networks are.

use anyhow::{Error, Result};
use elth_core::{
    blueprint::{Blueprint, Family},
    family,
};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    failure::usage,
    globals::Globals,
    paper::{Paper, number},
    table::{Side, Table},
};

/// Lists model families: stages, units, weights, FLOPs
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  elth models\n  elth models cifar_resnet\n  elth models cifar_resnet_20_8 --json\n  elth models cifar_resnet_3-5-3      units of each stage"
)]
pub struct Args {
    /// A family, or any one model of it
    family: Option<String>,
}

/// Prints the models of a family, one model, or all that are listed.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let models = chosen(args.family.as_deref())?;
    answer(globals, || models.iter().map(document).collect(), || text(&models, Paper::of_stdout()))
}

fn chosen(family: Option<&str>) -> Result<Vec<Blueprint>> {
    let named = |name: &str| Blueprint::new(name, None, None).map_err(usage);
    let listed = |family: Family| family::listed(family).iter().map(|name| named(name));
    match family {
        None => Family::ALL.into_iter().flat_map(listed).collect(),
        Some(name) => match Family::ALL.into_iter().find(|family| family.name() == name) {
            Some(family) => listed(family).collect(),
            None => Blueprint::new(name, None, None).map(|one| vec![one]).map_err(no_such),
        },
    }
}

fn no_such(error: impl std::fmt::Display) -> Error {
    let families = Family::ALL.map(Family::name).join(", ");
    usage(format!("{error} (families: {families})"))
}

fn document(model: &Blueprint) -> Value {
    json!({
        "name": model.name,
        "family": model.family.name(),
        "stages": model.depths(),
        "weights": model.parameters(),
        "prunable": model.prunable_weights(),
        "flops": model.flops(),
        "classes": model.classes,
        "input": model.input.to_string(),
    })
}

fn text(models: &[Blueprint], paper: Paper) -> String {
    let mut table = Table::new(&[
        ("model", Side::Left),
        ("units", Side::Left),
        ("weights", Side::Right),
        ("prunable", Side::Right),
        ("FLOPs", Side::Right),
        ("images", Side::Left),
        ("classes", Side::Right),
    ]);
    for model in models {
        let units: Vec<_> = model.depths().iter().map(ToString::to_string).collect();
        table.row([
            model.name.clone(),
            units.join(" "),
            number(model.parameters()),
            number(model.prunable_weights()),
            number(model.flops()),
            model.input.to_string(),
            model.classes.to_string(),
        ]);
    }
    table.draw(paper)
}
