//! A balanced ticket has exactly the count that was asked for, and changed no more than that takes.

use elth_core::{
    mask::Mask,
    reshape::balance::{
        CannotBalance, Goals, Regrow, Within, balance, count_of, in_proportion, like,
    },
    ticket::{Outside, Ticket},
    weights::{Values, Weights},
};
use proptest::prelude::*;

use crate::given;

/// Bits that are on in the first mask and off in the second, with the magnitudes under them.
fn gone(one: &Ticket, two: &Ticket) -> Vec<f32> {
    let of = |(name, mask): (&String, &Mask)| {
        let (other, values) = (&two.masks()[name], one.weights().floats(name).unwrap().to_vec());
        let gone = (0..mask.len()).filter(|at| mask.keeps(*at) && !other.keeps(*at));
        gone.map(move |at| values[at].abs()).collect::<Vec<_>>()
    };
    one.masks().iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn the_count_is_exact_wherever_it_is_to_be(
        model in given::model(), sparsity in 0.0..0.95_f64, wanted in 0.0..1.0_f64,
        within in prop::sample::select(Within::ALL.to_vec()), random in any::<bool>(), seed in 0..99_u64,
    ) {
        let ticket = given::pruned(&model, sparsity, seed);
        let kept = count_of(&ticket, wanted).max(1);
        let goals = in_proportion(&ticket, within, kept).unwrap();
        let regrow = if random { Regrow::Random } else { Regrow::Magnitude };
        let made = balance(&ticket, &goals, regrow, seed).unwrap();
        prop_assert_eq!(made.ticket.count().kept, kept);
        prop_assert_eq!(&made, &balance(&ticket, &goals, regrow, seed).unwrap());
        prop_assert_eq!(gone(&ticket, &made.ticket).len(), made.trimmed);
        prop_assert_eq!(gone(&made.ticket, &ticket).len(), made.grown);
        prop_assert_eq!(ticket.count().kept + made.grown, kept + made.trimmed);
        // Together or apart, nothing goes where something comes back.
        prop_assert!(within != Within::All || made.trimmed == 0 || made.grown == 0);
        prop_assert_eq!(made.ticket.weights(), ticket.weights());
    }

    #[test]
    fn the_smallest_go_and_the_largest_come_back(model in given::model(), more in any::<bool>(), seed in 0..99_u64) {
        let ticket = given::pruned(&model, 0.5, seed);
        let masks = given::masks(&model, &mut elth_core::chance::stream(seed, "any"));
        let ticket = Ticket::assemble(ticket.about.clone(), ticket.weights().clone(), masks).unwrap();
        let count = ticket.count();
        let kept = if more { usize::midpoint(count.kept, count.weights) } else { count.kept / 2 };
        prop_assume!(kept > 0);
        let goals = in_proportion(&ticket, Within::All, kept).unwrap();
        let made = balance(&ticket, &goals, Regrow::Magnitude, 0).unwrap().ticket;
        let (small, large) = if more { (&ticket, &made) } else { (&made, &ticket) };
        let turned = gone(large, small);
        let empty = Ticket::assemble(ticket.about.clone(), ticket.weights().clone(),
            small.masks().iter().map(|(name, mask)| (name.clone(), Mask::from_fn(mask.len(), |_| false))).collect()).unwrap();
        let full = Ticket::assemble(ticket.about.clone(), ticket.weights().clone(), elth_core::ticket::full_masks(&model)).unwrap();
        let least = |values: &[f32]| values.iter().copied().fold(f32::INFINITY, f32::min);
        let most = |values: &[f32]| values.iter().copied().fold(0.0, f32::max);
        if more {
            prop_assert!(turned.is_empty() || least(&turned) >= most(&gone(&full, large)));
        } else {
            prop_assert!(turned.is_empty() || most(&turned) <= least(&gone(small, &empty)));
        }
    }

    #[test]
    fn every_stage_gets_its_source_s_density(blocks in 2..4_usize, more in 1..4_usize, seed in 0..99_u64) {
        use elth_core::reshape::{reshape, strategy::{Units, plan}};
        let (source, target) = (given::resnet(blocks, 3), given::resnet(blocks + more, 3));
        let ticket = given::pruned(&source, 0.7, seed);
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let stretched = reshape(&ticket, &target, &map).unwrap();
        let made = balance(&stretched, &like(&stretched, &ticket, Within::Stage), Regrow::Magnitude, 0).unwrap().ticket;
        for stage in 0..target.stages.len() {
            let (want, got) = (ticket.count_in_stage(stage), made.count_in_stage(stage));
            prop_assert!((want.density() * weights(got.weights) - weights(got.kept)).abs() <= 0.5);
        }
        let all = balance(&stretched, &like(&stretched, &ticket, Within::All), Regrow::Magnitude, 0).unwrap().ticket;
        prop_assert_eq!(all.count().kept, count_of(&stretched, ticket.count().density()));
    }
}

fn weights(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

#[test]
fn what_is_impossible_is_refused_with_its_reason() {
    let ticket = given::pruned(&given::resnet(2, 2), 0.5, 1);
    let all = ticket.count().weights;
    let goals = |kept| in_proportion(&ticket, Within::Stage, kept);
    assert_eq!(goals(0), Err(CannotBalance::Count { kept: 0, weights: all }));
    assert_eq!(goals(all + 1), Err(CannotBalance::Count { kept: all + 1, weights: all }));
    let check = |ticket: &Ticket, goals: &Goals, regrow, expected: Result<usize, &str>| {
        let made = balance(ticket, goals, regrow, 0).map(|made| made.ticket.count().kept);
        match (made, expected) {
            (Ok(kept), Ok(wanted)) => assert_eq!(kept, wanted),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (made, expected) => panic!("{made:?}, not {expected:?}"),
        }
    };
    let masked = ticket.clone().masked();
    let (more, less) = (goals(all).unwrap(), goals(10).unwrap());
    check(&ticket, &more, Regrow::Magnitude, Ok(all));
    check(&masked, &more, Regrow::Magnitude, Err("regrow at random"));
    check(&masked, &more, Regrow::Random, Ok(all));
    check(&masked, &less, Regrow::Magnitude, Ok(10));
    let broken = broken(&ticket);
    check(&broken, &less, Regrow::Magnitude, Err("`blocks.1.conv1.weight`"));
    assert_eq!(masked.about.outside, Outside::Masked);
}

/// The ticket with a weight that is no number.
fn broken(ticket: &Ticket) -> Ticket {
    let mut weights: Weights = ticket.weights().clone();
    if let Some(Values::Floats(values)) = weights.0.get_mut("blocks.1.conv1.weight") {
        values[2] = f32::NAN;
    }
    Ticket::assemble(ticket.about.clone(), weights, ticket.masks().clone()).unwrap()
}
