//! How many weights each tensor keeps: by one threshold over all, or by a rule that looks at shapes alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    blueprint::{Blueprint, TensorPlan},
    mask::Mask,
    prune::{
        CannotPrune, Counting, Ranking, Scores, Slices, ceiling, remove, slices, threshold::cut,
        zeros_of,
    },
    weights::Weights,
};

/// Which tensors the kept weights lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Allocation {
    /// Wherever the scores are highest: one threshold over all tensors.
    #[default]
    Global,
    /// Each tensor keeps the same share of what it has left.
    Layerwise,
    /// Each tensor has the same density.
    Uniform,
    /// Erdős-Rényi-Kernel: density in proportion to the sum of a tensor's sizes over their product (Evci et al.;
    /// fact sheet 5.4); tensors that would exceed 1 are dense, and the others share what is left.
    Erk,
}

impl Allocation {
    /// Every allocation.
    pub const ALL: [Self; 4] = [Self::Global, Self::Layerwise, Self::Uniform, Self::Erk];

    /// The name on the command line and in recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Layerwise => "layerwise",
            Self::Uniform => "uniform",
            Self::Erk => "erk",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|allocation| allocation.name() == text)
    }
}

/// What a pruning is to leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Share of zeros over all prunable weights of the result.
    pub sparsity: f64,
    /// How they are counted.
    pub counting: Counting,
    /// How they are shared out among the tensors.
    pub allocation: Allocation,
    /// Which scores are low.
    pub ranking: Ranking,
}

/// A pruning with what was asked of each tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    /// The masks.
    pub masks: BTreeMap<String, Mask>,
    /// Weights that each tensor was to keep; nothing where one threshold decided.
    pub asked: Option<BTreeMap<String, usize>>,
}

impl Pruned {
    /// Tensors that have no weight left: no signal passes them (layer collapse).
    pub fn collapsed(&self) -> impl Iterator<Item = &str> {
        let empty = |mask: &Mask| mask.kept() == 0 && !mask.is_empty();
        self.masks.iter().filter(move |(_, mask)| empty(mask)).map(|(name, _)| name.as_str())
    }
}

/// How what goes is chosen, whatever its number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule<'a> {
    /// How many are meant.
    pub counting: Counting,
    /// How they are shared out among the tensors.
    pub allocation: Allocation,
    /// Which scores are low.
    pub ranking: Ranking,
    /// Tensors whose masks stay as they are; what they keep counts all the same (fact sheet 4.2).
    pub ignored: &'a BTreeSet<String>,
}

/// Prunes until the demand is met, lowest score first.
///
/// # Errors
/// As [`super::to_sparsity`], and when the official counting is asked for with anything but its one threshold.
pub fn prune(
    blueprint: &Blueprint,
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    demand: &Demand,
) -> Result<Pruned, CannotPrune> {
    let zeros = zeros_of(masks, demand.sparsity, demand.counting)?;
    let gone: usize = masks.values().map(|mask| mask.len() - mask.kept()).sum();
    let Demand { counting, allocation, ranking, .. } = *demand;
    let rule = Rule { counting, allocation, ranking, ignored: &BTreeSet::new() };
    prune_open(blueprint, &slices(scores), masks, zeros - gone, &rule)
}

/// As [`prune`] by magnitude, without a copy of the weights.
///
/// # Errors
/// As [`prune`].
pub fn prune_weights(
    blueprint: &Blueprint,
    weights: &Weights,
    masks: &BTreeMap<String, Mask>,
    demand: &Demand,
) -> Result<Pruned, CannotPrune> {
    let zeros = zeros_of(masks, demand.sparsity, demand.counting)?;
    let gone: usize = masks.values().map(|mask| mask.len() - mask.kept()).sum();
    let Demand { counting, allocation, .. } = *demand;
    let ranking = Ranking::Absolute;
    let rule = Rule { counting, allocation, ranking, ignored: &BTreeSet::new() };
    let named = masks.keys().filter_map(|name| Some((name.as_str(), weights.floats(name)?)));
    let scores = named.collect();
    prune_open(blueprint, &scores, masks, zeros - gone, &rule)
}

