//! The forward pass of `cifar_mobilenetv1[_N]`.

use tch::Tensor;

use super::{Mode, Network, mean_of_map};

/// Stem, three parts of depthwise-separable blocks, the mean over the whole map, one linear layer.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let stem = network.conv("conv", images, 1); // (batch, 32, height, width)
    let mut maps = network.norm("bn", &stem, mode).relu_();
    let parts = network.blueprint.stages.iter().filter(|stage| stage.name.starts_with("part"));
    for (part, plan) in (1..).zip(parts) {
        for unit in 0..plan.units.len() {
            let name = format!("layers_part{part}.{unit}");
            maps = separable(network, &name, &maps, stride(part, unit), mode);
        }
    }
    network.linear("fc", &mean_of_map(&maps))
}

/// The first part halves the map in every second block, the last in its first.
fn stride(part: usize, unit: usize) -> i64 {
    let halves = (part == 1 && unit % 2 == 1) || (part == 3 && unit == 0);
    if halves { 2 } else { 1 }
}

/// A convolution of each channel for itself, then one of all channels at each pixel.
fn separable(network: &Network, name: &str, maps: &Tensor, stride: i64, mode: Mode) -> Tensor {
    let each = network.depthwise_conv(&format!("{name}.conv1"), maps, stride);
    let each = network.norm(&format!("{name}.bn1"), &each, mode).relu_();
    let all = network.conv(&format!("{name}.conv2"), &each, 1);
    network.norm(&format!("{name}.bn2"), &all, mode).relu_()
}
