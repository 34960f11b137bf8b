//! `mnist_lenet_A_B…`: fully connected hidden layers of the named widths (`models/mnist_lenet.py` of the official code).

use super::{MOST_WEIGHTS, builder::Builder, numbers_error};
use crate::{
    blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel},
    schedule::{Step, Training},
};

/// The classic network and the paper's MLP-2, MLP-3 and MLP-4.
pub(super) const LISTED: &[&str] = &[
    "mnist_lenet_300_100",
    "mnist_lenet_300_300_100",
    "mnist_lenet_300_300_300_100",
    "mnist_lenet_300_300_300_300_100",
];

/// Builds hidden layers of the named widths on the flattened image, and the output layer `fc`.
pub(super) fn build(
    name: &str,
    widths: &[usize],
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let input = input.unwrap_or(Input::new(1, 28, 28));
    let mut before = input.values();
    let mut weights = 0_usize;
    for &width in widths.iter().chain([&classes]) {
        weights = weights.saturating_add(before.saturating_mul(width));
        before = width;
    }
    if weights > MOST_WEIGHTS || widths.len() > 1000 {
        let reason = "the network would be too large to hold: take smaller or fewer layers";
        return Err(numbers_error(name, Family::MnistLenet, reason));
    }
    Ok(layers(widths, classes, input).finish(name, Family::MnistLenet, classes, input))
}

/// The official defaults: 40 epochs of batch 128, plain SGD with lr 0.1, no rewinding.
pub(super) fn training() -> Training {
    Training {
        batch_size: 128,
        training_steps: Step::epochs(40),
        rewinding_steps: Step::iterations(0),
        milestone_steps: Vec::new(),
        warmup_steps: Step::iterations(0),
        lr: 0.1,
        gamma: 0.1,
        momentum: 0.0,
        weight_decay: 0.0,
    }
}

fn layers(widths: &[usize], classes: usize, input: Input) -> Builder {
    let mut builder = Builder::new();
    builder.stage("hidden", true);
    let mut before = input.values();
    for (layer, &width) in widths.iter().enumerate() {
        // Only a layer whose width stays the same can stand twice in a row.
        let kind = if before == width { UnitKind::Repeatable } else { UnitKind::Bridge };
        builder.unit(format!("fc_layers.{layer}."), kind);
        builder.linear("", width, before);
        before = width;
    }
    builder.stage("head", false);
    builder.unit("fc.", UnitKind::Anchor);
    builder.linear("", classes, before);
    builder
}
