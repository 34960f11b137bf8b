//! Mappings and strategies that are refused, each with what is wrong and the way out.

use elth_core::{
    blueprint::{Blueprint, Input},
    reshape::{
        reorder::{Order, reorder},
        strategy::{NoMap, Strategy, Units, plan},
    },
    unit_map::{BadMap, UnitMap},
};

fn model(name: &str) -> Blueprint {
    Blueprint::new(name, None, None).unwrap()
}

fn kind(error: &BadMap) -> &'static str {
    match error {
        BadMap::Models { .. } => "Models",
        BadMap::Grammar { .. } => "Grammar",
        BadMap::Stages { .. } => "Stages",
        BadMap::SourceTwice { .. } => "SourceTwice",
        BadMap::NoSource { .. } => "NoSource",
        BadMap::NoTarget { .. } => "NoTarget",
        BadMap::Twice { .. } => "Twice",
        BadMap::Uneven { .. } => "Uneven",
        BadMap::Unfilled { .. } => "Unfilled",
        BadMap::Anchor { .. } => "Anchor",
        BadMap::Shape { .. } => "Shape",
    }
}

#[test]
fn wrong_mappings_name_what_is_wrong() {
    let (resnets, perceptrons) = (
        ("cifar_resnet_14", "cifar_resnet_20"),
        ("mnist_lenet_300_300_100", "mnist_lenet_300_300_300_100"),
    );
    for ((source, target), text, wrong, says) in [
        (resnets, "", "Grammar", "0:0;1:1,2|0:0;1:1"),
        (resnets, "0", "Grammar", "at `0`"),
        (resnets, "0:", "Grammar", "at `0:`"),
        (resnets, ":0", "Grammar", "at `:0`"),
        (resnets, "0:0;", "Grammar", "at ``"),
        (resnets, "0:0;;1:1,2", "Grammar", "at ``"),
        (resnets, "0:0;1:1,", "Grammar", "at `1:1,`"),
        (resnets, "0:0;1:1-2", "Grammar", "at `1:1-2`"),
        (resnets, "0:0;-1:1,2", "Grammar", "at `-1:1,2`"),
        (resnets, "0:0;1:1:2", "Grammar", "at `1:1:2`"),
        (resnets, "0:0;1:99999999999999999999999", "Grammar", "at `1:9"),
        (resnets, "zero:0", "Grammar", "at `zero:0`"),
        (resnets, "0:0;1:1,2|0:0;1:1,2", "Stages", "2 stages where `cifar_resnet_20` has 3"),
        (resnets, "0:0;1:1,2|||", "Stages", "4 stages"),
        (perceptrons, "0:0;1:1,2;2:3|0:0", "Stages", "has 1"),
        (resnets, "0:0;1:1;1:2", "SourceTwice", "join them as `1:a,b`"),
        (resnets, "0:0;2:1,2", "NoSource", "no source unit 2, the last is 1"),
        (resnets, "0:0;1:1,3", "NoTarget", "no target unit 3, the last is 2"),
        (resnets, "0:0;1:1,1", "Uneven", "target unit 1 is filled twice and 2 not at all"),
        (resnets, "0:0,1;1:1,2", "Twice", "target unit 1 is filled twice"),
        (resnets, "0:0;1:1", "Unfilled", "stage1: target units 2 are not filled"),
        (resnets, "0:0;1:1,2|0:0;1:1,2|0:0", "Unfilled", "stage3: target units 1,2"),
        (resnets, "1:0,1;0:2", "Anchor", "`0:0`"),
        (resnets, "0:0,1;1:2", "Anchor", "`0:0`"),
        (resnets, "1:0,1,2", "Anchor", "`0:0`"),
        (
            perceptrons,
            "0:0,1;1:2;2:3",
            "Shape",
            "source unit 0 cannot fill target unit 1: `weight`",
        ),
        (perceptrons, "0:0;1:1,2,3", "Shape", "source unit 1 cannot fill target unit 3"),
        (
            ("cifar_resnet_14", "mnist_lenet_300_100"),
            "0:0",
            "Models",
            "a ticket stays in its family",
        ),
        (("cifar_resnet_14", "cifar_resnet_20_8"), "0:0;1:1,2", "Models", "changes depth only"),
        (("mnist_lenet_300_100", "mnist_lenet_300_300"), "0:0;1:1", "Models", "changes depth only"),
        (("cifar_vgg_13", "cifar_vgg_13_32"), "0:0;1:1", "Models", "changes depth only"),
        (
            ("cifar_vgg_13", "cifar_vgg_16"),
            "0:0;1:1",
            "Stages",
            "1 stages where `cifar_vgg_16` has 5",
        ),
        (("cifar_vgg_13", "cifar_vgg_16"), "0:0;1:1,2", "Stages", "separate one string a stage"),
        (
            ("cifar_vgg_13", "cifar_vgg_16"),
            "0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1",
            "Unfilled",
            "stage3: target units 2",
        ),
        (
            ("cifar_vggnfc_13_64_3", "cifar_vggnfc_16_64_5"),
            "0:0,2;2:4,6",
            "Models",
            "`stage3` has 2 units in one, 3 in the other",
        ),
        (("imagenet_resnet_34", "imagenet_resnet_50"), "0:0", "Models", "changes depth only"),
        (("imagenet_resnet_18", "cifarhe_resnet_18"), "0:0", "Models", "stays in its family"),
        (
            ("cifar_mobilenetv1_3", "cifar_mobilenetv1_5"),
            "0:0;1:1;2:2",
            "Unfilled",
            "target units 3,4",
        ),
    ] {
        let error = UnitMap::parse(&model(source), &model(target), text).unwrap_err();
        assert_eq!(kind(&error), wrong, "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn the_authors_strings_for_perceptrons_leave_the_last_layer_out() {
    for (from, to, text) in [
        (3, 4, "0:0;1:1,2;2:3"),
        (3, 2, "0:0;1:1"),
        (2, 3, "0:0;1:1,2"),
        (2, 4, "0:0;1:1,2,3"),
        (4, 2, "0:0;1:1"),
        (4, 3, "0:0;1:1;2:2"),
    ] {
        let name = |layers: usize| format!("mnist_lenet{}_100", "_300".repeat(layers));
        let error = UnitMap::parse(&model(&name(from)), &model(&name(to)), text).unwrap_err();
        let (stage, units) = ("hidden".to_owned(), to.to_string());
        assert_eq!(error, BadMap::Unfilled { stage, units }, "{from} to {to}");
    }
}

#[test]
fn lists_by_target_are_checked_as_strictly_as_texts() {
    let (source, target) = (model("cifar_resnet_14"), model("cifar_resnet_20"));
    for (stages, wrong) in [
        (vec![], "Stages"),
        (vec![vec![0, 1, 1]; 4], "Stages"),
        (vec![vec![0, 1]; 3], "Unfilled"),
        (vec![vec![]; 3], "Unfilled"),
        (vec![vec![0, 1, 1, 1]; 3], "NoTarget"),
        (vec![vec![0, 1, 2]; 3], "NoSource"),
        (vec![vec![0, usize::MAX, 1]; 3], "NoSource"),
        (vec![vec![1, 1, 1]; 3], "Anchor"),
        (vec![vec![0, 0, 1]; 3], "Anchor"),
    ] {
        let error = UnitMap::new(&source, &target, stages).unwrap_err();
        assert_eq!(kind(&error), wrong, "{error}");
    }
}

#[test]
fn models_of_other_classes_or_images_do_not_go_together() {
    let target = |classes, input| Blueprint::new("cifar_resnet_20", classes, input).unwrap();
    for (target, says) in [
        (target(Some(100), None), "the ticket has 10 classes, the target 100"),
        (target(None, Some(Input::new(3, 8, 8))), "3x32x32 and 3x8x8"),
    ] {
        let error = plan(&model("cifar_resnet_14"), &target, None, &Units::All).unwrap_err();
        assert!(matches!(error, NoMap::Map(BadMap::Models { .. })));
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn strategies_that_cannot_go_there_say_which_can() {
    use Strategy::{Append, Head, Interpolate, Tail};
    let listed = |units: &[usize]| Units::Listed(units.to_vec());
    let (bridged, short) = ("mnist_lenet_300_100_300_100", "mnist_lenet_300_100");
    for (source, target, strategy, units, says) in [
        ("cifar_resnet_20", "cifar_resnet_14", Append, Units::All, "use tail, head or interleave"),
        ("cifar_resnet_14", "cifar_resnet_8", Interpolate, Units::All, "from 1 to 0 units"),
        ("cifar_resnet_14", "cifar_resnet_20", Tail, Units::All, "use append or interpolate"),
        ("cifar_resnet_8", "cifar_resnet_14", Append, Units::All, "stretch a deeper source"),
        (
            "cifar_resnet_20",
            "cifar_resnet_32",
            Append,
            listed(&[0]),
            "unit 0 cannot be replicated; choose among 1,2",
        ),
        ("cifar_resnet_20", "cifar_resnet_32", Append, listed(&[1, 1]), "unit 1 is named twice"),
        ("cifar_resnet_20", "cifar_resnet_32", Append, listed(&[3]), "unit 3 cannot be replicated"),
        ("cifar_resnet_20", "cifar_resnet_32", Append, Units::First(3), "choose among 1,2"),
        (bridged, short, Head, Units::All, "give the mapping outright"),
        (short, bridged, Append, Units::All, "give the mapping outright"),
        (short, "mnist_lenet_300_300_100", Append, Units::All, "stretch a deeper source"),
        ("mnist_lenet_300_300_100", short, Append, Units::All, "from 1 to 0 units"),
    ] {
        let error = plan(&model(source), &model(target), Some(strategy), &units).unwrap_err();
        assert!(error.to_string().contains(says), "{source} to {target}: {error}");
    }
}

#[test]
fn orders_that_lose_a_unit_are_refused() {
    let blueprint = model("cifar_resnet_20");
    let same = UnitMap::identity(&blueprint);
    for order in [vec![], vec![1], vec![1, 1], vec![0, 1, 2], vec![2, 3]] {
        let error =
            reorder(&blueprint, &blueprint, &same, &Order::Listed(vec![order])).unwrap_err();
        assert!(error.to_string().contains("does not name each of the units 1,2 once"), "{error}");
    }
    for text in ["", "sideways", "1,,2", "1;2"] {
        assert!(Order::parse(text, 0).unwrap_err().contains("`reverse`, `random`"), "{text}");
    }
}
