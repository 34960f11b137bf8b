//! `cifar_resnet_N[_W]`: three stages of residual blocks (`models/cifar_resnet.py` of the official code).

use super::{
    MOST_WEIGHTS,
    builder::Builder,
    input_error, numbers_error,
    stages::{Size, Stages},
};
use crate::{
    blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel},
    schedule::{Step, Training},
};

/// The depths of the paper and ResNet-110.
pub(super) const LISTED: &[&str] = &[
    "cifar_resnet_14",
    "cifar_resnet_20",
    "cifar_resnet_32",
    "cifar_resnet_44",
    "cifar_resnet_56",
    "cifar_resnet_110",
];

/// Width of the first stage where the name gives none.
const WIDTH: usize = 16;

/// The network halves the image twice, and a map of less than one pixel is none.
const LEAST: Input = Input { channels: 3, height: 4, width: 4 };

/// Builds `cifar_resnet_N[_W]` with N = 6D + 2: D blocks in each of three stages of widths W, 2W, 4W; or the blocks of
/// each stage, `cifar_resnet_3-5-3[_W]`.
pub(super) fn build(
    name: &str,
    size: &Size,
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let (blocks, width) = checked(name, size)?;
    let wide = width.unwrap_or(WIDTH);
    let depth = 2 * blocks.iter().sum::<usize>() + 2;
    if wide > 10_000 || depth.saturating_mul(wide).saturating_mul(wide * 100) > MOST_WEIGHTS {
        let reason = "the network would be too large to hold: take a smaller width W";
        return Err(numbers_error(name, Family::CifarResnet, reason));
    }
    let input = input.unwrap_or(Input::new(3, 32, 32));
    if input.channels != 3 || input.height < LEAST.height || input.width < LEAST.width {
        return Err(input_error(name, input, LEAST));
    }
    let name = official(blocks, width);
    Ok(layers(blocks, wide, classes, input).finish(&name, Family::CifarResnet, classes, input))
}

/// Blocks of each stage and the width that was named.
fn checked(name: &str, size: &Size) -> Result<([usize; 3], Option<usize>), UnknownModel> {
    let wrong = |reason| Err(numbers_error(name, Family::CifarResnet, reason));
    let (depth, width) = match size {
        Size::Stages(stages) => {
            return Ok((stages.checked(name, Family::CifarResnet, false)?, stages.width));
        }
        Size::Numbers(numbers) => match **numbers {
            [depth] => (depth, None),
            [depth, width] => (depth, Some(width)),
            _ => return wrong("a depth N and, if wanted, a width W are all that follows"),
        },
    };
    if depth < 8 || depth % 6 != 2 || depth > 10_000 {
        return wrong("the depth N must be 6D + 2: 8, 14, 20, 32, 44, 56, 110, …");
    }
    Ok(([(depth - 2) / 6; 3], width))
}

/// The one name of such a network.
fn official(blocks: [usize; 3], width: Option<usize>) -> String {
    let [first, ..] = blocks;
    let depth = if blocks == [first; 3] {
        (6 * first + 2).to_string()
    } else {
        Stages::listed(&blocks, false)
    };
    let width = width.map_or(String::new(), |width| format!("_{width}"));
    format!("{}_{depth}{width}", Family::CifarResnet)
}

/// The official defaults: 160 epochs of batch 128, lr 0.1 dropped at 80 and 120 epochs, rewound to step 1000.
pub(super) fn training() -> Training {
    Training {
        batch_size: 128,
        training_steps: Step::epochs(160),
        rewinding_steps: Step::iterations(1000),
        milestone_steps: vec![Step::epochs(80), Step::epochs(120)],
        warmup_steps: Step::iterations(0),
        lr: 0.1,
        gamma: 0.1,
        momentum: 0.9,
        weight_decay: 1e-4,
    }
}

fn layers(blocks: [usize; 3], width: usize, classes: usize, input: Input) -> Builder {
    let mut builder = Builder::new();
    let (mut height, mut columns) = (input.height, input.width);
    builder.stage("stem", false);
    builder.unit("", UnitKind::Anchor);
    builder.conv("conv", width, 3, 3, height * columns);
    builder.norm("bn", width);
    let (mut channels, mut before) = (width, 0);
    for (stage, depth) in blocks.into_iter().enumerate() {
        builder.stage(format!("stage{}", stage + 1), true);
        let out = width << stage;
        if stage > 0 {
            // A 3×3 convolution of stride 2 with padding 1 rounds up.
            (height, columns) = (height.div_ceil(2), columns.div_ceil(2));
        }
        for block in 0..depth {
            let kind = if block == 0 { UnitKind::Anchor } else { UnitKind::Repeatable };
            builder.unit(format!("blocks.{}.", before + block), kind);
            block_layers(&mut builder, out, channels, height * columns);
            channels = out;
        }
        before += depth;
    }
    builder.stage("head", false);
    builder.unit("fc.", UnitKind::Anchor);
    builder.linear("", classes, channels);
    builder
}

fn block_layers(builder: &mut Builder, out: usize, input: usize, positions: usize) {
    builder.conv("conv1", out, input, 3, positions);
    builder.norm("bn1", out);
    builder.conv("conv2", out, out, 3, positions);
    builder.norm("bn2", out);
    if out != input {
        builder.conv("shortcut.0", out, input, 1, positions);
        builder.norm("shortcut.1", out);
    }
}
