//! Masks over a network's weights: applied once at the start and after every step.

use std::collections::BTreeMap;

use anyhow::Result;
use elth_core::mask::Mask;
use tch::{Device, Kind, Tensor};

use crate::network::{Layout, Network, shape};

/// One factor of zeros and ones for each prunable parameter; none where every weight is kept.
#[derive(Debug)]
pub struct Masks(pub Vec<Tensor>);

impl Masks {
    /// Puts masks onto the device of the network that they belong to.
    pub fn new(
        network: &Network,
        masks: &BTreeMap<String, Mask>,
        device: Device,
        layout: Layout,
    ) -> Result<Self> {
        if masks.values().all(|mask| mask.kept() == mask.len()) {
            return Ok(Self(Vec::new()));
        }
        let factors = network.blueprint.prunable().map(|plan| {
            let bits = Tensor::from_slice(&masks[&plan.name].to_bytes());
            let factor = bits.to_device(device).to_kind(Kind::Float);
            layout.of(factor.view(shape(plan).as_slice()))
        });
        Ok(Self(factors.collect::<Result<_>>()?))
    }

    /// Makes every value outside the masks zero, of tensors in the order of the prunable parameters.
    pub fn apply_to(&self, tensors: &mut [Tensor]) -> Result<()> {
        if !self.0.is_empty() {
            elth_shim::foreach_mul_(tensors, &self.0)?;
        }
        Ok(())
    }

    /// Makes every weight outside the masks exactly zero.
    pub fn apply(&self, network: &mut Network) -> Result<()> {
        self.apply_to(&mut network.parameters[..network.prunable])
    }
}
