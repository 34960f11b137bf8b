//! Held against PyTorch, where it is at hand: equal weights give equal logits, gradients and statistics in every family.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use elth_core::{
    blueprint::{Blueprint, Input},
    chance::stream,
    initialise::initialise,
    safetensors::{self, Dtype, Piece, bytes_of_floats, floats_of_bytes},
    slot::Role,
    ticket::full_masks,
    trained::{self, Trained},
    weights::{Values, Weights},
};
use elth_shim::{Rate, Sgd};
use tch::{Device, Kind, Tensor};

use crate::{
    dataset::Batch,
    network::{Layout, Mode, on_host},
    session::Session,
    state::{Measure, State},
};

/// A model of each family and of each kind of block, and the images it is tried with.
const MODELS: &[(&str, usize, [usize; 3])] = &[
    ("cifar_resnet_14_4", 10, [3, 8, 8]),
    ("cifar_vgg_11_4", 10, [3, 32, 48]),
    ("cifar_vgg_16_4", 7, [3, 32, 32]),
    ("cifar_vgg_19_2", 10, [3, 32, 32]),
    ("cifar_vggnfc_13_4_3", 10, [3, 32, 32]),
    ("cifar_mobilenetv1_2", 10, [3, 32, 32]),
    ("cifar_mobilenetv1", 10, [3, 32, 32]),
    ("mnist_lenet_30_30_10", 10, [1, 8, 8]),
    ("imagenet_resnet_18_4", 10, [3, 64, 64]),
    ("imagenet_resnet_26_4", 12, [3, 65, 47]),
    ("imagenet_resnet_50_4", 10, [3, 64, 64]),
    ("cifarhe_resnet_18_4", 10, [3, 32, 32]),
    ("cifarhe_resnet_50_4", 10, [3, 16, 16]),
];

/// Images a batch.
const IMAGES: usize = 16;

/// Asks for the packages without importing them: that takes seconds.
const HAS_TORCH: &str = "from importlib.util import find_spec as f; raise SystemExit(not (f('torch') and f('safetensors')))";

const LEARNING: Sgd<'_> =
    Sgd { lr: Rate::Host(0.1), momentum: 0.9, weight_decay: 1e-4, nesterov: false };

fn python() -> Option<String> {
    let python = env::var("ELTH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", HAS_TORCH]).output();
    if asked.is_ok_and(|answer| answer.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: {python} has no torch and safetensors (name one that has in ELTH_PYTHON)");
    None
}

/// Weights as a training leaves them: no norm is the identity, and no statistics are the first ones.
fn weights(blueprint: &Blueprint) -> Weights {
    let mut weights = initialise(blueprint, 5);
    for tensor in &blueprint.tensors {
        let mut chance = stream(7, &tensor.name);
        let spread = |low: f64, high: f64| move |draw: f64| low + (high - low) * draw;
        let draw: Box<dyn Fn(f64) -> f64> = match tensor.role {
            Role::NormWeight | Role::RunningVar => Box::new(spread(0.5, 1.5)),
            Role::NormBias | Role::RunningMean => Box::new(spread(-0.3, 0.3)),
            _ => continue,
        };
        #[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
        let values = (0..tensor.len()).map(|_| draw(chance.uniform()) as f32).collect();
        weights.0.insert(tensor.name.clone(), Values::Floats(values));
    }
    weights
}

fn images(input: Input) -> Vec<f32> {
    let mut chance = stream(9, "images");
    #[expect(clippy::cast_possible_truncation, reason = "images are single precision")]
    let values = (0..IMAGES * input.values()).map(|_| chance.normal_pair()[0] as f32);
    values.collect()
}

fn batch(input: Input) -> Batch {
    let sizes = [IMAGES, input.channels, input.height, input.width];
    let sizes = sizes.map(|size| i64::try_from(size).unwrap());
    let labels = Tensor::arange(sizes[0], (Kind::Int64, Device::Cpu)).remainder(3);
    let images = Tensor::from_slice(&images(input)).view(sizes);
    Batch { images: Layout::ChannelsLast.of(images).unwrap(), labels }
}

