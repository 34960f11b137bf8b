//! What pruning removes: exactly as many as asked for, the lowest first, never one that was gone.

use std::collections::BTreeMap;

use elth_core::{
    chance::stream,
    mask::Mask,
    prune::{CannotPrune, Counting, Scores, ladder, magnitude, random, round, to_sparsity},
    ticket::full_masks,
};
use proptest::prelude::*;

use crate::given;

/// Scores of few different values, so that most are tied.
fn tied(lengths: &[usize], seed: u64) -> Scores {
    let mut chance = stream(seed, "tied scores");
    let mut score =
        || [0.0, -0.0, 0.5, -0.5, 1.0, f32::INFINITY][usize::try_from(chance.below(6)).unwrap()];
    let tensors = lengths.iter().enumerate();
    tensors.map(|(at, len)| (format!("t{at}"), (0..*len).map(|_| score()).collect())).collect()
}

fn drawn_masks(scores: &Scores, seed: u64) -> BTreeMap<String, Mask> {
    let mut chance = stream(seed, "drawn masks");
    let masks = scores
        .iter()
        .map(|(name, values)| (name.clone(), Mask::from_fn(values.len(), |_| chance.below(4) > 0)));
    masks.collect()
}

fn kept(masks: &BTreeMap<String, Mask>) -> usize {
    masks.values().map(Mask::kept).sum()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn ceiling(share: f64, count: usize) -> usize {
    (share * count as f64).ceil() as usize
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn exactly_as_many_go_as_asked_for_however_many_are_tied(
        lengths in prop::collection::vec(0..90_usize, 1..5), seed in any::<u64>(), share in 0.0..1.0,
    ) {
        let scores = tied(&lengths, seed);
        let masks = drawn_masks(&scores, seed);
        let (before, count) = (kept(&masks), ceiling(share, kept(&masks)));
        match round(&scores, &masks, share, Counting::Exact) {
            Err(error) => {
                prop_assert!(count >= before);
                prop_assert_eq!(error, CannotPrune::Everything { asked: count, left: before });
            }
            Ok(pruned) => {
                prop_assert_eq!(before - kept(&pruned), count);
                check_lowest_went(&scores, &masks, &pruned)?;
            }
        }
    }

    #[test]
    fn the_official_counting_takes_one_more_where_no_scores_are_tied(
        blocks in 1..3_usize, seed in any::<u64>(), share in 0.0..0.9,
    ) {
        let blueprint = given::resnet(blocks, 2);
        let masks = given::masks(&blueprint, &mut stream(seed, "masks"));
        let scores = distinct(&masks, seed);
        let before = kept(&masks);
        prop_assume!(before > 20);
        let exact = round(&scores, &masks, share, Counting::Exact).unwrap();
        let official = round(&scores, &masks, share, Counting::OpenLth).unwrap();
        prop_assert_eq!(kept(&exact), before - ceiling(share, before));
        prop_assert_eq!(kept(&official), kept(&exact) - 1);
        check_lowest_went(&scores, &masks, &official)?;
    }

    #[test]
    fn the_official_counting_takes_every_score_that_is_tied_with_the_last(
        lengths in prop::collection::vec(1..90_usize, 1..5), seed in any::<u64>(), share in 0.0..1.0,
    ) {
        let scores = tied(&lengths, seed);
        let masks = drawn_masks(&scores, seed);
        let mut all: Vec<f32> = scores.iter().zip(masks.values())
            .flat_map(|((_, values), mask)| values.iter().zip(mask.bits()).filter(|(_, keep)| *keep).map(|(value, _)| value.abs()))
            .collect();
        all.sort_by(f32::total_cmp);
        let survivors = all.get(ceiling(share, all.len())).map_or(0, |threshold| all.iter().filter(|score| *score > threshold).count());
        let left = round(&scores, &masks, share, Counting::OpenLth).map_or(0, |masks| kept(&masks));
        prop_assert_eq!(left, survivors);
    }

    #[test]
    fn a_sparsity_is_the_share_of_zeros_over_all_weights(
        seed in any::<u64>(), first in 0.0..0.9, more in 0.0..0.09,
    ) {
        let blueprint = given::resnet(2, 3);
        let weights = blueprint.prunable_weights();
        let scores = random(&blueprint, seed);
        let once = to_sparsity(&scores, &full_masks(&blueprint), first, Counting::Exact).unwrap();
        let nearest = |sparsity: f64| ceiling(sparsity - 0.5 / f64::from(u32::try_from(weights).unwrap()), weights);
        prop_assert!((weights - kept(&once)).abs_diff(nearest(first)) <= 1);
        let twice = to_sparsity(&scores, &once, first + more, Counting::Exact).unwrap();
        let direct = to_sparsity(&scores, &full_masks(&blueprint), first + more, Counting::Exact).unwrap();
        prop_assert_eq!(twice, direct);
        if kept(&once) < weights {
            let back = to_sparsity(&scores, &once, 0.0, Counting::Exact);
            prop_assert!(matches!(back, Err(CannotPrune::Already { .. })), "{:?}", back);
        }
    }

    #[test]
    fn a_ladder_is_what_rounds_leave(share in 0.01..0.6, seed in any::<u64>()) {
        let blueprint = given::resnet(1, 2);
        for counting in [Counting::Exact, Counting::OpenLth] {
            let mut masks = full_masks(&blueprint);
            let scores = distinct(&masks, seed);
            for survivors in ladder(blueprint.prunable_weights(), share, 5, counting) {
                prop_assert_eq!(kept(&masks), survivors);
                masks = round(&scores, &masks, share, counting).unwrap();
            }
        }
    }
}

/// Scores of which no two are equal.
fn distinct(masks: &BTreeMap<String, Mask>, seed: u64) -> Scores {
    let total: usize = masks.values().map(Mask::len).sum();
    let mut order: Vec<u16> = (1..=u16::try_from(total).unwrap()).collect();
    stream(seed, "distinct scores").shuffle(&mut order);
    let mut next = order.into_iter().map(f32::from);
    let tensors = masks.iter();
    tensors.map(|(name, mask)| (name.clone(), next.by_ref().take(mask.len()).collect())).collect()
}

/// Nothing came back, and nothing that went scored higher than what stayed.
fn check_lowest_went(
    scores: &Scores,
    before: &BTreeMap<String, Mask>,
    after: &BTreeMap<String, Mask>,
) -> Result<(), TestCaseError> {
    let (mut highest_gone, mut lowest_left) = (0.0_f32, f32::INFINITY);
    for (name, mask) in after {
        for (at, score) in scores[name].iter().enumerate() {
            match (before[name].keeps(at), mask.keeps(at)) {
                (false, left) => prop_assert!(!left),
                (true, false) => highest_gone = highest_gone.max(score.abs()),
                (true, true) => lowest_left = lowest_left.min(score.abs()),
            }
        }
    }
    prop_assert!(highest_gone <= lowest_left);
    Ok(())
}

#[test]
fn what_cannot_be_pruned_is_refused_with_the_way_out() {
    let blueprint = given::resnet(1, 1);
    let (full, scores) = (full_masks(&blueprint), random(&blueprint, 1));
    let mut damaged = scores.clone();
    damaged.get_mut("fc.weight").unwrap()[0] = f32::NAN;
    let mut flat = scores.clone();
    flat.values_mut().flatten().for_each(|score| *score = 1.0);
    for (scores, share, counting, says) in [
        (&scores, 1.0, Counting::Exact, "give a number from 0 to below 1"),
        (&scores, -0.1, Counting::Exact, "give a number from 0 to below 1"),
        (&scores, f64::NAN, Counting::OpenLth, "give a number from 0 to below 1"),
        (&scores, 0.999_999, Counting::OpenLth, "nothing would be left"),
        (&damaged, 0.5, Counting::Exact, "`fc.weight`"),
        (&flat, 0.5, Counting::OpenLth, "nothing would be left"),
    ] {
        let error = round(scores, &full, share, counting).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        let error = to_sparsity(scores, &full, share, counting).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(round(&flat, &full, 0.0, Counting::Exact).unwrap(), full);
    let weights = elth_core::initialise::initialise(&blueprint, 1);
    assert!(magnitude(&blueprint, &weights).values().flatten().all(|score| *score >= 0.0));
}
