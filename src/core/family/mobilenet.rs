//! `cifar_mobilenetv1[_N]`: depthwise-separable blocks, N of which are replicated (`models/cifar_mobilenetv1.py` of the official code).

use super::{builder::Builder, input_error, numbers_error};
use crate::blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel};

/// The depths of the author's scripts; without a number N is 5.
pub(super) const LISTED: &[&str] =
    &["cifar_mobilenetv1_3", "cifar_mobilenetv1_5", "cifar_mobilenetv1_10"];

/// Repeated blocks where the name gives no number.
const BLOCKS: usize = 5;

/// The smallest images that elth reads: strides with padding leave a pixel of any.
const LEAST: Input = Input { channels: 3, height: 8, width: 8 };

/// Channels of the stem.
const STEM: usize = 32;

/// Channels and stride of each block before the repeated ones.
const BEFORE: &[(usize, usize)] = &[(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)];

/// Channels of the repeated blocks.
const REPEATED: usize = 512;

/// Channels and stride of each block after them.
const AFTER: &[(usize, usize)] = &[(1024, 2), (1024, 1)];

/// Builds `cifar_mobilenetv1[_N]`.
pub(super) fn build(
    name: &str,
    numbers: &[usize],
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let family = Family::CifarMobilenetv1;
    let blocks = match *numbers {
        [] => BLOCKS,
        [blocks] if blocks <= 10_000 => blocks,
        [_] => return Err(numbers_error(name, family, "N must be 10,000 or less")),
        _ => return Err(numbers_error(name, family, "a number N of blocks is all that follows")),
    };
    let input = input.unwrap_or(Input::new(3, 32, 32));
    if input.channels != 3 || input.height < LEAST.height || input.width < LEAST.width {
        return Err(input_error(name, input, LEAST));
    }
    Ok(layers(blocks, classes, input).finish(name, family, classes, input))
}

/// What a run of blocks leaves for the next: channels and map.
struct Maps {
    channels: usize,
    height: usize,
    width: usize,
}

fn layers(blocks: usize, classes: usize, input: Input) -> Builder {
    let mut builder = Builder::new();
    let mut maps = Maps { channels: STEM, height: input.height, width: input.width };
    builder.stage("stem", false);
    builder.unit("", UnitKind::Anchor);
    builder.conv("conv", STEM, 3, 3, maps.height * maps.width);
    builder.norm("bn", STEM);
    builder.stage("part1", false);
    part(&mut builder, 1, BEFORE, UnitKind::Anchor, &mut maps);
    builder.stage("part2", true);
    part(&mut builder, 2, &vec![(REPEATED, 1); blocks], UnitKind::Repeatable, &mut maps);
    builder.stage("part3", false);
    part(&mut builder, 3, AFTER, UnitKind::Anchor, &mut maps);
    builder.stage("head", false);
    builder.unit("fc.", UnitKind::Anchor);
    builder.linear("", classes, maps.channels);
    builder
}

fn part(
    builder: &mut Builder,
    part: usize,
    blocks: &[(usize, usize)],
    kind: UnitKind,
    maps: &mut Maps,
) {
    for (block, &(out, stride)) in blocks.iter().enumerate() {
        // A 3×3 convolution of stride 2 with padding 1 rounds up.
        (maps.height, maps.width) = (maps.height.div_ceil(stride), maps.width.div_ceil(stride));
        let positions = maps.height * maps.width;
        builder.unit(format!("layers_part{part}.{block}."), kind);
        // Depthwise: each channel has a kernel of its own.
        builder.conv("conv1", maps.channels, 1, 3, positions);
        builder.norm("bn1", maps.channels);
        builder.conv("conv2", out, maps.channels, 1, positions);
        builder.norm("bn2", out);
        maps.channels = out;
    }
}
