//! Controls match their ticket where they must, and two tickets share what they say they do.

use elth_core::{
    compare::{by_stage, total},
    control::{
        Compat, ControlSeeds, Kind, NoControl, control,
        copies::permuted_copies,
        drawn::random_mask,
        own::{NoOwn, own_dense, own_imp, own_level, own_weights},
        snip::{closed, opened},
    },
    initialise::initialise,
    prune::{Ranking, allocation::to_counts},
    reshape::{
        reshape,
        strategy::{Units, plan},
    },
    ticket::{About, Outside, Ticket, lineage::Act},
};
use proptest::prelude::*;

use crate::given;

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn a_control_has_its_tickets_counts_and_depends_on_its_seeds_only(ticket in given::ticket(), mask in 0..9_u64, init in 0..9_u64) {
        let seeds = ControlSeeds { mask, init };
        for kind in Kind::ALL {
            let made = control(&ticket, kind, seeds, Compat::OpenLth).unwrap();
            let again = control(&ticket, kind, seeds, Compat::OpenLth).unwrap();
            prop_assert_eq!(made.digest(), again.digest());
            for tensor in ticket.blueprint().prunable() {
                let (given, left) = (ticket.count_of(&tensor.name), made.count_of(&tensor.name));
                prop_assert_eq!(left.weights, given.weights);
                prop_assert_eq!(left.kept, if kind == Kind::Dense { given.weights } else { given.kept });
            }
            prop_assert!(kind != Kind::Reinit || made.masks() == ticket.masks());
            let has_level = matches!(kind, Kind::Permuted | Kind::Reinit);
            prop_assert_eq!(made.about.level, ticket.about.level.filter(|_| has_level));
        }
    }

    #[test]
    fn weights_are_kept_or_drawn_anew_as_the_kind_says(ticket in given::ticket(), seed in any::<u64>()) {
        let seeds = ControlSeeds { mask: seed, init: seed };
        let bits = |ticket: &elth_core::ticket::Ticket, name: &str| -> Vec<u32> {
            ticket.weights().floats(name).unwrap_or_default().iter().map(|value| value.to_bits()).collect()
        };
        let fresh = initialise(ticket.blueprint(), seed);
        let dense = ticket.about.outside == Outside::Dense;
        for kind in Kind::ALL {
            let made = match control(&ticket, kind, seeds, Compat::Refuse) {
                Ok(made) => made,
                Err(error) => {
                    prop_assert_eq!(error, NoControl::MaskedWeights(kind.name()));
                    prop_assert!(!dense);
                    continue;
                }
            };
            for tensor in &ticket.blueprint().tensors {
                match kind {
                    Kind::Reinit | Kind::Random => prop_assert_eq!(made.weights().0.get(&tensor.name), fresh.0.get(&tensor.name)),
                    Kind::Permuted | Kind::Dense => prop_assert_eq!(bits(&made, &tensor.name), bits(&ticket, &tensor.name)),
                }
            }
        }
    }

    #[test]
    fn a_random_mask_has_the_counts_and_none_of_the_positions(sparsity in 0.1..0.95_f64, seed in any::<u64>()) {
        let ticket = given::pruned(&given::resnet(2, 3), sparsity, seed);
        let made = random_mask(&ticket, seed, Compat::Refuse).unwrap();
        for tensor in ticket.blueprint().prunable() {
            prop_assert_eq!(made.count_of(&tensor.name), ticket.count_of(&tensor.name));
        }
        prop_assert_eq!(made.weights(), ticket.weights());
        prop_assert!(made.masks() != ticket.masks());
        prop_assert_eq!(&made, &random_mask(&ticket, seed, Compat::Refuse).unwrap());
    }

    #[test]
    fn the_official_variants_start_at_zero_wherever_the_ticket_s_own_mask_is_off(seed in any::<u64>(), masked in any::<bool>()) {
        let (source, target) = (given::resnet(2, 2), given::resnet(4, 2));
        let plain = given::pruned(&source, 0.6, seed);
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let stretched = reshape(&plain, &target, &map).unwrap();
        let ticket = if masked { stretched.clone().masked() } else { stretched };
        let seeds = ControlSeeds { mask: seed, init: seed };
        let refused = |made: Result<elth_core::ticket::Ticket, String>| made.is_err() == masked;
        prop_assert!(refused(random_mask(&ticket, seed, Compat::Refuse).map_err(|it| it.to_string())));
        prop_assert!(refused(permuted_copies(&ticket, seed, Compat::Refuse).map_err(|it| it.to_string())));
        for made in [
            control(&ticket, Kind::Permuted, seeds, Compat::OpenLth).unwrap(),
            control(&ticket, Kind::Dense, seeds, Compat::OpenLth).unwrap(),
            random_mask(&ticket, seed, Compat::OpenLth).unwrap(),
            permuted_copies(&ticket, seed, Compat::OpenLth).unwrap(),
        ] {
            prop_assert_eq!(made.about.outside, Outside::Masked);
            prop_assert_eq!(&made.about.lineage.acts().last().unwrap().arguments["compat"], "openlth");
            for (name, mask) in ticket.masks() {
                let values = made.weights().floats(name).unwrap();
                prop_assert!((0..mask.len()).all(|at| mask.keeps(at) || values[at].abs() <= 0.0), "{name}");
            }
        }
    }

    #[test]
    fn only_copies_are_opened_for_other_masks(seed in any::<u64>()) {
        let (source, target) = (given::resnet(2, 2), given::resnet(3, 2));
        let plain = given::pruned(&source, 0.6, seed);
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let ticket = reshape(&plain, &target, &map).unwrap();
        let open = opened(&ticket).unwrap();
        for tensor in ticket.blueprint().prunable() {
            let (given, now) = (ticket.count_of(&tensor.name), open.ticket.count_of(&tensor.name));
            let count = open.counts.get(&tensor.name);
            prop_assert_eq!(count.is_some(), tensor.name.starts_with("blocks.") && tensor.slot.unit == 2);
            prop_assert_eq!(now.kept, if count.is_some() { given.weights } else { given.kept });
            prop_assert!(count.is_none_or(|count| *count == given.kept));
        }
        let scores = elth_core::prune::random(ticket.blueprint(), seed);
        let masks = to_counts(&scores, open.ticket.masks(), &open.counts, Ranking::Absolute).unwrap();
        let made = closed(&ticket, masks, Act::new("control")).unwrap();
        for tensor in ticket.blueprint().prunable() {
            prop_assert_eq!(made.count_of(&tensor.name), ticket.count_of(&tensor.name));
        }
        prop_assert_eq!(made.weights(), ticket.weights());
        prop_assert!(opened(&ticket.masked()).is_err());
    }

    #[test]
    fn overlaps_are_counted_bit_by_bit(blueprint in given::model(), one in any::<u64>(), two in any::<u64>()) {
        let (a, b) = (given::ticket_of(&blueprint, one), given::ticket_of(&blueprint, two));
        let all = total(&by_stage(&a, &b).unwrap());
        let (mut both, mut signs) = (0, 0);
        for (name, mask) in a.masks() {
            let (x, y) = (a.weights().floats(name).unwrap(), b.weights().floats(name).unwrap());
            for at in (0..mask.len()).filter(|at| mask.keeps(*at) && b.masks()[name].keeps(*at)) {
                both += 1;
                let agree = (x[at] > 0.0 && y[at] > 0.0) || (x[at] < 0.0 && y[at] < 0.0);
                signs += usize::from(agree);
            }
        }
        prop_assert_eq!((all.both, all.same_sign), (both, signs));
        prop_assert_eq!((all.kept_a, all.kept_b), (a.count().kept, b.count().kept));
        prop_assert_eq!(all.weights, blueprint.prunable_weights());
        prop_assert!((0.0..=1.0).contains(&all.jaccard()) && (0.0..=1.0).contains(&all.expected_jaccard()));
        let same = total(&by_stage(&a, &a).unwrap());
        prop_assert_eq!((same.both, same.kept_b), (same.kept_a, same.kept_a));
        prop_assert!((same.jaccard() - 1.0).abs() < f64::EPSILON);
    }
}