/// Prunes so many weights more, lowest score first; one more in the official counting.
///
/// # Errors
/// When nothing would be left, a score is no number, or the official counting is asked for with anything but its one
/// threshold.
pub fn prune_more(
    blueprint: &Blueprint,
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    count: usize,
    rule: &Rule<'_>,
) -> Result<Pruned, CannotPrune> {
    let is_open = |name: &String| !rule.ignored.contains(name);
    let open: BTreeMap<String, Mask> = masks
        .iter()
        .filter(|(name, _)| is_open(name))
        .map(|(name, mask)| (name.clone(), mask.clone()))
        .collect();
    let mut pruned = prune_open(blueprint, &slices(scores), &open, count, rule)?;
    let shut = masks.iter().filter(|(name, _)| !is_open(name));
    pruned.masks.extend(shut.map(|(name, mask)| (name.clone(), mask.clone())));
    Ok(pruned)
}

fn prune_open(
    blueprint: &Blueprint,
    scores: &Slices<'_>,
    masks: &BTreeMap<String, Mask>,
    count: usize,
    rule: &Rule<'_>,
) -> Result<Pruned, CannotPrune> {
    if rule.allocation == Allocation::Global {
        let masks = remove(scores, masks, count, rule.counting, rule.ranking)?;
        return Ok(Pruned { masks, asked: None });
    }
    if rule.counting == Counting::OpenLth {
        return Err(CannotPrune::OneThreshold(rule.allocation.name()));
    }
    let kept: usize = masks.values().map(Mask::kept).sum();
    if count >= kept && count > 0 {
        return Err(CannotPrune::Everything { asked: count, left: kept });
    }
    let asked = counts(blueprint, masks, rule.allocation, kept - count);
    let pruned = masks.iter().map(|(name, mask)| {
        let values = scores.get(name.as_str()).copied().unwrap_or_default();
        let kept = asked.get(name).copied().unwrap_or(0);
        let best = keep_best(mask, values, kept, rule.ranking);
        best.map(|mask| (name.clone(), mask)).ok_or_else(|| CannotPrune::NotANumber(name.clone()))
    });
    Ok(Pruned { masks: pruned.collect::<Result<_, _>>()?, asked: Some(asked) })
}

/// Weights that one level of iterative pruning takes in each of its rounds: ⌈share · kept⌉ in all, density falling by
/// the same factor each round.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of weights are far below 2^53"
)]
pub fn in_rounds(kept: usize, share: f64, rounds: u32) -> Vec<usize> {
    let all = ceiling(share, kept);
    let gone = |round: u32| match round {
        _ if round >= rounds => all,
        _ => ((sparsity_after(share, round, rounds) * kept as f64).round() as usize).min(all),
    };
    (1..=rounds).map(|round| gone(round) - gone(round - 1)).collect()
}

/// Weights that each tensor keeps of so many in all: never more than it has, and exactly so many together.
#[must_use]
pub fn counts(
    blueprint: &Blueprint,
    masks: &BTreeMap<String, Mask>,
    allocation: Allocation,
    kept: usize,
) -> BTreeMap<String, usize> {
    let parts = blueprint.prunable().filter_map(|tensor| {
        let mask = masks.get(&tensor.name)?;
        Some(Part { name: &tensor.name, claim: claim(tensor, mask, allocation), most: mask.kept() })
    });
    let parts: Vec<Part> = parts.collect();
    let kept = kept.min(parts.iter().map(|part| part.most).sum());
    round_to(&parts, &shares(&parts, kept), kept)
}

/// `kept` weights shared out among parts of a network, each with its name, its claim and the most it can have: in proportion
/// to the claims, exactly so many together.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
pub(crate) fn share_out<'a>(
    parts: impl Iterator<Item = (&'a str, usize, usize)>,
    kept: usize,
) -> BTreeMap<String, usize> {
    let part = |(name, claim, most)| Part { name, claim: claim as f64, most };
    let parts: Vec<Part> = parts.map(part).collect();
    round_to(&parts, &shares(&parts, kept), kept)
}

/// A tensor's claim to what is kept.
struct Part<'a> {
    name: &'a str,
    claim: f64,
    most: usize,
}

