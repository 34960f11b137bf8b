//! The forward pass of `cifar_vggnfc_D_W_F`.

use tch::Tensor;

use super::{Mode, Network, mean_of_map, vgg};

/// The convolutions of a VGG network, hidden layers with rectifiers, the output layer.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let maps = vgg::convolutions(network, images, mode);
    let mut features = mean_of_map(&maps); // (batch, 8·W)
    let layers: usize = network.blueprint.depths().iter().sum();
    for layer in 0..layers {
        features = network.linear(&format!("classifier.{}", 2 * layer), &features).relu_();
    }
    network.linear("fc", &features)
}
