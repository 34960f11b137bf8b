//! `cifarhe_resnet_{18,26,34,50,101,152,200}[_W]`: `imagenet_resnet` for small images (`models/cifar_resnet_he.py` of the official code).

use super::{
    imagenet::{self, Stem},
    resnet,
    stages::Size,
};
use crate::{
    blueprint::{Blueprint, Family, Input, UnknownModel},
    schedule::{Step, Training},
};

/// The depths of the official code.
pub(super) const LISTED: &[&str] = &[
    "cifarhe_resnet_18",
    "cifarhe_resnet_26",
    "cifarhe_resnet_34",
    "cifarhe_resnet_50",
    "cifarhe_resnet_101",
    "cifarhe_resnet_152",
    "cifarhe_resnet_200",
];

/// Builds `cifarhe_resnet_N[_W]`, or the blocks of each stage as `imagenet_resnet`: a stem of one 3×3 convolution, and no pooling after it.
pub(super) fn build(
    name: &str,
    size: &Size,
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let input = input.unwrap_or(Input::new(3, 32, 32));
    imagenet::network(name, Family::CifarheResnet, Stem::Small, size, classes, input)
}

/// The official defaults: 200 epochs of batch 128, lr 0.1 dropped at 80 and 120, weight decay 5e-4.
///
/// The paper rewinds no network of this family; the step is the other residual networks' for CIFAR.
pub(super) fn training() -> Training {
    Training { training_steps: Step::epochs(200), weight_decay: 5e-4, ..resnet::training() }
}
