//! `imagenet_resnet_{18,26,34,50,101,152,200}[_W]`: four stages of residual blocks (`models/imagenet_resnet.py` of the official code).

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

/// The depths of the paper (18, 26, 34) and of the official code.
pub(super) const LISTED: &[&str] = &[
    "imagenet_resnet_18",
    "imagenet_resnet_26",
    "imagenet_resnet_34",
    "imagenet_resnet_50",
    "imagenet_resnet_101",
    "imagenet_resnet_152",
    "imagenet_resnet_200",
];

/// Width of the first stage where the name gives none.
const WIDTH: usize = 64;

/// The smallest images that elth reads: strides with padding leave a pixel of any.
const LEAST: Input = Input { channels: 3, height: 8, width: 8 };

/// What residual blocks are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Two 3×3 convolutions.
    Basic,
    /// A 1×1, a 3×3 and a 1×1 convolution to four times the width; the stride is the 3×3 one's.
    Bottleneck,
}

impl Block {
    /// Channels that leave a block, as a multiple of its width.
    fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }
}

/// The official networks: depth, blocks, and how many each stage has.
const PLANS: [(usize, Block, [usize; 4]); 7] = [
    (18, Block::Basic, [2, 2, 2, 2]),
    (26, Block::Basic, [2, 3, 4, 3]),
    (34, Block::Basic, [3, 4, 6, 3]),
    (50, Block::Bottleneck, [3, 4, 6, 3]),
    (101, Block::Bottleneck, [3, 4, 23, 3]),
    (152, Block::Bottleneck, [3, 8, 36, 3]),
    (200, Block::Bottleneck, [3, 24, 36, 3]),
];

/// What the images meet first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stem {
    /// A 7×7 convolution of stride 2, then a 3×3 maximum of stride 2.
    Large,
    /// A 3×3 convolution of stride 1.
    Small,
}

/// Builds `imagenet_resnet_N[_W]`, or the blocks of each stage: `imagenet_resnet_2-3-5-2[_W]`, bottlenecks
/// `imagenet_resnet_3-4-8-3b[_W]`.
pub(super) fn build(
    name: &str,
    size: &Size,
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let input = input.unwrap_or(Input::new(3, 224, 224));
    network(name, Family::ImagenetResnet, Stem::Large, size, classes, input)
}

/// The official defaults: 90 epochs of batch 1,024, lr 0.4 after 5 epochs of warm-up, dropped at 30, 60 and 80, rewound
/// to epoch 5.
pub(super) fn training() -> Training {
    Training {
        batch_size: 1024,
        training_steps: Step::epochs(90),
        rewinding_steps: Step::epochs(5),
        milestone_steps: [30, 60, 80].map(Step::epochs).to_vec(),
        warmup_steps: Step::epochs(5),
        lr: 0.4,
        gamma: 0.1,
        momentum: 0.9,
        weight_decay: 1e-4,
    }
}

/// Builds a network of either family: they differ in the stem only.
pub(super) fn network(
    name: &str,
    family: Family,
    stem: Stem,
    size: &Size,
    classes: usize,
    input: Input,
) -> Result<Blueprint, UnknownModel> {
    let (block, depths, named) = checked(name, family, size)?;
    let width = named.unwrap_or(WIDTH);
    // A block has less than 300 · W² · 4^stage weights; a ResNet-200 less than 16,000 · W².
    let blocks = depths.iter().zip([1, 4, 16, 64]).map(|(depth, size)| depth * size);
    if width > 10_000 || (blocks.sum::<usize>() * 20).saturating_mul(width * width) > MOST_WEIGHTS {
        let reason = "the network would be too large to hold: take a smaller width W";
        return Err(numbers_error(name, family, reason));
    }
    if input.channels != 3 || input.height < LEAST.height || input.width < LEAST.width {
        return Err(input_error(name, input, LEAST));
    }
    let mut builder = Builder::new();
    let [height, columns] = stem_layers(&mut builder, stem, width, input);
    let (mut channels, mut entering) = (width, height * columns);
    for (stage, depth) in depths.into_iter().enumerate() {
        // A 3×3 convolution of stride 2 with padding 1 rounds up.
        let positions = height.div_ceil(1 << stage) * columns.div_ceil(1 << stage);
        let place = Place { stage, width: width << stage, entering, positions };
        channels = stage_layers(&mut builder, block, depth, &place, channels);
        entering = positions;
    }
    builder.stage("head", false);
    builder.unit("model.fc.", UnitKind::Anchor);
    builder.linear("", classes, channels);
    Ok(builder.finish(&official(family, block, depths, named), family, classes, input))
}

