//! The forward pass of `cifarhe_resnet_N[_W]`.

use tch::Tensor;

use super::{Mode, Network, imagenet};

/// A stem that keeps the image's size, then the stages of the residual networks for large images.
pub(super) fn forward(network: &Network, images: &Tensor, mode: Mode) -> Tensor {
    let stem = network.conv("model.conv1", images, 1); // (batch, W, height, width)
    let stem = network.norm("model.bn1", &stem, mode).relu_();
    imagenet::body(network, stem, mode)
}
