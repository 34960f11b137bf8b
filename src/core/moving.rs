//! Masks that move while a network trains: when, how far, and which weights go and come (fact sheet 5.4).

pub mod history;

use std::{
    collections::{BTreeMap, BTreeSet},
    f64::consts::PI,
};

use crate::{
    blueprint::Blueprint,
    chance,
    mask::Mask,
    prune::{
        CannotPrune, Counting, Ranking, Scores,
        allocation::{Allocation, Rule, prune_more},
        nearest,
    },
};

/// A way of moving masks, by the name of its paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Drops by magnitude, grows by chance (Mocanu et al.).
    Set,
    /// Drops by magnitude, grows where the dense gradient is largest, ever fewer (Evci et al.).
    Rigl,
    /// SET's exchange, rarer and larger, to the very end: so that many weights are tried in time (Liu et al.).
    Itop,
    /// Keeps dense weights, takes the gradient at the pruned ones, chooses the mask anew every few steps (Lin et al.).
    Dpf,
    /// Prunes the smallest ever more, along a cubic curve (Zhu and Gupta).
    Gradual,
}

/// Which weights come in place of those that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Growth {
    /// Those with the largest gradient.
    Gradient,
    /// Any.
    Random,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Set, Self::Rigl, Self::Itop, Self::Dpf, Self::Gradual];

    /// The name on the command line and in recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Rigl => "rigl",
            Self::Itop => "itop",
            Self::Dpf => "dpf",
            Self::Gradual => "gradual",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == text)
    }

    /// Whether as many weights come as go; the others choose by magnitude alone, at a sparsity that may rise.
    #[must_use]
    pub fn exchanges(self) -> bool {
        matches!(self, Self::Set | Self::Rigl | Self::Itop)
    }

    /// Whether moving takes the place of the optimiser's step (`SparseRigLOptimizer` and `SparseSETOptimizer`); ITOP's
    /// masks move after it.
    #[must_use]
    pub fn replaces_step(self) -> bool {
        matches!(self, Self::Set | Self::Rigl)
    }

    /// Steps between two moves, as published: `RigL`'s 100, ITOP's 1500 for growth by chance, DPF's 16.
    #[must_use]
    pub fn usual_every(self) -> u64 {
        match self {
            Self::Set | Self::Rigl | Self::Gradual => 100,
            Self::Itop => 1500,
            Self::Dpf => 16,
        }
    }

    /// Share of the kept weights that goes at first: 0.3, and ITOP's 0.5.
    #[must_use]
    pub fn usual_fraction(self) -> f64 {
        if self == Self::Itop { 0.5 } else { 0.3 }
    }

    /// How it grows where nobody says.
    #[must_use]
    pub fn usual_growth(self) -> Growth {
        if self == Self::Rigl { Growth::Gradient } else { Growth::Random }
    }
}

impl Growth {
    /// The name on the command line and in recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::Random => "random",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Gradient, Self::Random].into_iter().find(|growth| growth.name() == text)
    }
}

/// When masks move and how; steps are those of the schedule, in iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct Moving {
    /// The method.
    pub method: Method,
    /// The first step at which they move.
    pub from: u64,
    /// Steps between two moves.
    pub every: u64,
    /// The step from which on they stay.
    pub until: u64,
    /// How an exchange grows.
    pub growth: Growth,
    /// Share of the kept weights that an exchange begins with.
    pub fraction: f64,
    /// Share of zeros that pruning comes to.
    pub sparsity: f64,
    /// The step at which it is there.
    pub ramp_until: u64,
    /// How pruning shares zeros out.
    pub allocation: Allocation,
    /// Tensors that stay as they are.
    pub keep_dense: BTreeSet<String>,
}

impl Moving {
    /// Whether masks move at this step.
    #[must_use]
    pub fn is_due(&self, step: u64) -> bool {
        let in_time = step >= self.from && step < self.until;
        let on_beat = in_time && (step - self.from).is_multiple_of(self.every.max(1));
        // What is asked for is reached whether or not the beat meets it.
        on_beat || (!self.method.exchanges() && step == self.ramp_until)
    }

