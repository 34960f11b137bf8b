//! Sizes of the official models, and how many weights each level of pruning leaves of them.

use elth_core::{
    blueprint::Blueprint,
    initialise::initialise,
    mask::Mask,
    prune::{Counting, ladder, magnitude, round},
    ticket::full_masks,
};

/// ResNet-20 after each level of the official code (fact sheet 4.2).
const RESNET_20: [usize; 16] = [
    216_715, 173_371, 138_695, 110_955, 88_763, 71_009, 56_806, 45_443, 36_353, 29_081, 23_263,
    18_609, 14_886, 11_907, 9_524, 7_618,
];

/// ResNet-32 likewise.
const RESNET_32: [usize; 16] = [
    371_544, 297_234, 237_786, 190_227, 152_180, 121_743, 97_393, 77_913, 62_329, 49_862, 39_888,
    31_909, 25_526, 20_419, 16_334, 13_066,
];

#[test]
fn models_have_the_official_numbers_of_weights() {
    for (name, prunable, parameters, tensors) in [
        ("cifar_resnet_14", 174_128, 175_258, 16),
        ("cifar_resnet_20", 270_896, 272_474, 22),
        ("cifar_resnet_32", 464_432, 466_906, 34),
        ("cifar_resnet_44", 657_968, 661_338, 46),
        ("cifar_resnet_56", 851_504, 855_770, 58),
        ("cifar_resnet_110", 1_722_416, 1_730_714, 112),
        ("cifar_resnet_14_128", 11_084_160, 11_093_130, 16),
        ("mnist_lenet_300_100", 266_200, 266_610, 3),
    ] {
        let blueprint = Blueprint::new(name, None, None).unwrap();
        let found =
            (blueprint.prunable_weights(), blueprint.parameters(), blueprint.prunable().count());
        assert_eq!(found, (prunable, parameters, tensors), "{name}");
    }
}

#[test]
fn state_dicts_have_the_official_names_in_the_official_order() {
    let names = |model| -> Vec<String> {
        let blueprint = Blueprint::new(model, None, None).unwrap();
        blueprint.tensors.into_iter().map(|tensor| tensor.name).collect()
    };
    let resnet = names("cifar_resnet_20");
    for (at, name) in [
        (0, "conv.weight"),
        (1, "bn.weight"),
        (5, "bn.num_batches_tracked"),
        (6, "blocks.0.conv1.weight"),
        (12, "blocks.0.conv2.weight"),
        (18, "blocks.1.conv1.weight"),
        (54, "blocks.3.shortcut.0.weight"),
        (59, "blocks.3.shortcut.1.num_batches_tracked"),
        (126, "fc.weight"),
        (127, "fc.bias"),
    ] {
        assert_eq!(resnet[at], name);
    }
    assert_eq!(resnet.len(), 128);
    let layers =
        ["fc_layers.0.weight", "fc_layers.0.bias", "fc_layers.1.weight", "fc_layers.1.bias"];
    assert_eq!(names("mnist_lenet_300_100"), [&layers[..], &["fc.weight", "fc.bias"]].concat());
}

#[test]
fn the_ladder_of_sparsities_is_the_official_one() {
    for (weights, survivors) in [(270_896, RESNET_20), (464_432, RESNET_32)] {
        assert_eq!(ladder(weights, 0.2, 16, Counting::OpenLth)[1..], survivors, "{weights}");
    }
    // The share that the author's own script carries for level 10 (fact sheet 4.2).
    let pruned = 1.0 - elth_core::mask::share(RESNET_20[9], 270_896);
    assert!((pruned - 0.892_648_839_407_004_9).abs() < 1e-15, "{pruned}");
    assert_eq!(ladder(270_896, 0.2, 10, Counting::Exact)[10], 29_085);
}

#[test]
fn rounds_of_magnitude_pruning_leave_the_official_numbers() {
    for (name, survivors) in [("cifar_resnet_20", RESNET_20), ("cifar_resnet_32", RESNET_32)] {
        let blueprint = Blueprint::new(name, None, None).unwrap();
        let scores = magnitude(&blueprint, &initialise(&blueprint, 1));
        let mut masks = full_masks(&blueprint);
        for (level, expected) in survivors.into_iter().enumerate() {
            masks = round(&scores, &masks, 0.2, Counting::OpenLth).unwrap();
            let kept: usize = masks.values().map(Mask::kept).sum();
            assert_eq!(kept, expected, "{name} level {}", level + 1);
        }
    }
}
