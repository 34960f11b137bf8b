//! Which weights go: one threshold over all scores, in two countings; or so many of each tensor.

pub mod allocation;
pub mod criterion;
mod threshold;

use std::collections::BTreeMap;

use crate::{
    blueprint::Blueprint,
    chance::stream,
    mask::Mask,
    prune::threshold::{Field, cut},
    weights::Weights,
};

/// How the number of pruned weights is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Counting {
    /// Exactly as many as asked for; equal scores go in the order of name and place.
    #[default]
    Exact,
    /// The official code's: everything up to and including the (k + 1)-th smallest score
    /// (`pruning/sparse_global.py`, a strict `>` against `sort(scores)[k]`).
    OpenLth,
}

impl Counting {
    /// The name on the command line and in recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::OpenLth => "openlth",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Exact, Self::OpenLth].into_iter().find(|counting| counting.name() == text)
    }
}

/// Which scores are low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ranking {
    /// Those near zero, of either sign.
    #[default]
    Absolute,
    /// The most negative.
    Signed,
}

/// Scores of every prunable tensor: the lowest go first.
pub type Scores = BTreeMap<String, Vec<f32>>;

/// Why nothing can be pruned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CannotPrune {
    /// A share outside 0 to 1.
    #[error("cannot prune a share of {0}: give a number from 0 to below 1")]
    Share(f64),
    /// Asked for more zeros than leave a weight.
    #[error("cannot prune {asked} of {left} weights: nothing would be left, prune a smaller share")]
    Everything {
        /// Weights to prune.
        asked: usize,
        /// Weights there are.
        left: usize,
    },
    /// The ticket has more zeros already.
    #[error("the ticket is at sparsity {have:.4} already: ask for more than that")]
    Already {
        /// Its sparsity.
        have: f64,
    },
    /// The official counting of something that the official code has not.
    #[error(
        "the openlth counting is that of one threshold over all tensors: leave it out with `{0}`"
    )]
    OneThreshold(&'static str),
    /// A score that has no place in an order.
    #[error("the score of `{0}` holds a value that is not a number: its weights are damaged")]
    NotANumber(String),
}

/// One round of pruning: removes `share` of the weights that the masks keep, lowest |score| first, all tensors together.
///
/// The count is ⌈share · kept⌉, and one more in the official counting.
///
/// # Errors
/// When the share is no share, a score is not a number, or nothing would be left.
pub fn round(
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    share: f64,
    counting: Counting,
) -> Result<BTreeMap<String, Mask>, CannotPrune> {
    if !(0.0..1.0).contains(&share) {
        return Err(CannotPrune::Share(share));
    }
    let kept = masks.values().map(Mask::kept).sum();
    remove(&slices(scores), masks, ceiling(share, kept), counting, Ranking::Absolute)
}

/// Prunes until `sparsity` of all prunable weights are zero, lowest |score| first.
///
/// The number of zeros is the nearest to `sparsity · weights`; in the official counting ⌈sparsity · weights⌉ and one more,
/// as `prune_early` of the official code has it.
///
/// # Errors
/// As [`round`], and when the masks leave out more than that already.
pub fn to_sparsity(
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    sparsity: f64,
    counting: Counting,
) -> Result<BTreeMap<String, Mask>, CannotPrune> {
    let zeros = zeros_of(masks, sparsity, counting)?;
    let gone = masks.values().map(|mask| mask.len() - mask.kept()).sum::<usize>();
    remove(&slices(scores), masks, zeros - gone, counting, Ranking::Absolute)
}

/// Zeros that a sparsity asks for; at least those that are there.
fn zeros_of(
    masks: &BTreeMap<String, Mask>,
    sparsity: f64,
    counting: Counting,
) -> Result<usize, CannotPrune> {
    if !(0.0..1.0).contains(&sparsity) {
        return Err(CannotPrune::Share(sparsity));
    }
    let all: usize = masks.values().map(Mask::len).sum();
    let kept: usize = masks.values().map(Mask::kept).sum();
    let zeros = match counting {
        Counting::Exact => nearest(sparsity, all),
        Counting::OpenLth => ceiling(sparsity, all),
    };
    if zeros < all - kept {
        return Err(CannotPrune::Already { have: crate::mask::share(all - kept, all) });
    }
    Ok(zeros)
}

