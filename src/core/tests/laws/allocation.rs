//! How kept weights are shared out: exactly so many together, none more than it has, each by its rule.

use elth_core::{
    blueprint::Blueprint,
    chance::stream,
    mask::Mask,
    prune::{
        CannotPrune, Counting, Ranking,
        allocation::{Allocation, Demand, counts, prune, sparsity_after},
        random,
    },
    ticket::full_masks,
};
use proptest::prelude::*;

use crate::given;

fn demand(sparsity: f64, allocation: Allocation) -> Demand {
    Demand { sparsity, counting: Counting::Exact, allocation, ranking: Ranking::Absolute }
}

fn allocations() -> impl Strategy<Value = Allocation> {
    prop::sample::select(&Allocation::ALL[..])
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn every_allocation_keeps_exactly_what_is_asked_for_and_only_what_was_there(
        blocks in 1..3_usize, seed in any::<u64>(), sparsity in 0.0..0.99, allocation in allocations(),
    ) {
        let blueprint = given::resnet(blocks, 2);
        let masks = given::masks(&blueprint, &mut stream(seed, "masks"));
        let before: usize = masks.values().map(Mask::kept).sum();
        let all: usize = masks.values().map(Mask::len).sum();
        let scores = random(&blueprint, seed);
        match prune(&blueprint, &scores, &masks, &demand(sparsity, allocation)) {
            Err(error) => {
                let refused = matches!(error, CannotPrune::Already { .. } | CannotPrune::Everything { .. });
                prop_assert!(refused, "{error}");
            }
            Ok(pruned) => {
                let kept: usize = pruned.masks.values().map(Mask::kept).sum();
                #[expect(clippy::cast_precision_loss, reason = "small counts")]
                let off = (kept as f64 - (1.0 - sparsity) * all as f64).abs();
                prop_assert!(off <= 0.5 && kept <= before, "{kept} of {all}, {before} before");
                for (name, mask) in &pruned.masks {
                    let inside = (0..mask.len()).all(|at| !mask.keeps(at) || masks[name].keeps(at));
                    prop_assert!(inside, "{name} keeps what was gone");
                    let asked = pruned.asked.as_ref().map_or(mask.kept(), |asked| asked[name]);
                    prop_assert_eq!(asked, mask.kept(), "{}", name);
                }
            }
        }
    }

    #[test]
    fn rounds_come_to_the_sparsity_that_was_asked_for(sparsity in 0.0..0.999, rounds in 1..200_u32) {
        let ladder: Vec<f64> = (1..=rounds).map(|round| sparsity_after(sparsity, round, rounds)).collect();
        prop_assert!(ladder.is_sorted());
        prop_assert!((ladder[ladder.len() - 1] - sparsity).abs() < 1e-12);
    }
}

#[test]
fn densities_follow_the_rule_of_their_allocation() {
    let blueprint = Blueprint::new("cifar_resnet_20", None, None).unwrap();
    let masks = full_masks(&blueprint);
    let all: usize = masks.values().map(Mask::len).sum();
    for allocation in [Allocation::Layerwise, Allocation::Uniform] {
        for (name, count) in counts(&blueprint, &masks, allocation, all / 10) {
            let wanted = masks[&name].len() / 10;
            assert!(count.abs_diff(wanted) <= 1, "{name}: {count} of {wanted}");
        }
    }
    // The sum of a tensor's sizes, in proportion: stem 16+3+3+3 = 25, a block of stage 1 16+16+3+3 = 38, of stage 3
    // 64+64+3+3 = 134. The head, 10+64 = 74 of 640 weights, stays below 1 at this sparsity.
    let erk = counts(&blueprint, &masks, Allocation::Erk, all / 20);
    let each = |name: &str| f64::from(u32::try_from(erk[name]).unwrap());
    let (stem, early, late) =
        (each("conv.weight"), each("blocks.0.conv1.weight"), each("blocks.8.conv2.weight"));
    assert!(
        (early / late - 38.0 / 134.0).abs() < 2e-3
            && (each("fc.weight") / late - 74.0 / 134.0).abs() < 2e-3
    );
    assert!((stem / late - 25.0 / 134.0).abs() < 2e-3, "{stem} {late}");
    // At a density where small tensors would exceed 1 they are dense.
    let dense = counts(&blueprint, &masks, Allocation::Erk, all / 2);
    assert_eq!(dense["conv.weight"], masks["conv.weight"].len());
    assert_eq!(dense.values().sum::<usize>(), all / 2);
}

#[test]
fn signed_scores_go_from_the_most_negative_and_collapse_is_named() {
    let blueprint = given::resnet(1, 2);
    let masks = full_masks(&blueprint);
    let mut scores = random(&blueprint, 7);
    scores.values_mut().flatten().step_by(2).for_each(|score| *score = -*score);
    let signed = Demand { ranking: Ranking::Signed, ..demand(0.4, Allocation::Global) };
    let pruned = prune(&blueprint, &scores, &masks, &signed).unwrap();
    let negative_kept = pruned.masks.iter().flat_map(|(name, mask)| {
        scores[name].iter().enumerate().filter(|(at, score)| mask.keeps(*at) && **score > 0.0)
    });
    let positive: usize = scores.values().flatten().filter(|score| **score > 0.0).count();
    assert_eq!(
        negative_kept.count(),
        positive,
        "nothing positive goes before all that is negative"
    );
    assert_eq!(pruned.collapsed().count(), 0);

    let first = scores.keys().next().unwrap().clone();
    scores.get_mut(&first).unwrap().fill(0.0);
    let pruned = prune(&blueprint, &scores, &masks, &demand(0.9, Allocation::Global)).unwrap();
    assert_eq!(pruned.collapsed().collect::<Vec<_>>(), [first.as_str()]);
}

#[test]
fn the_official_counting_is_refused_where_there_is_no_one_threshold() {
    let blueprint = given::resnet(1, 2);
    let wish = Demand { counting: Counting::OpenLth, ..demand(0.5, Allocation::Erk) };
    let refused = prune(&blueprint, &random(&blueprint, 1), &full_masks(&blueprint), &wish);
    assert_eq!(refused, Err(CannotPrune::OneThreshold("erk")));
}
