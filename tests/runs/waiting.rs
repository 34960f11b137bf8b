//! Runs that cannot begin yet: they say why, hear a stop, and begin when they can.

use std::fs;

use elth_store::run::{
    lease::{self, Lease},
    standing::{self, State},
};
use rustix::process::Signal;

use crate::given::{Bench, SMALL, kill};

/// One GPU on which nobody else computes.
const ONE_GPU: &str = "#!/bin/sh\ncase $1 in *compute-apps*) ;; *) echo '0, GPU-aa' ;; esac\n";

const TICKET: &str =
    "prune cifar_resnet_8_2 --dataset digits --method random --sparsity 0.5 -o ticket";

/// A retraining that was stopped, and whose ticket is gone.
fn without_ticket() -> Bench {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    bench.elth(TICKET).is_done();
    bench.elth("train ticket --training-steps 20it --detach").is_done();
    bench.wait_for("train-1", State::Running);
    bench.elth("run stop train-1").is_done();
    let dir = bench.dir("train-1");
    fs::rename(dir.input_ticket(), bench.path("aside")).unwrap();
    bench.elth("run resume train-1").is_done();
    bench.wait_for("train-1", State::Waiting);
    bench
}

/// Waits until the run gives a reason that begins so.
fn waits(bench: &Bench, id: &str, words: &str) {
    let reason = || standing::state_of(&bench.dir(id)).1.unwrap_or_default();
    bench.until(words, || reason().starts_with(words));
    let shown = bench.json(&format!("run show {id}"));
    assert!(shown["reason"].as_str().unwrap().starts_with(words), "{shown}");
}

#[test]
fn a_run_waits_for_its_ticket_and_begins_when_it_is_there() {
    let bench = without_ticket();
    let dir = bench.dir("train-1");
    let expected = format!("its ticket `{}` is not there yet", dir.input_ticket().display());
    waits(&bench, "train-1", &expected);
    fs::rename(bench.path("aside"), dir.input_ticket()).unwrap();
    bench.wait_for("train-1", State::Running);
}

#[test]
fn a_run_that_waits_hears_a_stop() {
    let bench = without_ticket();
    let answer = bench.elth("run stop train-1");
    assert!(answer.out.starts_with("run train-1 is stopped"), "{answer:?}");
    assert_eq!(bench.json("run show train-1")["state"], "stopped");
}

#[test]
fn a_run_that_waits_is_held_back_by_a_pause() {
    let bench = without_ticket();
    let answer = bench.elth("run pause train-1");
    assert!(answer.out.contains("has not begun, and will not before"), "{answer:?}");
    fs::rename(bench.path("aside"), bench.dir("train-1").input_ticket()).unwrap();
    waits(&bench, "train-1", "it was paused before it began");
    bench.elth("run resume train-1").is_done();
    bench.wait_for("train-1", State::Running);
}

#[test]
fn a_run_waits_for_its_gpu_and_keeps_it_while_its_trainer_lives() {
    let bench = Bench::new().with("FAKE_STEPS", "3000").with("FAKE_CUDA", "true");
    bench.install("nvidia-smi", ONE_GPU);
    fs::create_dir(bench.path("locks")).unwrap();
    let lock = bench.path("locks/gpu-aa.lock");
    let other = Lease::take(&lock).unwrap().unwrap();
    bench.elth(&format!("imp {SMALL} --device cuda --detach")).is_done();
    let expected = format!("cuda:0 is used by another run (process {})", std::process::id());
    waits(&bench, "imp-1", &expected);
    drop(other);
    bench.wait_for("imp-1", State::Running);
    let shown = bench.json("run show imp-1");
    assert_eq!([&shown["device"], &shown["device_uuid"]], ["cuda:0", "GPU-aa"]);
    kill(&bench.dir("imp-1").supervisor_lease(), Signal::KILL);
    let supervisor = bench.dir("imp-1").supervisor_lease();
    bench.until("the supervisor is gone", || !lease::is_held(&supervisor));
    assert!(lease::is_held(&lock), "the trainer holds it too");
    bench.elth("run stop imp-1").is_done();
    bench.until("nobody holds the GPU", || !lease::is_held(&lock));
}

#[test]
fn a_gpu_that_is_not_there_is_refused_at_the_door_or_fails_with_its_reason() {
    let bench = Bench::new();
    bench.elth(&format!("imp {SMALL} --device cuda")).refuses(1, "the trainer sees no CUDA device");
    bench.elth(&format!("imp {SMALL} --device gpu")).refuses(2, "`gpu` is no device");
    assert!(!bench.runs().exists());
    let bench = bench.with("FAKE_CUDA", "true");
    bench.install("nvidia-smi", ONE_GPU);
    let answer = bench.elth(&format!("imp {SMALL} --device cuda:3"));
    let last = answer.err.lines().last().unwrap();
    let words = "there is no GPU `cuda:3` among the 1 visible ones: choose another --device";
    assert_eq!((answer.status, last), (Some(1), &*format!("error: run `imp-1` failed: {words}")));
}

#[test]
fn runs_on_the_cpu_wait_for_one_another_where_their_threads_are_more_than_the_cores() {
    let bench = Bench::new().with("FAKE_STEPS", "3000").with("ELTH_CORES", "2");
    let start = |threads: u32| {
        let line = format!("imp {SMALL} --device cpu --threads {threads} --detach");
        bench.elth(&line).is_done();
    };
    start(2);
    bench.wait_for("imp-1", State::Running);
    start(1);
    start(1);
    waits(&bench, "imp-2", "the CPU has 2 cores, imp-1 takes 2 of them");
    waits(&bench, "imp-3", "the CPU has 2 cores, imp-1 takes 2 of them");
    // Its trainer keeps what it was given, also without its supervisor.
    kill(&bench.dir("imp-1").supervisor_lease(), Signal::KILL);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(bench.json("run show imp-2")["state"], "waiting");
    bench.elth("run stop imp-1").is_done();
    bench.wait_for("imp-2", State::Running);
    bench.wait_for("imp-3", State::Running);
    start(2);
    let both = "the CPU has 2 cores, imp-";
    waits(&bench, "imp-4", both);
    bench.elth("run stop imp-4").is_done();
    assert_eq!(bench.json("run show imp-4")["state"], "stopped");
}

#[test]
fn nobody_waits_for_cores_where_that_is_said() {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    for id in ["imp-1", "imp-2", "imp-3"] {
        bench.elth(&format!("imp {SMALL} --device cpu --threads 64 --detach")).is_done();
        bench.wait_for(id, State::Running);
    }
}
