//! The mapping strings of the author's scripts: read, printed and generated as they stand (fact sheet 2.3 to 2.9).

use elth_core::{
    blueprint::Blueprint,
    reshape::{
        reorder::{Order, reorder},
        strategy::{Strategy, Units, plan},
    },
    unit_map::UnitMap,
};

/// What gives the string, where a strategy does.
enum By {
    All(&'static [Strategy]),
    Units(&'static [Strategy], &'static [usize]),
    Order(&'static [usize]),
    Hand,
}

use By::{All, Hand, Order as Ordered, Units as Chosen};
use Strategy::{Append, Head, Interleave, Interpolate, Tail};

/// One or the other order gives the same string where one unit is replicated.
const BOTH: &[Strategy] = &[Append, Interpolate];

/// Source and target depth of a residual network, the author's string, and what gives it.
const STRINGS: &[(usize, usize, &str, By)] = &[
    // The ablation 32 to 56.
    (32, 56, "0:0;1:1,2;2:3,4;3:5,6;4:7,8", All(&[Interpolate])),
    (32, 56, "0:0;1:1,5;2:2,6;3:3,7;4:4,8", All(&[Append])),
    (32, 56, "0:0;1:1,2,3;2:4,5,6;3:7;4:8", Chosen(&[Interpolate], &[1, 2])),
    (32, 56, "0:0;1:1;2:2,3,4;3:5,6,7;4:8", Chosen(&[Interpolate], &[2, 3])),
    (32, 56, "0:0;1:1;2:2;3:3,4,5;4:6,7,8", Chosen(&[Interpolate], &[3, 4])),
    (32, 56, "0:0;1:1,3,5;2:2,4,6;3:7;4:8", Chosen(&[Append], &[1, 2])),
    (32, 56, "0:0;1:1;2:2,4,6;3:3,5,7;4:8", Chosen(&[Append], &[2, 3])),
    (32, 56, "0:0;1:1;2:2;3:3,5,7;4:4,6,8", Chosen(&[Append], &[3, 4])),
    (32, 56, "0:0;1:1,2,3,4,5;2:6;3:7;4:8", Chosen(BOTH, &[1])),
    (32, 56, "0:0;1:1;2:2,3,4,5,6;3:7;4:8", Chosen(BOTH, &[2])),
    (32, 56, "0:0;1:1;2:2;3:3,4,5,6,7;4:8", Chosen(BOTH, &[3])),
    (32, 56, "0:0;1:1;2:2;3:3;4:4,5,6,7,8", Chosen(BOTH, &[4])),
    // The ablation 56 to 32.
    (56, 32, "0:0;1:1;3:2;5:3;7:4", All(&[Interleave])),
    (56, 32, "0:0;2:1;4:2;6:3;8:4", Hand),
    (56, 32, "0:0;1:1;4:2;7:3;8:4", Hand),
    (56, 32, "0:0;1:1;2:2;5:3;8:4", Hand),
    (56, 32, "0:0;1:1;2:2;3:3;6:4", Hand),
    (56, 32, "0:0;1:1;4:2;5:3;8:4", Hand),
    (56, 32, "0:0;5:1;6:2;7:3;8:4", All(&[Head])),
    (56, 32, "0:0;1:1;6:2;7:3;8:4", Hand),
    (56, 32, "0:0;1:1;2:2;7:3;8:4", Hand),
    (56, 32, "0:0;1:1;2:2;3:3;8:4", Hand),
    (56, 32, "0:0;1:1;2:2;3:3;4:4", All(&[Tail])),
    // Every other pair.
    (14, 20, "0:0;1:1,2", All(BOTH)),
    (14, 32, "0:0;1:1,2,3,4", All(BOTH)),
    (14, 44, "0:0;1:1,2,3,4,5,6", All(BOTH)),
    (14, 56, "0:0;1:1,2,3,4,5,6,7,8", All(BOTH)),
    (20, 14, "0:0;2:1", All(&[Head])),
    (20, 14, "0:0;1:1", All(&[Tail, Interleave])),
    (20, 32, "0:0;1:1,2;2:3,4", All(&[Interpolate])),
    (20, 32, "0:0;1:1,3;2:2,4", All(&[Append])),
    (20, 32, "0:0;1:1,2,3;2:4", Chosen(BOTH, &[1])),
    (20, 32, "0:0;1:1;2:2,3,4", Chosen(BOTH, &[2])),
    (20, 44, "0:0;1:1,2,3;2:4,5,6", All(&[Interpolate])),
    (20, 44, "0:0;1:1,2,3,4,5;2:6", Chosen(BOTH, &[1])),
    (20, 44, "0:0;1:1;2:2,3,4,5,6", Chosen(BOTH, &[2])),
    (20, 44, "0:0;1:1,3,5;2:2,4,6", All(&[Append])),
    (20, 56, "0:0;1:1,2,3,4;2:5,6,7,8", All(&[Interpolate])),
    (20, 56, "0:0;1:1,3,5,7;2:2,4,6,8", All(&[Append])),
    (20, 56, "0:0;1:1,2,5,6;2:3,4,7,8", Hand),
    (20, 56, "0:0;1:1,2,3,4,5,6,7;2:8", Chosen(BOTH, &[1])),
    (20, 56, "0:0;1:1;2:2,3,4,5,6,7,8", Chosen(BOTH, &[2])),
    (32, 14, "0:0;4:1", All(&[Head])),
    (32, 14, "0:0;3:1", Hand),
    (32, 14, "0:0;2:1", Hand),
    (32, 14, "0:0;1:1", All(&[Tail, Interleave])),
    (32, 20, "0:0;1:1;3:2", All(&[Interleave])),
    (32, 20, "0:0;2:1;4:2", Hand),
    (32, 20, "0:0;3:1;4:2", All(&[Head])),
    (32, 20, "0:0;1:1;2:2", All(&[Tail])),
    (32, 20, "0:0;1:1;4:2", Hand),
    (32, 44, "0:0;1:1,2;2:3,4;3:5;4:6", All(&[Interpolate])),
    (32, 44, "0:0;1:1,2;2:3,4;3:5;4:6", Chosen(&[Interpolate], &[1, 2])),
    (32, 44, "0:0;1:1;2:2;3:3,4;4:5,6", Chosen(&[Interpolate], &[3, 4])),
    (32, 44, "0:0;1:1,3;2:2,4;3:5;4:6", All(&[Append])),
    (32, 44, "0:0;1:1,3;2:2,4;3:5;4:6", Chosen(&[Append], &[1, 2])),
    (32, 44, "0:0;1:1;2:2;3:3,5;4:4,6", Chosen(&[Append], &[3, 4])),
    (32, 44, "0:0;1:1,2,3;2:4;3:5;4:6", Chosen(BOTH, &[1])),
    (32, 44, "0:0;1:1;2:2;3:3;4:4,5,6", Chosen(BOTH, &[4])),
    (44, 14, "0:0;1:1", All(&[Tail, Interleave])),
    (44, 14, "0:0;6:1", All(&[Head])),
    (44, 20, "0:0;1:1;4:2", All(&[Interleave])),
    (44, 20, "0:0;5:1;6:2", All(&[Head])),
    (44, 20, "0:0;1:1;2:2", All(&[Tail])),
    (44, 32, "0:0;1:1;2:2;3:3;5:4", All(&[Interleave])),
    (44, 32, "0:0;1:1;2:2;3:3;4:4", All(&[Tail])),
    (44, 56, "0:0;1:1,2;2:3,4;3:5;4:6;5:7;6:8", All(&[Interpolate])),
    (44, 56, "0:0;1:1,3;2:2,4;3:5;4:6;5:7;6:8", All(&[Append])),
    (56, 14, "0:0;1:1", All(&[Tail, Interleave])),
    (56, 14, "0:0;8:1", All(&[Head])),
    (56, 20, "0:0;1:1;5:2", All(&[Interleave])),
    (56, 20, "0:0;7:1;8:2", All(&[Head])),
    (56, 20, "0:0;1:1;2:2", All(&[Tail])),
    (56, 44, "0:0;1:1;2:2;3:3;4:4;5:5;7:6", All(&[Interleave])),
    (56, 44, "0:0;3:1;4:2;5:3;6:4;7:5;8:6", All(&[Head])),
    (56, 44, "0:0;1:1;2:2;3:3;4:4;5:5;6:6", All(&[Tail])),
    // The same depth, units in another order.
    (44, 44, "0:0;1:6;2:2;3:3;4:4;5:5;6:1", Ordered(&[6, 2, 3, 4, 5, 1])),
    (44, 44, "0:0;1:6;2:5;3:3;4:4;5:2;6:1", Ordered(&[6, 5, 3, 4, 2, 1])),
    (44, 44, "0:0;1:6;2:5;3:4;4:3;5:2;6:1", Ordered(&[6, 5, 4, 3, 2, 1])),
    // Stages of the VGG and ImageNet networks, as residual networks of the same depths.
    (14, 26, "0:0;1:1,2,3", All(BOTH)),
    (20, 26, "0:0;1:1,2;2:3", All(BOTH)),
    (26, 20, "0:0;1:1;2:2", All(&[Tail, Interleave])),
    (26, 38, "0:0;1:1,2;2:3,4;3:5", All(&[Interpolate])),
    (26, 38, "0:0;1:1,3;2:2,4;3:5", All(&[Append])),
    (26, 38, "0:0;1:1;2:2,4;3:3,5", Chosen(&[Append], &[2, 3])),
    (38, 26, "0:0;1:1;2:2;3:3", All(&[Tail])),
    (38, 14, "0:0;1:1", All(&[Tail, Interleave])),
];

fn resnet(depth: usize) -> Blueprint {
    Blueprint::new(&format!("cifar_resnet_{depth}_1"), None, None).unwrap()
}

#[test]
fn every_official_string_is_read_and_printed_as_it_stands() {
    for (from, to, text, _) in STRINGS {
        let (source, target) = (resnet(*from), resnet(*to));
        let map = UnitMap::parse(&source, &target, text).unwrap();
        assert_eq!(map.official(), *text, "{from} to {to}");
        let spelt_out = [*text; 3].join("|");
        assert_eq!(UnitMap::parse(&source, &target, &spelt_out), Ok(map));
    }
}

#[test]
fn the_generator_gives_the_official_strings() {
    let mut generated = 0;
    for (from, to, text, by) in STRINGS {
        let (source, target) = (resnet(*from), resnet(*to));
        let (strategies, units) = match by {
            All(strategies) => (*strategies, Units::All),
            Chosen(strategies, units) => (*strategies, Units::Listed(units.to_vec())),
            Ordered(_) | Hand => continue,
        };
        generated += 1;
        for strategy in strategies {
            let map = plan(&source, &target, Some(*strategy), &units).unwrap();
            assert_eq!(map.official(), *text, "{from} to {to} {}", strategy.name());
        }
    }
    assert!(generated >= 34, "{generated}");
}

#[test]
fn without_a_strategy_interpolation_stretches_and_the_tail_is_cut() {
    for (from, to, text) in
        [(20, 32, "0:0;1:1,2;2:3,4"), (32, 20, "0:0;1:1;2:2"), (32, 32, "0:0;1:1;2:2;3:3;4:4")]
    {
        let map = plan(&resnet(from), &resnet(to), None, &Units::All).unwrap();
        assert_eq!(map.official(), text, "{from} to {to}");
    }
}

#[test]
fn the_official_shuffles_are_orders_of_the_identity() {
    for (from, to, text, by) in STRINGS {
        let Ordered(order) = by else { continue };
        let (source, target) = (resnet(*from), resnet(*to));
        let (same, order) = (UnitMap::identity(&source), Order::Listed(vec![order.to_vec()]));
        assert_eq!(reorder(&source, &target, &same, &order).unwrap().official(), *text);
    }
}

#[test]
fn first_and_last_name_the_units_that_a_list_would() {
    let (source, target) = (resnet(32), resnet(56));
    for (units, listed) in
        [("first:2", "1,2"), ("last:2", "3,4"), ("first:1", "1"), ("last:4", "1,2,3,4")]
    {
        for strategy in BOTH {
            let map = |text: &str| plan(&source, &target, Some(*strategy), &text.parse().unwrap());
            assert_eq!(map(units), map(listed), "{units}");
        }
    }
}

#[test]
fn perceptrons_replicate_hidden_layers_of_equal_width() {
    let mlp = |layers: usize| {
        let name = format!("mnist_lenet{}_100", "_300".repeat(layers));
        Blueprint::new(&name, None, None).unwrap()
    };
    for (from, to, text, strategies) in [
        (2, 3, "0:0;1:1,2;2:3", BOTH),
        (2, 4, "0:0;1:1,2,3;2:4", BOTH),
        (3, 4, "0:0;1:1,2;2:3;3:4", BOTH),
        (3, 2, "0:0;1:1;3:2", &[Tail, Interleave]),
        (3, 2, "0:0;2:1;3:2", &[Head]),
        (4, 2, "0:0;1:1;4:2", &[Tail, Interleave]),
        (3, 3, "0:0;1:1;2:2;3:3", BOTH),
    ] {
        let (source, target) = (mlp(from), mlp(to));
        assert_eq!(UnitMap::parse(&source, &target, text).unwrap().official(), text);
        for strategy in strategies {
            let map = plan(&source, &target, Some(*strategy), &Units::All).unwrap();
            assert_eq!(map.official(), text, "{from} to {to} {}", strategy.name());
        }
    }
}

/// The strings of the other families (fact sheet 2.5 to 2.9): source, target, mapping, and what gives it.
const OTHERS: &[(&str, &str, &str, By)] = &[
    ("cifar_vgg_13", "cifar_vgg_16", "0:0;1:1|0:0;1:1|0:0;1:1,2|0:0;1:1,2|0:0;1:1,2", All(BOTH)),
    (
        "cifar_vgg_13",
        "cifar_vgg_19",
        "0:0;1:1|0:0;1:1|0:0;1:1,2,3|0:0;1:1,2,3|0:0;1:1,2,3",
        All(BOTH),
    ),
    ("cifar_vgg_16", "cifar_vgg_13", VGG_13, All(&[Tail, Interleave])),
    ("cifar_vgg_19", "cifar_vgg_13", VGG_13, All(&[Tail, Interleave])),
    (
        "cifar_vgg_16",
        "cifar_vgg_19",
        "0:0;1:1|0:0;1:1|0:0;1:1,2;2:3|0:0;1:1,2;2:3|0:0;1:1,2;2:3",
        All(&[Interpolate]),
    ),
    (
        "cifar_vgg_19",
        "cifar_vgg_16",
        "0:0;1:1|0:0;1:1|0:0;1:1;2:2|0:0;1:1;2:2|0:0;1:1;2:2",
        All(&[Tail]),
    ),
    ("cifar_vggnfc_13_64_3", "cifar_vggnfc_13_64_5", "0:0,2;2:4,6", All(&[Interpolate])),
    ("cifar_vggnfc_13_64_3", "cifar_vggnfc_13_64_2", "0:0", All(&[Tail, Interleave])),
    ("cifar_vggnfc_13_64_2", "cifar_vggnfc_13_64_3", "0:0,2", All(BOTH)),
    ("cifar_vggnfc_13_64_2", "cifar_vggnfc_13_64_5", "0:0,2,4,6", All(BOTH)),
    ("cifar_vggnfc_13_64_5", "cifar_vggnfc_13_64_2", "0:0", All(&[Tail, Interleave])),
    ("cifar_vggnfc_13_64_5", "cifar_vggnfc_13_64_3", "0:0;2:2", All(&[Tail])),
    (
        "cifar_mobilenetv1",
        "cifar_mobilenetv1_10",
        "0:0,1;1:2,3;2:4,5;3:6,7;4:8,9",
        All(&[Interpolate]),
    ),
    ("cifar_mobilenetv1_5", "cifar_mobilenetv1_3", "0:0;1:1;2:2", All(&[Tail])),
    ("cifar_mobilenetv1_3", "cifar_mobilenetv1_5", "0:0,1;1:2,3;2:4", All(&[Interpolate])),
    (
        "cifar_mobilenetv1_3",
        "cifar_mobilenetv1_5",
        "0:0;1:1,2;2:3,4",
        Chosen(&[Interpolate], &[1, 2]),
    ),
    (
        "cifar_mobilenetv1_3",
        "cifar_mobilenetv1_10",
        "0:0,1,2,3;1:4,5,6;2:7,8,9",
        All(&[Interpolate]),
    ),
    ("cifar_mobilenetv1_10", "cifar_mobilenetv1_3", "0:0;1:1;2:2", All(&[Tail])),
    ("cifar_mobilenetv1_10", "cifar_mobilenetv1_5", "0:0;1:1;2:2;3:3;4:4", All(&[Tail])),
    (
        "imagenet_resnet_18",
        "imagenet_resnet_26",
        "0:0;1:1|0:0;1:1,2|0:0;1:1,2,3|0:0;1:1,2",
        All(BOTH),
    ),
    (
        "imagenet_resnet_18",
        "imagenet_resnet_34",
        "0:0;1:1,2|0:0;1:1,2,3|0:0;1:1,2,3,4,5|0:0;1:1,2",
        All(BOTH),
    ),
    ("imagenet_resnet_26", "imagenet_resnet_18", IMAGENET_18, All(&[Tail])),
    ("imagenet_resnet_34", "imagenet_resnet_18", IMAGENET_18, All(&[Tail, Interleave])),
    (
        "imagenet_resnet_26",
        "imagenet_resnet_34",
        "0:0;1:1,2|0:0;1:1,2;2:3|0:0;1:1,2;2:3,4;3:5|0:0;1:1;2:2",
        All(&[Interpolate]),
    ),
    (
        "imagenet_resnet_26",
        "imagenet_resnet_34",
        "0:0;1:1,2|0:0;1:1;2:2,3|0:0;1:1;2:2,4;3:3,5|0:0;1:1;2:2",
        Hand,
    ),
    (
        "imagenet_resnet_34",
        "imagenet_resnet_26",
        "0:0;1:1|0:0;1:1;2:2|0:0;1:1;2:2;3:3|0:0;1:1;2:2",
        All(&[Tail]),
    ),
    (
        "cifarhe_resnet_18",
        "cifarhe_resnet_34",
        "0:0;1:1,2|0:0;1:1,2,3|0:0;1:1,2,3,4,5|0:0;1:1,2",
        All(BOTH),
    ),
];

const VGG_13: &str = "0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1";
const IMAGENET_18: &str = "0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1";

#[test]
fn the_other_families_strings_are_read_printed_and_generated() {
    for (from, to, text, by) in OTHERS {
        let [source, target] = [from, to].map(|name| Blueprint::new(name, None, None).unwrap());
        let map = UnitMap::parse(&source, &target, text).unwrap();
        assert_eq!(map.official(), *text, "{from} to {to}");
        let (strategies, units) = match by {
            All(strategies) => (*strategies, Units::All),
            Chosen(strategies, units) => (*strategies, Units::Listed(units.to_vec())),
            Ordered(_) | Hand => continue,
        };
        for strategy in strategies {
            let made = plan(&source, &target, Some(*strategy), &units).unwrap();
            assert_eq!(made, map, "{from} to {to} {}", strategy.name());
        }
    }
}

#[test]
fn fully_connected_layers_are_numbered_as_entries_of_the_classifier_or_plainly() {
    let model =
        |layers: usize| Blueprint::new(&format!("cifar_vggnfc_11_2_{layers}"), None, None).unwrap();
    for (from, to, text, stage, printed) in [
        (3, 5, "0:0,1;1:2,3", vec![0, 0, 1, 1], "0:0,2;2:4,6"),
        (3, 5, "0:0,2;2:4,6", vec![0, 0, 1, 1], "0:0,2;2:4,6"),
        // Complete in both readings: the official one is meant.
        (5, 2, "2:0", vec![1], "2:0"),
        (5, 2, "3:0", vec![3], "6:0"),
        (3, 3, "0:2;2:0", vec![1, 0], "0:2;2:0"),
    ] {
        let map = UnitMap::parse(&model(from), &model(to), text).unwrap();
        assert_eq!((map.stages(), map.official().as_str()), (&[stage][..], printed), "{text}");
        assert_eq!(UnitMap::parse(&model(from), &model(to), printed), Ok(map));
    }
    for (from, to, text, says) in [
        (3, 5, "0:0,2;2:4", "target units 6 are not filled"),
        (3, 5, "0:0,1;1:2", "target units 3 are not filled"),
        (3, 5, "0:0,2;4:4,6", "no source unit 4, the last is 2"),
        (3, 5, "0:0,2;2:4,6,8", "no target unit 8, the last is 6"),
    ] {
        let error = UnitMap::parse(&model(from), &model(to), text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}