#[test]
fn the_target_s_own_controls_have_the_ticket_s_counts_and_the_other_s_weights() {
    let made = |sparsity, seed| {
        let blueprint = given::resnet(2, 2);
        given::pruned(&blueprint, sparsity, seed)
    };
    let (ticket, own) = (made(0.9, 1), made(0.3, 2));
    let mask_only = own_weights(&ticket, &own).unwrap();
    assert_eq!((mask_only.masks(), mask_only.weights()), (ticket.masks(), own.weights()));
    let imp = own_imp(&ticket, &own, own.weights()).unwrap();
    assert_eq!(imp.count(), ticket.count());
    for (name, mask) in imp.masks() {
        assert!((0..mask.len()).all(|at| !mask.keeps(at) || own.masks()[name].keeps(at)), "{name}");
    }
    let (wanted, there) = (own.count().kept, ticket.count().kept);
    assert_eq!(
        own_imp(&own, &ticket, ticket.weights()),
        Err(NoOwn::TooSparse { ticket: wanted, own: there })
    );
    let other = given::pruned(&given::resnet(1, 2), 0.5, 3);
    assert!(matches!(own_weights(&ticket, &other), Err(NoOwn::Model { .. })));
}

#[test]
fn the_target_s_own_tickets_are_checked_before_they_stand_for_it() {
    let of_level = |level, sparsity| {
        let made = given::pruned(&given::resnet(2, 2), sparsity, 5);
        let about = About { level, ..made.about.clone() };
        Ticket::assemble(about, made.weights().clone(), made.masks().clone()).unwrap()
    };
    let (ticket, own, other) =
        (of_level(Some(6), 0.8), of_level(Some(6), 0.7), of_level(Some(5), 0.6));
    let made = own_level(&ticket, &own).unwrap();
    assert_eq!(
        (made.masks(), made.weights(), made.about.level),
        (own.masks(), own.weights(), Some(6))
    );
    let dense = own_dense(&ticket, &own).unwrap();
    assert_eq!((dense.count().kept, dense.weights()), (dense.count().weights, own.weights()));
    for (ticket, own, words) in [
        (&ticket, &other, "of level 6 and the target's own of level 5"),
        (&ticket, &of_level(None, 0.5), "of no level"),
        (&of_level(None, 0.5), &own, "is of no level"),
    ] {
        let error = own_level(ticket, own).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(matches!(own_dense(&ticket, &own.masked()), Err(NoOwn::Control(_))));
}
