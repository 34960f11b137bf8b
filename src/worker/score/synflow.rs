//! SynFlow: how much of the output passes through each weight, whatever the images are.

use std::collections::BTreeMap;

use anyhow::Result;
use elth_core::{
    blueprint::Blueprint,
    mask::Mask,
    prune::Scores,
    slot::Role,
    weights::{Values, Weights},
};
use tch::{Kind, Tensor};

use super::scorer::named;
use crate::{
    masked::Masks,
    network::{Layout, Mode, Network},
    session::Session,
};

/// |w · ∂R/∂w| of R, the sum of the outputs at an image of ones, in double precision, divided by the largest.
///
/// The network is made linear and positive first: weights and norms' scales are absolute, biases and running means zero.
/// A norm then only scales, which leaves every product of weight and gradient what it would be were its scale part
/// of the convolution. So the scores of a layer that every path passes sum to R.
pub fn scores(
    blueprint: &Blueprint,
    weights: &Weights,
    masks: &BTreeMap<String, Mask>,
    session: Session,
) -> Result<Scores> {
    let layout = Layout::best_for(blueprint.family);
    let mut network =
        Network::new(blueprint, &positive(blueprint, weights), session.device, layout)?;
    Masks::new(&network, masks, session.device, layout)?.apply(&mut network)?;
    network.go_double();
    let input = blueprint.input;
    let shape = [1, input.channels, input.height, input.width].map(crate::dataset::signed);
    let ones = layout.of(Tensor::ones(shape, (Kind::Double, session.device)))?;
    let output = network.logits(&ones, Mode::Evaluate).sum(Kind::Double);
    let prunable = &network.parameters[..network.prunable];
    let gradients = Tensor::run_backward(&[&output], prunable, false, false);
    let _guard = tch::no_grad_guard();
    let scores: Vec<Tensor> =
        prunable.iter().zip(gradients).map(|(weight, gradient)| weight * gradient).collect();
    let largest = scores.iter().map(Tensor::max).reduce(|one, other| one.maximum(&other));
    let Some(largest) = largest else { return Ok(Scores::new()) };
    // Single precision holds 38 powers of ten below the largest; a dead network's zeros stay zeros.
    let divisor = largest.clamp_min(f64::MIN_POSITIVE);
    let scores: Vec<Tensor> =
        scores.iter().map(|score| (score / &divisor).to_kind(Kind::Float)).collect();
    named(&network, &scores)
}

/// The weights of the positive linear network.
fn positive(blueprint: &Blueprint, weights: &Weights) -> Weights {
    let mut all = weights.clone();
    for plan in &blueprint.tensors {
        let Some(Values::Floats(values)) = all.0.get_mut(&plan.name) else { continue };
        match plan.role {
            Role::Bias | Role::NormBias | Role::RunningMean => values.fill(0.0),
            Role::RunningVar => {}
            _ => values.iter_mut().for_each(|value| *value = value.abs()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use elth_core::{blueprint::Input, initialise::initialise, ticket::full_masks};
    use tch::Device;

    use super::*;

    /// Weights as they are at a rewind step: norms and biases anything but what they begin with.
    fn rewound(blueprint: &Blueprint) -> Weights {
        let mut weights = initialise(blueprint, 4);
        for plan in &blueprint.tensors {
            let Some(Values::Floats(values)) = weights.0.get_mut(&plan.name) else { continue };
            if plan.role != Role::Weight {
                let wave = |at: usize| (0.7 * f32::from(u16::try_from(at).unwrap()) + 0.3).sin();
                let positive = plan.role == Role::RunningVar;
                values.iter_mut().enumerate().for_each(|(at, value)| {
                    *value = if positive { 0.5 + wave(at).abs() } else { wave(at) };
                });
            }
        }
        weights
    }

    fn sums(model: &str, shape: Input) -> Vec<(String, f64)> {
        tch::set_num_threads(1);
        let blueprint = Blueprint::new(model, None, Some(shape)).unwrap();
        let masks = full_masks(&blueprint);
        let session = Session { device: Device::Cpu, threads: 1 };
        let scores = scores(&blueprint, &rewound(&blueprint), &masks, session).unwrap();
        assert!(scores.values().flatten().all(|score| *score > 0.0), "{model}: not all positive");
        let sum = |values: &Vec<f32>| values.iter().map(|value| f64::from(*value)).sum();
        blueprint.prunable().map(|plan| (plan.name.clone(), sum(&scores[&plan.name]))).collect()
    }

    #[test]
    fn scores_are_positive_and_each_layer_of_a_chain_has_the_same_sum() {
        let sums = sums("mnist_lenet_30_20_10", Input::new(1, 28, 28));
        for (name, sum) in &sums {
            assert!((sum / sums[0].1 - 1.0).abs() < 1e-5, "{name}: {sum} of {}", sums[0].1);
        }
    }

    #[test]
    fn what_every_path_of_a_residual_network_passes_has_the_same_sum() {
        let sums = sums("cifar_resnet_14_4", Input::new(3, 8, 8));
        let (stem, head) = (&sums[0], &sums[sums.len() - 1]);
        assert!((stem.1 / head.1 - 1.0).abs() < 1e-5, "{stem:?} {head:?}");
        assert!(sums.iter().all(|(_, sum)| *sum < head.1 * 1.00001), "a part exceeds the whole");
    }
}
