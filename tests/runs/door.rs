//! What is refused before anything is made.

use std::fs;

use crate::given::{Bench, SMALL};

/// Expects a refusal, and nothing on the disk.
fn check(bench: &Bench, line: &str, status: i32, words: &str) {
    bench.elth(line).refuses(status, words);
    assert!(!bench.runs().exists(), "{line} left something");
}

#[test]
fn numbers_out_of_range_are_wrong_usage() {
    let bench = Bench::new();
    let imp = |more: &str| format!("imp {SMALL} {more}");
    for (more, words) in [
        ("--lr 0", "lr is 0: it must be a finite number above 0"),
        ("--lr -1", "lr is -1"),
        ("--lr nan", "lr is NaN"),
        ("--lr fast", "invalid value 'fast' for '--lr <X>'"),
        ("--momentum 1", "momentum is 1: it must be from 0 to below 1"),
        ("--batch-size 0", "--batch-size is 0"),
        ("--batch-size -3", "'-3'"),
        (
            "--batch-size 10000000",
            "--batch-size is 10000000, and `digits` has 1347 images to train on: choose a smaller one",
        ),
        ("--pruning-fraction 0.9999", "leaves no weight of `cifar_resnet_8_2` at level 1: prune a"),
        ("--threads 0", "threads is 0: it must be 1 to 256"),
        ("--pruning-fraction 1", "--pruning-fraction is 1: it must be above 0 and below 1"),
        ("--counting roughly", "`roughly` is no counting: exact or openlth"),
        ("--precision half", "invalid value 'half'"),
        ("--snapshot-steps 20it", "--snapshot-steps 20it is not before the end"),
        ("--milestone-steps 1,2", "`1` is no step"),
        ("--dataset cifar11", "`cifar11` is no data set"),
    ] {
        check(&bench, &imp(more), 2, words);
    }
    let model = "imp --model cifar_resnet_8_2 --levels";
    check(&bench, &format!("{model} 101"), 2, "levels is 101: it must be 0 to 100");
    check(
        &bench,
        "imp --model cifar_resnet_9 --levels 1",
        2,
        "`cifar_resnet_9` is no cifar_resnet",
    );
    check(&bench, "imp --model alexnet --levels 1", 2, "`alexnet` is no model elth knows");
    let late = format!("{model} 1 --training-steps 10it");
    check(&bench, &late, 2, "--rewinding-steps 1000it is not before the end of the training (10it");
}

#[test]
fn milestones_past_the_end_are_accepted() {
    let bench = Bench::new();
    bench.elth(&format!("imp {SMALL} --milestone-steps 80ep,120ep")).is_done();
}

#[test]
fn no_milestones_can_be_asked_for() {
    let bench = Bench::new();
    for none in ["--milestone-steps none", "--milestone-steps="] {
        bench.elth(&format!("imp {SMALL} {none} --detach")).is_done();
    }
    for id in ["imp-1", "imp-2"] {
        let text = fs::read_to_string(bench.dir(id).recipe()).unwrap();
        assert!(text.contains("milestone_steps = []"), "{text}");
    }
}

#[test]
fn a_ticket_must_fit_its_data() {
    let bench = Bench::new();
    bench.elth("prune mnist_lenet_30_20 --method random --sparsity 0.5 -o large").is_done();
    let words = "only the head can be made anew, choose images of 1x28x28";
    check(&bench, "train large --dataset digits", 1, words);
    let classes = "prune cifar_resnet_8_2 --dataset digits --classes 7 --method random --sparsity 0.5 -o seven";
    bench.elth(classes).is_done();
    check(&bench, "train nothing", 1, "there is no file `nothing`");
    fs::write(bench.path("torn"), fs::read(bench.path("large")).unwrap().split_off(9)).unwrap();
    check(&bench, "train torn", 1, "`");
    let headed = bench.elth("train seven --dataset digits");
    headed.is_done();
    assert!(
        headed.err.starts_with("warning: `digits` has 10 classes and the ticket 7"),
        "{headed:?}"
    );
}

#[test]
fn a_ticket_without_a_known_rewind_step_starts_where_it_is_told() {
    let bench = Bench::new().with("FAKE_STEPS", "1");
    bench
        .elth("prune mnist_lenet_30_20 --dataset digits --method random --sparsity 0.5 -o ticket")
        .is_done();
    let start = |id: &str| {
        let text = fs::read_to_string(bench.dir(id).recipe()).unwrap();
        text.lines().find(|line| line.starts_with("start_at")).unwrap().to_owned()
    };
    bench.elth("train ticket --training-steps 20it").is_done();
    assert_eq!(start("train-1"), "start_at = \"0it\"");
    bench.elth("train ticket --training-steps 20it --start-at zero").is_done();
    assert_eq!(start("train-2"), "start_at = \"0it\"");
    let late = bench.elth("train ticket --training-steps 20it --rewinding-steps 5it");
    assert_eq!(late.status, Some(2), "{late:?}");
}

#[test]
fn a_trainer_of_another_build_is_refused_before_anything_is_made() {
    let bench = Bench::new().with("FAKE_BUILD", "00");
    check(&bench, &format!("imp {SMALL}"), 1, "(build 00) does not belong to this elth");
    let bench = bench.with("ELTH_WORKER", "/nowhere/elth-worker");
    check(&bench, &format!("imp {SMALL}"), 1, "ELTH_WORKER names `/nowhere/elth-worker`");
}

#[test]
fn a_home_that_cannot_be_written_is_one_line() {
    let bench = Bench::new();
    for home in ["/dev/null/home", "/proc/home"] {
        let answer = bench.elth(&format!("imp {SMALL} --home {home}"));
        answer.refuses(1, &format!("cannot write `{home}/runs`"));
        assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
    }
}

#[test]
fn an_evaluation_asks_the_trainer_and_warns_of_foreign_statistics() {
    let bench = Bench::new();
    bench
        .elth("prune cifar_resnet_8_2 --dataset digits --method random --sparsity 0.5 -o ticket")
        .is_done();
    let answer = bench.elth("eval ticket --dataset digits --limit 8 --threads 1 --json");
    answer.is_done();
    let score: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((score["loss"].as_f64(), score["accuracy"].as_f64()), (Some(0.5), Some(0.25)));
    assert_eq!(score["examples"].as_u64(), Some(8));
    assert_eq!([&score["dataset"], &score["data"]], ["digits", "digits+01234567"], "{score}");
    assert_eq!(score["data_digest"], "0123456789ab");
    assert!(answer.err.starts_with("warning: the ticket is not trained"), "{answer:?}");
    let quiet = bench.elth("eval ticket --dataset digits --bn recalibrate");
    assert_eq!((quiet.status, quiet.err.as_str()), (Some(0), ""));
    check(&bench, "eval ticket --dataset cifar10", 1, "the ticket takes images of 3x8x8");
    check(&bench, "eval ticket --split everything", 2, "invalid value 'everything'");
    check(&bench, "eval ticket --limit 0", 2, "'0'");
}
