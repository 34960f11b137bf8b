//! The forward pass of `cifar_vgg_N[_W]`.

use tch::Tensor;

use super::{Mode, Network, mean_of_map};

/// Five stages of convolutions, the mean over the whole map, one linear layer.
///
/// The official code takes the mean over 2×2, which is the whole map of 32×32 images.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let maps = convolutions(network, images, mode);
    network.linear("fc", &mean_of_map(&maps))
}

/// Convolutions with norm and rectifier, a maximum over 2×2 between the stages.
pub(super) fn convolutions(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let mut maps = images.shallow_clone(); // (batch, 3, height, width)
    let mut layer = 0;
    let stages = network.blueprint.stages.iter().filter(|stage| stage.name.starts_with("stage"));
    for (stage, plan) in stages.enumerate() {
        if stage > 0 {
            maps = maps.max_pool2d(2, 2, 0, 1, false);
            layer += 1;
        }
        for _ in &plan.units {
            let conv = network.biased_conv(&format!("layers.{layer}.conv"), &maps);
            maps = network.norm(&format!("layers.{layer}.bn"), &conv, mode).relu_();
            layer += 1;
        }
    }
    maps // (batch, 8·W, height / 16, width / 16)
}
