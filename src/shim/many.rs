//! One call over many tensors: the optimiser's step, the masks, the memory layout.

use std::ptr;

use tch::Tensor;

use crate::{Error, ffi};

/// The learning rate, where the kernel finds it.
#[derive(Debug)]
pub enum Rate<'a> {
    /// A number that travels with the call.
    Host(f64),
    /// A float tensor without dimensions beside the weights: a captured graph reads it at each replay.
    Device(&'a Tensor),
}

/// The numbers of one step of stochastic gradient descent.
#[derive(Debug)]
pub struct Sgd<'a> {
    /// Learning rate.
    pub lr: Rate<'a>,
    /// Momentum; the buffers are not touched when it is 0.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
    /// Looks one step ahead (Nesterov).
    pub nesterov: bool,
}

/// Does one step on all weights, with the gradients that `backward` left on them.
///
/// `gradient += weight_decay * weight; momentum_buffer = momentum * momentum_buffer + gradient;
/// weight -= lr * momentum_buffer`. Buffers start at zero and are laid out like their weights
/// (`zeros_like`). Weights without a gradient are left alone.
///
/// # Errors
/// Lists of different lengths, and what libtorch refuses (shapes, kinds, devices).
pub fn fused_sgd(
    weights: &mut [Tensor],
    momenta: &mut [Tensor],
    sgd: &Sgd<'_>,
) -> Result<(), Error> {
    step(weights, None, momenta, sgd)
}

/// Does one step on all weights, with the gradients given.
///
/// # Errors
/// As [`fused_sgd`].
pub fn fused_sgd_with(
    weights: &mut [Tensor],
    gradients: &[Tensor],
    momenta: &mut [Tensor],
    sgd: &Sgd<'_>,
) -> Result<(), Error> {
    paired("fused_sgd_with", weights, gradients)?;
    step(weights, Some(gradients), momenta, sgd)
}

fn step(
    weights: &mut [Tensor],
    gradients: Option<&[Tensor]>,
    momenta: &mut [Tensor],
    sgd: &Sgd<'_>,
) -> Result<(), Error> {
    if sgd.momentum != 0.0 {
        paired("fused_sgd", weights, momenta)?;
    }
    let gradients = gradients.map(ffi::pointers);
    let (lr, device_lr) = match sgd.lr {
        Rate::Host(lr) => (lr, ptr::null()),
        Rate::Device(tensor) => (0.0, tensor.as_ptr()),
    };
    // An optimiser's step is no part of what is differentiated.
    let _no_grad = tch::no_grad_guard();
    // SAFETY: the lists are as long as said (momenta only read with momentum), and outlive the call.
    ffi::read(unsafe {
        ffi::elth_fused_sgd(
            ffi::pointers(weights).as_ptr(),
            gradients.as_ref().map_or(ptr::null(), Vec::as_ptr),
            ffi::pointers(momenta).as_ptr(),
            weights.len(),
            device_lr,
            lr,
            sgd.momentum,
            sgd.weight_decay,
            sgd.nesterov,
        )
    })
}

/// Multiplies each tensor by its factor, in place: with a mask of zeros and ones, masks it.
///
/// # Errors
/// Lists of different lengths, and what libtorch refuses.
pub fn foreach_mul_(tensors: &mut [Tensor], factors: &[Tensor]) -> Result<(), Error> {
    paired("foreach_mul_", tensors, factors)?;
    let _no_grad = tch::no_grad_guard();
    let (tensors, factors) = (ffi::pointers(tensors), ffi::pointers(factors));
    // SAFETY: both lists have this length and outlive the call.
    ffi::read(unsafe { ffi::elth_foreach_mul(tensors.as_ptr(), factors.as_ptr(), tensors.len()) })
}