/// What the blocks are made of, how many a stage has, and the width that was named.
fn checked(
    name: &str,
    family: Family,
    size: &Size,
) -> Result<(Block, [usize; 4], Option<usize>), UnknownModel> {
    let wrong = |reason| Err(numbers_error(name, family, reason));
    let (depth, width) = match size {
        Size::Stages(stages) => {
            let block = if stages.bottleneck { Block::Bottleneck } else { Block::Basic };
            return Ok((block, stages.checked(name, family, true)?, stages.width));
        }
        Size::Numbers(numbers) => match **numbers {
            [depth] => (depth, None),
            [depth, width] => (depth, Some(width)),
            _ => return wrong("a depth N and, if wanted, a width W are all that follows"),
        },
    };
    match PLANS.iter().find(|(official, ..)| *official == depth) {
        Some((_, block, depths)) => Ok((*block, *depths, width)),
        None => wrong("the depth N must be 18, 26, 34, 50, 101, 152 or 200"),
    }
}

/// The one name of such a network.
fn official(family: Family, block: Block, depths: [usize; 4], width: Option<usize>) -> String {
    let plan = PLANS.iter().find(|(_, kind, plan)| *kind == block && *plan == depths);
    let listed = || Stages::listed(&depths, block == Block::Bottleneck);
    let depth = plan.map_or_else(listed, |(depth, ..)| depth.to_string());
    let width = width.map_or(String::new(), |width| format!("_{width}"));
    format!("{family}_{depth}{width}")
}

/// Height and width of the maps that enter the first stage.
fn stem_layers(builder: &mut Builder, stem: Stem, width: usize, input: Input) -> [usize; 2] {
    builder.stage("stem", false);
    builder.unit("model.", UnitKind::Anchor);
    let size = [input.height, input.width];
    let (kernel, halved, entering) = match stem {
        Stem::Small => (3, size, size),
        Stem::Large => (7, size.map(|side| side.div_ceil(2)), size.map(|side| side.div_ceil(4))),
    };
    builder.conv("conv1", width, 3, kernel, halved[0] * halved[1]);
    builder.norm("bn1", width);
    entering
}

/// Where a stage stands: its number, its blocks' width, and the positions of the maps that enter and leave it.
struct Place {
    stage: usize,
    width: usize,
    entering: usize,
    positions: usize,
}

/// The blocks of a stage; returns the channels that leave it.
fn stage_layers(
    builder: &mut Builder,
    block: Block,
    depth: usize,
    place: &Place,
    mut channels: usize,
) -> usize {
    builder.stage(format!("stage{}", place.stage + 1), true);
    let out = place.width * block.expansion();
    for unit in 0..depth {
        let kind = if unit == 0 { UnitKind::Anchor } else { UnitKind::Repeatable };
        builder.unit(format!("model.layer{}.{unit}.", place.stage + 1), kind);
        let entering = if unit == 0 { place.entering } else { place.positions };
        block_layers(builder, block, place, channels, entering);
        if unit == 0 && (place.stage > 0 || channels != out) {
            builder.conv("downsample.0", out, channels, 1, place.positions);
            builder.norm("downsample.1", out);
        }
        channels = out;
    }
    channels
}

fn block_layers(builder: &mut Builder, block: Block, place: &Place, input: usize, entering: usize) {
    let (width, positions) = (place.width, place.positions);
    match block {
        Block::Basic => {
            builder.conv("conv1", width, input, 3, positions);
            builder.norm("bn1", width);
            builder.conv("conv2", width, width, 3, positions);
            builder.norm("bn2", width);
        }
        Block::Bottleneck => {
            // The first convolution sees the maps before the stride.
            builder.conv("conv1", width, input, 1, entering);
            builder.norm("bn1", width);
            builder.conv("conv2", width, width, 3, positions);
            builder.norm("bn2", width);
            builder.conv("conv3", 4 * width, width, 1, positions);
            builder.norm("bn3", 4 * width);
        }
    }
}
