//! Drawn models, masks and tickets, small enough to try many.

use std::collections::BTreeMap;

use elth_core::{
    blueprint::{Blueprint, Input},
    chance::{Stream, stream},
    digest,
    initialise::initialise,
    mask::Mask,
    prune::{self, Counting},
    schedule::Step,
    ticket::{
        About, Outside, Ticket, full_masks,
        lineage::{Act, Lineage},
    },
    weights::{Values, Weights},
};
use proptest::{prelude::*, test_runner::Config};

/// Enough draws to meet every branch many times, few enough for a second.
pub fn config() -> Config {
    Config { cases: 96, failure_persistence: None, ..Config::default() }
}

/// A residual network of so many blocks a stage.
pub fn resnet(blocks: usize, width: usize) -> Blueprint {
    let name = format!("cifar_resnet_{}_{width}", 6 * blocks + 2);
    Blueprint::new(&name, Some(3), Some(Input::new(3, 8, 8))).unwrap()
}

/// A perceptron of these hidden widths on four pixels.
pub fn mlp(widths: &[usize]) -> Blueprint {
    let widths: Vec<_> = widths.iter().map(ToString::to_string).collect();
    let name = format!("mnist_lenet_{}", widths.join("_"));
    Blueprint::new(&name, Some(3), Some(Input::new(1, 2, 2))).unwrap()
}

/// The model of that name for three classes of images of 16×16.
fn named(name: &str) -> Blueprint {
    Blueprint::new(name, Some(3), Some(Input::new(3, 16, 16))).unwrap()
}

/// Depths of VGG networks.
const VGG: &[usize] = &[11, 13, 16, 19];

/// Depths of the large residual networks, those of two and of three convolutions a block.
const LARGE: [&[usize]; 2] = [&[18, 26, 34], &[50, 101]];

/// Any small model.
pub fn model() -> impl Strategy<Value = Blueprint> {
    prop_oneof![
        3 => (1..4_usize, 1..4_usize).prop_map(|(blocks, width)| resnet(blocks, width)),
        3 => hidden().prop_map(|widths| mlp(&widths)),
        1 => pair_of_others().prop_map(|(model, _)| model),
    ]
}

/// Two models of one family with stages of different depths, or with another numbering of its units.
fn pair_of_others() -> impl Strategy<Value = (Blueprint, Blueprint)> {
    let two = |of: &'static [usize]| (prop::sample::select(of), prop::sample::select(of));
    let both = |names: [String; 2]| {
        let [source, target] = names.map(|name| named(&name));
        (source, target)
    };
    prop_oneof![
        two(VGG).prop_map(move |(a, b)| both([a, b].map(|depth| format!("cifar_vgg_{depth}_1")))),
        (prop::sample::select(VGG), 2..6_usize, 2..6_usize).prop_map(move |(depth, a, b)| both(
            [a, b].map(|layers| format!("cifar_vggnfc_{depth}_1_{layers}"))
        )),
        (any::<bool>(), two(LARGE[0])).prop_map(move |(small, (a, b))| both([a, b].map(|depth| {
            let family = if small { "cifarhe_resnet" } else { "imagenet_resnet" };
            format!("{family}_{depth}_1")
        }))),
        two(LARGE[1])
            .prop_map(move |(a, b)| both([a, b].map(|depth| format!("imagenet_resnet_{depth}_1")))),
        (1..7_usize, 1..7_usize)
            .prop_map(move |(a, b)| both([a, b].map(|n| format!("cifar_mobilenetv1_{n}_1")))),
        uneven().prop_map(both),
    ]
}

/// Two models of one family whose names list the units of each stage.
fn uneven() -> impl Strategy<Value = [String; 2]> {
    let families = [
        ("cifar_resnet", 3, ""),
        ("cifar_vgg", 5, ""),
        ("imagenet_resnet", 4, ""),
        ("cifarhe_resnet", 4, "b"),
    ];
    let depths = prop::collection::vec(1..4_usize, 5);
    (prop::sample::select(families.to_vec()), depths.clone(), depths).prop_map(
        |((family, stages, kind), one, two)| {
            [one, two].map(|depths| {
                let depths: Vec<_> = depths[..stages].iter().map(ToString::to_string).collect();
                format!("{family}_{}{kind}_1", depths.join("-"))
            })
        },
    )
}

