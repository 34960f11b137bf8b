//! A training whose masks move: which step moves them, and what becomes of weights, momentum and counts.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use elth_core::{
    mask::Mask,
    moving::{
        Growth, Moving, exchange,
        history::{self, Frame},
        lots, wants,
    },
    prune::magnitude,
    ticket::Ticket,
    weights::Weights,
};
use elth_shim::Sgd;
use tch::Tensor;

use crate::{
    masked::Masks,
    network::{Layout, on_host, shape},
    state::State,
};

/// Masks that move, and what has become of them.
#[derive(Debug)]
pub struct Motion {
    plan: Moving,
    /// What chance is drawn from.
    seed: u64,
    /// Share of zeros that the training began with.
    first: f64,
    /// Weights outside the masks too, of every parameter; only where the method keeps them.
    dense: Option<Vec<Tensor>>,
    now: Moved,
    last: Option<Move>,
}

/// Where masks have come to: what a checkpoint holds of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The masks.
    pub masks: BTreeMap<String, Mask>,
    /// Every weight that was ever kept.
    pub seen: BTreeMap<String, Mask>,
    /// Moves so far.
    pub moves: u64,
}

/// One move.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// What changed.
    pub frame: Frame,
    /// Its number, from 1.
    pub number: u64,
    /// Weights that went and came.
    pub dropped: usize,
    /// Weights that came.
    pub grown: usize,
    /// Weights kept now.
    pub kept: usize,
    /// Weights ever kept.
    pub seen: usize,
}

impl Moved {
    /// Where a ticket begins.
    pub fn of(ticket: &Ticket) -> Self {
        let masks = ticket.masks().clone();
        Self { seen: masks.clone(), masks, moves: 0 }
    }
}

impl State {
    /// Lets the masks of a training move that starts from `weights`, dense ones where the method keeps those.
    pub fn let_masks_move(
        &mut self,
        plan: Moving,
        seed: u64,
        ticket: &Ticket,
        weights: &Weights,
        saved: Option<&Moved>,
    ) -> Result<()> {
        let first = ticket.count().sparsity();
        let dense = plan.method == elth_core::moving::Method::Dpf;
        let dense = if dense { Some(self.dense_parameters(weights)?) } else { None };
        let now = saved.cloned().unwrap_or_else(|| Moved::of(ticket));
        self.motion = Some(Box::new(Motion { plan, seed, first, dense, now, last: None }));
        Ok(())
    }

    /// Where the masks have come to, if they move.
    pub fn moved(&self) -> Option<&Moved> {
        self.motion.as_ref().map(|motion| &motion.now)
    }

    /// The move of the last step, if it was one; handed out once.
    pub fn take_move(&mut self) -> Option<Move> {
        self.motion.as_mut().and_then(|motion| motion.last.take())
    }

    /// Every tensor to go on from: where a method keeps dense weights, those.
    pub fn weights(&self) -> Result<Weights> {
        let mut weights = self.network.weights()?;
        let Some(dense) = self.motion.as_ref().and_then(|it| it.dense.as_ref()) else {
            return Ok(weights);
        };
        for (plan, tensor) in self.network.blueprint.prunable().zip(dense) {
            let values = elth_core::weights::Values::Floats(on_host(tensor)?);
            weights.0.insert(plan.name.clone(), values);
        }
        Ok(weights)
    }

    /// Chooses the masks anew by magnitude, where the method does and this step is one for it.
    pub(super) fn choose(&mut self) -> Result<()> {
        let Some(mut motion) = self.motion.take_if(|it| it.is_due(self.step, false)) else {
            return Ok(());
        };
        let magnitudes = magnitude(&self.network.blueprint, &self.host_weights(&motion)?);
        let masks = motion.now.masks.clone();
        // Dense weights may come back; of those that are gone for good only what is left is looked at.
        let open = match motion.dense {
            Some(_) => {
                masks.iter().map(|(name, mask)| (name.clone(), Mask::full(mask.len()))).collect()
            }
            None => masks,
        };
        let blueprint = &self.network.blueprint;
        let masks = motion.plan.chosen(blueprint, &magnitudes, &open, self.step, motion.first)?;
        self.take_up(&mut motion, masks)?;
        self.motion = Some(motion);
        Ok(())
    }

    /// Whether this step's gradient moves the masks, in place of the optimiser's step or after it.
    pub(super) fn exchanges_now(&self) -> Option<bool> {
        let motion = self.motion.as_ref().filter(|it| it.is_due(self.step, true))?;
        Some(motion.plan.method.replaces_step())
    }

