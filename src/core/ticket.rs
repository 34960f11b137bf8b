//! A ticket: a mask, the rewind weights under it, and how it came to be.

pub mod format;
pub mod lineage;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    blueprint::{Blueprint, Stage, TensorPlan},
    digest::Digest,
    mask::{Mask, share},
    schedule::Step,
    ticket::lineage::Lineage,
    weights::{Misfit, Values, Weights},
};

/// A sparse subnetwork and its rewind weights; weights and masks always fit the blueprint.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// What it is and where it comes from.
    pub about: About,
    weights: Weights,
    masks: BTreeMap<String, Mask>,
}

/// Everything about a ticket but its tensors: what its header holds.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The model it is a ticket of; shared, because a shelf holds many tickets of few models.
    pub blueprint: Arc<Blueprint>,
    /// The data set it was found on.
    pub dataset: Option<String>,
    /// Digest of that data set.
    pub data_digest: Option<String>,
    /// The level of iterative magnitude pruning, where there is one.
    pub level: Option<u32>,
    /// The step its weights are rewound to.
    pub rewind: Option<Step>,
    /// What the weights hold outside the mask.
    pub outside: Outside,
    /// How it came to be.
    pub lineage: Lineage,
}

/// What a ticket's weights hold where its mask is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// The rewind weights, which permuted masks need.
    Dense,
    /// Zeros, as in the official code's level folders.
    Masked,
}

/// Kept weights out of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Weights that survive.
    pub kept: usize,
    /// Prunable weights.
    pub weights: usize,
}

impl Count {
    /// Share of surviving weights, 0 of none.
    #[must_use]
    pub fn density(self) -> f64 {
        share(self.kept, self.weights)
    }

    /// Share of zeros, 0 of none.
    #[must_use]
    pub fn sparsity(self) -> f64 {
        share(self.weights - self.kept, self.weights)
    }
}

impl std::ops::Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { kept: self.kept + other.kept, weights: self.weights + other.weights }
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, one| all + one)
    }
}

impl Ticket {
    /// Puts a ticket together; `outside: Masked` also zeroes what the masks leave out.
    ///
    /// # Errors
    /// When weights or masks are not the model's.
    pub fn assemble(
        about: About,
        mut weights: Weights,
        masks: BTreeMap<String, Mask>,
    ) -> Result<Self, Misfit> {
        weights.fits(&about.blueprint)?;
        check_masks(&about.blueprint, &masks)?;
        if about.outside == Outside::Masked {
            zero_outside(&mut weights, &masks);
        }
        Ok(Self { about, weights, masks })
    }

    /// The same weights under other masks, as another ticket.
    ///
    /// # Errors
    /// As [`Ticket::assemble`].
    pub fn under(self, about: About, masks: BTreeMap<String, Mask>) -> Result<Self, Misfit> {
        Self::assemble(about, self.weights, masks)
    }

    /// The model it is a ticket of.
    #[must_use]
    pub fn blueprint(&self) -> &Blueprint {
        &self.about.blueprint
    }

    /// Rewind weights, norms and statistics by official name.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Masks of the prunable tensors by official name.
    #[must_use]
    pub fn masks(&self) -> &BTreeMap<String, Mask> {
        &self.masks
    }

    /// Kept and all prunable weights.
    #[must_use]
    pub fn count(&self) -> Count {
        self.masks.values().map(count).sum()
    }

    /// Kept and all weights of one prunable tensor; nothing where the name is not one.
    #[must_use]
    pub fn count_of(&self, tensor: &str) -> Count {
        self.masks.get(tensor).map(count).unwrap_or_default()
    }

    /// Kept and all prunable weights of a stage.
    #[must_use]
    pub fn count_in_stage(&self, stage: usize) -> Count {
        self.counts(|tensor| tensor.slot.stage == stage)
    }

    /// Kept and all prunable weights of a unit.
    #[must_use]
    pub fn count_in_unit(&self, stage: usize, unit: usize) -> Count {
        self.counts(|tensor| tensor.slot.stage == stage && tensor.slot.unit == unit)
    }

    /// Multiplications and additions of one image by the weights that are kept.
    #[must_use]
    pub fn flops(&self) -> usize {
        let prunable = self.about.blueprint.prunable();
        prunable.map(|tensor| 2 * self.count_of(&tensor.name).kept * tensor.positions).sum()
    }

    /// Stages with their indices, for whoever lists counts.
    pub fn stages(&self) -> impl Iterator<Item = (usize, &Stage)> {
        self.about.blueprint.stages.iter().enumerate()
    }

    /// SHA-256 over the tensors as the file holds them: masks and weights, not metadata.
    #[must_use]
    pub fn digest(&self) -> Digest {
        format::digest(self)
    }

    /// The same ticket with zeros outside its masks: what a network starts training from.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.about.outside = Outside::Masked;
        zero_outside(&mut self.weights, &self.masks);
        self
    }

    fn counts(&self, wanted: impl Fn(&TensorPlan) -> bool) -> Count {
        let tensors = self.about.blueprint.prunable().filter(|tensor| wanted(tensor));
        tensors.map(|tensor| self.count_of(&tensor.name)).sum()
    }
}

/// Masks that keep every weight of a model.
#[must_use]
pub fn full_masks(blueprint: &Blueprint) -> BTreeMap<String, Mask> {
    blueprint.prunable().map(|tensor| (tensor.name.clone(), Mask::full(tensor.len()))).collect()
}

fn count(mask: &Mask) -> Count {
    Count { kept: mask.kept(), weights: mask.len() }
}

fn check_masks(blueprint: &Blueprint, masks: &BTreeMap<String, Mask>) -> Result<(), Misfit> {
    for tensor in blueprint.prunable() {
        let mask_name = || format!("{}_mask", tensor.name);
        match masks.get(&tensor.name) {
            None => return Err(Misfit::Missing(mask_name())),
            Some(mask) if mask.len() != tensor.len() => return Err(Misfit::Size(mask_name())),
            Some(_) => {}
        }
    }
    // All of the model's are there, so another is there only where there are more.
    if masks.len() > blueprint.prunable().count() {
        let prunable = |name: &str| blueprint.prunable().any(|tensor| tensor.name == name);
        let foreign = masks.keys().find(|name| !prunable(name)).cloned().unwrap_or_default();
        return Err(Misfit::Foreign(format!("{foreign}_mask")));
    }
    Ok(())
}

/// Zeros keep the sign of what they replace, as in the product of weight and mask that the official code writes.
fn zero_outside(weights: &mut Weights, masks: &BTreeMap<String, Mask>) {
    for (name, mask) in masks {
        if let Some(Values::Floats(values)) = weights.0.get_mut(name) {
            let dropped = values.iter_mut().zip(mask.bits()).filter(|(_, keep)| !keep);
            dropped.for_each(|(value, _)| *value = 0.0_f32.copysign(*value));
        }
    }
}