/// Magnitudes: the scores of iterative magnitude pruning.
#[must_use]
pub fn magnitude(blueprint: &Blueprint, weights: &Weights) -> Scores {
    let prunable = blueprint.prunable();
    let of = |name: &str| weights.floats(name).unwrap_or_default().iter().map(|w| w.abs());
    prunable.map(|tensor| (tensor.name.clone(), of(&tensor.name).collect())).collect()
}

/// Scores by chance: every weight of the network is as likely to go as any other.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
pub fn random(blueprint: &Blueprint, seed: u64) -> Scores {
    let prunable = blueprint.prunable();
    let scores = prunable.map(|tensor| {
        let mut chance = stream(seed, &format!("random scores {}", tensor.name));
        let values = (0..tensor.len()).map(|_| chance.uniform_single() as f32 + f32::EPSILON);
        (tensor.name.clone(), values.collect())
    });
    scores.collect()
}

/// Survivors of level after level at a pruning share, without training: the sparsity ladder.
#[must_use]
pub fn ladder(weights: usize, share: f64, levels: u32, counting: Counting) -> Vec<usize> {
    let next = |kept: &usize| {
        let more = usize::from(counting == Counting::OpenLth);
        Some(kept.saturating_sub(ceiling(share, *kept) + more))
    };
    std::iter::successors(Some(weights), next).take(levels as usize + 1).collect()
}

/// Scores by the name of their tensor, wherever they lie.
pub(crate) type Slices<'a> = BTreeMap<&'a str, &'a [f32]>;

/// Scores that lie in a table.
pub(crate) fn slices(scores: &Scores) -> Slices<'_> {
    scores.iter().map(|(name, values)| (name.as_str(), values.as_slice())).collect()
}

pub(crate) fn remove(
    scores: &Slices<'_>,
    masks: &BTreeMap<String, Mask>,
    count: usize,
    counting: Counting,
    ranking: Ranking,
) -> Result<BTreeMap<String, Mask>, CannotPrune> {
    let of = |name: &str| scores.get(name).copied().unwrap_or_default();
    let fields: Vec<Field<'_>> = masks.iter().map(|(name, mask)| (of(name), mask)).collect();
    let unequal = |(scores, mask): &Field<'_>| scores.len() != mask.len();
    let broken = |(scores, _): &Field<'_>| scores.iter().any(|score| score.is_nan());
    let named = |is_wrong: &dyn Fn(&Field<'_>) -> bool| {
        let name = masks.keys().zip(&fields).find(|(_, field)| is_wrong(field));
        CannotPrune::NotANumber(name.map(|(name, _)| name.clone()).unwrap_or_default())
    };
    if fields.iter().any(unequal) {
        return Err(named(&unequal));
    }
    let left: usize = masks.values().map(Mask::kept).sum();
    let count = count + usize::from(counting == Counting::OpenLth);
    let nothing = CannotPrune::Everything { asked: count, left };
    // Scores are looked at even where none of them goes.
    let cut = cut(&fields, count.clamp(1, left.max(1)), ranking).map_err(|_| named(&broken))?;
    if count >= left {
        return Err(nothing);
    }
    if count == 0 {
        return Ok(masks.clone());
    }
    let mut cut = if counting == Counting::OpenLth { cut.with_all_ties() } else { cut };
    let kept = masks.keys().zip(&fields);
    let pruned: BTreeMap<String, Mask> =
        kept.map(|(name, field)| (name.clone(), cut.apply(*field, ranking))).collect();
    // Equal scores all go in the official counting, and all of a network's may be equal.
    if pruned.values().all(|mask| mask.kept() == 0) {
        return Err(nothing);
    }
    Ok(pruned)
}

/// ⌈share · count⌉ in double precision, as the official code computes it.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of weights are far below 2^53 and shares below 1"
)]
pub(crate) fn ceiling(share: f64, count: usize) -> usize {
    (share * count as f64).ceil() as usize
}

/// The whole number nearest to `share · count`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of weights are far below 2^53 and shares below 1"
)]
pub(crate) fn nearest(share: f64, count: usize) -> usize {
    (share * count as f64).round() as usize
}
