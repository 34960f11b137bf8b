//! What the copies that a stretch makes hold: their source's weights, fresh ones, or the source's with noise; and how
//! much each of them adds to the residual stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use crate::{
    blueprint::{Blueprint, Family, TensorPlan},
    chance::stream,
    initialise::initialise,
    mask::Mask,
    slot::Role,
    ticket::lineage::Act,
    unit_map::UnitMap,
    weights::{Values, Weights},
};

/// Noise where nobody says how much: enough to tell copies apart, far too little to change what they do.
const SIGMA: f64 = 0.01;

/// What the second and later copies of a unit hold.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Copies {
    /// What their source holds.
    #[default]
    Copied,
    /// Fresh weights, norms and statistics under the source's mask.
    Reinit,
    /// The source's weights and normal noise, so many times the root mean square of the tensor's kept weights.
    Perturbed(f64),
}

impl FromStr for Copies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sigma = |text: &str| text.parse().ok().filter(|it: &f64| it.is_finite() && *it > 0.0);
        match text.split_once(':') {
            None if text == "copied" => Ok(Self::Copied),
            None if text == "reinit" => Ok(Self::Reinit),
            None if text == "perturbed" => Ok(Self::Perturbed(SIGMA)),
            Some(("perturbed", size)) if sigma(size).is_some() => {
                Ok(Self::Perturbed(sigma(size).unwrap_or(SIGMA)))
            }
            _ => Err(format!(
                "`{text}` says nothing of copies: write copied, reinit, perturbed or perturbed:0.05"
            )),
        }
    }
}

impl fmt::Display for Copies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copied => formatter.write_str("copied"),
            Self::Reinit => formatter.write_str("reinit"),
            Self::Perturbed(sigma) => write!(formatter, "perturbed:{sigma}"),
        }
    }
}

/// How much a replicated block adds to the residual stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Residual {
    /// As much as its source.
    #[default]
    Kept,
    /// Each of r blocks of one source, the first among them, an r-th: its last batch norm's scale and shift are divided
    /// by r, so that all of them together add what the source added (the step size of the ODE view, fact sheet 5.3).
    Shared,
}

/// How the copies of a stretch are treated.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Treatment {
    /// What they hold.
    pub copies: Copies,
    /// What they add.
    pub residual: Residual,
    /// Seed of fresh weights and of noise.
    pub seed: u64,
}

/// Residual blocks were to be scaled where there are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` has no residual blocks whose share could be scaled: only residual networks add what their units compute"
)]
pub struct NoResidual(pub Family);

/// Stage and number of each target unit that holds what an earlier unit of its stage holds.
#[must_use]
pub fn copied_units(target: &Blueprint, map: &UnitMap) -> BTreeSet<(usize, usize)> {
    let stages = target.elastic_stages().map(|(stage, _)| stage).zip(map.stages());
    let copies = stages.flat_map(|(stage, units)| {
        let later = (0..units.len()).filter(|at| units[..*at].contains(&units[*at]));
        later.map(move |at| (stage, at))
    });
    copies.collect()
}

impl Treatment {
    /// The act with what was done to the copies; as it was where they were only copied.
    #[must_use]
    pub fn told(&self, act: Act) -> Act {
        let act = match self.copies {
            Copies::Copied => act,
            changed => {
                act.with("copies", changed.to_string()).with("seed-init", self.seed.to_string())
            }
        };
        match self.residual {
            Residual::Kept => act,
            Residual::Shared => act.with("residual-scale", "1/r"),
        }
    }

    /// Changes the copies in weights that were only copied.
    pub(super) fn apply(
        &self,
        target: &Blueprint,
        map: &UnitMap,
        weights: &mut Weights,
        masks: &BTreeMap<String, Mask>,
    ) -> Result<(), NoResidual> {
        let copies = copied_units(target, map);
        let is_copy =
            |tensor: &&TensorPlan| copies.contains(&(tensor.slot.stage, tensor.slot.unit));
        match self.copies {
            Copies::Copied => {}
            Copies::Reinit => {
                let mut fresh = initialise(target, self.seed);
                for tensor in target.tensors.iter().filter(is_copy) {
                    let values = fresh.0.remove(&tensor.name);
                    weights.0.extend(values.map(|values| (tensor.name.clone(), values)));
                }
            }
            Copies::Perturbed(sigma) => {
                for tensor in target.prunable().filter(is_copy) {
                    let purpose = format!("perturb {} {}", target.name, tensor.name);
                    let values = weights.0.get_mut(&tensor.name);
                    if let (Some(Values::Floats(values)), Some(mask)) =
                        (values, masks.get(&tensor.name))
                    {
                        let every = vec![true; values.len()];
                        perturb(values, mask, &every, (sigma, self.seed), &purpose);
                    }
                }
            }
        }
        match self.residual {
            Residual::Kept => Ok(()),
            Residual::Shared => share(target, map, weights),
        }
    }
}

/// Adds noise to the chosen values, in proportion to the root mean square of those under the mask.
#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
#[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
pub(super) fn perturb(
    values: &mut [f32],
    mask: &Mask,
    chosen: &[bool],
    (sigma, seed): (f64, u64),
    purpose: &str,
) {
    let kept = values.iter().zip(mask.bits()).filter(|(_, keep)| *keep);
    let squares: f64 = kept.map(|(value, _)| f64::from(*value).powi(2)).sum();
    let deviation = sigma * (squares / mask.kept().max(1) as f64).sqrt();
    let mut chance = stream(seed, purpose);
    let mut noise = std::iter::repeat_with(|| chance.normal_pair()).flatten();
    // Every value has a draw of its own, whether it is chosen or not.
    for (value, is_chosen) in values.iter_mut().zip(chosen) {
        let draw = noise.next().unwrap_or_default();
        if *is_chosen {
            *value = (f64::from(*value) + deviation * draw) as f32;
        }
    }
}

/// Divides what every replicated block adds by the number of blocks that come from its source.
fn share(target: &Blueprint, map: &UnitMap, weights: &mut Weights) -> Result<(), NoResidual> {
    let residual = [Family::CifarResnet, Family::ImagenetResnet, Family::CifarheResnet];
    if !residual.contains(&target.family) {
        return Err(NoResidual(target.family));
    }
    let stages: Vec<usize> = target.elastic_stages().map(|(stage, _)| stage).collect();
    for tensor in &target.tensors {
        let slot = &tensor.slot;
        let Some(at) = stages.iter().position(|stage| *stage == slot.stage) else { continue };
        let units = &map.stages()[at];
        let siblings = units.iter().filter(|unit| **unit == units[slot.unit]).count();
        let is_last = slot.part.starts_with(last_norm(target, slot.stage, slot.unit));
        let scales = matches!(tensor.role, Role::NormWeight | Role::NormBias);
        if siblings > 1 && is_last && scales {
            divide(weights, &tensor.name, siblings);
        }
    }
    Ok(())
}

/// The batch norm that a block's branch ends with.
fn last_norm(target: &Blueprint, stage: usize, unit: usize) -> &'static str {
    let parts = &target.stages[stage].units[unit].parts;
    if parts.contains_key("bn3.weight") { "bn3." } else { "bn2." }
}

#[expect(clippy::cast_precision_loss, reason = "a network has far fewer units than 2^24")]
fn divide(weights: &mut Weights, name: &str, by: usize) {
    if let Some(Values::Floats(values)) = weights.0.get_mut(name) {
        for value in values {
            *value /= by as f32;
        }
    }
}
