//! How long a global threshold takes, and what else pruning 25 million weights is made of, on one core.
//!
//! `cargo run --release --example threshold`

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use elth_core::{
    blueprint::Blueprint,
    initialise::initialise,
    prune::{
        Counting, Ranking,
        allocation::{Allocation, Demand, prune_weights},
    },
    ticket::full_masks,
    weights::{Values, Weights},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Blueprint::new("cifar_resnet_20_154", None, None)?;
    let full = full_masks(&model);
    let weights = timed("fresh weights", 1, || initialise(&model, 1));
    let demand = Demand {
        sparsity: 0.9,
        counting: Counting::Exact,
        allocation: Allocation::Global,
        ranking: Ranking::Absolute,
    };
    let prune = |masks: &BTreeMap<_, _>, weights: &Weights, demand: &Demand| {
        prune_weights(&model, weights, masks, demand).map(|pruned| pruned.masks)
    };
    // Asking for no more zeros than there are finds the threshold and makes no mask.
    timed("threshold alone", 9, || prune(&full, &weights, &Demand { sparsity: 0.0, ..demand }))?;
    let masks = timed("threshold and masks", 9, || prune(&full, &weights, &demand))?;
    let sparser = Demand { sparsity: 0.99, ..demand };
    timed("the same of a sparse ticket", 9, || prune(&masks, &weights, &sparser))?;
    let equal = Weights(
        model
            .tensors
            .iter()
            .map(|plan| (plan.name.clone(), Values::Floats(vec![0.5; plan.len()])))
            .collect(),
    );
    timed("the same of equal scores", 3, || prune(&full, &equal, &demand))?;
    Ok(())
}

/// Says the quickest of so many turns.
fn timed<T>(what: &str, turns: u32, mut work: impl FnMut() -> T) -> T {
    let mut turn = || {
        let since = Instant::now();
        let made = black_box(work());
        (since.elapsed(), made)
    };
    let (mut quickest, mut made): (Duration, T) = turn();
    for _ in 1..turns {
        let (took, again) = turn();
        (quickest, made) = (quickest.min(took), again);
    }
    println!("{what:30} {:>8.1} ms", quickest.as_secs_f64() * 1e3);
    made
}
