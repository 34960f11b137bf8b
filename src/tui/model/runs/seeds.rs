//! Which seeds a run has, in words that fit into a row, and where they tell runs apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use elth_core::chance::Seeds;
use elth_store::run::{recipe::Recipe, standing::Standing};

use super::task;

/// Seeds up to this are known by the four that come from them.
const KNOWN: u64 = 1000;

/// The seed that an order of examples comes from.
static BY_ORDER: LazyLock<BTreeMap<u64, u64>> =
    LazyLock::new(|| (0..KNOWN).map(|seed| (Seeds::derive(seed).order, seed)).collect());

/// The run's seeds: the one that all four come from, otherwise those of order and initial weights.
#[must_use]
pub fn words(recipe: &Recipe) -> String {
    let seeds = recipe.seeds();
    match BY_ORDER.get(&seeds.order) {
        Some(seed) if Seeds::derive(*seed) == seeds => format!("seed {seed}"),
        Some(seed) => format!("seeds order as of {seed}, init {}", seeds.init),
        None => format!("seeds order {}, init {}", seeds.order, seeds.init),
    }
}

/// The tasks that several runs have with other seeds each.
#[must_use]
pub fn varied(runs: &[Standing]) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    let mut varied = BTreeSet::new();
    for run in runs {
        let task = task(run);
        let first = seen.entry(task.clone()).or_insert(run.recipe.seeds);
        if *first != run.recipe.seeds {
            varied.insert(task);
        }
    }
    varied
}
