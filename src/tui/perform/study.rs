//! Reads parts of tickets for a ticket's screen: masks by their places in the file, weights only where they are wanted.

use std::path::Path;

use anyhow::{Result, bail};
use elth_core::{
    blueprint::{Blueprint, TensorPlan},
    compare::{self, Incomparable},
};
use elth_store::{
    masks,
    ticket_part::{self, OpenTicket},
};

use crate::{
    portrait::{StagePortrait, TensorPortrait, UnitPortrait},
    study::{
        Finding, Part, Signs, Study,
        change::{self, Change},
        grid::sides,
        histogram::Histogram,
    },
};

/// Reads what is to be read.
pub fn find(study: &Study) -> Result<Finding> {
    Ok(match study {
        Study::Tensor { path, tensor, before } => {
            Finding::Tensor(part(path, tensor, before.as_deref())?)
        }
        Study::Channel { path, tensor, output } => {
            Finding::Channel(channel(path, tensor, *output)?)
        }
        Study::Weights { path } => Finding::Weights(weights(path)?),
        Study::Change { path, other, signs } => Finding::Change(changed(path, other, *signs)?),
    })
}

fn plan<'a>(ticket: &'a OpenTicket, name: &str) -> Result<&'a TensorPlan> {
    match ticket.about.blueprint.tensor(name) {
        Some(tensor) => Ok(tensor),
        None => bail!(
            "`{}` has no tensor `{name}`: look at the disk again",
            ticket.about.blueprint.name
        ),
    }
}

fn part(path: &Path, name: &str, before: Option<&Path>) -> Result<Part> {
    let ticket = ticket_part::open(path)?;
    let tensor = plan(&ticket, name)?;
    let before = before.map(ticket_part::open).transpose()?;
    let before = before.map(|before| before.mask(tensor)).transpose()?;
    Ok(Part::of(&tensor.shape, ticket.mask(tensor)?, before.as_ref()))
}

fn channel(path: &Path, name: &str, output: usize) -> Result<Vec<f32>> {
    let ticket = ticket_part::open(path)?;
    let tensor = plan(&ticket, name)?;
    let each = tensor.len() / sides(&tensor.shape).0;
    Ok(ticket.weights(tensor, output * each..(output + 1) * each)?)
}

fn weights(path: &Path) -> Result<Vec<Vec<Vec<Histogram>>>> {
    let ticket = ticket_part::open(path)?;
    let mut all = by_unit(&ticket.about.blueprint);
    for tensor in ticket.about.blueprint.prunable() {
        let (mask, values) = (ticket.mask(tensor)?, ticket.weights(tensor, 0..tensor.len())?);
        all[tensor.slot.stage][tensor.slot.unit].push(Histogram::of(&mask, &values));
    }
    Ok(all)
}

/// An empty list for every unit of every stage.
fn by_unit<T: Clone>(blueprint: &Blueprint) -> Vec<Vec<Vec<T>>> {
    blueprint.stages.iter().map(|stage| vec![Vec::new(); stage.units.len()]).collect()
}

fn changed(path: &Path, other: &Path, signs: Signs) -> Result<Change> {
    let (one, two) = (masks::read(path)?, masks::read(other)?);
    let (x, y) = (ticket_part::open(path)?, ticket_part::open(other)?);
    let (model, others) = (&one.about.blueprint, &two.about.blueprint);
    if model.tensors != others.tensors {
        bail!(Incomparable { one: model.name.clone(), two: others.name.clone() });
    }
    let empty = || -> Vec<StagePortrait> {
        let stages = model.stages.iter().map(|stage| StagePortrait {
            name: stage.name.clone(),
            elastic: stage.elastic,
            units: vec![UnitPortrait::default(); stage.units.len()],
        });
        stages.collect()
    };
    let mut change = Change { overlaps: by_unit(model), pruned: empty(), shared: empty() };
    for tensor in model.prunable() {
        let (Some(mask), Some(its)) = (one.masks.get(&tensor.name), two.masks.get(&tensor.name))
        else {
            continue;
        };
        let values = |ticket: &OpenTicket| match signs {
            Signs::Compared => ticket.weights(tensor, 0..tensor.len()),
            Signs::LeftOut => Ok(Vec::new()),
        };
        let (x, y) = (values(&x)?, values(&y)?);
        let (stage, unit) = (tensor.slot.stage, tensor.slot.unit);
        change.overlaps[stage][unit].push(compare::overlap((mask, &x), (its, &y)));
        let portrait = TensorPortrait::of(tensor, mask);
        let (pruned, shared) = change::pictures(&portrait, mask, its);
        change.pruned[stage].units[unit].tensors.push(pruned);
        change.shared[stage].units[unit].tensors.push(shared);
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elth_core::ticket::Count;
    use elth_store::ticket_file;
    use std::path::PathBuf;

    fn level(level: u32) -> PathBuf {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample_tickets");
        samples.join(format!("digits_resnet_14_8_level_{level}.safetensors"))
    }

    #[test]
    fn a_change_is_what_comparing_whole_tickets_gives() {
        let (one, two) = (level(13), level(10));
        let whole = |path: &Path| ticket_file::read(path).unwrap();
        let expected = compare::by_stage(&whole(&one), &whole(&two)).unwrap();
        let change = changed(&one, &two, Signs::Compared).unwrap();
        for (stage, expected) in expected.iter().enumerate() {
            let found = change.stage(stage);
            assert_eq!((found.both, found.same_sign), (expected.both, expected.same_sign));
            assert!((found.expected_both - expected.expected_both).abs() < 1e-9);
            let lost: Count = change.pruned[stage].count();
            assert_eq!(lost.kept, expected.kept_b - expected.both);
        }
        let masks = changed(&one, &two, Signs::LeftOut).unwrap();
        assert_eq!((masks.total().both, masks.total().same_sign), (change.total().both, 0));
    }

    #[test]
    fn weights_and_tensors_count_what_the_ticket_counts() {
        let ticket = ticket_file::read(&level(13)).unwrap();
        let all = weights(&level(13)).unwrap();
        let all: Vec<&Histogram> = all.iter().flatten().flatten().collect();
        let kept: usize = all.iter().map(|histogram| histogram.kept.weights).sum();
        assert_eq!(kept, ticket.count().kept);
        for (tensor, histogram) in ticket.blueprint().prunable().zip(&all) {
            assert_eq!(histogram.kept.weights, ticket.count_of(&tensor.name).kept);
            let part = part(&level(13), &tensor.name, Some(&level(12))).unwrap();
            assert_eq!(part.mask, ticket.masks()[&tensor.name]);
            let channel = channel(&level(13), &tensor.name, 1).unwrap();
            let each = tensor.len() / tensor.shape[0];
            let floats = ticket.weights().floats(&tensor.name).unwrap();
            assert_eq!(channel, floats[each..2 * each]);
        }
    }

    #[test]
    fn what_is_not_there_says_why() {
        assert!(find(&Study::Weights { path: PathBuf::from("/nowhere") }).is_err());
        let error = part(&level(13), "nothing", None).unwrap_err().to_string();
        assert!(error.contains("has no tensor `nothing`"), "{error}");
    }
}
