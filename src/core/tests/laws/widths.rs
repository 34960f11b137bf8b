//! A wider network computes what the ticket computed; a narrower one keeps the strongest channels.

use elth_core::{
    blueprint::{Blueprint, Input},
    chance::stream,
    reshape::{
        copies::Copies,
        width::{CannotRewidth, Replicated, Widening, is_other_width, rewidth},
    },
    slot::Role,
    ticket::Ticket,
    weights::Values,
};
use proptest::prelude::*;

use crate::{
    forward::{Maps, logits},
    given,
};

/// One model of each kind, with the widths to put in.
const KINDS: &[&str] = &[
    "cifar_resnet_8_{}",
    "cifar_resnet_2-1-2_{}",
    "cifar_vgg_11_{}",
    "cifar_vggnfc_11_{}_3",
    "cifar_mobilenetv1_2_{}",
    "imagenet_resnet_1-2-1-1_{}",
    "cifarhe_resnet_1-2-1-1_{}",
    "imagenet_resnet_1-2-1-1b_{}",
    "mnist_lenet_{}_{}_3",
];

fn model(kind: &str, width: usize) -> Blueprint {
    let name = kind.replace("{}", &width.to_string());
    let side = if kind.starts_with("cifar_vgg") { 16 } else { 8 };
    let channels = if kind.starts_with("mnist") { 1 } else { 3 };
    Blueprint::new(&name, Some(3), Some(Input::new(channels, side, side))).unwrap()
}

/// A pruned ticket whose batch norms have seen something.
fn ticket(blueprint: &Blueprint, seed: u64) -> Ticket {
    let plain = given::pruned(blueprint, 0.4, seed);
    let (mut weights, mut chance) = (plain.weights().clone(), stream(seed, "statistics"));
    for tensor in &blueprint.tensors {
        let Some(Values::Floats(values)) = weights.0.get_mut(&tensor.name) else { continue };
        let (low, high) = match tensor.role {
            Role::NormWeight | Role::RunningVar => (0.5, 1.5),
            Role::NormBias | Role::RunningMean => (-0.3, 0.3),
            _ => continue,
        };
        #[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
        for value in values {
            *value = (low + (high - low) * chance.uniform()) as f32;
        }
    }
    Ticket::assemble(plain.about.clone(), weights, plain.masks().clone()).unwrap()
}

fn image(blueprint: &Blueprint, seed: u64) -> Maps {
    let Input { channels, height, width } = blueprint.input;
    let mut chance = stream(seed, "image");
    let values = (0..blueprint.input.values()).map(|_| 2.0 * chance.uniform() - 1.0);
    Maps::new([channels, height, width], values.collect())
}

/// The largest difference between two answers, in parts of the largest number in them.
fn difference(one: &[f64], two: &[f64]) -> f64 {
    let largest = one.iter().chain(two).fold(1e-3_f64, |most, value| most.max(value.abs()));
    one.iter().zip(two).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs())) / largest
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 48, ..given::config() })]

    #[test]
    fn a_wider_network_says_the_same(
        kind in prop::sample::select(KINDS.to_vec()), width in 1..4_usize, more in 1..5_usize,
        random in any::<bool>(), seed in 0..999_u64,
    ) {
        let (source, target) = (model(kind, width), model(kind, width + more));
        prop_assert!(is_other_width(&source, &target));
        let ticket = ticket(&source, seed);
        let replicated = if random { Replicated::Random } else { Replicated::InTurn };
        let widening = Widening { replicated, seed, ..Widening::default() };
        let made = rewidth(&ticket, &target, &widening).unwrap();
        prop_assert!(made.keeps_function);
        let image = image(&source, seed);
        let gap = difference(&logits(&ticket, &image), &logits(&made.ticket, &image));
        prop_assert!(gap < 1e-5, "{kind} {width} + {more}: {gap}");
    }

    #[test]
    fn noise_on_copies_and_lost_channels_change_the_function_and_say_so(
        kind in prop::sample::select(KINDS.to_vec()), width in 1..4_usize, seed in 0..999_u64,
    ) {
        let (narrow, wide) = (model(kind, width), model(kind, 2 * width));
        let ticket = ticket(&narrow, seed);
        let noisy = Widening { copies: Copies::Perturbed(0.1), seed, ..Widening::default() };
        let made = rewidth(&ticket, &wide, &noisy).unwrap();
        prop_assert!(!made.keeps_function);
        let plain = rewidth(&ticket, &wide, &Widening::default()).unwrap().ticket;
        prop_assert_eq!(made.ticket.masks(), plain.masks());
        prop_assert!(made.ticket.weights() != plain.weights());
        let back = rewidth(&plain, &narrow, &Widening::default()).unwrap();
        prop_assert!(!back.keeps_function);
        prop_assert_eq!(back.ticket.blueprint(), &narrow);
    }
}

#[test]
fn the_strongest_channels_stay_in_their_order() {
    let (source, target) = (given::mlp(&[4, 3]), given::mlp(&[2, 3]));
    let plain = given::pruned(&source, 0.0, 1);
    let mut weights = plain.weights().clone();
    // Rows of the first hidden layer: the second and the fourth are by far the largest.
    if let Some(Values::Floats(values)) = weights.0.get_mut("fc_layers.0.weight") {
        for (at, value) in values.iter_mut().enumerate() {
            *value = if (at / 4) % 2 == 1 { 9.0 } else { 0.1 };
        }
    }
    let ticket = Ticket::assemble(plain.about.clone(), weights, plain.masks().clone()).unwrap();
    let made = rewidth(&ticket, &target, &Widening::default()).unwrap().ticket;
    let next = |ticket: &Ticket| ticket.weights().floats("fc_layers.1.weight").unwrap().to_vec();
    let (given, kept) = (next(&ticket), next(&made));
    let columns: Vec<f32> =
        (0..3).flat_map(|row| [given[4 * row + 1], given[4 * row + 3]]).collect();
    assert_eq!(kept, columns);
    assert!(made.weights().floats("fc_layers.0.weight").unwrap().iter().all(|value| *value > 8.0));
}

#[test]
fn only_the_width_may_differ() {
    let ticket = given::pruned(&given::resnet(2, 2), 0.5, 1);
    let refused = |target: &Blueprint, copies| {
        let widening = Widening { copies, ..Widening::default() };
        rewidth(&ticket, target, &widening).unwrap_err()
    };
    for target in [given::resnet(3, 4), given::resnet(2, 2), given::mlp(&[2, 2])] {
        let error = refused(&target, Copies::Copied);
        assert!(matches!(error, CannotRewidth::Models { .. }), "{error}");
    }
    assert_eq!(refused(&given::resnet(2, 4), Copies::Reinit), CannotRewidth::Reinit);
}
