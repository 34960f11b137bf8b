//! Elastic transformations: one loop over slots for every family (the paper's g and h, section 3).

pub mod advice;
pub mod balance;
pub mod copies;
pub mod draft;
pub mod reorder;
pub mod strategy;
pub mod width;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    blueprint::Blueprint,
    mask::Mask,
    reshape::copies::{NoResidual, Treatment},
    slot::Slot,
    ticket::{About, Ticket, lineage::Act},
    unit_map::{BadMap, UnitMap, check_models},
    weights::{Misfit, Values, Weights},
};

/// Why a ticket cannot be transformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotReshape {
    /// The mapping does not fit the models.
    #[error(transparent)]
    Map(#[from] BadMap),
    /// The copies cannot be treated so.
    #[error(transparent)]
    Residual(#[from] NoResidual),
    /// What came out is no complete ticket, which a checked map rules out.
    #[error("the mapping leaves the target incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// Stretches, squeezes or re-orders a ticket into one of `target`.
///
/// Weights, norms, statistics and masks of every target unit are copies of its source unit's; stem and head
/// are copied as they are.
///
/// # Errors
/// When the map does not fit the ticket's model and the target.
pub fn reshape(
    ticket: &Ticket,
    target: &Blueprint,
    map: &UnitMap,
) -> Result<Ticket, CannotReshape> {
    treated(ticket, target, map, &Treatment::default())
}

/// As [`reshape`], with the copies of a stretch treated as wanted.
///
/// # Errors
/// As [`reshape`], and when residual blocks are to be scaled where there are none.
pub fn treated(
    ticket: &Ticket,
    target: &Blueprint,
    map: &UnitMap,
    treatment: &Treatment,
) -> Result<Ticket, CannotReshape> {
    let source = ticket.blueprint();
    check_models(source, target)?;
    let map = UnitMap::new(source, target, map.stages().to_vec())?;
    let names: BTreeMap<&Slot, &str> =
        source.tensors.iter().map(|tensor| (&tensor.slot, tensor.name.as_str())).collect();
    let (mut weights, mut masks) = (Weights::default(), BTreeMap::new());
    for tensor in &target.tensors {
        let slot = source_slot(&tensor.slot, target, &map);
        let Some(name) = names.get(&slot) else {
            return Err(Misfit::Missing(tensor.name.clone()).into());
        };
        copy(ticket, name, &tensor.name, &mut weights, &mut masks);
    }
    treatment.apply(target, &map, &mut weights, &masks)?;
    let act = Act::new("transform")
        .with("from", &source.name)
        .with("to", &target.name)
        .with("map", map.official())
        .of("ticket", &ticket.digest());
    let about = About {
        blueprint: Arc::new(target.clone()),
        lineage: ticket.about.lineage.then(treatment.told(act)),
        ..ticket.about.clone()
    };
    Ok(Ticket::assemble(about, weights, masks)?)
}

/// Kept and all weights of each unit that a map would give, without building the ticket.
#[must_use]
pub fn preview(
    ticket: &Ticket,
    target: &Blueprint,
    map: &UnitMap,
) -> Vec<Vec<crate::ticket::Count>> {
    let mut elastic = map.stages().iter();
    let stages = target.stages.iter().enumerate().map(|(stage, plan)| {
        let units: Vec<usize> = if plan.elastic {
            elastic.next().cloned().unwrap_or_default()
        } else {
            (0..plan.units.len()).collect()
        };
        units.into_iter().map(|unit| ticket.count_in_unit(stage, unit)).collect()
    });
    stages.collect()
}

fn source_slot(slot: &Slot, target: &Blueprint, map: &UnitMap) -> Slot {
    let elastic_index = target.elastic_stages().position(|(stage, _)| stage == slot.stage);
    let unit = elastic_index.map_or(slot.unit, |index| map.stages()[index][slot.unit]);
    Slot { stage: slot.stage, unit, part: slot.part.clone() }
}

fn copy(
    ticket: &Ticket,
    from: &str,
    to: &str,
    weights: &mut Weights,
    masks: &mut BTreeMap<String, Mask>,
) {
    let values: Option<Values> = ticket.weights().0.get(from).cloned();
    weights.0.extend(values.map(|values| (to.to_owned(), values)));
    masks.extend(ticket.masks().get(from).map(|mask| (to.to_owned(), mask.clone())));
}
