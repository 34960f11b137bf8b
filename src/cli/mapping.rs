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

/// Which source unit fills which target unit; where there are several hops, once for all of them or once for each.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Mapping")]
pub struct MappingArgs {
    /// append or interpolate to stretch; tail, head or interleave to squeeze [default: interpolate, tail]
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Strategy>)]
    strategy: Vec<Strategy>,

    /// Units that a stretch replicates: `1,2`, `first:K` or `last:K` [default: all]
    #[arg(long, value_name = "UNITS", value_parser = str::parse::<Units>)]
    units: Vec<Units>,

    /// The mapping outright, source unit first: `0:0;1:1,2;2:3,4`, stages separated by `|`
    #[arg(long, value_name = "MAPPING", conflicts_with_all = ["strategy", "units"])]
    map: Vec<String>,

    /// Then permutes units of equal shape: `reverse`, `random` or the units in their new order, `3,1,2`; where stages
    /// differ one list each, `3,1,2|2,1`
    #[arg(long, value_name = "ORDER", num_args = 0..=1, default_missing_value = "random")]
    reorder: Vec<String>,
}

/// One of several hops: its number, from 0, and how many there are.
#[derive(Debug, Clone, Copy)]
pub struct Hop(pub usize, pub usize);

impl Hop {
    /// The only one.
    pub const ONLY: Self = Self(0, 1);

    /// What an option says of this hop.
    fn of<'a, T>(self, values: &'a [T], option: &str) -> Result<Option<&'a T>> {
        let Self(number, hops) = self;
        match values.len() {
            0 => Ok(None),
            1 => Ok(values.first()),
            count if count == hops => Ok(values.get(number)),
            count => Err(usage(format!(
                "{option} is given {count} times for {hops} hops: give it once, or once for each --to"
            ))),
        }
    }
}

impl MappingArgs {
    /// Whether anything was said of which unit goes where.
    pub fn is_given(&self) -> bool {
        let words = [self.strategy.len(), self.units.len(), self.map.len(), self.reorder.len()];
        words != [0; 4]
    }

    /// The mapping that the options give between two models; `seed` is that of a random order.
    pub fn plan(
        &self,
        source: &Blueprint,
        target: &Blueprint,
        seed: u64,
        hop: Hop,
    ) -> Result<UnitMap> {
        let strategy = hop.of(&self.strategy, "--strategy")?.copied();
        let units = hop.of(&self.units, "--units")?.cloned().unwrap_or_default();
        let order = hop.of(&self.reorder, "--reorder")?;
        let order = order.map(|text| Order::parse(text, seed)).transpose().map_err(usage)?;
        let map = match hop.of(&self.map, "--map")? {
            Some(text) => UnitMap::parse(source, target, text).map_err(wrong_map)?,
            None => plan(source, target, strategy, &units)?,
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
