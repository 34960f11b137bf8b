//! Which weights go: one threshold over all scores, in two countings; or so many of each tensor.

pub mod allocation;
pub mod criterion;

use std::collections::BTreeMap;

use crate::{blueprint::Blueprint, chance::stream, mask::Mask, weights::Weights};

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
    remove(scores, masks, ceiling(share, kept), counting, Ranking::Absolute)
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
    remove(scores, masks, zeros - gone, counting, Ranking::Absolute)
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

fn remove(
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    count: usize,
    counting: Counting,
    ranking: Ranking,
) -> Result<BTreeMap<String, Mask>, CannotPrune> {
    let mut candidates = candidates(scores, masks, ranking)?;
    let count = count + usize::from(counting == Counting::OpenLth);
    if count >= candidates.len() {
        return Err(CannotPrune::Everything { asked: count, left: candidates.len() });
    }
    if count == 0 {
        return Ok(masks.clone());
    }
    let (_, last, _) = candidates.select_nth_unstable(count - 1);
    let last = *last;
    let goes = |candidate: u64| match counting {
        Counting::Exact => candidate <= last,
        Counting::OpenLth => candidate >> 32 <= last >> 32,
    };
    let mut start = 0;
    let pruned = masks.iter().map(|(name, mask)| {
        let values = scores.get(name).map_or(&[][..], Vec::as_slice);
        let keep = |at: usize| mask.keeps(at) && !goes(candidate(values[at], start + at, ranking));
        let pruned = Mask::from_fn(mask.len(), keep);
        start += mask.len();
        (name.clone(), pruned)
    });
    let pruned: BTreeMap<_, _> = pruned.collect();
    // Equal scores all go in the official counting, and all of a network's may be equal.
    if pruned.values().all(|mask| mask.kept() == 0) {
        return Err(CannotPrune::Everything { asked: count, left: candidates.len() });
    }
    Ok(pruned)
}

/// Every weight that is still kept, in the order of names.
fn candidates(
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    ranking: Ranking,
) -> Result<Vec<u64>, CannotPrune> {
    let (mut candidates, mut start) = (Vec::new(), 0);
    for (name, mask) in masks {
        let values = scores.get(name).map_or(&[][..], Vec::as_slice);
        let sound = values.len() == mask.len() && !values.iter().any(|value| value.is_nan());
        if !sound {
            return Err(CannotPrune::NotANumber(name.clone()));
        }
        let kept = values.iter().enumerate().filter(|(at, _)| mask.keeps(*at));
        candidates.extend(kept.map(|(at, score)| candidate(*score, start + at, ranking)));
        start += mask.len();
    }
    Ok(candidates)
}

/// Score and place in one number that sorts as they do; place breaks ties.
fn candidate(score: f32, place: usize, ranking: Ranking) -> u64 {
    u64::from(key(score, ranking)) << 32 | (place as u64 & u64::from(u32::MAX))
}

/// A number that sorts as the score does: the bits of numbers that are not negative do already.
fn key(score: f32, ranking: Ranking) -> u32 {
    // One zero, not two.
    let bits = (score + 0.0).to_bits();
    match ranking {
        Ranking::Absolute => score.abs().to_bits(),
        Ranking::Signed if bits >> 31 == 1 => !bits,
        Ranking::Signed => bits | 1 << 31,
    }
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
