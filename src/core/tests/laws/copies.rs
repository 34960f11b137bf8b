//! Copies hold what they are said to hold, and nothing else changes.

use elth_core::{
    initialise::initialise,
    reshape::{
        CannotReshape,
        copies::{Copies, NoResidual, Residual, Treatment, copied_units},
        reshape,
        strategy::{Strategy, Units, plan},
        treated,
    },
    slot::Role,
    ticket::{Outside, Ticket},
};
use proptest::{prelude::*, strategy::Strategy as Drawn};

use crate::given;

/// The bits of a tensor's values.
fn bits(ticket: &Ticket, name: &str) -> Option<Vec<u32>> {
    let floats = ticket.weights().floats(name)?;
    Some(floats.iter().map(|value| value.to_bits()).collect())
}

fn treatments() -> impl Drawn<Value = Copies> {
    prop_oneof![
        Just(Copies::Copied),
        Just(Copies::Reinit),
        (0.001..2.0_f64).prop_map(Copies::Perturbed),
    ]
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn only_the_copies_change_and_no_mask_does(
        (source, target) in given::pair(), copies in treatments(), append in any::<bool>(), seed in 0..99_u64,
    ) {
        let strategy = if append { Strategy::Append } else { Strategy::Interpolate };
        let Ok(map) = plan(&source, &target, Some(strategy), &Units::All) else { return Ok(()) };
        let ticket = given::pruned(&source, 0.6, seed);
        let treatment = Treatment { copies, residual: Residual::Kept, seed };
        let plain = reshape(&ticket, &target, &map).unwrap();
        let made = treated(&ticket, &target, &map, &treatment).unwrap();
        prop_assert_eq!(&made, &treated(&ticket, &target, &map, &treatment).unwrap());
        prop_assert_eq!(made.masks(), plain.masks());
        let (units, fresh) = (copied_units(&target, &map), initialise(&target, seed));
        for tensor in &target.tensors {
            let is_copy = units.contains(&(tensor.slot.stage, tensor.slot.unit));
            let same = made.weights().0.get(&tensor.name) == plain.weights().0.get(&tensor.name);
            match copies {
                Copies::Reinit if is_copy => {
                    prop_assert_eq!(made.weights().0.get(&tensor.name), fresh.0.get(&tensor.name));
                }
                Copies::Perturbed(_) if is_copy && tensor.role == Role::Weight => {
                    let noisy = made.weights().floats(&tensor.name).unwrap();
                    prop_assert!(noisy.iter().all(|value| value.is_finite()));
                    prop_assert_eq!(same, made.count_of(&tensor.name).kept == 0, "{}", tensor.name);
                }
                _ => prop_assert!(same, "{}", tensor.name),
            }
        }
    }

    #[test]
    fn replicated_blocks_share_what_their_source_adds(blocks in 2..5_usize, more in 0..6_usize, seed in any::<u64>()) {
        let (source, target) = (given::resnet(blocks, 2), given::resnet(blocks + more, 2));
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let ticket = given::pruned(&source, 0.5, seed);
        let treatment = Treatment { residual: Residual::Shared, ..Treatment::default() };
        let (plain, made) = (reshape(&ticket, &target, &map).unwrap(), treated(&ticket, &target, &map, &treatment).unwrap());
        for tensor in &target.tensors {
            let units = tensor.slot.stage.checked_sub(1).and_then(|at| map.stages().get(at));
            let siblings = units.map_or(1, |units| units.iter().filter(|unit| **unit == units[tensor.slot.unit]).count());
            let scaled = ["bn2.weight", "bn2.bias"].contains(&tensor.slot.part.as_str());
            let by = if scaled { u16::try_from(siblings).unwrap() } else { 1 };
            let expected = plain.weights().floats(&tensor.name).map(|floats| floats.iter().map(|value| (value / f32::from(by)).to_bits()).collect());
            prop_assert_eq!(bits(&made, &tensor.name), expected, "{}", tensor.name);
        }
    }

    #[test]
    fn masked_tickets_stay_masked(seed in any::<u64>(), reinit in any::<bool>()) {
        let (source, target) = (given::resnet(2, 2), given::resnet(4, 2));
        let ticket = given::pruned(&source, 0.7, seed).masked();
        let map = plan(&source, &target, None, &Units::All).unwrap();
        let copies = if reinit { Copies::Reinit } else { Copies::Perturbed(0.5) };
        let made = treated(&ticket, &target, &map, &Treatment { copies, seed, ..Treatment::default() }).unwrap();
        prop_assert_eq!(made.about.outside, Outside::Masked);
        for (name, mask) in made.masks() {
            let values = made.weights().floats(name).unwrap();
            prop_assert!((0..mask.len()).all(|at| mask.keeps(at) || values[at].abs() <= 0.0), "{name}");
        }
    }
}