    /// Share of the kept weights that an exchange at this step takes: SET's stays, the others' falls as a cosine, ITOP's
    /// to 0.005.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    pub fn fraction_at(&self, step: u64) -> f64 {
        let least = match self.method {
            Method::Set => return self.fraction,
            Method::Itop => self.fraction.min(0.005),
            _ => 0.0,
        };
        let way = step.min(self.until) as f64 / self.until.max(1) as f64;
        least + (self.fraction - least) / 2.0 * (1.0 + (PI * way).cos())
    }

    /// The sparsity that pruning asks for at this step, on the way from the one that it began with:
    /// s + (s₀ - s)(1 - way)³.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    pub fn sparsity_at(&self, step: u64, first: f64) -> f64 {
        if step >= self.ramp_until {
            return self.sparsity;
        }
        let length = (self.ramp_until - self.from.min(self.ramp_until)).max(1) as f64;
        let way = step.saturating_sub(self.from) as f64 / length;
        self.sparsity + (first - self.sparsity) * (1.0 - way).powi(3)
    }

    /// The masks with the largest weights, as sparse as this step asks for; `first` is the sparsity it began with.
    ///
    /// # Errors
    /// When the tensors that stay dense leave too little to prune, or a weight is no number.
    pub fn chosen(
        &self,
        blueprint: &Blueprint,
        magnitudes: &Scores,
        masks: &BTreeMap<String, Mask>,
        step: u64,
        first: f64,
    ) -> Result<BTreeMap<String, Mask>, CannotPrune> {
        let all: usize = masks.values().map(Mask::len).sum();
        let gone = all - masks.values().map(Mask::kept).sum::<usize>();
        let count = nearest(self.sparsity_at(step, first), all).saturating_sub(gone);
        let (counting, ranking) = (Counting::Exact, Ranking::Absolute);
        let rule =
            Rule { counting, allocation: self.allocation, ranking, ignored: &self.keep_dense };
        Ok(prune_more(blueprint, magnitudes, masks, count, &rule)?.masks)
    }

    /// Whether this tensor's weights can be exchanged; those that are dense have no place to move to.
    #[must_use]
    pub fn moves(&self, name: &str, mask: &Mask) -> bool {
        !self.keep_dense.contains(name) && mask.kept() < mask.len()
    }
}

/// How much each place is wanted where growth is by chance: a pure function of seed, tensor and step.
#[must_use]
pub fn lots(seed: u64, tensor: &str, step: u64, places: usize) -> Vec<u32> {
    let draws = chance::draws(seed, &format!("grow {tensor}"), step, places);
    draws.into_iter().map(|draw| u32::try_from(draw >> 32).unwrap_or(u32::MAX)).collect()
}

/// How much each place is wanted where growth is by gradient.
#[must_use]
pub fn wants(gradient: &[f32]) -> Vec<u32> {
    gradient.iter().map(|value| value.abs().to_bits()).collect()
}

/// Lets the share of smallest kept weights go and as many of the most wanted other places come, equal ones in order.
///
/// What has just gone may come back (it then was never away), and exactly as many are kept as before.
#[must_use]
pub fn exchange(weights: &[f32], mask: &Mask, fraction: f64, wanted: &[u32]) -> Mask {
    let kept = mask.kept();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count of weights, cut off as the official code does"
    )]
    let count = ((kept as f64 * fraction) as usize).min(kept);
    if count == 0 || kept == mask.len() {
        return mask.clone();
    }
    let small = |at: usize| ordered(weights[at].abs().to_bits(), at);
    let last = nth(mask, |at| mask.keeps(at).then(|| small(at)), count);
    let stays = Mask::from_fn(mask.len(), |at| mask.keeps(at) && small(at) > last);
    let far = |at: usize| ordered(!wanted[at], at);
    let last = nth(mask, |at| (!stays.keeps(at)).then(|| far(at)), count);
    Mask::from_fn(mask.len(), |at| stays.keeps(at) || far(at) <= last)
}

fn ordered(key: u32, at: usize) -> u64 {
    u64::from(key) << 32 | (at as u64 & u64::from(u32::MAX))
}

/// The key of the `count`-th candidate, from 1.
fn nth(mask: &Mask, key: impl Fn(usize) -> Option<u64>, count: usize) -> u64 {
    let mut keys: Vec<u64> = (0..mask.len()).filter_map(key).collect();
    let (_, last, _) = keys.select_nth_unstable(count - 1);
    *last
}

#[cfg(test)]
mod tests;