/// Copies each source into its tensor.
///
/// # Errors
/// Lists of different lengths, and what libtorch refuses.
pub fn foreach_copy_(tensors: &mut [Tensor], sources: &[Tensor]) -> Result<(), Error> {
    paired("foreach_copy_", tensors, sources)?;
    let _no_grad = tch::no_grad_guard();
    let (tensors, sources) = (ffi::pointers(tensors), ffi::pointers(sources));
    // SAFETY: both lists have this length and outlive the call.
    ffi::read(unsafe { ffi::elth_foreach_copy(tensors.as_ptr(), sources.as_ptr(), tensors.len()) })
}

/// Sets every tensor to zero.
///
/// # Errors
/// What libtorch refuses.
pub fn foreach_zero_(tensors: &mut [Tensor]) -> Result<(), Error> {
    let _no_grad = tch::no_grad_guard();
    let tensors = ffi::pointers(tensors);
    // SAFETY: the list has this length and outlives the call.
    ffi::read(unsafe { ffi::elth_foreach_zero(tensors.as_ptr(), tensors.len()) })
}

/// The same images or weights with channels last in memory; shape and values stay.
///
/// # Errors
/// A tensor without four dimensions.
pub fn channels_last(tensor: &Tensor) -> Result<Tensor, Error> {
    let mut result = ptr::null_mut();
    // SAFETY: on success `result` is a tensor of its own, which `from_ptr` takes over.
    ffi::read(unsafe { ffi::elth_channels_last(tensor.as_ptr(), &raw mut result) })?;
    Ok(unsafe { Tensor::from_ptr(result) })
}

/// Lays a weight out with channels last, without its ceasing to be the weight that others hold.
///
/// # Errors
/// A tensor without four dimensions.
pub fn set_data_channels_last(tensor: &mut Tensor) -> Result<(), Error> {
    // SAFETY: the handle is borrowed mutably for the call.
    ffi::read(unsafe { ffi::elth_set_data_channels_last(tensor.as_mut_ptr()) })
}

