//! What a training changes: weights, momentum, masks, step; and one step of it.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use elth_core::{blueprint::Blueprint, mask::Mask, weights::Weights};
use elth_shim::{Rate, Sgd};
use tch::Tensor;

use crate::{
    dataset::Batch,
    masked::Masks,
    network::{Layout, Mode, Network, on_host, parameter_order, shape},
    session::Session,
};

/// A training between two steps.
#[derive(Debug)]
pub struct State {
    /// The network.
    pub network: Network,
    /// Steps of the schedule that are behind it.
    pub step: u64,
    momenta: Vec<Tensor>,
    masks: Masks,
}

/// Momentum by the name of its parameter.
pub type Momenta = BTreeMap<String, Vec<f32>>;

impl State {
    /// Starts at a step with masked weights and momentum zero.
    pub fn start(
        blueprint: &Blueprint,
        weights: &Weights,
        masks: &BTreeMap<String, Mask>,
        step: u64,
        session: Session,
    ) -> Result<Self> {
        let layout = Layout::best_for(blueprint.family);
        Self::start_in(layout, blueprint, weights, masks, step, session)
    }

    /// Starts in a memory layout of the caller's choice.
    pub fn start_in(
        layout: Layout,
        blueprint: &Blueprint,
        weights: &Weights,
        masks: &BTreeMap<String, Mask>,
        step: u64,
        session: Session,
    ) -> Result<Self> {
        let mut network = Network::new(blueprint, weights, session.device, layout)?;
        let masks = Masks::new(&network, masks, session.device, layout)?;
        masks.apply(&mut network)?;
        let momenta = network.parameters.iter().map(|p| p.detach().zeros_like()).collect();
        Ok(Self { network, step, momenta, masks })
    }

    /// One step: forward, backward, SGD, masks. Returns the loss, which is on its way still.
    pub fn learn(&mut self, batch: &Batch, sgd: &Sgd<'_>) -> Result<Tensor> {
        let logits = self.network.logits(&batch.images, Mode::Train);
        let loss = logits.cross_entropy_for_logits(&batch.labels);
        let gradients = Tensor::run_backward(&[&loss], &self.network.parameters, false, false);
        elth_shim::fused_sgd_with(
            &mut self.network.parameters,
            &gradients,
            &mut self.momenta,
            sgd,
        )?;
        self.masks.apply(&mut self.network)?;
        self.step += 1;
        Ok(loss.detach())
    }

    /// Momentum on the host.
    pub fn momenta(&self) -> Result<Momenta> {
        let plans = parameter_order(&self.network.blueprint).zip(&self.momenta);
        plans.map(|(plan, momentum)| Ok((plan.name.clone(), on_host(momentum)?))).collect()
    }

    /// Takes up momentum that was saved.
    pub fn set_momenta(&mut self, saved: &Momenta) -> Result<()> {
        for (plan, momentum) in parameter_order(&self.network.blueprint).zip(&mut self.momenta) {
            let values = saved.get(&plan.name).map_or(&[][..], Vec::as_slice);
            ensure!(values.len() == plan.len(), "momentum of `{}` has another shape", plan.name);
            let values = Tensor::from_slice(values).view(shape(plan).as_slice());
            momentum.copy_(&values.to_device(momentum.device()));
        }
        Ok(())
    }
}

/// The numbers of a step at this learning rate.
pub fn sgd(training: &elth_core::schedule::Training, lr: f64) -> Sgd<'static> {
    Sgd {
        lr: Rate::Host(lr),
        momentum: training.momentum,
        weight_decay: training.weight_decay,
        nesterov: false,
    }
}
