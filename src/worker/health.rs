//! How sound a training is: the size of its gradient, channels that died, and whether the masks are what they were.

use anyhow::Result;
use tch::{Kind, Tensor};

use crate::{masked::Masks, network::Network};

/// An odd number near 2^32 divided by the golden ratio: neighbours get factors far apart.
const FACTOR: i64 = 2_654_435_761;

/// What an epoch ended with.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Euclidean norm of the last gradient over the kept weights; none where it is no finite number.
    pub gradient_norm: Option<f64>,
    /// Output channels whose weights are all zero.
    pub dead_channels: u64,
    /// Output channels of all prunable tensors.
    pub channels: u64,
    /// Checksum of the masks; none where every weight is kept.
    pub mask: Option<String>,
}

/// Examines a network after a step; `gradient` is what [`gradient_norm`] said of that step.
pub fn examine(network: &Network, masks: &Masks, gradient: Option<&Tensor>) -> Result<Health> {
    let (dead, channels) = dead_channels(network)?;
    let norm = gradient.map(f64::try_from).transpose()?;
    Ok(Health {
        gradient_norm: norm.filter(|norm| norm.is_finite()),
        dead_channels: dead,
        channels,
        mask: checksum(masks)?,
    })
}

/// The norm of gradients over the kept weights, on its way still.
pub fn gradient_norm(gradients: &[Tensor], masks: &Masks) -> Tensor {
    let norms = gradients.iter().enumerate().map(|(at, gradient)| match masks.0.get(at) {
        Some(factor) => (gradient * factor).norm(),
        None => gradient.norm(),
    });
    Tensor::stack(&norms.collect::<Vec<_>>(), 0).norm()
}

fn dead_channels(network: &Network) -> Result<(u64, u64)> {
    let _guard = tch::no_grad_guard();
    let prunable = &network.parameters[..network.prunable];
    let dead = prunable.iter().map(|weights| {
        let rows = weights.detach().flatten(1, -1); // (output channels, weights of each)
        rows.abs().amax(1, false).eq(0.0).sum(Kind::Int64)
    });
    let dead = Tensor::stack(&dead.collect::<Vec<_>>(), 0).sum(Kind::Int64);
    let channels: i64 = prunable.iter().map(|weights| weights.size()[0]).sum();
    Ok((u64::try_from(i64::try_from(&dead)?)?, u64::try_from(channels)?))
}

/// The kept places, each by a factor of its own, summed as integers: the same on every device.
fn checksum(masks: &Masks) -> Result<Option<String>> {
    if masks.0.is_empty() {
        return Ok(None);
    }
    let sums = masks.0.iter().map(|factor| {
        let places = Tensor::arange(
            factor.numel().try_into().unwrap_or(i64::MAX),
            (Kind::Int64, factor.device()),
        );
        let factors = (places + 1) * FACTOR;
        (factor.to_kind(Kind::Int64) * factors.view(factor.size().as_slice())).sum(Kind::Int64)
    });
    let sums: Vec<i64> = Vec::try_from(Tensor::stack(&sums.collect::<Vec<_>>(), 0))?;
    let all = sums.iter().fold(0_u64, |all, sum| {
        all.rotate_left(7).wrapping_mul(FACTOR.unsigned_abs()) ^ sum.cast_unsigned()
    });
    Ok(Some(format!("{all:016x}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use elth_core::{
        blueprint::{Blueprint, Input},
        initialise::initialise,
        mask::Mask,
    };
    use tch::Device;

    use super::*;
    use crate::network::Layout;

    fn check(keep: impl Fn(usize) -> bool, dead: u64, layout: Layout) -> Health {
        let blueprint =
            Blueprint::new("cifar_resnet_8_4", None, Some(Input::new(3, 8, 8))).unwrap();
        let masks: BTreeMap<_, _> = blueprint
            .prunable()
            .map(|plan| (plan.name.clone(), Mask::from_fn(plan.len(), &keep)))
            .collect();
        let weights = initialise(&blueprint, 1);
        let mut network = Network::new(&blueprint, &weights, Device::Cpu, layout).unwrap();
        let masks = Masks::new(&network, &masks, Device::Cpu, layout).unwrap();
        masks.apply(&mut network).unwrap();
        let ones: Vec<Tensor> =
            network.parameters.iter().map(|it| it.detach().ones_like()).collect();
        let norm = gradient_norm(&ones, &masks);
        let health = examine(&network, &masks, Some(&norm)).unwrap();
        assert_eq!(health.dead_channels, dead);
        health
    }

    #[test]
    fn health_says_what_is_dead_and_which_mask_holds() {
        let every_third = |at: usize| at.is_multiple_of(3);
        let first = check(every_third, 0, Layout::ChannelsFirst);
        assert_eq!(check(every_third, 0, Layout::ChannelsLast), first);
        let other = check(|at| at % 3 == 1, 0, Layout::ChannelsFirst);
        assert_ne!(other.mask, first.mask);
        assert!(check(|_| true, 0, Layout::ChannelsFirst).mask.is_none());
        let none = check(|_| false, first.channels, Layout::ChannelsFirst);
        assert!(none.gradient_norm.unwrap() < first.gradient_norm.unwrap());
    }
}
