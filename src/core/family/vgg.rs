//! `cifar_vgg_{11,13,16,19}[_W]`: five stages of convolutions between poolings (`models/cifar_vgg.py` of the official code).

use super::{
    MOST_WEIGHTS,
    builder::Builder,
    input_error, numbers_error, resnet,
    stages::{Size, Stages},
};
use crate::{
    blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel},
    schedule::{Step, Training},
};

/// The depths of the paper and VGG-11.
pub(super) const LISTED: &[&str] =
    &["cifar_vgg_11", "cifar_vgg_13", "cifar_vgg_16", "cifar_vgg_19"];

/// Width of the first stage where the name gives none.
pub(super) const WIDTH: usize = 64;

/// Four poolings halve the image, and a map of less than one pixel is none.
const LEAST: Input = Input { channels: 3, height: 16, width: 16 };

/// Convolutions of each stage, by the official depth.
const DEPTHS: [(usize, [usize; 5]); 4] =
    [(11, [1, 1, 2, 2, 2]), (13, [2, 2, 2, 2, 2]), (16, [2, 2, 3, 3, 3]), (19, [2, 2, 4, 4, 4])];

/// Builds `cifar_vgg_N[_W]`: stages of widths W, 2W, 4W, 8W, 8W; or the convolutions of each, `cifar_vgg_1-2-2-2-1[_W]`.
pub(super) fn build(
    name: &str,
    size: &Size,
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let family = Family::CifarVgg;
    let (depths, named) = match size {
        Size::Stages(stages) => (stages.checked(name, family, false)?, stages.width),
        Size::Numbers(numbers) => match **numbers {
            [depth] => (depths_of(name, family, depth)?, None),
            [depth, width] => (depths_of(name, family, depth)?, Some(width)),
            _ => {
                let reason = "a depth N and, if wanted, a width W are all that follows";
                return Err(numbers_error(name, family, reason));
            }
        },
    };
    let width = named.unwrap_or(WIDTH);
    check_size(name, family, depths, width)?;
    let input = checked_input(name, input)?;
    let mut builder = Builder::new();
    convolutions(&mut builder, depths, width, input, true);
    head(&mut builder, width, classes);
    Ok(builder.finish(&official(depths, named), family, classes, input))
}

/// The one name of such a network.
fn official(depths: [usize; 5], width: Option<usize>) -> String {
    let depth = DEPTHS.iter().find(|(_, plan)| *plan == depths);
    let depth =
        depth.map_or_else(|| Stages::listed(&depths, false), |(depth, _)| depth.to_string());
    let width = width.map_or(String::new(), |width| format!("_{width}"));
    format!("{}_{depth}{width}", Family::CifarVgg)
}

/// The official defaults: those of the residual networks, but rewound to step 200.
pub(super) fn training() -> Training {
    Training { rewinding_steps: Step::iterations(200), ..resnet::training() }
}

/// Convolutions of each stage of an official depth.
pub(super) fn depths_of(
    name: &str,
    family: Family,
    depth: usize,
) -> Result<[usize; 5], UnknownModel> {
    let plan = DEPTHS.into_iter().find(|(official, _)| *official == depth).map(|(_, plan)| plan);
    plan.ok_or_else(|| numbers_error(name, family, "the depth must be 11, 13, 16 or 19"))
}

/// Refuses networks that could not be held.
pub(super) fn check_size(
    name: &str,
    family: Family,
    depths: [usize; 5],
    width: usize,
) -> Result<(), UnknownModel> {
    // A layer has at most 576 · W² weights.
    let layers = depths.iter().sum::<usize>();
    if width > 10_000 || layers.saturating_mul(576 * width * width) > 2 * MOST_WEIGHTS {
        let reason = "the network would be too large to hold: take a smaller width W";
        return Err(numbers_error(name, family, reason));
    }
    Ok(())
}

/// The images asked for, or CIFAR's, where poolings leave something of them.
pub(super) fn checked_input(name: &str, input: Option<Input>) -> Result<Input, UnknownModel> {
    let input = input.unwrap_or(Input::new(3, 32, 32));
    if input.channels != 3 || input.height < LEAST.height || input.width < LEAST.width {
        return Err(input_error(name, input, LEAST));
    }
    Ok(input)
}

/// Convolutions with bias and norm; the numbers in their names count the poolings between the stages too.
pub(super) fn convolutions(
    builder: &mut Builder,
    depths: [usize; 5],
    width: usize,
    input: Input,
    elastic: bool,
) {
    let (mut layer, mut channels) = (0, 3);
    for (stage, depth) in depths.into_iter().enumerate() {
        builder.stage(format!("stage{}", stage + 1), elastic);
        let out = width << stage.min(3);
        let positions = (input.height >> stage) * (input.width >> stage);
        for unit in 0..depth {
            let kind = if unit == 0 { UnitKind::Anchor } else { UnitKind::Repeatable };
            builder.unit(format!("layers.{layer}."), kind);
            builder.conv("conv", out, channels, 3, positions);
            builder.bias("conv", out);
            builder.norm("bn", out);
            channels = out;
            layer += 1;
        }
        // The pooling.
        layer += 1;
    }
}

/// The output layer on the mean of the last maps.
pub(super) fn head(builder: &mut Builder, width: usize, classes: usize) {
    builder.stage("head", false);
    builder.unit("fc.", UnitKind::Anchor);
    builder.linear("", classes, 8 * width);
}