    /// Lets the smallest weights go and others come in each tensor, as many as it had.
    pub(super) fn exchange(&mut self, gradients: &[Tensor]) -> Result<()> {
        let Some(mut motion) = self.motion.take() else { return Ok(()) };
        let fraction = motion.plan.fraction_at(self.step);
        let mut masks = motion.now.masks.clone();
        let places = self.network.blueprint.prunable().zip(&self.network.parameters);
        for ((plan, weights), gradient) in places.zip(gradients) {
            let mask = &motion.now.masks[&plan.name];
            if !motion.plan.moves(&plan.name, mask) {
                continue;
            }
            let wanted = match motion.plan.growth {
                Growth::Gradient => wants(&on_host(gradient)?),
                Growth::Random => lots(motion.seed, &plan.name, self.step, mask.len()),
            };
            let moved = exchange(&on_host(weights)?, mask, fraction, &wanted);
            ensure!(moved.kept() == mask.kept(), "the exchange in `{}` lost count", plan.name);
            masks.insert(plan.name.clone(), moved);
        }
        self.take_up(&mut motion, masks)?;
        self.motion = Some(motion);
        Ok(())
    }

    /// The optimiser's step, and what masks leave of it.
    pub(super) fn descend(&mut self, gradients: &[Tensor], sgd: &Sgd<'_>) -> Result<()> {
        if let Some(dense) = self.motion.as_mut().and_then(|it| it.dense.as_mut()) {
            elth_shim::fused_sgd_with(dense, gradients, &mut self.momenta, sgd)?;
            return self.show_dense();
        }
        let (network, momenta) = (&mut self.network, &mut self.momenta);
        elth_shim::fused_sgd_with(&mut network.parameters, gradients, momenta, sgd)?;
        self.masks.apply(network)?;
        if self.motion.is_some() {
            // What comes later comes without momentum.
            self.masks.apply_to(&mut momenta[..network.prunable])?;
        }
        Ok(())
    }

    fn take_up(&mut self, motion: &mut Motion, masks: BTreeMap<String, Mask>) -> Result<()> {
        let before = std::mem::replace(&mut motion.now.masks, masks);
        let after = &motion.now.masks;
        for (name, seen) in &mut motion.now.seen {
            *seen = Mask::from_fn(seen.len(), |at| seen.keeps(at) || after[name].keeps(at));
        }
        motion.now.moves += 1;
        motion.last = Some(motion.told(self, &before));
        let device = self.network.parameters[0].device();
        let layout = Layout::best_for(self.network.blueprint.family);
        self.masks = Masks::new(&self.network, after, device, layout)?;
        if let Some(dense) = &motion.dense {
            self.show(dense)
        } else {
            self.masks.apply(&mut self.network)?;
            self.masks.apply_to(&mut self.momenta[..self.network.prunable])
        }
    }

    fn show_dense(&mut self) -> Result<()> {
        let Some(motion) = self.motion.take() else { return Ok(()) };
        let shown = motion.dense.as_ref().map_or(Ok(()), |dense| self.show(dense));
        self.motion = Some(motion);
        shown
    }

    /// Lets the network see dense weights through its masks.
    fn show(&mut self, dense: &[Tensor]) -> Result<()> {
        let _guard = tch::no_grad_guard();
        let seen = self.network.parameters.iter_mut().zip(dense).take(self.network.prunable);
        seen.for_each(|(weights, dense)| weights.copy_(dense));
        self.masks.apply(&mut self.network)
    }

    /// Dense prunable weights, and the other parameters themselves.
    fn dense_parameters(&self, weights: &Weights) -> Result<Vec<Tensor>> {
        let layout = Layout::best_for(self.network.blueprint.family);
        let parameters = &self.network.parameters;
        let dense = self.network.blueprint.prunable().zip(parameters).map(|(plan, parameter)| {
            let values = weights.floats(&plan.name).unwrap_or_default();
            let values = Tensor::from_slice(values).view(shape(plan).as_slice());
            layout.of(values.to_device(parameter.device()))
        });
        let mut all: Vec<Tensor> = dense.collect::<Result<_>>()?;
        all.extend(parameters[self.network.prunable..].iter().map(Tensor::detach));
        Ok(all)
    }

    fn host_weights(&self, motion: &Motion) -> Result<Weights> {
        let source = motion.dense.as_deref().unwrap_or(&self.network.parameters);
        let named = self.network.blueprint.prunable().zip(source).map(|(plan, tensor)| {
            Ok((plan.name.clone(), elth_core::weights::Values::Floats(on_host(tensor)?)))
        });
        Ok(Weights(named.collect::<Result<_>>()?))
    }
}

impl Motion {
    fn is_due(&self, step: u64, by_exchange: bool) -> bool {
        self.plan.method.exchanges() == by_exchange && self.plan.is_due(step)
    }

    fn told(&self, state: &State, before: &BTreeMap<String, Mask>) -> Move {
        let after = &self.now.masks;
        let both: usize = after.iter().map(|(name, mask)| mask.kept_by_both(&before[name])).sum();
        let kept = |masks: &BTreeMap<String, Mask>| masks.values().map(Mask::kept).sum::<usize>();
        Move {
            frame: history::frame(&state.network.blueprint, state.step, before, after),
            number: self.now.moves,
            dropped: kept(before) - both,
            grown: kept(after) - both,
            kept: kept(after),
            seen: kept(&self.now.seen),
        }
    }
}

#[cfg(test)]
mod tests;
