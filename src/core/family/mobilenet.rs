//! `cifar_mobilenetv1[_N[_W]]`: depthwise-separable blocks, N of which are replicated (`models/cifar_mobilenetv1.py` of the official code).

use super::{MOST_WEIGHTS, builder::Builder, input_error, numbers_error};
use crate::blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel};

/// The depths of the author's scripts; without a number N is 5.
pub(super) const LISTED: &[&str] =
    &["cifar_mobilenetv1_3", "cifar_mobilenetv1_5", "cifar_mobilenetv1_10"];

/// Repeated blocks where the name gives no number.
const BLOCKS: usize = 5;

/// The smallest images that elth reads: strides with padding leave a pixel of any.
const LEAST: Input = Input { channels: 3, height: 8, width: 8 };

/// Channels of the stem where the name gives none; the official code has no others.
const WIDTH: usize = 32;

/// Channels, as a multiple of the stem's, and stride of each block before the repeated ones.
const BEFORE: &[(usize, usize)] = &[(2, 1), (4, 2), (4, 1), (8, 2), (8, 1), (16, 2)];

/// Channels of the repeated blocks, as a multiple of the stem's.
const REPEATED: usize = 16;

/// Channels, as a multiple of the stem's, and stride of each block after them.
const AFTER: &[(usize, usize)] = &[(32, 2), (32, 1)];

/// Builds `cifar_mobilenetv1[_N[_W]]`: N repeated blocks behind a stem of W channels.
pub(super) fn build(
    name: &str,
    numbers: &[usize],
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let family = Family::CifarMobilenetv1;
    let wrong = |reason| Err(numbers_error(name, family, reason));
    let (blocks, width) = match *numbers {
        [] => (BLOCKS, WIDTH),
        [blocks] => (blocks, WIDTH),
        [blocks, width] => (blocks, width),
        _ => return wrong("a number N of blocks and, if wanted, a width W are all that follows"),
    };
    if blocks > 10_000 {
        return wrong("N must be 10,000 or less");
    }
    // A repeated block has 256 · W² weights, all others together less than 2,000 · W².
    if width > 10_000 || (256 * blocks + 2_000).saturating_mul(width * width) > MOST_WEIGHTS {
        return wrong("the network would be too large to hold: take a smaller width W");
    }
    let input = input.unwrap_or(Input::new(3, 32, 32));
    if input.channels != 3 || input.height < LEAST.height || input.width < LEAST.width {
        return Err(input_error(name, input, LEAST));
    }
    Ok(layers(blocks, width, classes, input).finish(name, family, classes, input))
}

/// What a run of blocks leaves for the next: channels and map; and what the stem began with.
struct Maps {
    stem: usize,
    channels: usize,
    height: usize,
    width: usize,
}

fn layers(blocks: usize, stem: usize, classes: usize, input: Input) -> Builder {
    let mut builder = Builder::new();
    let mut maps = Maps { stem, channels: stem, height: input.height, width: input.width };
    builder.stage("stem", false);
    builder.unit("", UnitKind::Anchor);
    builder.conv("conv", stem, 3, 3, maps.height * maps.width);
    builder.norm("bn", stem);
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
    for (block, &(factor, stride)) in blocks.iter().enumerate() {
        let out = factor * maps.stem;
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
