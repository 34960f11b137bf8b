//! Options that choose a mapping: a strategy with its units, or the mapping outright, and an order on top.

use anyhow::Result;
use elth_core::{
    blueprint::Blueprint,
    reshape::{
        reorder::{Order, reorder},
        strategy::{Strategy, Units, plan},
    },
    unit_map::{BadMap, UnitMap},
};

use crate::cli::failure::usage;

/// Which source unit fills which target unit.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Mapping")]
pub struct MappingArgs {
    /// append or interpolate to stretch; tail, head or interleave to squeeze [default: interpolate, tail]
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Strategy>)]
    strategy: Option<Strategy>,

    /// Units that a stretch replicates: `1,2`, `first:K` or `last:K` [default: all]
    #[arg(long, value_name = "UNITS", value_parser = str::parse::<Units>)]
    units: Option<Units>,

    /// The mapping outright, source unit first: `0:0;1:1,2;2:3,4`, stages separated by `|`
    #[arg(long, value_name = "MAPPING", conflicts_with_all = ["strategy", "units"])]
    map: Option<String>,

    /// Then permutes units of equal shape: `reverse`, `random` or the units in their new order, `3,1,2`; where stages
    /// differ one list each, `3,1,2|2,1`
    #[arg(long, value_name = "ORDER", num_args = 0..=1, default_missing_value = "random")]
    reorder: Option<String>,
}

impl MappingArgs {
    /// The mapping that the options give between two models; `seed` is that of a random order.
    pub fn plan(&self, source: &Blueprint, target: &Blueprint, seed: u64) -> Result<UnitMap> {
        let order = self.reorder.as_deref().map(|text| Order::parse(text, seed)).transpose();
        let order = order.map_err(usage)?;
        let map = match &self.map {
            Some(text) => UnitMap::parse(source, target, text).map_err(wrong_map)?,
            None => plan(source, target, self.strategy, &self.units.clone().unwrap_or_default())?,
        };
        Ok(match order {
            Some(order) => reorder(source, target, &map, &order)?,
            None => map,
        })
    }
}

/// A text outside the grammar is a typing mistake; a mapping that does not fit could have fitted another model.
fn wrong_map(error: BadMap) -> anyhow::Error {
    match error {
        BadMap::Grammar { .. } => usage(error),
        _ => error.into(),
    }
}
