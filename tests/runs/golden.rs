//! Run directories of every version so far load for ever: `tests/fixtures/run_v1` was written by the first one.

use std::{fs, path::Path};

use crate::given::Bench;

/// What `elth runs` said when they were written.
const EXPECTED: [&str; 2] = [
    "imp-1 imp done cifar_resnet_8_1 digits cpu 78 78 0.10222222222222223",
    "train-2 train stopped cifar_resnet_8_1 digits cpu 40 400 0.18666666666666668",
];

/// When the first of them was started.
const STARTED: &str = "2026-11-22T10:42:15.531Z";

/// A home that holds the runs of the fixture.
fn old_home() -> Bench {
    let bench = Bench::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/run_v1");
    copy(&fixture, &bench.runs());
    bench
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn runs_of_the_first_version_are_listed_with_what_they_came_to() {
    let bench = old_home();
    let listed = bench.json("runs");
    let rows: Vec<String> = listed.as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, EXPECTED);
}

fn row(run: &serde_json::Value) -> String {
    let text = |key: &str| run[key].to_string().trim_matches('"').to_owned();
    ["id", "kind", "state", "model", "dataset", "device", "step", "steps", "test_accuracy"]
        .map(text)
        .join(" ")
}

#[test]
fn a_run_of_the_first_version_shows_its_outputs_and_curves() {
    let bench = old_home();
    let shown = bench.json("run show imp-1");
    for output in shown["outputs"].as_array().unwrap() {
        assert!(Path::new(output.as_str().unwrap()).is_file(), "{output}");
    }
    assert_eq!(shown["started"], STARTED);
    for metric in ["train_loss", "test_loss", "test_accuracy", "lr"] {
        let curve = bench.json(&format!("run curve imp-1 --metric {metric}"));
        let steps: Vec<u64> = serde_json::from_value(curve["steps"].clone()).unwrap();
        assert!(!steps.is_empty() && steps.is_sorted_by(|one, next| one < next), "{metric}");
    }
}

#[test]
fn a_run_of_the_first_version_that_was_stopped_goes_on() {
    let bench = old_home().with("FAKE_STEPS", "1");
    // Of another build, whose trainer is gone: the one thing that an old run cannot do any more.
    bench.elth("run resume train-2").refuses(1, "is gone: start the run anew");
    let recipe = bench.dir("train-2").recipe();
    let text = fs::read_to_string(&recipe).unwrap();
    let build = text.lines().find(|line| line.starts_with("build = ")).unwrap();
    let ours = format!("build = \"{}\"", crate::given::BUILD);
    fs::write(&recipe, text.replacen(build, &ours, 1)).unwrap();
    bench.elth("run resume train-2").is_done();
    bench.wait_for("train-2", elth_store::run::standing::State::Done);
}
