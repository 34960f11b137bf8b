//! Every map is complete, copies what it says, and can be undone where nothing was dropped.

use elth_core::{
    blueprint::{Blueprint, UnitKind},
    chance::stream,
    reshape::{
        preview,
        reorder::{Order, reorder},
        reshape,
        strategy::{Strategy, Units, plan, repeatable},
    },
    slot::Slot,
    ticket::Ticket,
    unit_map::UnitMap,
};
use proptest::prelude::{
    Just, any, prop, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use proptest::strategy::Strategy as Drawn;

use crate::given;

fn strategies() -> impl Drawn<Value = Option<Strategy>> {
    prop::option::of(prop::sample::select(Strategy::ALL.to_vec()))
}

fn units() -> impl Drawn<Value = Units> {
    prop_oneof![
        3 => Just(Units::All),
        1 => prop::collection::vec(0..7_usize, 0..4).prop_map(Units::Listed),
        1 => (0..5_usize).prop_map(Units::First),
        1 => (0..5_usize).prop_map(Units::Last),
    ]
}

/// A map of each stage by chance, in which every source unit has a copy.
fn onto(source: &Blueprint, target: &Blueprint, seed: u64) -> UnitMap {
    let mut chance = stream(seed, "drawn map");
    let stages = source.depths().into_iter().zip(target.depths()).map(|(from, to)| {
        let mut movable: Vec<usize> = (1..from).collect();
        while movable.len() + 1 < to {
            let unit = 1 + chance.below(from as u64 - 1);
            movable.push(usize::try_from(unit).unwrap());
        }
        chance.shuffle(&mut movable);
        [vec![0], movable].concat()
    });
    UnitMap::new(source, target, stages.collect()).unwrap()
}

/// The bytes and masks of a unit's tensors, part by part.
fn contents(ticket: &Ticket, stage: usize, unit: usize) -> Vec<String> {
    let here = |slot: &Slot| slot.stage == stage && slot.unit == unit;
    let tensors = ticket.blueprint().tensors.iter().filter(|tensor| here(&tensor.slot));
    let contents = tensors.map(|tensor| {
        let bits: Option<Vec<u32>> = ticket
            .weights()
            .floats(&tensor.name)
            .map(|floats| floats.iter().map(|value| value.to_bits()).collect());
        let count = ticket.weights().0.get(&tensor.name).filter(|_| bits.is_none());
        format!("{} {bits:?} {count:?} {:?}", tensor.slot.part, ticket.masks().get(&tensor.name))
    });
    contents.collect()
}

/// Where each target unit's tensors come from: elastic stages by the map, the others from themselves.
fn sources(target: &Blueprint, map: &UnitMap) -> Vec<Vec<usize>> {
    let mut elastic = map.stages().iter();
    let of = |depth, given: Option<&Vec<usize>>| given.cloned().unwrap_or((0..depth).collect());
    let stages = target.stages.iter();
    let sources = stages
        .map(|stage| of(stage.units.len(), if stage.elastic { elastic.next() } else { None }));
    sources.collect()
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn a_strategy_gives_a_complete_map_or_an_error(
        (source, target) in given::pair(), strategy in strategies(), units in units(),
    ) {
        let Ok(map) = plan(&source, &target, strategy, &units) else { return Ok(()) };
        for ((from, to), given) in source.depths().iter().zip(target.depths()).zip(map.stages()) {
            prop_assert_eq!(given.len(), to);
            prop_assert!(given.iter().all(|unit| unit < from));
        }
        prop_assert_eq!(&UnitMap::new(&source, &target, map.stages().to_vec()).unwrap(), &map);
        prop_assert_eq!(&UnitMap::parse(&source, &target, &map.official()).unwrap(), &map);
        if source.depths() == target.depths() && source.name == target.name {
            prop_assert_eq!(&map, &UnitMap::identity(&source));
        }
    }

    #[test]
    fn residual_networks_of_every_depth_have_a_map(a in 2..12_usize, b in 1..12_usize) {
        let (source, target) = (given::resnet(a, 1), given::resnet(b, 1));
        prop_assert!(plan(&source, &target, None, &Units::All).is_ok());
        for strategy in Strategy::ALL {
            let right = a == b || strategy.is_stretch() == (b > a);
            prop_assert_eq!(plan(&source, &target, Some(strategy), &Units::All).is_ok(), right);
        }
    }

    #[test]
    fn every_target_unit_is_a_copy_of_its_source_unit(
        (source, target) in given::pair(), strategy in strategies(), seed in any::<u64>(),
    ) {
        let Ok(map) = plan(&source, &target, strategy, &Units::All) else { return Ok(()) };
        let ticket = given::ticket_of(&source, seed);
        let reshaped = reshape(&ticket, &target, &map).unwrap();
        let preview = preview(&ticket, &target, &map);
        for (stage, units) in sources(&target, &map).iter().enumerate() {
            for (at, &unit) in units.iter().enumerate() {
                prop_assert_eq!(contents(&reshaped, stage, at), contents(&ticket, stage, unit));
                prop_assert_eq!(reshaped.count_in_unit(stage, at), ticket.count_in_unit(stage, unit));
                prop_assert_eq!(preview[stage][at], reshaped.count_in_unit(stage, at));
            }
        }
        prop_assert_eq!(preview.into_iter().flatten().sum::<elth_core::ticket::Count>(), reshaped.count());
        prop_assert_eq!(reshaped.about.outside, ticket.about.outside);
        prop_assert_eq!(reshaped.about.lineage.acts().len(), ticket.about.lineage.acts().len() + 1);
    }

    #[test]
    fn a_map_that_drops_nothing_is_undone_bit_for_bit(
        from in 2..5_usize, more in 0..6_usize, seed in any::<u64>(),
    ) {
        let (source, target) = (given::resnet(from, 1), given::resnet(from + more, 1));
        let map = onto(&source, &target, seed);
        prop_assert_eq!(&UnitMap::parse(&source, &target, &map.official()).unwrap(), &map);
        let back = map.inverse(&source, &target).unwrap();
        let ticket = given::ticket_of(&source, seed);
        let there = reshape(&ticket, &target, &map).unwrap();
        let again = reshape(&there, &source, &back).unwrap();
        prop_assert_eq!(again.digest(), ticket.digest());
        prop_assert_eq!(again.masks(), ticket.masks());
    }

    #[test]
    fn a_generated_stretch_is_undone_in_every_family(
        (source, target) in given::pair(), strategy in strategies(), units in units(), seed in any::<u64>(),
    ) {
        let Ok(map) = plan(&source, &target, strategy, &units) else { return Ok(()) };
        let all_there = source.depths().iter().zip(map.stages())
            .all(|(depth, units)| (0..*depth).all(|unit| units.contains(&unit)));
        prop_assert_eq!(map.inverse(&source, &target).is_ok(), all_there);
        if let Ok(back) = map.inverse(&source, &target) {
            let ticket = given::ticket_of(&source, seed);
            let there = reshape(&ticket, &target, &map).unwrap();
            prop_assert_eq!(reshape(&there, &source, &back).unwrap().digest(), ticket.digest());
        }
    }

    #[test]
    fn equal_copies_of_every_unit_are_undone_by_the_matching_squeeze(
        blocks in 2..6_usize, copies in 1..5_usize, seed in any::<u64>(),
    ) {
        let source = given::resnet(blocks, 1);
        let target = given::resnet(1 + (blocks - 1) * copies, 1);
        let ticket = given::ticket_of(&source, seed);
        for (stretch, squeeze) in
            [(Strategy::Append, Strategy::Tail), (Strategy::Interpolate, Strategy::Interleave)]
        {
            let map = plan(&source, &target, Some(stretch), &Units::All).unwrap();
            let back = plan(&target, &source, Some(squeeze), &Units::All).unwrap();
            prop_assert_eq!(&back, &map.inverse(&source, &target).unwrap());
            let there = reshape(&ticket, &target, &map).unwrap();
            prop_assert_eq!(reshape(&there, &source, &back).unwrap().digest(), ticket.digest());
        }
    }

    #[test]
    fn the_identity_changes_no_bit(ticket in given::ticket()) {
        let same = ticket.blueprint().clone();
        let reshaped = reshape(&ticket, &same, &UnitMap::identity(&same)).unwrap();
        prop_assert_eq!(reshaped.digest(), ticket.digest());
        prop_assert_eq!(reshaped.masks(), ticket.masks());
    }

    #[test]
    fn an_order_moves_units_and_loses_none(
        blocks in 1..7_usize, more in 0..4_usize, seed in any::<u64>(), random in any::<bool>(),
    ) {
        prop_assume!(blocks > 1 || more == 0);
        let (source, target) = (given::resnet(blocks, 1), given::resnet(blocks + more, 1));
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let order = if random { Order::Random { seed } } else { Order::Reverse };
        let moved = reorder(&source, &target, &map, &order).unwrap();
        for (given, moved) in map.stages().iter().zip(moved.stages()) {
            let sorted = |units: &[usize]| {
                let mut units = units.to_vec();
                units.sort_unstable();
                units
            };
            prop_assert_eq!(sorted(given), sorted(moved));
            prop_assert_eq!(moved[0], 0);
        }
        prop_assert!(moved.inverse(&source, &target).is_ok());
        let listed = Order::Listed(vec![(1..blocks + more).collect()]);
        prop_assert_eq!(reorder(&source, &target, &map, &listed).unwrap(), map);
    }

    #[test]
    fn every_family_is_re_ordered_among_units_of_equal_shape(
        (source, target) in given::pair(), random in any::<bool>(), seed in any::<u64>(),
    ) {
        let Ok(map) = plan(&source, &target, None, &Units::All) else { return Ok(()) };
        let order = if random { Order::Random { seed } } else { Order::Reverse };
        let moved = reorder(&source, &target, &map, &order).unwrap();
        for (given, moved) in map.stages().iter().zip(moved.stages()) {
            let (mut given, mut moved) = (given.clone(), moved.clone());
            given.sort_unstable();
            moved.sort_unstable();
            prop_assert_eq!(given, moved);
        }
        let one_by_one = moved.stages().iter().zip(target.elastic_stages()).map(|(_, (_, stage))| {
            (0..stage.units.len()).filter(|at| stage.units[*at].kind != UnitKind::Anchor).collect()
        });
        let as_it_is = Order::Listed(one_by_one.collect());
        prop_assert_eq!(&reorder(&source, &target, &moved, &as_it_is).unwrap(), &moved);
    }

    #[test]
    fn stretching_all_units_once_has_the_density_of_its_units(blocks in 2..5_usize, seed in any::<u64>()) {
        let (source, target) = (given::resnet(blocks, 2), given::resnet(2 * blocks - 1, 2));
        let ticket = given::ticket_of(&source, seed);
        let map = plan(&source, &target, Some(Strategy::Append), &Units::All).unwrap();
        let copied: elth_core::ticket::Count = ticket.stages()
            .filter(|(_, stage)| stage.elastic)
            .flat_map(|(at, stage)| repeatable(stage).into_iter().map(move |unit| (at, unit)))
            .map(|(stage, unit)| ticket.count_in_unit(stage, unit))
            .sum();
        let reshaped = reshape(&ticket, &target, &map).unwrap();
        prop_assert_eq!(reshaped.count(), ticket.count() + copied);
    }

    #[test]
    fn mappings_of_any_text_are_read_or_refused(text in "[0-9:;,| ]{0,24}|.{0,20}", (source, target) in given::pair()) {
        if let Ok(map) = UnitMap::parse(&source, &target, &text) {
            prop_assert_eq!(UnitMap::parse(&source, &target, &map.official()).unwrap(), map);
        }
    }
}
