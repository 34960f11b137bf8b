//! Real outputs of the official code, where they are at hand: `$ELTH_SHARED/fixtures`, or `../shared/fixtures` beside the checkout.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::Blueprint,
    mask::{Mask, share},
    prune::{Counting, magnitude, round, to_sparsity},
    reshape::reshape,
    safetensors::{Dtype, floats_of_bytes, read_header},
    schedule::Step,
    ticket::{About, Outside, Ticket, full_masks, lineage::Lineage},
    unit_map::UnitMap,
    weights::{Values, Weights},
};

const EXPERIMENT: &str =
    "fixtures/openlth-safetensors/lottery_9244adf8227a5baa5a0500cd7774db27/replicate_1";
const CHANGE_DEPTH: &str = "lottery_branch_change_depth_1d5745ea74fad846836e1b54827a81f6";
const SPARSE_GLOBAL: &str = "lottery_branch_prune_early_722d7815348773060cd630fcaa73e625";
const REWOUND: &str = "model_ep0_it3.safetensors";
const TRAINED: &str = "model_ep2_it0.safetensors";

/// Where the experiment lies; nothing where this machine has none.
fn experiment() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = env::var_os("ELTH_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join(EXPERIMENT);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no outputs of the official code in {}", folder.display());
    None
}

fn source() -> Blueprint {
    Blueprint::new("cifar_resnet_14_4", None, None).unwrap()
}

/// The tensors of an official file, whatever their element type.
fn tensors(path: &Path) -> BTreeMap<String, (Dtype, Vec<u8>)> {
    let bytes = fs::read(path).unwrap();
    let header = read_header(&bytes, bytes.len() as u64).unwrap();
    let data = &bytes[header.data_at..];
    let tensors = header.tensors.into_iter();
    tensors.map(|(name, at)| (name, (at.dtype, data[at.start..at.end].to_vec()))).collect()
}

fn weights(path: &Path) -> Weights {
    let values = tensors(path).into_iter().map(|(name, (dtype, bytes))| {
        let values = match dtype {
            Dtype::I64 => Values::Count(i64::from_le_bytes(bytes.try_into().unwrap())),
            _ => Values::Floats(floats_of_bytes(&bytes)),
        };
        (name, values)
    });
    Weights(values.collect())
}

/// The official masks: 32-bit integers, 0 or 1.
fn masks(folder: &Path) -> BTreeMap<String, Mask> {
    let masks =
        tensors(&folder.join("mask.safetensors")).into_iter().map(|(name, (dtype, bytes))| {
            assert_eq!(dtype, Dtype::I32, "{name}");
            let bits: Vec<bool> = bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|four| match i32::from_le_bytes(*four) {
                    0 => false,
                    1 => true,
                    other => panic!("{name} holds {other}"),
                })
                .collect();
            (name, Mask::from_bits(&bits))
        });
    masks.collect()
}

fn ticket(weights: Weights, masks: BTreeMap<String, Mask>, outside: Outside) -> Ticket {
    let about = About {
        blueprint: source().into(),
        dataset: Some("cifar10".to_owned()),
        data_digest: None,
        level: None,
        rewind: Some(Step::iterations(3)),
        outside,
        lineage: Lineage::default(),
    };
    Ticket::assemble(about, weights, masks).unwrap()
}

fn level(experiment: &Path, level: usize) -> PathBuf {
    experiment.join(format!("level_{level}/main"))
}

/// Compares names, counts and floats, the latter by their bits.
fn assert_same_bits(found: &Weights, expected: &Weights, what: &str) {
    let names = |weights: &Weights| weights.0.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{what}");
    for (name, values) in &expected.0 {
        let bits = |floats: &[f32]| floats.iter().map(|float| float.to_bits()).collect::<Vec<_>>();
        match (&found.0[name], values) {
            (Values::Floats(found), Values::Floats(floats)) => {
                assert_eq!(bits(found), bits(floats), "{what}: {name}");
            }
            (found, count) => assert_eq!(found, count, "{what}: {name}"),
        }
    }
}

#[test]
fn a_stretched_ticket_is_the_official_branch_bit_for_bit() {
    let Some(experiment) = experiment() else { return };
    let (source, target) = (source(), Blueprint::new("cifar_resnet_20_4", None, None).unwrap());
    let map = UnitMap::parse(&source, &target, "0:0;1:1,2").unwrap();
    for number in 0..=3 {
        let folder = level(&experiment, number);
        let branch = experiment.join(format!("level_{number}")).join(CHANGE_DEPTH);
        let given = ticket(weights(&folder.join(REWOUND)), masks(&folder), Outside::Masked);
        let made = reshape(&given, &target, &map).unwrap();
        assert_same_bits(
            made.weights(),
            &weights(&branch.join(REWOUND)),
            &format!("level {number}"),
        );
        assert_eq!(made.masks(), &masks(&branch), "level {number}");
    }
}

#[test]
fn each_level_prunes_what_the_official_code_pruned() {
    let Some(experiment) = experiment() else { return };
    for number in 1..=3 {
        let before = level(&experiment, number - 1);
        let scores = magnitude(&source(), &weights(&before.join(TRAINED)));
        let pruned = round(&scores, &masks(&before), 0.2, Counting::OpenLth).unwrap();
        assert_eq!(pruned, masks(&level(&experiment, number)), "level {number}");
    }
}

#[test]
fn each_level_rewinds_to_the_dense_weights_under_its_mask() {
    let Some(experiment) = experiment() else { return };
    let dense = weights(&experiment.join("level_pretrain/main").join(REWOUND));
    for number in 0..=3 {
        let folder = level(&experiment, number);
        let masked = ticket(dense.clone(), masks(&folder), Outside::Dense).masked();
        assert_same_bits(
            masked.weights(),
            &weights(&folder.join(REWOUND)),
            &format!("level {number}"),
        );
    }
}

#[test]
fn one_shot_magnitude_pruning_is_the_official_branch() {
    let Some(experiment) = experiment() else { return };
    let dense = weights(&experiment.join("level_pretrain/main").join(REWOUND));
    let scores = magnitude(&source(), &dense);
    let kept: usize = masks(&level(&experiment, 3)).values().map(Mask::kept).sum();
    let fraction = 1.0 - share(kept, source().prunable_weights());
    let expected = masks(&experiment.join("level_3").join(SPARSE_GLOBAL));
    let full = full_masks(&source());
    assert_eq!(round(&scores, &full, fraction, Counting::OpenLth).unwrap(), expected);
    assert_eq!(to_sparsity(&scores, &full, fraction, Counting::OpenLth).unwrap(), expected);
    let branch = experiment.join("level_3").join(SPARSE_GLOBAL).join(REWOUND);
    let pruned = ticket(dense, expected, Outside::Masked);
    assert_same_bits(pruned.weights(), &weights(&branch), "prune_early");
}
