//! What two tickets of one model share, and what one has pruned since the other: counts and pictures.

use elth_core::{
    compare::{self, Overlap},
    mask::Mask,
    ticket::Count,
};

use crate::portrait::{StagePortrait, TensorPortrait};

/// A ticket beside another of the same model.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Stage by stage, unit by unit, tensor by tensor; the other ticket is B.
    pub overlaps: Vec<Vec<Vec<Overlap>>>,
    /// Of the weights that the other keeps, those that this one does not.
    pub pruned: Vec<StagePortrait>,
    /// Of the weights that either keeps, those that both do.
    pub shared: Vec<StagePortrait>,
}

impl Change {
    /// All overlaps together.
    #[must_use]
    pub fn total(&self) -> Overlap {
        let all: Vec<Overlap> = self.overlaps.iter().flatten().flatten().copied().collect();
        compare::total(&all)
    }

    /// The overlap of a stage.
    #[must_use]
    pub fn stage(&self, stage: usize) -> Overlap {
        let units = self.overlaps.get(stage).map_or(&[][..], Vec::as_slice);
        compare::total(&units.concat())
    }

    /// The overlap of a tensor.
    #[must_use]
    pub fn tensor(&self, stage: usize, unit: usize, tensor: usize) -> Option<&Overlap> {
        self.overlaps.get(stage)?.get(unit)?.get(tensor)
    }
}

/// The weights that the other ticket kept and this one does not, out of those that the other kept.
#[must_use]
pub fn pruned(overlap: &Overlap) -> Count {
    Count { kept: overlap.kept_b - overlap.both, weights: overlap.kept_b }
}

/// Pictures of one tensor, band by band: what was pruned, and what is shared.
#[must_use]
pub fn pictures(
    portrait: &TensorPortrait,
    mask: &Mask,
    other: &Mask,
) -> (TensorPortrait, TensorPortrait) {
    let both = Mask::from_fn(mask.len(), |at| mask.keeps(at) && other.keeps(at));
    let (channels, bands) = (portrait.outputs().max(1), portrait.bands.len());
    let each = mask.len() / channels;
    let (mut pruned, mut shared) = (portrait.clone(), portrait.clone());
    for band in 0..bands {
        let range = band * channels / bands * each..(band + 1) * channels / bands * each;
        let count = |mask: &Mask| mask.kept_in(range.clone());
        let (here, there, both) = (count(mask), count(other), count(&both));
        pruned.bands[band] = Count { kept: there - both, weights: there };
        shared.bands[band] = Count { kept: both, weights: here + there - both };
    }
    (pruned, shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elth_core::blueprint::Blueprint;

    #[test]
    fn pictures_count_what_one_by_one_gives() {
        let model = Blueprint::new("mnist_lenet_60_3", None, None).unwrap();
        let tensor = model.prunable().next().unwrap();
        let mask = Mask::from_fn(tensor.len(), |at| at % 5 == 0);
        let other = Mask::from_fn(tensor.len(), |at| at % 5 == 0 || at % 3 == 0);
        let (lost, same) = pictures(&TensorPortrait::of(tensor, &mask), &mask, &other);
        let overlap = compare::overlap((&mask, &[]), (&other, &[]));
        assert_eq!(lost.count(), pruned(&overlap));
        assert_eq!(same.count(), Count { kept: mask.kept(), weights: other.kept() });
        assert_eq!(overlap.both, mask.kept());
    }
}
