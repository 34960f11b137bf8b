//! The official initialisers: Kaiming-normal weights, PyTorch's default biases, uniform batch norms.

use crate::{
    blueprint::{Blueprint, TensorPlan},
    chance::{Stream, stream},
    slot::Role,
    weights::{Values, Weights},
};

/// Fresh weights of a model.
///
/// Weights are normal with standard deviation √(2 / fan-in), biases uniform within ±1/√(fan-in), batch-norm scales
/// uniform in [0, 1) and shifts 0: `kaiming_normal` and `uniform` of the official code (`models/initializers.py`,
/// `models/bn_initializers.py`). Each tensor draws from a stream of its own name, so that a block that
/// two depths share starts with the same values in both.
#[must_use]
pub fn initialise(blueprint: &Blueprint, seed: u64) -> Weights {
    let mut fan_in = 1;
    let mut weights = Weights::default();
    for tensor in &blueprint.tensors {
        if tensor.role == Role::Weight {
            fan_in = tensor.shape.iter().skip(1).product();
        }
        weights.0.insert(tensor.name.clone(), values(tensor, fan_in, seed));
    }
    weights
}

#[expect(clippy::cast_precision_loss, reason = "fan-ins are far below 2^53")]
fn values(tensor: &TensorPlan, fan_in: usize, seed: u64) -> Values {
    let mut chance = stream(seed, &format!("init {}", tensor.name));
    let fan_in = fan_in.max(1) as f64;
    let len = tensor.len();
    Values::Floats(match tensor.role {
        Role::Weight => normals(&mut chance, len, (2.0 / fan_in).sqrt()),
        Role::Bias => uniforms(&mut chance, len, -1.0 / fan_in.sqrt(), 1.0 / fan_in.sqrt()),
        Role::NormWeight => uniforms(&mut chance, len, 0.0, 1.0),
        Role::NormBias | Role::RunningMean => vec![0.0; len],
        Role::RunningVar => vec![1.0; len],
        Role::BatchesTracked => return Values::Count(0),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
fn normals(chance: &mut Stream, len: usize, deviation: f64) -> Vec<f32> {
    let pairs = std::iter::repeat_with(|| chance.normal_pair()).flatten();
    pairs.take(len).map(|value| (value * deviation) as f32).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
fn uniforms(chance: &mut Stream, len: usize, low: f64, high: f64) -> Vec<f32> {
    (0..len).map(|_| (low + (high - low) * chance.uniform_single()) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_weights_fit_the_model_and_have_the_official_spread() {
        let blueprint = Blueprint::new("cifar_resnet_20", None, None).unwrap();
        let weights = initialise(&blueprint, 1);
        weights.fits(&blueprint).unwrap();
        let values = weights.floats("blocks.8.conv2.weight").unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let variance = values.iter().map(|v| f64::from(v * v)).sum::<f64>() / values.len() as f64;
        assert!((variance / (2.0 / 576.0) - 1.0).abs() < 0.03, "{variance}");
        assert!(weights.floats("bn.weight").unwrap().iter().all(|v| (0.0..1.0).contains(v)));
        assert!(weights.floats("fc.bias").unwrap().iter().all(|v| v.abs() <= 0.125));
        assert_eq!(weights, initialise(&blueprint, 1));
        assert_ne!(weights, initialise(&blueprint, 2));
    }
}
