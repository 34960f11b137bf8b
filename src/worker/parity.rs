//! Held against the official code: its weights must give the losses that it logged.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::Blueprint,
    safetensors::{self, Dtype},
    ticket::full_masks,
    weights::{Values, Weights},
};
use elth_store::dataset::{Name, Split};
use tch::Device;

use crate::{dataset::Images, evaluate::evaluate, session::Session, state::State};

/// The folder where the official code's files may lie, on machines that have them.
fn fixtures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = env::var_os("ELTH_SHARED").map_or(beside, PathBuf::from).join("fixtures");
    folder.is_dir().then_some(folder)
}

/// CIFAR-10's binary records: a label and 3,072 values each.
fn images(path: &Path) -> Split {
    let bytes = fs::read(path).unwrap();
    let records = || bytes.chunks_exact(3073);
    Split {
        images: records().flat_map(|record| &record[1..]).copied().collect::<Vec<_>>().into(),
        labels: records().map(|record| record[0].into()).collect(),
        shape: Name::Cifar10.shape(),
    }
}

fn weights(path: &Path) -> Weights {
    let bytes = fs::read(path).unwrap();
    let header = safetensors::read_header(&bytes, bytes.len() as u64).unwrap();
    let data = &bytes[header.data_at..];
    let values = header.tensors.iter().map(|(name, entry)| {
        let bytes = &data[entry.start..entry.end];
        let values = match entry.dtype {
            Dtype::I64 => Values::Count(i64::from_le_bytes(*bytes.first_chunk().unwrap())),
            _ => Values::Floats(safetensors::floats_of_bytes(bytes)),
        };
        (name.clone(), values)
    });
    Weights(values.collect())
}

/// What the official code logged: metric and step to value.
fn logged(path: &Path) -> BTreeMap<(String, u64), f64> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        let parts: Vec<&str> = line.split(',').collect();
        ((parts[0].to_owned(), parts[1].parse().unwrap()), parts[2].parse().unwrap())
    });
    lines.collect()
}

/// Folders below that hold both a start and a log of the official code.
fn folders(root: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.join("logger").exists() {
                found.push(path.clone());
            }
            folders(&path, found);
        }
    }
}

/// The files of weights that the official code saved, with the steps that it logged them at.
const SAVED: [(&str, u64); 3] = [
    ("model_ep0_it0.safetensors", 0),
    ("model_ep0_it3.safetensors", 3),
    ("model_ep2_it0.safetensors", 16),
];

fn check(path: &Path, split: &Split, loss: f64, accuracy: f64) {
    let weights = weights(path);
    let stretched = weights.0.contains_key("blocks.8.conv1.weight");
    let model = if stretched { "cifar_resnet_20_4" } else { "cifar_resnet_14_4" };
    let blueprint = Blueprint::new(model, None, None).unwrap();
    let session = Session { device: Device::Cpu, threads: 1 };
    let masks = full_masks(&blueprint);
    let mut state = State::start(&blueprint, &weights, &masks, 0, session).unwrap();
    let images = Images::new(Name::Cifar10, split, blueprint.family, session.device).unwrap();
    let score = evaluate(&mut state.network, &images, 256, || true).unwrap().unwrap();
    assert!((score.loss - loss).abs() < 1e-5, "{}: {} {loss}", path.display(), score.loss);
    assert!((score.accuracy() - accuracy).abs() < 1e-12, "{}", path.display());
}

#[test]
fn official_weights_give_the_losses_and_accuracies_that_were_logged() {
    let Some(fixtures) = fixtures() else {
        println!("the official code's files are not here: nothing to compare with");
        return;
    };
    // As many threads as processors would wait for one another where tests share the machine.
    tch::set_num_threads(1);
    let (logs, files) = (fixtures.join("openlth"), fixtures.join("openlth-safetensors"));
    let split = images(&files.join("cifar10_test_first256.bin"));
    let mut found = Vec::new();
    folders(&logs, &mut found);
    let mut compared = 0;
    for folder in found {
        let log = logged(&folder.join("logger"));
        let beside = files.join(folder.strip_prefix(&logs).unwrap());
        for (path, step) in SAVED.map(|(file, step)| (beside.join(file), step)) {
            let value = |metric: &str| log.get(&(metric.to_owned(), step));
            if let (true, Some(loss)) = (path.exists(), value("test_loss")) {
                check(&path, &split, *loss, *value("test_accuracy").unwrap());
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} files were compared");
}
