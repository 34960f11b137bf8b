//! What a ticket looks like: kept and all weights, down to bands of output channels.

use std::collections::BTreeMap;

use elth_core::{
    blueprint::{Blueprint, TensorPlan},
    digest::Digest,
    mask::Mask,
    ticket::{About, Count, Ticket},
    unit_map::UnitMap,
};

/// Most bands that a tensor is cut into: as many cells as a wide pane gives it.
const BANDS: usize = 48;

/// A ticket without its weights, small enough to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// What its header says.
    pub about: About,
    /// Digest of its tensors.
    pub digest: Digest,
    /// Its stages, the stem and the head too.
    pub stages: Vec<StagePortrait>,
}

/// A stage of a portrait.
#[derive(Debug, Clone, PartialEq)]
pub struct StagePortrait {
    /// Its name.
    pub name: String,
    /// Whether mappings name its units.
    pub elastic: bool,
    /// Its units, in order.
    pub units: Vec<UnitPortrait>,
}

/// A unit of a portrait: its prunable tensors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnitPortrait {
    /// In the order of the forward pass.
    pub tensors: Vec<TensorPortrait>,
}

/// A tensor of a portrait.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorPortrait {
    /// Its name within the unit.
    pub part: String,
    /// Its official name.
    pub name: String,
    /// Its sizes: outputs, inputs, and height and width of a kernel.
    pub shape: Vec<usize>,
    /// Output channels that keep no weight.
    pub dead: usize,
    /// Kept and all weights of each band of output channels.
    pub bands: Vec<Count>,
}

impl Portrait {
    /// Kept and all prunable weights.
    #[must_use]
    pub fn count(&self) -> Count {
        total(&self.stages)
    }

    /// What a mapping would make of it: units are copies, so their portraits are too.
    #[must_use]
    pub fn mapped(&self, target: &Blueprint, map: &UnitMap) -> Vec<StagePortrait> {
        let mut elastic = map.stages().iter();
        let stages = target.stages.iter().zip(&self.stages).map(|(plan, source)| {
            let sources = if plan.elastic { elastic.next() } else { None };
            let units = match sources {
                Some(sources) => {
                    sources.iter().filter_map(|unit| source.units.get(*unit).cloned()).collect()
                }
                None => source.units.clone(),
            };
            StagePortrait { name: plan.name.clone(), elastic: plan.elastic, units }
        });
        stages.collect()
    }
}

/// Kept and all weights of stages.
#[must_use]
pub fn total(stages: &[StagePortrait]) -> Count {
    stages.iter().map(StagePortrait::count).sum()
}

impl StagePortrait {
    /// Kept and all weights.
    #[must_use]
    pub fn count(&self) -> Count {
        self.units.iter().map(UnitPortrait::count).sum()
    }
}

impl UnitPortrait {
    /// Kept and all weights.
    #[must_use]
    pub fn count(&self) -> Count {
        self.tensors.iter().map(TensorPortrait::count).sum()
    }
}

impl TensorPortrait {
    /// Draws a tensor's portrait from its mask.
    #[must_use]
    pub fn of(tensor: &TensorPlan, mask: &Mask) -> Self {
        Self::of_kept(tensor, &mask.kept_of_rows(outputs(&tensor.shape)))
    }

    /// Draws a tensor's portrait from what each of its output channels keeps.
    #[must_use]
    pub fn of_kept(tensor: &TensorPlan, kept: &[usize]) -> Self {
        let channels = outputs(&tensor.shape);
        let each = tensor.len() / channels;
        let bands = channels.min(BANDS);
        let bands = (0..bands).map(|band| {
            let inside = &kept[band * channels / bands..(band + 1) * channels / bands];
            Count { kept: inside.iter().sum(), weights: inside.len() * each }
        });
        Self {
            part: tensor.slot.part.clone(),
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            dead: kept.iter().filter(|kept| **kept == 0).count(),
            bands: bands.collect(),
        }
    }

    /// Output channels.
    #[must_use]
    pub fn outputs(&self) -> usize {
        outputs(&self.shape)
    }

