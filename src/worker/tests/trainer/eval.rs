//! Evaluation without training: one request in, one line of JSON out.

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

use elth_core::ticket::format;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::running::{WORKER, ticket, undisturbed};

fn asked(request: &Value) -> Output {
    Command::new(WORKER).args(["eval", &request.to_string()]).output().unwrap()
}

fn answer(request: &Value) -> Value {
    let output = asked(request);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn with(request: &Value, key: &str, value: impl Into<Value>) -> Value {
    let mut request = request.clone();
    request[key] = value.into();
    request
}

#[test]
fn files_of_a_run_are_evaluated_as_the_run_did() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, bytes) in undisturbed() {
        fs::write(path(name), bytes).unwrap();
    }
    let base = json!({ "dataset": "digits", "data_dir": "/nowhere", "threads": 1 });
    let trained = with(&base, "file", path("level_2.trained.safetensors").to_str());
    let full = answer(&trained);
    assert_eq!(full["examples"], 450);
    let header = elth_core::trained::decode(&undisturbed()["level_2.trained.safetensors"]);
    assert_eq!(full["accuracy"].as_f64(), header.unwrap().test_accuracy);
    let first = answer(&with(&trained, "limit", 7));
    assert_eq!(first["examples"], 7);
    assert_eq!(answer(&with(&trained, "split", "train"))["examples"], 1347);
    assert_eq!(answer(&with(&trained, "limit", 10_000)), full);
    assert_ne!(answer(&with(&trained, "bn", "recalibrate"))["loss"], full["loss"]);
    // What lies outside a ticket's mask is never evaluated.
    let ticket = ticket(undisturbed(), "level_2.safetensors");
    fs::write(path("masked"), format::encode(&ticket.masked())).unwrap();
    let dense = answer(&with(&base, "file", path("level_2.safetensors").to_str()));
    assert_eq!(answer(&with(&base, "file", path("masked").to_str())), dense);
    // The same on standard input.
    let mut child = Command::new(WORKER)
        .arg("eval")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(trained.to_string().as_bytes()).unwrap();
    let heard: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(heard, full);
    refuses(&with(&trained, "dataset", "mnist"), &["3x8x8", "3x32x32", "mnist"]);
    refuses(&with(&trained, "file", "/nowhere/at/all"), &["/nowhere/at/all"]);
    refuses(&with(&trained, "device", "gpu"), &["gpu", "cuda:N"]);
    refuses(&with(&trained, "split", "half"), &["half"]);
    refuses(&with(&trained, "limit", 0), &["limit"]);
}

fn refuses(request: &Value, words: &[&str]) {
    let output = asked(request);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[test]
fn a_step_is_measured() {
    let options = "bench --model cifar_resnet_8_2 --input 3x8x8 --batch 8 --steps 3 --json";
    let output = Command::new(WORKER).args(options.split(' ')).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["images_per_second"].as_f64().unwrap() > 0.0);
    assert_eq!(answer["steps"], 3);
}

#[test]
fn a_trainer_says_who_it_is_and_what_it_takes() {
    let hello = Command::new(WORKER).arg("hello").output().unwrap();
    let hello: Value = serde_json::from_slice(&hello.stdout).unwrap();
    assert_eq!(hello["program"], "elth-worker");
    assert_eq!(hello["build"], env!("ELTH_BUILD"));
    assert_eq!(hello["libtorch"], "2.11.0");
    for wrong in [&["dance"][..], &[], &["run"], &["run", "/nowhere/at/all"]] {
        let output = Command::new(WORKER).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{wrong:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("elth-worker: ") && said.lines().count() == 1, "{said}");
    }
}
