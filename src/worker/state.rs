//! What a training changes: weights, momentum, masks, step; and one step of it.

mod motion;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use elth_core::{blueprint::Blueprint, mask::Mask, weights::Weights};
use elth_shim::{Rate, Sgd};
use tch::Tensor;

use crate::{
    dataset::Batch,
    health::{self, Health},
    masked::Masks,
    network::{Layout, Mode, Network, on_host, parameter_order, shape},
    session::Session,
};

pub use motion::{Motion, Move, Moved};

/// A training between two steps.
#[derive(Debug)]
pub struct State {
    /// The network.
    pub network: Network,
    /// Steps of the schedule that are behind it.
    pub step: u64,
    momenta: Vec<Tensor>,
    masks: Masks,
    gradient_norm: Option<Tensor>,
    /// Where masks move.
    motion: Option<Box<Motion>>,
}

/// Whether a step's gradient is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// It costs one more pass over the gradients.
    Gradient,
    /// Nothing more than the loss.
    Nothing,
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
        Ok(Self { network, step, momenta, masks, gradient_norm: None, motion: None })
    }

    /// One step: forward, backward, SGD, masks, or a move of the masks. Returns the loss, which is on its way still.
    pub fn learn(&mut self, batch: &Batch, sgd: &Sgd<'_>, measure: Measure) -> Result<Tensor> {
        self.choose()?;
        let logits = self.network.logits(&batch.images, Mode::Train);
        let loss = logits.cross_entropy_for_logits(&batch.labels);
        let gradients = Tensor::run_backward(&[&loss], &self.network.parameters, false, false);
        self.gradient_norm =
            (measure == Measure::Gradient).then(|| health::gradient_norm(&gradients, &self.masks));
        let exchange = self.exchanges_now();
        if exchange != Some(true) {
            self.descend(&gradients, sgd)?;
        }
        if exchange.is_some() {
            self.exchange(&gradients)?;
        }
        self.step += 1;
        Ok(loss.detach())
    }

    /// How sound it is after the last step.
    pub fn health(&self) -> Result<Health> {
        health::examine(&self.network, &self.masks, self.gradient_norm.as_ref())
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

#[cfg(test)]
mod tests {
    use elth_core::{initialise::initialise, ticket::full_masks};
    use tch::{Device, Kind, Reduction};

    use super::*;

    const LEARNING: Sgd<'_> =
        Sgd { lr: Rate::Host(0.1), momentum: 0.9, weight_decay: 1e-4, nesterov: false };

    fn batch(seed: i64) -> Batch {
        let pattern = Tensor::arange(16 * 3 * 8 * 8, (Kind::Float, Device::Cpu));
        let images = (pattern * 0.37 + seed).sin().view([16, 3, 8, 8]);
        let labels = Tensor::arange(16, (Kind::Int64, Device::Cpu)).remainder(10);
        Batch { images, labels }
    }

    fn start(masks: &BTreeMap<String, Mask>, blueprint: &Blueprint) -> State {
        let session = Session { device: Device::Cpu, threads: 1 };
        State::start(blueprint, &initialise(blueprint, 1), masks, 0, session).unwrap()
    }

    fn blueprint(name: &str) -> Blueprint {
        tch::set_num_threads(1);
        Blueprint::new(name, None, Some(elth_core::blueprint::Input::new(3, 8, 8))).unwrap()
    }

    #[test]
    fn masked_weights_are_exactly_zero_after_every_step() {
        for name in ["cifar_resnet_8_4", "mnist_lenet_20_20"] {
            let blueprint = blueprint(name);
            let third = |len| Mask::from_fn(len, |at| at % 3 == 0);
            let plans = blueprint.prunable();
            let masks: BTreeMap<_, _> =
                plans.map(|plan| (plan.name.clone(), third(plan.len()))).collect();
            let mut state = start(&masks, &blueprint);
            for step in 0..5 {
                let weights = state.network.weights().unwrap();
                for (tensor, mask) in &masks {
                    let values = weights.floats(tensor).unwrap();
                    let zero = |(at, value): (usize, &f32)| mask.keeps(at) || *value == 0.0;
                    assert!(values.iter().enumerate().all(zero), "{tensor} at step {step}");
                }
                let _loss = state.learn(&batch(step), &LEARNING, Measure::Nothing).unwrap();
            }
            assert_eq!(state.step, 5);
        }
    }

    #[test]
    fn a_step_is_what_autograd_and_the_formula_give_in_both_layouts() {
        let blueprint = blueprint("cifar_resnet_8_4");
        let session = Session { device: Device::Cpu, threads: 1 };
        let (weights, masks) = (initialise(&blueprint, 1), full_masks(&blueprint));
        for layout in [Layout::ChannelsFirst, Layout::ChannelsLast] {
            let mut state =
                State::start_in(layout, &blueprint, &weights, &masks, 0, session).unwrap();
            let mut slow =
                Network::new(&blueprint, &weights, Device::Cpu, Layout::ChannelsFirst).unwrap();
            let mut velocities: Vec<Tensor> =
                slow.parameters.iter().map(|p| p.detach().zeros_like()).collect();
            for step in 0..3 {
                let batch = batch(step);
                let _loss = state.learn(&batch, &LEARNING, Measure::Gradient).unwrap();
                let logits = slow.logits(&batch.images, Mode::Train);
                let loss = logits.cross_entropy_loss(
                    &batch.labels,
                    None::<&Tensor>,
                    Reduction::Mean,
                    -100,
                    0.0,
                );
                let gradients = Tensor::run_backward(&[&loss], &slow.parameters, false, false);
                let _guard = tch::no_grad_guard();
                for ((weight, velocity), gradient) in
                    slow.parameters.iter_mut().zip(&mut velocities).zip(gradients)
                {
                    *velocity = &*velocity * 0.9 + gradient + &*weight * 1e-4;
                    let _ = weight.g_sub_(&(&*velocity * 0.1));
                }
            }
            let (ours, theirs) = (state.network.weights().unwrap(), slow.weights().unwrap());
            for (name, values) in &theirs.0 {
                match (values, ours.0.get(name)) {
                    (elth_core::weights::Values::Floats(slow), _) => {
                        let fast = ours.floats(name).unwrap();
                        let apart = slow.iter().zip(fast).map(|(a, b)| (a - b).abs());
                        let apart = apart.fold(0.0, f32::max);
                        assert!(apart < 2e-5, "{name}: {apart} apart in {layout:?}");
                    }
                    (count, other) => assert_eq!(Some(count), other),
                }
            }
        }
    }

    #[test]
    fn momentum_is_saved_and_taken_up_and_starts_at_zero() {
        let blueprint = blueprint("cifar_resnet_8_4");
        let mut state = start(&full_masks(&blueprint), &blueprint);
        assert!(state.momenta().unwrap().values().flatten().all(|value| *value == 0.0));
        let _loss = state.learn(&batch(0), &LEARNING, Measure::Nothing).unwrap();
        let saved = state.momenta().unwrap();
        let mut other = start(&full_masks(&blueprint), &blueprint);
        other.set_momenta(&saved).unwrap();
        assert_eq!(other.momenta().unwrap(), saved);
        assert!(other.set_momenta(&Momenta::new()).is_err());
    }
}
