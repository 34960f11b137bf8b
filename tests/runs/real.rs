//! The same over the real trainer, where one of this build is at hand.

use std::{collections::BTreeMap, env, fs, path::PathBuf, process::Command};

use elth_store::{
    handshake::Hello,
    run::{dir::RunDir, standing::State},
};
use rustix::process::Signal;

use crate::given::{BUILD, Bench, ELTH, kill};

/// Long enough to be met in the middle, short enough for any machine.
const TINY: &str = "--model cifar_resnet_8_2 --levels 1 --training-steps 60it --rewinding-steps 4it \
     --milestone-steps 30it --batch-size 64 --threads 1 --seed 5";

/// A bench with the real trainer: the one that `ELTH_WORKER` names, else the one beside `elth`.
fn real() -> Option<Bench> {
    let beside = || PathBuf::from(ELTH).with_file_name("elth-worker");
    let named = env::var_os("ELTH_WORKER");
    let worker = named.clone().map_or_else(beside, PathBuf::from);
    let mut bench = Bench::with_worker(worker);
    for name in ["HOME", "ELTH_CACHE", "ELTH_LIBTORCH", "LD_LIBRARY_PATH"] {
        if let Ok(value) = env::var(name) {
            bench = bench.with(name, value);
        }
    }
    // `elth` itself knows whether it belongs, and where its libraries are.
    let answer = bench.elth("eval nothing");
    let ours = is_ours(&bench) && answer.status == Some(1);
    assert!(
        ours || named.is_none(),
        "ELTH_WORKER names no trainer of this build: cargo xtask test"
    );
    if !ours {
        eprintln!("skipped: no trainer of this build is at hand (`cargo xtask test` builds one)");
    }
    ours.then_some(bench)
}

fn is_ours(bench: &Bench) -> bool {
    let libraries = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".libtorch/torch/lib");
    let mut hello = Command::new(bench.worker());
    let output = hello.arg("hello").env("LD_LIBRARY_PATH", libraries).output();
    let hello: Option<Hello> = output.ok().and_then(|it| serde_json::from_slice(&it.stdout).ok());
    hello.is_some_and(|hello| hello.build == BUILD)
}

/// Everything that a run wrote, by name.
fn outputs(dir: &RunDir) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir.tickets()).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    // A killed trainer may leave the beginning of a file under a hidden name.
    entries.map(file).filter(|(name, _)| !name.starts_with('.')).collect()
}

#[test]
fn criteria_that_need_a_network_are_scored_by_the_real_trainer() {
    let Some(bench) = real() else { return };
    let model = "prune cifar_resnet_8_2 --sparsity 0.9 --threads 1 --dry-run --json";
    let kept = |options: &str| {
        let answer = bench.elth(&format!("{model} {options}"));
        answer.is_done();
        let answer: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
        let all = answer["weights"].as_u64().unwrap();
        assert_eq!(answer["kept"], all - (all * 9 + 5) / 10, "{options}");
        answer["digest"].clone()
    };
    let snip = kept("--method snip --dataset digits");
    let others = ["--method grasp --dataset digits", "--method synflow --input 3x8x8"].map(kept);
    assert!(!others.contains(&snip) && others[0] != others[1]);
    assert_eq!(snip, kept("--method snip --dataset digits"), "the same request, the same ticket");
}

#[test]
fn a_real_run_that_was_killed_paused_and_stopped_ends_with_the_same_bytes() {
    let Some(bench) = real() else { return };
    bench.elth(&format!("imp {TINY}")).is_done();
    bench.elth(&format!("imp {TINY} --detach")).is_done();
    bench.wait_for("imp-2", State::Running);
    kill(&bench.dir("imp-2").lease(), Signal::KILL);
    bench.wait_for("imp-2", State::Lost);
    bench.wait_until_free("imp-2");
    bench.elth("run resume imp-2").is_done();
    bench.wait_for("imp-2", State::Running);
    for command in ["run pause imp-2", "run resume imp-2", "run stop imp-2", "run resume imp-2"] {
        let answer = bench.elth(command);
        // A quick machine may be through before all is asked.
        if answer.status != Some(0) {
            assert!(answer.err.contains("done"), "{answer:?}");
        }
    }
    bench.wait_for("imp-2", State::Done);
    let [one, two] = ["imp-1", "imp-2"].map(|id| outputs(&bench.dir(id)));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    assert!(one == two, "the same recipe gives the same bytes");
}

#[test]
fn a_real_ticket_is_retrained_and_evaluated() {
    let Some(bench) = real() else { return };
    bench.elth(&format!("imp {TINY}")).is_done();
    let ticket = bench.dir("imp-1").tickets().join("level_1.safetensors");
    let ticket = ticket.to_str().unwrap();
    let options = "--dataset digits --training-steps 60it --batch-size 64 --threads 1";
    let shown = bench.json(&format!("train {ticket} {options}"));
    assert_eq!([&shown["state"], &shown["kind"]], ["done", "train"]);
    let trained = shown["outputs"][0].as_str().unwrap();
    let score = bench.json(&format!("eval {trained} --dataset digits --threads 1"));
    assert_eq!(score["accuracy"], shown["test_accuracy"]);
    assert_eq!(score["examples"].as_u64(), Some(450));
}