/// Two models of one family that a mapping may join or not.
pub fn pair() -> impl Strategy<Value = (Blueprint, Blueprint)> {
    prop_oneof![
        pair_of_others(),
        (1..7_usize, 1..7_usize, 1..3_usize)
            .prop_map(|(a, b, width)| { (resnet(a, width), resnet(b, width)) }),
        (hidden(), hidden()).prop_map(|(a, b)| (mlp(&a), mlp(&b))),
        (1..4_usize, 1..3_usize, 0..4_usize, 0..4_usize).prop_map(|(more, less, a, b)| {
            let widths = |middle: usize| {
                let runs = [vec![4; more], vec![2; less + middle], vec![3; less]];
                runs.concat()
            };
            (mlp(&widths(a)), mlp(&widths(b)))
        }),
    ]
}

fn hidden() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(2..5_usize, 1..6)
}

/// A ticket with everything that a ticket may have drawn from one seed.
pub fn ticket() -> impl Strategy<Value = Ticket> {
    (model(), any::<u64>()).prop_map(|(model, seed)| ticket_of(&model, seed))
}

/// The ticket of that model and seed; every fourth holds values that are no plain numbers.
pub fn ticket_of(blueprint: &Blueprint, seed: u64) -> Ticket {
    let mut chance = stream(seed, "drawn ticket");
    let mut weights = initialise(blueprint, seed);
    if chance.below(4) == 0 {
        odd_values(&mut weights, &mut chance);
    }
    let about = about(blueprint, &mut chance);
    let masks = masks(blueprint, &mut chance);
    Ticket::assemble(about, weights, masks).unwrap()
}

/// Initial weights pruned by magnitude to a sparsity.
pub fn pruned(blueprint: &Blueprint, sparsity: f64, seed: u64) -> Ticket {
    let weights = initialise(blueprint, seed);
    let scores = prune::magnitude(blueprint, &weights);
    let full = full_masks(blueprint);
    let masks = prune::to_sparsity(&scores, &full, sparsity, Counting::Exact).unwrap();
    let about = about(blueprint, &mut stream(seed, "about"));
    Ticket::assemble(About { outside: Outside::Dense, ..about }, weights, masks).unwrap()
}

/// A mask of each prunable tensor, each of a density of its own.
pub fn masks(blueprint: &Blueprint, chance: &mut Stream) -> BTreeMap<String, Mask> {
    let tensors = blueprint.prunable().map(|tensor| {
        let density = chance.uniform();
        let mask = Mask::from_fn(tensor.len(), |_| chance.uniform() < density);
        (tensor.name.clone(), mask)
    });
    tensors.collect()
}

fn odd_values(weights: &mut Weights, chance: &mut Stream) {
    for values in weights.0.values_mut() {
        match values {
            Values::Floats(floats) => {
                for value in floats {
                    *value = f32::from_bits(u32::try_from(chance.next_u64() >> 32).unwrap());
                }
            }
            Values::Count(count) => *count = chance.next_u64().cast_signed(),
        }
    }
}

fn about(blueprint: &Blueprint, chance: &mut Stream) -> About {
    let (level, step) = (chance.below(20), chance.below(3000));
    let act = Act::new("drawn").with("why", "\"quotes\", ümlauts\nand \u{1f40b}");
    let act = act.of("ticket", &digest::of_bytes(&step.to_le_bytes()));
    About {
        blueprint: blueprint.clone().into(),
        dataset: (level > 3).then(|| "digits".to_owned()),
        data_digest: (level > 4).then(|| "1a2b".to_owned()),
        level: u32::try_from(level).ok().filter(|level| *level > 1),
        rewind: (step > 500).then(|| Step::iterations(step)),
        outside: if chance.below(2) == 0 { Outside::Dense } else { Outside::Masked },
        lineage: Lineage::new(vec![act; usize::try_from(level % 3).unwrap()]),
    }
}
