//! Two tickets of one model: what they share, and what chance would share.

use std::collections::BTreeMap;

use crate::{
    blueprint::Blueprint,
    mask::{Mask, share},
    ticket::Ticket,
};

/// Weights that two tickets keep.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Overlap {
    /// Prunable weights.
    pub weights: usize,
    /// Kept by the first.
    pub kept_a: usize,
    /// Kept by the second.
    pub kept_b: usize,
    /// Kept by both.
    pub both: usize,
    /// Weights that random masks of these counts, tensor by tensor, would share on average.
    pub expected_both: f64,
    /// Of those kept by both, weights whose rewind values have the same sign (zeros have none).
    pub same_sign: usize,
}

impl Overlap {
    /// Kept by both out of kept by either; 1 where neither keeps any.
    #[must_use]
    pub fn jaccard(&self) -> f64 {
        let either = self.kept_a + self.kept_b - self.both;
        if either == 0 { 1.0 } else { share(self.both, either) }
    }

    /// The Jaccard index that the expected overlap gives.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
    pub fn expected_jaccard(&self) -> f64 {
        let either = (self.kept_a + self.kept_b) as f64 - self.expected_both;
        if either > 0.0 { self.expected_both / either } else { 1.0 }
    }

    /// Share of the common weights whose signs agree.
    #[must_use]
    pub fn sign_agreement(&self) -> f64 {
        share(self.same_sign, self.both)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            weights: self.weights + other.weights,
            kept_a: self.kept_a + other.kept_a,
            kept_b: self.kept_b + other.kept_b,
            both: self.both + other.both,
            expected_both: self.expected_both + other.expected_both,
            same_sign: self.same_sign + other.same_sign,
        }
    }
}

/// Two tickets are of different models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{one}` and `{two}` have different tensors: compare tickets of one model, or transform one first"
)]
pub struct Incomparable {
    /// The first model.
    pub one: String,
    /// The second.
    pub two: String,
}

/// The overlap of each stage, in the order of the blueprint's stages.
///
/// # Errors
/// When the tickets' models have different tensors.
pub fn by_stage(a: &Ticket, b: &Ticket) -> Result<Vec<Overlap>, Incomparable> {
    let (one, two) = (a.blueprint(), b.blueprint());
    if one.tensors != two.tensors {
        return Err(Incomparable { one: named(one), two: named(two) });
    }
    let mut stages = vec![Overlap::default(); one.stages.len()];
    for tensor in one.prunable() {
        let stage = &mut stages[tensor.slot.stage];
        *stage = stage.plus(of_tensor(a, b, &tensor.name));
    }
    Ok(stages)
}

/// The overlap of each prunable tensor by name, for tickets that [`by_stage`] accepts.
#[must_use]
pub fn by_tensor(a: &Ticket, b: &Ticket) -> BTreeMap<String, Overlap> {
    let prunable = a.blueprint().prunable();
    prunable.map(|tensor| (tensor.name.clone(), of_tensor(a, b, &tensor.name))).collect()
}

/// All overlaps together.
#[must_use]
pub fn total(overlaps: &[Overlap]) -> Overlap {
    overlaps.iter().fold(Overlap::default(), |all, one| all.plus(*one))
}

fn named(blueprint: &Blueprint) -> String {
    format!("{} ({} classes, {})", blueprint.name, blueprint.classes, blueprint.input)
}

fn of_tensor(a: &Ticket, b: &Ticket, name: &str) -> Overlap {
    let (Some(one), Some(two)) = (a.masks().get(name), b.masks().get(name)) else {
        return Overlap::default();
    };
    let values = |ticket| Ticket::weights(ticket).floats(name).unwrap_or_default();
    overlap((one, values(a)), (two, values(b)))
}

/// The overlap of one tensor of two tickets, each given as its mask and its rewind weights; without weights no sign agrees.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
pub fn overlap((one, x): (&Mask, &[f32]), (two, y): (&Mask, &[f32])) -> Overlap {
    let (kept_a, kept_b) = (one.kept(), two.kept());
    // The product of two tiny weights may be 0, so signs are compared, not multiplied.
    let agree = |x: f32, y: f32| (x > 0.0 && y > 0.0) || (x < 0.0 && y < 0.0);
    let pairs = x.iter().zip(y).enumerate();
    let same_sign = pairs.filter(|&(at, (&x, &y))| agree(x, y) && one.keeps(at) && two.keeps(at));
    Overlap {
        weights: one.len(),
        kept_a,
        kept_b,
        both: one.kept_by_both(two),
        expected_both: kept_a as f64 * kept_b as f64 / one.len().max(1) as f64,
        same_sign: same_sign.count(),
    }
}
