//! Scores by a criterion that needs a network, from images that are chosen once.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use elth_core::{
    blueprint::Blueprint,
    chance::{self, Seeds},
    mask::Mask,
    prune::{Scores, criterion::Criterion},
    weights::Weights,
};
use serde::Deserialize;
use tch::Tensor;

use super::{saliency, synflow};
use crate::{
    dataset::{Batch, Course, Images},
    network::{Network, on_host},
    session::Session,
    state::State,
};

/// Images at a time: all 25 of each of 10 classes, so that batch norm sees them together, as published.
const AT_ONCE: usize = 250;

/// What batch norms do while scores are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norms {
    /// Normalise by the batch, as in training.
    #[default]
    Train,
    /// Normalise by the running statistics.
    Eval,
}

/// Which images are looked at, and how.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Seed of their order.
    pub order: u64,
    /// Seed of their crops, shifts and flips.
    pub augment: u64,
    /// Images of each class; all, where there is no number.
    pub examples: Option<usize>,
    /// Crops, shifts and flips, as training sees the images.
    pub augmented: bool,
    /// Whether the second pass sees them in another order, as in the official GraSP.
    pub twice: bool,
}

/// Images that scores are computed from.
#[derive(Debug)]
pub struct Sample<'a> {
    images: &'a Images,
    courses: [Course; 2],
}

/// A criterion with everything that it looks at.
#[derive(Debug)]
pub struct Scorer<'a> {
    /// The criterion.
    pub criterion: Criterion,
    /// Whether gradients are scored as the official code does (fact sheet 4.3).
    pub compat: bool,
    /// What batch norms do.
    pub bn: Norms,
    /// The images, where there are any to look at.
    pub sample: Option<Sample<'a>>,
    /// Where it is computed.
    pub session: Session,
}

impl<'a> Sample<'a> {
    /// Chooses the images; `classes` names the class of each.
    pub fn new(images: &'a Images, classes: &[usize], look: &Look) -> Self {
        let course = |pass: u64| {
            let (order, augment) = (look.order.wrapping_add(pass), look.augment.wrapping_add(pass));
            let chosen = chosen(classes, order, look.examples);
            let seeds = Seeds { order, augment, init: 0, mask: 0 };
            if look.augmented {
                images.augmented(&seeds, 0, &chosen)
            } else {
                images.plain(&chosen)
            }
        };
        Self { images, courses: [course(0), course(u64::from(look.twice))] }
    }

    /// The images of a pass, a batch at a time.
    pub fn batches(&self, pass: usize) -> impl Iterator<Item = Result<Batch>> {
        let course = &self.courses[pass];
        (0..course.len()).step_by(AT_ONCE).map(|at| self.images.batch(course, at, AT_ONCE))
    }

    /// Images in a pass.
    pub fn len(&self) -> usize {
        self.courses[0].len()
    }
}

impl Scorer<'_> {
    /// Scores of weights under masks.
    pub fn scores(
        &self,
        blueprint: &Blueprint,
        weights: &Weights,
        masks: &BTreeMap<String, Mask>,
    ) -> Result<Scores> {
        if self.criterion == Criterion::Synflow && !self.compat {
            return synflow::scores(blueprint, weights, masks, self.session);
        }
        let Some(sample) = &self.sample else { bail!("`{}` needs images", self.criterion.name()) };
        let mut network = State::start(blueprint, weights, masks, 0, self.session)?.network;
        let values = match self.criterion {
            // The official code calls this SynFlow too (fact sheet 5.1, point 6).
            Criterion::Snip | Criterion::Synflow => saliency::snip(&mut network, sample, self.bn)?,
            _ => saliency::grasp(&mut network, masks, sample, self.bn, self.compat)?,
        };
        named(&network, &values)
    }
}

/// Scores by the name of their tensor, on the host.
pub fn named(network: &Network, values: &[Tensor]) -> Result<Scores> {
    let plans = network.blueprint.prunable().zip(values);
    plans.map(|(plan, values)| Ok((plan.name.clone(), on_host(values)?))).collect()
}

/// The first so many of each class in the order of chance, or all.
fn chosen(classes: &[usize], seed: u64, of_each_class: Option<usize>) -> Vec<usize> {
    let order = chance::order(seed, 0, classes.len()).into_iter();
    let mut counts = BTreeMap::new();
    let taken = |example: &usize| {
        let count = counts.entry(classes[*example]).or_insert(0_usize);
        *count += 1;
        of_each_class.is_none_or(|most| *count <= most)
    };
    order.map(|example| example as usize).filter(taken).collect()
}