fn blueprint((name, classes, [channels, height, width]): (&str, usize, [usize; 3])) -> Blueprint {
    Blueprint::new(name, Some(classes), Some(Input::new(channels, height, width))).unwrap()
}

fn write(folder: &Path, blueprint: &Blueprint) -> [PathBuf; 3] {
    let paths = ["weights", "images", "out"]
        .map(|what| folder.join(format!("{}.{what}.safetensors", blueprint.name)));
    let (step, test_accuracy, ticket, dataset, data_digest) = (None, None, None, None, None);
    let (blueprint, weights) = (blueprint.clone(), weights(blueprint));
    let input = blueprint.input;
    let trained = Trained { blueprint, dataset, data_digest, step, test_accuracy, ticket, weights };
    fs::write(&paths[0], trained::encode(&trained)).unwrap();
    let shape = vec![IMAGES, input.channels, input.height, input.width];
    let bytes = Cow::Owned(bytes_of_floats(&images(input)));
    let piece = Piece { name: "images".to_owned(), dtype: Dtype::F32, shape, bytes };
    fs::write(&paths[1], safetensors::encode(&BTreeMap::new(), vec![piece])).unwrap();
    paths
}

/// What PyTorch answered: the names of its `state_dict()`, and tensors by name.
fn answers(path: &Path) -> (Vec<String>, BTreeMap<String, Vec<f32>>) {
    let bytes = fs::read(path).unwrap();
    let header = safetensors::read_header(&bytes, bytes.len() as u64).unwrap();
    let data = &bytes[header.data_at..];
    let names = header.said("names").unwrap().split(' ').map(str::to_owned).collect();
    let tensors = header.tensors.iter();
    let values = tensors.map(|(name, at)| (name.clone(), floats_of_bytes(&data[at.start..at.end])));
    (names, values.collect())
}

fn assert_close(found: &[f32], expected: &[f32], within: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let apart = (found - expected).abs();
        assert!(apart < within * expected.abs().max(1.0), "{what}: {found} {expected}");
    }
}

fn check(blueprint: &Blueprint, out: &Path) {
    let (names, expected) = answers(out);
    assert!(names.iter().eq(blueprint.tensors.iter().map(|tensor| &tensor.name)), "{names:?}");
    let session = Session { device: Device::Cpu, threads: 1 };
    let masks = full_masks(blueprint);
    let start = || State::start(blueprint, &weights(blueprint), &masks, 0, session).unwrap();
    let batch = batch(blueprint.input);
    let name = &blueprint.name;
    // A batch's own statistics enlarge what single precision rounds off.
    for (mode, which, within) in
        [(Mode::Evaluate, "evaluated", 1e-5), (Mode::Train, "trained", 1e-3)]
    {
        let logits = start().network.logits(&batch.images, mode);
        let (logits, what) = (on_host(&logits).unwrap(), format!("{name} {which}"));
        assert_close(&logits, &expected[which], within, &what);
    }
    let mut state = start();
    let _loss = state.learn(&batch, &LEARNING, Measure::Nothing).unwrap();
    for (tensor, values) in state.network.weights().unwrap().0 {
        if let Values::Floats(values) = values {
            let what = format!("{name} {tensor} after a step");
            assert_close(&values, &expected[&format!("after.{tensor}")], 1e-2, &what);
        }
    }
}

#[test]
fn every_family_computes_what_pytorch_computes() {
    let Some(python) = python() else { return };
    tch::set_num_threads(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let blueprints: Vec<_> = MODELS.iter().map(|model| blueprint(*model)).collect();
    let paths: Vec<_> = blueprints.iter().map(|model| write(folder.path(), model)).collect();
    let asked = Command::new(python)
        .arg(root.join("tests/pytorch/forward.py"))
        .arg(root.join("src/cli/export/model.py"))
        .args(paths.as_flattened())
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    for (blueprint, [.., out]) in blueprints.iter().zip(&paths) {
        check(blueprint, out);
    }
}
