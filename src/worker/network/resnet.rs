//! The forward pass of `cifar_resnet_N[_W]`.

use tch::Tensor;

use super::{Mode, Network, mean_of_map};

/// Stem, three stages of residual blocks, the mean over the whole map, one linear layer.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let stem = network.conv("conv", images, 1); // (batch, W, height, width)
    let mut maps = network.norm("bn", &stem, mode).relu_();
    let depths = network.blueprint.depths();
    let mut block = 0;
    for (stage, depth) in depths.into_iter().enumerate() {
        for unit in 0..depth {
            let stride = if stage > 0 && unit == 0 { 2 } else { 1 };
            maps = residual(network, &format!("blocks.{block}"), &maps, stride, mode);
            block += 1;
        }
    }
    let features = mean_of_map(&maps); // (batch, 4·W)
    network.linear("fc", &features)
}

/// Two convolutions beside a shortcut, which is a convolution of its own where the shape changes.
fn residual(network: &Network, name: &str, maps: &Tensor, stride: i64, mode: Mode) -> Tensor {
    let first = network.conv(&format!("{name}.conv1"), maps, stride);
    let first = network.norm(&format!("{name}.bn1"), &first, mode).relu_();
    let second = network.conv(&format!("{name}.conv2"), &first, 1);
    let second = network.norm(&format!("{name}.bn2"), &second, mode);
    let mut sum = if stride == 1 {
        second + maps
    } else {
        let shortcut = network.conv(&format!("{name}.shortcut.0"), maps, stride);
        second + network.norm(&format!("{name}.shortcut.1"), &shortcut, mode)
    };
    sum.relu_()
}