fn paired(what: &'static str, left: &[Tensor], right: &[Tensor]) -> Result<(), Error> {
    if left.len() == right.len() {
        return Ok(());
    }
    Err(Error::Lengths { what, left: left.len(), right: right.len() })
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    /// Runs five steps beside the formula, written out with one operation per term.
    fn check_sgd(momentum: f64, weight_decay: f64, nesterov: bool, device_lr: bool) {
        let (mut weight, mut buffer) = (Tensor::randn([5, 7], FLOAT), Tensor::zeros([5, 7], FLOAT));
        let (mut expected, mut velocity) = (weight.copy(), buffer.copy());
        for step in 1..=5 {
            let lr = 0.1 / f64::from(step);
            let gradient = Tensor::randn([5, 7], FLOAT);
            let decayed = &gradient + &expected * weight_decay;
            velocity = velocity * momentum + &decayed;
            let descent = if nesterov { &decayed + &velocity * momentum } else { velocity.copy() };
            expected = &expected - descent * lr;
            let lr_tensor = Tensor::from(lr).to_kind(Kind::Float);
            let lr = if device_lr { Rate::Device(&lr_tensor) } else { Rate::Host(lr) };
            let sgd = Sgd { lr, momentum, weight_decay, nesterov };
            let (weights, buffers) =
                (std::slice::from_mut(&mut weight), std::slice::from_mut(&mut buffer));
            fused_sgd_with(weights, &[gradient], buffers, &sgd).unwrap();
        }
        let apart = (&weight - &expected).abs().max().double_value(&[]);
        assert!(apart < 1e-6, "momentum {momentum}, decay {weight_decay}: {apart} apart");
    }

    #[test]
    fn a_fused_step_is_what_the_formula_says() {
        tch::manual_seed(1);
        for (momentum, weight_decay, nesterov, device_lr) in [
            (0.0, 0.0, false, false),
            (0.9, 0.0, false, false),
            (0.9, 1e-4, false, false),
            (0.9, 1e-4, false, true),
            (0.9, 5e-4, true, false),
        ] {
            check_sgd(momentum, weight_decay, nesterov, device_lr);
        }
    }

    #[test]
    fn gradients_come_from_backward_and_weights_without_one_stay() {
        let used = Tensor::ones([3], FLOAT).set_requires_grad(true);
        let unused = Tensor::ones([2], FLOAT).set_requires_grad(true);
        (&used * 2.0).sum(Kind::Float).backward();
        let mut weights = [used, unused];
        let mut momenta = [Tensor::zeros([3], FLOAT), Tensor::zeros([2], FLOAT)];
        let sgd = Sgd { lr: Rate::Host(0.25), momentum: 0.9, weight_decay: 0.0, nesterov: false };
        fused_sgd(&mut weights, &mut momenta, &sgd).unwrap();
        assert_eq!(Vec::<f32>::try_from(&weights[0]).unwrap(), [0.5; 3]);
        assert_eq!(Vec::<f32>::try_from(&weights[1]).unwrap(), [1.0; 2]);
    }

    #[test]
    fn a_gradient_in_another_layout_reaches_its_own_weight() {
        let gradient = Tensor::arange(2 * 3 * 4 * 5, FLOAT).view([2, 3, 4, 5]);
        let mut weight = [channels_last(&gradient.zeros_like()).unwrap()];
        let mut momentum = [weight[0].zeros_like()];
        let sgd = Sgd { lr: Rate::Host(1.0), momentum: 0.9, weight_decay: 0.0, nesterov: false };
        fused_sgd_with(&mut weight, std::slice::from_ref(&gradient), &mut momentum, &sgd).unwrap();
        assert!(weight[0].equal(&-gradient));
    }

    #[test]
    fn masked_weights_are_exactly_zero() {
        let mut weights = [Tensor::randn([64, 3], FLOAT), Tensor::randn([9], FLOAT)];
        let kept: Vec<Tensor> = weights.iter().map(|weight| weight.gt(0.0)).collect();
        let masks: Vec<Tensor> = kept.iter().map(|mask| mask.to_kind(Kind::Float)).collect();
        let before: Vec<Tensor> = weights.iter().map(Tensor::copy).collect();
        foreach_mul_(&mut weights, &masks).unwrap();
        for ((weight, before), kept) in weights.iter().zip(&before).zip(&kept) {
            assert!(weight.equal(&before.where_self(kept, &before.zeros_like())));
        }
    }

    #[test]
    fn many_tensors_are_copied_and_cleared_in_one_call() {
        let mut tensors = [Tensor::zeros([4], FLOAT), Tensor::zeros([2, 2], FLOAT)];
        let sources = [Tensor::randn([4], FLOAT), Tensor::randn([2, 2], FLOAT)];
        foreach_copy_(&mut tensors, &sources).unwrap();
        assert!(tensors[0].equal(&sources[0]) && tensors[1].equal(&sources[1]));
        foreach_zero_(&mut tensors).unwrap();
        assert!(tensors.iter().all(|tensor| tensor.equal(&tensor.zeros_like())));
    }

    #[test]
    fn channels_last_changes_the_layout_and_no_value() {
        let images = Tensor::randn([2, 3, 4, 5], FLOAT);
        let last = channels_last(&images).unwrap();
        assert_eq!(last.stride(), [60, 1, 15, 3]);
        assert!(last.equal(&images));
        let mut weight = images.copy().set_requires_grad(true);
        set_data_channels_last(&mut weight).unwrap();
        assert!(weight.requires_grad() && weight.stride() == [60, 1, 15, 3]);
        assert!(weight.equal(&images));
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_no_crash() {
        let mut one = [Tensor::zeros([4], FLOAT)];
        assert!(matches!(foreach_mul_(&mut one, &[]), Err(Error::Lengths { left: 1, .. })));
        let sgd = Sgd { lr: Rate::Host(0.1), momentum: 0.0, weight_decay: 0.0, nesterov: false };
        let other_shape = [Tensor::zeros([5], FLOAT)];
        let refused = fused_sgd_with(&mut one, &other_shape, &mut [], &sgd).unwrap_err();
        assert!(refused.to_string().contains("a gradient of shape [5]"), "{refused}");
        assert!(channels_last(&one[0]).is_err());
    }
}
