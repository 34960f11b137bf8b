//! Moves of a few weights that can be followed by hand, and the curves they follow.

use super::*;
use crate::{initialise::initialise, prune::magnitude, ticket::full_masks};

fn mask(bits: &[u8]) -> Mask {
    Mask::from_bytes(bits).unwrap()
}

#[track_caller]
fn check_exchange(weights: &[f32], before: &[u8], fraction: f64, gradient: &[f32], after: &[u8]) {
    let moved = exchange(weights, &mask(before), fraction, &wants(gradient));
    assert_eq!(moved, mask(after));
}

#[test]
fn the_smallest_go_and_the_largest_gradients_come() {
    let (weights, before) = ([4.0, -1.0, 3.0, 2.0, 0.0, 0.0, 0.0, 0.0], [1, 1, 1, 1, 0, 0, 0, 0]);
    let gradient = [9.0, 0.0, 0.0, 0.1, 0.5, -3.0, 0.2, 2.0];
    check_exchange(&weights, &before, 0.5, &gradient, &[1, 0, 1, 0, 0, 1, 0, 1]);
    check_exchange(&weights, &before, 0.25, &gradient, &[1, 0, 1, 1, 0, 1, 0, 0]);
    // The count is cut off: 0.49 of 4 is 1, 0.2 of 4 is none.
    check_exchange(&weights, &before, 0.49, &gradient, &[1, 0, 1, 1, 0, 1, 0, 0]);
    check_exchange(&weights, &before, 0.2, &gradient, &before);
    // What has just gone comes back where nothing else is wanted more.
    let back = [0.0, 5.0, 0.0, 4.0, 1.0, 1.0, 1.0, 1.0];
    check_exchange(&weights, &before, 0.5, &back, &before);
    // Equal ones go and come in order.
    check_exchange(&[1.0; 4], &[1, 1, 0, 0], 0.5, &[0.0, 0.0, 7.0, 7.0], &[0, 1, 1, 0]);
    check_exchange(&[1.0; 2], &[1, 1], 0.9, &[1.0, 1.0], &[1, 1]);
}

#[test]
fn lots_depend_on_seed_tensor_and_step_alone() {
    let one = lots(7, "conv.weight", 100, 64);
    assert_eq!(one, lots(7, "conv.weight", 100, 64));
    for other in [lots(8, "conv.weight", 100, 64), lots(7, "fc.weight", 100, 64)] {
        assert_ne!(one, other);
    }
    assert_ne!(one, lots(7, "conv.weight", 200, 64));
}

fn moving(method: Method) -> Moving {
    Moving {
        method,
        from: 100,
        every: 50,
        until: 400,
        growth: method.usual_growth(),
        fraction: method.usual_fraction(),
        sparsity: 0.9,
        ramp_until: 270,
        allocation: Allocation::Global,
        keep_dense: BTreeSet::new(),
    }
}

#[test]
fn masks_move_on_the_beat_and_where_the_last_sparsity_is_due() {
    let due = |method| (0..500).filter(|step| moving(method).is_due(*step)).collect::<Vec<_>>();
    assert_eq!(due(Method::Rigl), [100, 150, 200, 250, 300, 350]);
    assert_eq!(due(Method::Dpf), [100, 150, 200, 250, 270, 300, 350]);
    let short = Moving { until: 250, ..moving(Method::Gradual) };
    assert_eq!(
        (0..500).filter(|step| short.is_due(*step)).collect::<Vec<_>>(),
        [100, 150, 200, 270]
    );
}

#[test]
fn fractions_and_sparsities_follow_their_curves() {
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    for (step, rigl) in [(0, 0.3), (200, 0.15), (400, 0.0), (900, 0.0)] {
        near(moving(Method::Rigl).fraction_at(step), rigl);
        near(moving(Method::Set).fraction_at(step), 0.3);
    }
    near(moving(Method::Itop).fraction_at(0), 0.5);
    near(moving(Method::Itop).fraction_at(400), 0.005);
    let gradual = moving(Method::Gradual);
    for (step, sparsity) in [(100, 0.0), (185, 0.7875), (270, 0.9), (300, 0.9)] {
        near(gradual.sparsity_at(step, 0.0), sparsity);
    }
    near(gradual.sparsity_at(100, 0.5), 0.5);
}

#[test]
fn pruning_by_magnitude_leaves_the_named_tensors_dense_and_counts_exactly() {
    let blueprint = Blueprint::new("cifar_resnet_8_4", None, None).unwrap();
    let (scores, full) =
        (magnitude(&blueprint, &initialise(&blueprint, 1)), full_masks(&blueprint));
    let all = blueprint.prunable_weights();
    for allocation in Allocation::ALL {
        let keep_dense = BTreeSet::from(["conv.weight".to_owned()]);
        let plan = Moving { allocation, keep_dense, ..moving(Method::Gradual) };
        let half = plan.chosen(&blueprint, &scores, &full, 185, 0.0).unwrap();
        let end = plan.chosen(&blueprint, &scores, &half, 270, 0.0).unwrap();
        for (masks, sparsity) in [(&half, 0.7875), (&end, 0.9)] {
            let kept: usize = masks.values().map(Mask::kept).sum();
            assert_eq!(kept, all - nearest(sparsity, all), "{allocation:?}");
            assert_eq!(masks["conv.weight"].kept(), masks["conv.weight"].len());
        }
        let inside = end.iter().all(|(name, mask)| mask.kept_by_both(&half[name]) == mask.kept());
        assert!(inside, "{allocation:?} brings back what was pruned");
    }
}

#[test]
fn a_history_tells_every_move_and_a_torn_one_is_left_out() {
    let blueprint = Blueprint::new("cifar_resnet_8_2", None, None).unwrap();
    let full = full_masks(&blueprint);
    let third: BTreeMap<_, _> = full
        .iter()
        .map(|(name, mask)| (name.clone(), Mask::from_fn(mask.len(), |at| at % 3 == 0)))
        .collect();
    let other: BTreeMap<_, _> = full
        .iter()
        .map(|(name, mask)| (name.clone(), Mask::from_fn(mask.len(), |at| at % 200 == 5)))
        .collect();
    let moves = [(100, &full, &third), (150, &third, &third), (200, &third, &other)];
    let mut bytes = history::MAGIC.to_vec();
    for (step, before, after) in moves {
        bytes.extend(history::encode(&history::frame(&blueprint, step, before, after)));
    }
    let found = history::frames(&bytes);
    assert_eq!(found.iter().map(|(_, step)| *step).collect::<Vec<_>>(), [100, 150, 200]);
    let mut masks = full.clone();
    for ((at, _), (_, before, after)) in found.iter().zip(moves) {
        assert_eq!(&masks, before);
        let frame = history::decode(&blueprint, &bytes, *at).unwrap();
        masks = history::apply(&blueprint, &masks, &frame);
        assert_eq!(&masks, after);
    }
    assert_eq!(history::frames(&bytes[..bytes.len() - 1]).len(), 2);
    assert!(history::frames(b"something else").is_empty());
    let mut wrong = bytes.clone();
    wrong[history::MAGIC.len() + 12] ^= 0x40;
    assert_eq!(history::decode(&blueprint, &wrong, found[0].0), None);
}
