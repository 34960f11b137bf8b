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
        ("cifar_vgg_13", 9_407_168, 9_416_010, 11),
        ("cifar_vgg_16", 14_715_584, 14_728_266, 14),
        ("cifar_vgg_19", 20_024_000, 20_040_522, 17),
        ("cifar_vggnfc_13_64_3", 9_931_456, 9_941_322, 13),
        ("cifar_mobilenetv1_5", 3_195_328, 3_217_226, 28),
        ("cifar_mobilenetv1", 3_195_328, 3_217_226, 28),
        ("imagenet_resnet_18", 11_678_912, 11_689_512, 21),
        ("imagenet_resnet_26", 19_051_712, 19_066_920, 29),
        ("imagenet_resnet_34", 21_779_648, 21_797_672, 37),
        // torchvision's own counts.
        ("imagenet_resnet_50", 25_502_912, 25_557_032, 54),
        ("imagenet_resnet_101", 44_442_816, 44_549_160, 105),
        ("imagenet_resnet_152", 60_040_384, 60_192_808, 156),
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
fn stages_and_names_of_the_other_families_are_the_official_ones() {
    for (model, depths, tensors) in [
        (
            "cifar_vgg_13",
            vec![2, 2, 2, 2, 2],
            vec![
                (0, "layers.0.conv.weight"),
                (1, "layers.0.conv.bias"),
                (2, "layers.0.bn.weight"),
                (14, "layers.3.conv.weight"),
                (63, "layers.13.conv.weight"),
                (70, "fc.weight"),
            ],
        ),
        (
            "cifar_vgg_16",
            vec![2, 2, 3, 3, 3],
            vec![(49, "layers.10.conv.weight"), (84, "layers.16.conv.weight")],
        ),
        ("cifar_vgg_19", vec![2, 2, 4, 4, 4], vec![(105, "layers.19.conv.weight")]),
        ("cifar_vgg_11", vec![1, 1, 2, 2, 2], vec![(49, "layers.11.conv.weight")]),
        (
            "cifar_vggnfc_13_64_3",
            vec![2],
            vec![(70, "classifier.0.weight"), (72, "classifier.2.weight"), (74, "fc.weight")],
        ),
        (
            "cifar_mobilenetv1",
            vec![5],
            vec![
                (6, "layers_part1.0.conv1.weight"),
                (78, "layers_part2.0.conv1.weight"),
                (138, "layers_part3.0.conv1.weight"),
                (163, "fc.bias"),
            ],
        ),
        (
            "imagenet_resnet_26",
            vec![2, 3, 4, 3],
            vec![
                (0, "model.conv1.weight"),
                (6, "model.layer1.0.conv1.weight"),
                (42, "model.layer2.0.downsample.0.weight"),
                (169, "model.fc.bias"),
            ],
        ),
        (
            "imagenet_resnet_50",
            vec![3, 4, 6, 3],
            vec![
                (24, "model.layer1.0.downsample.0.weight"),
                (25, "model.layer1.0.downsample.1.weight"),
            ],
        ),
        ("cifarhe_resnet_200", vec![3, 24, 36, 3], vec![(0, "model.conv1.weight")]),
    ] {
        let blueprint = Blueprint::new(model, None, None).unwrap();
        assert_eq!(blueprint.depths(), depths, "{model}");
        for (at, name) in tensors {
            assert_eq!(blueprint.tensors[at].name, name, "{model}");
        }
    }
}

#[test]
fn what_torch_counts_of_one_image_is_what_is_counted_here() {
    // Multiplications and additions of convolutions and linear layers, two a weight and position.
    for (model, millions) in [
        ("imagenet_resnet_18", 3628),
        ("imagenet_resnet_34", 7328),
        ("imagenet_resnet_50", 8178),
        ("cifarhe_resnet_18", 1111),
        ("cifar_vgg_16", 626),
        ("cifar_resnet_20", 82),
        ("cifar_mobilenetv1", 93),
    ] {
        let flops = Blueprint::new(model, None, None).unwrap().flops();
        assert_eq!((flops + 500_000) / 1_000_000, millions, "{model}: {flops}");
    }
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