    /// Whether it keeps no weight at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count().kept == 0
    }

    /// Kept and all weights.
    #[must_use]
    pub fn count(&self) -> Count {
        self.bands.iter().copied().sum()
    }

    /// Kept and all weights in each of so many cells, side by side.
    #[must_use]
    pub fn cells(&self, cells: usize) -> Vec<Count> {
        let bands = self.bands.len();
        let cut = (0..cells).map(|cell| {
            let start = cell * bands / cells;
            let end = ((cell + 1) * bands / cells).max(start + 1);
            self.bands[start.min(bands)..end.min(bands)].iter().copied().sum()
        });
        cut.collect()
    }
}

/// Output channels of a tensor of that shape.
fn outputs(shape: &[usize]) -> usize {
    shape.first().copied().unwrap_or(1).max(1)
}

/// Draws a ticket's portrait.
#[must_use]
pub fn of(ticket: &Ticket) -> Portrait {
    let rows = ticket.blueprint().prunable().filter_map(|tensor| {
        let mask = ticket.masks().get(&tensor.name)?;
        Some((tensor.name.clone(), mask.kept_of_rows(outputs(&tensor.shape))))
    });
    of_counts(&ticket.about, &rows.collect(), ticket.digest())
}

/// Draws a ticket's portrait from what each output channel of its tensors keeps.
#[must_use]
pub fn of_counts(about: &About, kept: &BTreeMap<String, Vec<usize>>, digest: Digest) -> Portrait {
    let blueprint = &about.blueprint;
    let stages = blueprint.stages.iter().map(|stage| StagePortrait {
        name: stage.name.clone(),
        elastic: stage.elastic,
        units: vec![UnitPortrait::default(); stage.units.len()],
    });
    let mut stages: Vec<_> = stages.collect();
    for tensor in blueprint.prunable() {
        let Some(kept) = kept.get(&tensor.name) else { continue };
        let portrait = TensorPortrait::of_kept(tensor, kept);
        stages[tensor.slot.stage].units[tensor.slot.unit].tensors.push(portrait);
    }
    Portrait { about: about.clone(), digest, stages }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::ticket;
    use elth_core::reshape::{
        reshape,
        strategy::{Units, plan},
    };

    #[test]
    fn a_portrait_counts_what_the_ticket_counts() {
        let ticket = ticket("cifar_resnet_14_4", 0.93, 3);
        let portrait = of(&ticket);
        assert_eq!(portrait.count(), ticket.count());
        for (at, stage) in portrait.stages.iter().enumerate() {
            assert_eq!(stage.count(), ticket.count_in_stage(at), "{}", stage.name);
            for tensor in stage.units.iter().flat_map(|unit| &unit.tensors) {
                for cells in [1, 3, 16] {
                    let sum: Count = tensor.cells(cells).into_iter().sum();
                    let exact = tensor.bands.len() >= cells;
                    assert!(!exact || sum == tensor.count(), "{} in {cells}", tensor.part);
                }
            }
        }
    }

    #[test]
    fn a_mapped_portrait_is_that_of_the_transformed_ticket() {
        let ticket = ticket("cifar_resnet_14_4", 0.9, 4);
        let target =
            Blueprint::new("cifar_resnet_26_4", None, Some(ticket.blueprint().input)).unwrap();
        let map = plan(ticket.blueprint(), &target, None, &Units::All).unwrap();
        let mut made = of(&reshape(&ticket, &target, &map).unwrap());
        let mut mapped = of(&ticket).mapped(&target, &map);
        // Copies keep the names of what they are copies of.
        for stages in [&mut made.stages, &mut mapped] {
            let units = stages.iter_mut().flat_map(|stage| &mut stage.units);
            units.flat_map(|unit| &mut unit.tensors).for_each(|tensor| tensor.name.clear());
        }
        assert_eq!(mapped, made.stages);
    }

    #[test]
    fn a_tensor_counts_its_dead_output_channels() {
        let model = Blueprint::new("mnist_lenet_6_3", None, None).unwrap();
        let tensor = model.prunable().nth(1).unwrap();
        assert_eq!(tensor.shape, [3, 6]);
        for (kept, dead) in [(&[][..], 3), (&[0, 5], 2), (&[0, 6, 17], 0)] {
            let portrait = TensorPortrait::of(tensor, &Mask::from_fn(18, |at| kept.contains(&at)));
            assert_eq!((portrait.dead, portrait.is_empty()), (dead, kept.is_empty()), "{kept:?}");
            assert_eq!(portrait.count(), Count { kept: kept.len(), weights: 18 });
        }
    }
}