#[test]
fn noise_has_the_size_it_is_said_to_have() {
    let (source, target) = (given::resnet(2, 8), given::resnet(3, 8));
    let map = plan(&source, &target, None, &Units::All).unwrap();
    let ticket = given::pruned(&source, 0.5, 1);
    let name = "blocks.8.conv2.weight";
    for sigma in [0.01, 0.3] {
        let treatment = Treatment { copies: Copies::Perturbed(sigma), ..Treatment::default() };
        let plain = reshape(&ticket, &target, &map).unwrap();
        let made = treated(&ticket, &target, &map, &treatment).unwrap();
        let [plain, noisy] = [&plain, &made].map(|it| it.weights().floats(name).unwrap());
        let mask = &made.masks()[name];
        let square = |value: f32| f64::from(value).powi(2);
        let mean = |values: Vec<f64>| {
            let count = u32::try_from(values.len()).unwrap();
            values.iter().sum::<f64>() / f64::from(count)
        };
        let kept = mean(
            (0..mask.len()).filter(|at| mask.keeps(*at)).map(|at| square(plain[at])).collect(),
        );
        let spread = mean(plain.iter().zip(noisy).map(|(one, two)| square(two - one)).collect());
        let ratio = (spread / kept).sqrt() / sigma;
        assert!((ratio - 1.0).abs() < 0.05, "{sigma}: {ratio}");
    }
}

#[test]
fn what_was_done_to_copies_is_recorded_only_where_something_was() {
    let (source, target) = (given::resnet(2, 1), given::resnet(3, 1));
    let map = plan(&source, &target, None, &Units::All).unwrap();
    let ticket = given::pruned(&source, 0.5, 1);
    let told = |copies, residual| {
        let made =
            treated(&ticket, &target, &map, &Treatment { copies, residual, seed: 7 }).unwrap();
        let act = made.about.lineage.acts().last().unwrap().clone();
        let of = |name: &str| act.arguments.get(name).cloned().unwrap_or_default();
        [of("copies"), of("seed-init"), of("residual-scale")].join(" ")
    };
    assert_eq!(told(Copies::Copied, Residual::Kept), "  ");
    assert_eq!(told(Copies::Reinit, Residual::Kept), "reinit 7 ");
    assert_eq!(told("perturbed:0.25".parse().unwrap(), Residual::Shared), "perturbed:0.25 7 1/r");
    for wrong in ["perturbed:0", "perturbed:-1", "perturbed:nan", "perturbed:", "fresh", ""] {
        assert!(wrong.parse::<Copies>().unwrap_err().contains("perturbed:0.05"), "{wrong}");
    }
}

#[test]
fn networks_without_residual_blocks_have_none_to_scale() {
    let (source, target) = (given::mlp(&[4, 4, 4]), given::mlp(&[4, 4, 4, 4]));
    let map = plan(&source, &target, None, &Units::All).unwrap();
    let treatment = Treatment { residual: Residual::Shared, ..Treatment::default() };
    let error = treated(&given::pruned(&source, 0.5, 1), &target, &map, &treatment).unwrap_err();
    assert_eq!(error, CannotReshape::Residual(NoResidual(target.family)));
}
