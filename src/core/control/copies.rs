//! The control of a stretch: the copies' masks shuffled, everything else as the stretch made it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    blueprint::Blueprint,
    chance::stream,
    control::{Compat, NoControl, started, told},
    mask::Mask,
    reshape::copies::copied_units,
    ticket::{About, Ticket, lineage::Act},
    unit_map::UnitMap,
};

/// The name on the command line.
pub const NAME: &str = "permuted-copies";

/// Why a ticket has no copies whose masks could be shuffled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCopies {
    /// Its lineage has no transformation that led to this model.
    #[error(
        "this ticket's lineage names no transformation: stretch a ticket first, or make a `permuted` control"
    )]
    NotTransformed,
    /// Its last transformation used every source unit at most once.
    #[error(
        "this ticket's last transformation ({0}) copied no unit twice: make a `permuted` control"
    )]
    NoneTwice(String),
    /// As for the other controls.
    #[error(transparent)]
    Control(#[from] NoControl),
}

/// Shuffles the masks of every second and later copy of a unit that the ticket's last transformation made.
///
/// The first copy in the target's order keeps the true mask, and all weights stay (`change_depth_random_mask` of the
/// official code, fact sheet 2.10).
///
/// # Errors
/// When the lineage tells of no copies, or the weights outside the masks are zero.
pub fn permuted_copies(ticket: &Ticket, seed: u64, compat: Compat) -> Result<Ticket, NoCopies> {
    let copies = copies(&ticket.about)?;
    let (weights, outside) = started(ticket, NAME, compat)?;
    let act = Act::new("control")
        .with("kind", NAME)
        .with("seed-mask", seed.to_string())
        .of("ticket", &ticket.digest());
    let lineage = ticket.about.lineage.then(told(act, compat));
    let about = About { outside, lineage, ..ticket.about.clone() };
    let masks = shuffled(ticket, &copies, seed);
    Ok(Ticket::assemble(about, weights, masks).map_err(NoControl::Misfit)?)
}

/// Stage and number of each unit that holds what an earlier unit of its stage holds.
///
/// # Errors
/// When the lineage tells of no copies.
pub fn copies(about: &About) -> Result<BTreeSet<(usize, usize)>, NoCopies> {
    let map = last_map(about).ok_or(NoCopies::NotTransformed)?;
    let copies = copied_units(&about.blueprint, &map);
    if copies.is_empty() { Err(NoCopies::NoneTwice(map.official())) } else { Ok(copies) }
}

fn last_map(about: &About) -> Option<UnitMap> {
    let target = &about.blueprint;
    let act = about.lineage.acts().iter().rev().find(|act| act.act == "transform")?;
    let (from, text) = (act.arguments.get("from")?, act.arguments.get("map")?);
    let source = Blueprint::new(from, Some(target.classes), Some(target.input)).ok()?;
    UnitMap::parse(&source, target, text).ok()
}

fn shuffled(
    ticket: &Ticket,
    copies: &BTreeSet<(usize, usize)>,
    seed: u64,
) -> BTreeMap<String, Mask> {
    let mut masks = ticket.masks().clone();
    for tensor in ticket.blueprint().prunable() {
        let Some(mask) = masks.get_mut(&tensor.name) else { continue };
        if copies.contains(&(tensor.slot.stage, tensor.slot.unit)) {
            let mut bits: Vec<bool> = mask.bits().collect();
            stream(seed, &format!("permute {}", tensor.name)).shuffle(&mut bits);
            *mask = Mask::from_bits(&bits);
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::{ControlSeeds, Kind, control},
        initialise::initialise,
        prune,
        reshape::{reshape, strategy},
        ticket::{Outside, full_masks, lineage::Lineage},
    };

    fn ticket(outside: Outside) -> Ticket {
        let blueprint = Blueprint::new("cifar_resnet_14_2", None, None).unwrap();
        let (weights, masks) = (initialise(&blueprint, 1), full_masks(&blueprint));
        let scores = prune::random(&blueprint, 2);
        let masks = prune::round(&scores, &masks, 0.5, prune::Counting::Exact).unwrap();
        let lineage = Lineage::default();
        let (dataset, data_digest, level, rewind) = (None, None, None, None);
        let blueprint = blueprint.into();
        let about = About { blueprint, dataset, data_digest, level, rewind, outside, lineage };
        Ticket::assemble(about, weights, masks).unwrap()
    }

    fn stretched(ticket: &Ticket, to: &str) -> Ticket {
        let target = Blueprint::new(to, None, None).unwrap();
        let units = strategy::Units::default();
        let map = strategy::plan(ticket.blueprint(), &target, None, &units).unwrap();
        reshape(ticket, &target, &map).unwrap()
    }

    #[test]
    fn only_copies_are_shuffled_and_every_count_stays() {
        let ticket = stretched(&ticket(Outside::Dense), "cifar_resnet_20_2");
        let made = permuted_copies(&ticket, 7, Compat::Refuse).unwrap();
        for tensor in ticket.blueprint().prunable() {
            let (given, left) = (&ticket.masks()[&tensor.name], &made.masks()[&tensor.name]);
            let is_copy = tensor.name.starts_with("blocks.") && tensor.slot.unit == 2;
            assert_eq!(given == left, !is_copy, "{}", tensor.name);
            assert_eq!(given.kept(), left.kept());
        }
        assert_eq!(made.weights(), ticket.weights());
        assert_eq!(made, permuted_copies(&ticket, 7, Compat::Refuse).unwrap());
    }

    #[test]
    fn copies_shuffle_as_in_the_permuted_control_of_the_same_seed() {
        let ticket = stretched(&ticket(Outside::Dense), "cifar_resnet_20_2");
        let made = permuted_copies(&ticket, 7, Compat::Refuse).unwrap();
        let seeds = ControlSeeds { mask: 7, init: 0 };
        let all = control(&ticket, Kind::Permuted, seeds, Compat::Refuse).unwrap();
        let name = "blocks.2.conv1.weight";
        assert_eq!(made.masks()[name], all.masks()[name]);
    }

    #[test]
    fn tickets_without_copies_or_dense_weights_are_refused() {
        let plain = ticket(Outside::Dense);
        let same = stretched(&plain, "cifar_resnet_14_2");
        let masked = stretched(&ticket(Outside::Masked), "cifar_resnet_20_2");
        let refused = |ticket: &Ticket| permuted_copies(ticket, 7, Compat::Refuse).unwrap_err();
        assert_eq!(refused(&plain), NoCopies::NotTransformed);
        assert_eq!(refused(&same), NoCopies::NoneTwice("0:0;1:1".to_owned()));
        assert_eq!(refused(&masked), NoCopies::Control(NoControl::MaskedWeights(NAME)));
        assert!(permuted_copies(&masked, 7, Compat::OpenLth).is_ok());
    }
}