#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
fn claim(tensor: &TensorPlan, mask: &Mask, allocation: Allocation) -> f64 {
    let count = match allocation {
        Allocation::Global | Allocation::Layerwise => mask.kept(),
        Allocation::Uniform => mask.len(),
        Allocation::Erk => tensor.shape.iter().sum(),
    };
    count as f64
}

/// What each is due: in proportion to its claim, but no more than it has; what that leaves is shared among the others.
#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
fn shares(parts: &[Part<'_>], kept: usize) -> Vec<f64> {
    let mut full = vec![false; parts.len()];
    loop {
        let taken: usize =
            parts.iter().zip(&full).filter(|(_, full)| **full).map(|(p, _)| p.most).sum();
        let claims: f64 =
            parts.iter().zip(&full).filter(|(_, full)| !**full).map(|(p, _)| p.claim).sum();
        let each = if claims > 0.0 { (kept - taken) as f64 / claims } else { 0.0 };
        let exceeds = |part: &Part<'_>| each * part.claim > part.most as f64;
        let over: Vec<bool> =
            parts.iter().zip(&full).map(|(p, full)| !full && exceeds(p)).collect();
        if !over.contains(&true) {
            let share = |(part, full): (&Part<'_>, &bool)| {
                if *full { part.most as f64 } else { each * part.claim }
            };
            return parts.iter().zip(&full).map(share).collect();
        }
        full.iter_mut().zip(over).for_each(|(full, over)| *full |= over);
    }
}

/// Whole numbers that sum to `kept`: the largest remainders are rounded up, the first of equals.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of a count of weights"
)]
fn round_to(parts: &[Part<'_>], shares: &[f64], kept: usize) -> BTreeMap<String, usize> {
    let mut counts: Vec<usize> = parts
        .iter()
        .zip(shares)
        .map(|(part, share)| (share.floor() as usize).min(part.most))
        .collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| shares[*b].fract().total_cmp(&shares[*a].fract()));
    let mut missing = kept.saturating_sub(counts.iter().sum());
    while missing > 0 {
        for &at in &order {
            if missing > 0 && counts[at] < parts[at].most {
                counts[at] += 1;
                missing -= 1;
            }
        }
    }
    parts.iter().zip(counts).map(|(part, count)| (part.name.to_owned(), count)).collect()
}

/// The masks where those of the named tensors keep their best so many and the others stay as they are.
///
/// # Errors
/// When a score is not a number, or a tensor keeps fewer already.
pub fn to_counts(
    scores: &Scores,
    masks: &BTreeMap<String, Mask>,
    counts: &BTreeMap<String, usize>,
    ranking: Ranking,
) -> Result<BTreeMap<String, Mask>, CannotPrune> {
    let pruned = masks.iter().map(|(name, mask)| {
        let Some(kept) = counts.get(name) else { return Ok((name.clone(), mask.clone())) };
        let values = scores.get(name).map_or(&[][..], Vec::as_slice);
        let best = keep_best(mask, values, *kept, ranking);
        best.map(|mask| (name.clone(), mask)).ok_or_else(|| CannotPrune::NotANumber(name.clone()))
    });
    pruned.collect()
}

/// The mask with the best so many of what it keeps; nothing where a score is no number.
fn keep_best(mask: &Mask, scores: &[f32], kept: usize, ranking: Ranking) -> Option<Mask> {
    let goes = mask.kept().checked_sub(kept).filter(|_| scores.len() == mask.len())?;
    if mask.kept() == 0 || goes == 0 {
        let sound = !scores.iter().any(|score| score.is_nan());
        return sound.then(|| mask.clone());
    }
    let mut cut = cut(&[(scores, mask)], goes, ranking).ok()?;
    Some(cut.apply((scores, mask), ranking))
}

/// The sparsity after round `round` of `rounds` on the way to `sparsity`: density falls by the same factor each round.
#[must_use]
pub fn sparsity_after(sparsity: f64, round: u32, rounds: u32) -> f64 {
    if round >= rounds {
        return sparsity;
    }
    1.0 - (1.0 - sparsity).powf(f64::from(round) / f64::from(rounds))
}
