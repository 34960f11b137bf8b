//! The forward pass of `mnist_lenet_A_B…`.

use tch::Tensor;

use super::Network;

/// Hidden layers with rectifiers on the flattened image, then the output layer.
pub(super) fn forward(network: &Network, images: &Tensor) -> Tensor {
    let mut features = images.flatten(1, -1); // (batch, channels · height · width)
    let layers: usize = network.blueprint.depths().iter().sum();
    for layer in 0..layers {
        features = network.linear(&format!("fc_layers.{layer}"), &features).relu_();
    }
    network.linear("fc", &features)
}
