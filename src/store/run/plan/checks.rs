//! The range of every number in a recipe.

use elth_core::{
    blueprint::{Blueprint, TensorPlan},
    prune::ladder,
    schedule::{Step, Training},
};

use crate::{
    dataset::Name,
    run::plan::{CannotPlan, Imp},
};

/// More rounds than this leave nothing to prune: 0.8^100 of a billion weights is less than one.
const MOST_LEVELS: u32 = 100;

/// Larger than any data set elth reads.
const LARGEST_BATCH: usize = 10_000_000;

/// More gains nothing in such small networks, and thousands would bring any machine to a halt.
const MOST_THREADS: usize = 256;

/// So many steps take longer than anybody lives, and any sum of them still fits its type.
const LONGEST: u64 = 1_000_000_000_000;

pub(super) fn training(training: &Training, threads: usize) -> Result<(), CannotPlan> {
    within("batch_size", &training.batch_size, 1..=LARGEST_BATCH, "1 to 10,000,000")?;
    within("threads", &threads, 1..=MOST_THREADS, "1 to 256")?;
    let positive = |value: f64| value.is_finite() && value > 0.0;
    number("lr", training.lr, positive, "a finite number above 0")?;
    number("gamma", training.gamma, positive, "a finite number above 0")?;
    number(
        "momentum",
        training.momentum,
        |value| (0.0..1.0).contains(&value),
        "from 0 to below 1",
    )?;
    let decay = |value: f64| value.is_finite() && value >= 0.0;
    number("weight_decay", training.weight_decay, decay, "a finite number, 0 or more")?;
    let end = training.training_steps;
    if end.at(1) == 0 || end.at(LARGEST_BATCH as u64) > LONGEST {
        return Err(range(
            "training_steps",
            &end,
            "at least one step, and no more than 100,000 epochs",
        ));
    }
    Ok(())
}

pub(super) fn imp(imp: &Imp) -> Result<(), CannotPlan> {
    within("levels", &imp.levels, 0..=MOST_LEVELS, "0 to 100")?;
    let share = |value: f64| value > 0.0 && value < 1.0;
    number("pruning_fraction", imp.pruning_fraction, share, "above 0 and below 1")
}

/// A step takes no more images than there are: a larger number is a slip, and would take the memory for them.
pub(super) fn batch(size: usize, dataset: Name, images: usize) -> Result<(), CannotPlan> {
    if size <= images {
        return Ok(());
    }
    Err(CannotPlan::Batch { batch: size, dataset, images })
}

/// No norm sees one number alone: PyTorch refuses that too, and libtorch makes its running variance no number.
pub(super) fn lone_image(
    blueprint: &Blueprint,
    batch: usize,
    images: usize,
) -> Result<(), CannotPlan> {
    let is_pixel = |plan: &TensorPlan| plan.shape.len() == 4 && plan.positions == 1;
    let is_lone = batch == 1 || (batch > 0 && images % batch == 1);
    if is_lone && blueprint.prunable().any(is_pixel) {
        let model = blueprint.name.clone();
        return Err(CannotPlan::LoneImage { batch, images, model });
    }
    Ok(())
}

/// Every round leaves a weight.
pub(super) fn rounds(imp: &Imp, blueprint: &Blueprint) -> Result<(), CannotPlan> {
    let fraction = imp.pruning_fraction;
    let kept = ladder(blueprint.prunable_weights(), fraction, imp.levels, imp.counting);
    match kept.iter().position(|kept| *kept == 0) {
        Some(level) => Err(CannotPlan::Nothing { fraction, model: blueprint.name.clone(), level }),
        None => Ok(()),
    }
}

/// Every name is that of a tensor that a mask lies over.
pub(super) fn tensors(names: &[String], blueprint: &Blueprint) -> Result<(), CannotPlan> {
    let is_prunable = |name: &String| blueprint.prunable().any(|plan| plan.name == *name);
    match names.iter().find(|name| !is_prunable(name)) {
        Some(tensor) => {
            let (tensor, model) = (tensor.clone(), blueprint.name.clone());
            Err(CannotPlan::Tensor { tensor, model })
        }
        None => Ok(()),
    }
}

pub(super) fn before_end(
    key: &'static str,
    step: Step,
    end: Step,
    iterations_per_epoch: u64,
) -> Result<(), CannotPlan> {
    let iterations = end.at(iterations_per_epoch);
    if step.at(iterations_per_epoch) < iterations {
        return Ok(());
    }
    Err(CannotPlan::TooLate { key, step, end, iterations })
}

fn within<T: PartialOrd + ToString>(
    key: &'static str,
    value: &T,
    range_of: std::ops::RangeInclusive<T>,
    wanted: &'static str,
) -> Result<(), CannotPlan> {
    if range_of.contains(value) { Ok(()) } else { Err(range(key, value, wanted)) }
}

pub(super) fn number(
    key: &'static str,
    value: f64,
    is_good: impl Fn(f64) -> bool,
    wanted: &'static str,
) -> Result<(), CannotPlan> {
    if is_good(value) { Ok(()) } else { Err(range(key, &value, wanted)) }
}

fn range(key: &'static str, value: &impl ToString, wanted: &'static str) -> CannotPlan {
    CannotPlan::Range { key, value: value.to_string(), wanted }
}
