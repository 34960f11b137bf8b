//! The forward pass of `imagenet_resnet_N[_W]`.

use tch::Tensor;

use super::{Mode, Network, mean_of_map};

/// A stem that quarters the image, then what both families of this kind share.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let stem = network.conv("model.conv1", images, 2); // (batch, W, height / 2, width / 2)
    let stem = network.norm("model.bn1", &stem, mode).relu_();
    body(network, stem.max_pool2d(3, 2, 1, 1, false), mode)
}

/// Four stages of residual blocks, the mean over the whole map, one linear layer.
pub(super) fn body(network: &Network, mut maps: Tensor, mode: Mode) -> Tensor {
    for (stage, depth) in network.blueprint.depths().into_iter().enumerate() {
        for unit in 0..depth {
            let name = format!("model.layer{}.{unit}", stage + 1);
            let stride = if stage > 0 && unit == 0 { 2 } else { 1 };
            maps = residual(network, &name, &maps, stride, mode);
        }
    }
    network.linear("model.fc", &mean_of_map(&maps))
}

/// Two or three convolutions beside a shortcut, which is a convolution of its own where the shape changes.
fn residual(network: &Network, name: &str, maps: &Tensor, stride: i64, mode: Mode) -> Tensor {
    let layer = |number: usize, maps: &Tensor, stride: i64| {
        let conv = network.conv(&format!("{name}.conv{number}"), maps, stride);
        network.norm(&format!("{name}.bn{number}"), &conv, mode)
    };
    let branch = if network.has(&format!("{name}.conv3")) {
        let narrow = layer(1, maps, 1).relu_();
        let across = layer(2, &narrow, stride).relu_();
        layer(3, &across, 1)
    } else {
        let first = layer(1, maps, stride).relu_();
        layer(2, &first, 1)
    };
    let mut sum = if network.has(&format!("{name}.downsample.0")) {
        let shortcut = network.conv(&format!("{name}.downsample.0"), maps, stride);
        branch + network.norm(&format!("{name}.downsample.1"), &shortcut, mode)
    } else {
        branch + maps
    };
    sum.relu_()
}
