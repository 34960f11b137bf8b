//! From a command to a run that is done, and what can be asked of it then.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

use elth_store::run::standing::State;
use serde_json::Value;

use crate::given::{Bench, SMALL, wait};

/// Keys of `run show --json`, as scripts rely on them.
const KEYS: [&str; 20] = [
    "id",
    "kind",
    "state",
    "model",
    "dataset",
    "device",
    "dir",
    "epoch",
    "step",
    "steps",
    "test_accuracy",
    "train_loss",
    "started",
    "finished",
    "ticket",
    "outputs",
    "reason",
    "level",
    "level_step",
    "device_uuid",
];

#[test]
fn a_run_is_followed_to_its_end_and_says_what_came_out() {
    let bench = Bench::new();
    let answer = bench.elth(&format!("imp {SMALL}"));
    answer.is_done();
    let tickets = bench.dir("imp-1").tickets();
    let expected = "imp-1 is done: test accuracy 96.00 % (432 of 450 images) at the last step\n";
    let outputs = ["ticket", "trained"].map(|name| tickets.join(format!("{name}.safetensors")));
    let [ticket, trained] = outputs.map(|path| format!("  {}\n", path.display()));
    assert_eq!(answer.out, expected.to_owned() + &ticket + &trained);
    assert!(bench.dir("imp-1").result().exists(), "its supervisor is through");
    let lines: Vec<&str> = answer.err.lines().collect();
    assert!(lines[0].starts_with("run imp-1 in /"), "{lines:?}");
    assert!(lines.contains(&"level 0: 5 weights kept, test accuracy 96.00 %"), "{lines:?}");
    assert!(!answer.err.contains('\x1b'), "no bars where there is no terminal");
}

#[test]
fn a_run_that_is_done_answers_with_every_key() {
    let bench = Bench::new();
    let answer = bench.elth(&format!("imp {SMALL} --json"));
    answer.is_done();
    let followed: Value = serde_json::from_str(&answer.out).unwrap();
    let shown = bench.json("run show imp");
    assert_eq!(followed, shown);
    for key in KEYS {
        assert!(shown.get(key).is_some(), "{key} is missing in {shown}");
    }
    let text = |key: &str| shown[key].as_str().unwrap_or_default().to_owned();
    assert_eq!([text("id"), text("kind"), text("state")], ["imp-1", "imp", "done"]);
    assert_eq!([text("model"), text("dataset")], ["cifar_resnet_8_2", "digits"]);
    assert_eq!((text("device"), &shown["reason"]), ("cpu".to_owned(), &Value::Null));
    assert_eq!((shown["step"].as_u64(), shown["steps"].as_u64()), (Some(10), Some(10)));
    for key in ["started", "finished"] {
        assert!(text(key).starts_with("20") && text(key).ends_with('Z'), "{key}: {}", text(key));
    }
    assert!(shown["outputs"][0].as_str().unwrap().starts_with('/'));
    let listed = bench.json("runs");
    for key in ["id", "kind", "state", "model", "dataset", "device"] {
        assert_eq!(listed[0][key], shown[key], "{key}");
    }
}

#[test]
fn a_detached_run_leaves_its_caller_at_once_and_holds_none_of_its_streams() {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    let mut command = bench.command(&format!("imp {SMALL} --detach --json"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Reads to the end of both pipes, which comes only when nobody holds them.
    let answer = wait(child);
    answer.is_done();
    let document: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(document["run"], "imp-1");
    assert_eq!(document["dir"], bench.dir("imp-1").path().to_str().unwrap());
    bench.wait_for("imp-1", State::Running);
    assert_eq!(bench.elth("run stop imp-1").status, Some(0));
    let again = bench.elth(&format!("imp {SMALL} --detach"));
    assert_eq!((again.out.as_str(), again.err.as_str()), ("imp-2\n", ""));
}

#[test]
fn the_processes_of_a_run_live_in_a_session_of_their_own_and_name_its_directory() {
    let bench = Bench::new().long_run();
    let dir = bench.dir("imp-1");
    for lock in [dir.supervisor_lease(), dir.lease()] {
        let process = elth_store::run::lease::holder(&lock).unwrap().process;
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap();
        assert!(read("cmdline").split('\0').any(|word| word == dir.path().to_str().unwrap()));
        let status = read("stat");
        let fields: Vec<&str> = status.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let supervisor = elth_store::run::lease::holder(&dir.supervisor_lease()).unwrap().process;
        assert_eq!(fields[3], supervisor.to_string(), "session");
        let stdin = std::fs::read_link(format!("/proc/{process}/fd/0")).unwrap();
        assert_eq!(stdin.to_str(), Some("/dev/null"));
    }
}

#[test]
fn a_run_that_fails_is_an_error_with_its_reason() {
    let bench = Bench::new().with("FAKE_END", "failed");
    let answer = bench.elth(&format!("imp {SMALL}"));
    assert_eq!((answer.status, answer.out.as_str()), (Some(1), ""));
    let last = answer.err.lines().last().unwrap();
    assert_eq!(last, "error: run `imp-1` failed: loss became NaN at step 10");
    let shown = bench.json("run show imp-1");
    assert_eq!([&shown["state"], &shown["reason"]], ["failed", "loss became NaN at step 10"]);
}

#[test]
fn a_trainer_that_cannot_start_fails_with_what_it_printed() {
    let bench = Bench::new().with("FAKE_END", "silent");
    let answer = bench.elth(&format!("imp {SMALL} --json"));
    assert_eq!(answer.status, Some(1));
    let document: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(document["state"], "failed");
    let reason = document["reason"].as_str().unwrap();
    assert!(reason.ends_with("libtorch_cpu.so: cannot open shared object file"), "{reason}");
}

#[test]
fn a_curve_has_strictly_increasing_steps() {
    let bench = Bench::new();
    bench.elth(&format!("imp {SMALL}")).is_done();
    let curve = bench.json("run curve imp-1 --metric train_loss --level 0");
    assert_eq!(curve["metric"], "train_loss");
    let steps: Vec<u64> = serde_json::from_value(curve["steps"].clone()).unwrap();
    assert_eq!(steps, (1..=10).collect::<Vec<_>>());
    assert_eq!(curve["values"].as_array().unwrap().len(), 10);
    let text = bench.elth("run curve imp-1 --metric test_accuracy").out;
    assert_eq!(text, "    step  test_accuracy\n      10  0.96\n");
    bench.elth("run curve imp-1 --metric beauty").refuses(2, "`beauty` is no metric");
    let missing = "run curve imp-1 --metric train_loss --level 99";
    bench.elth(missing).refuses(1, "run `imp-1` has no level 99 yet: it has 0 alone");
}

#[test]
fn an_interrupt_ends_the_following_and_never_the_run() {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    let mut command = bench.command(&format!("imp {SMALL}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut news = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    news.read_line(&mut first).unwrap();
    assert!(first.starts_with("run imp-1 in"), "{first}");
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let mut answer = wait(child);
    news.read_to_string(&mut answer.err).unwrap();
    assert_eq!(answer.status, Some(130), "{answer:?}");
    assert!(answer.err.contains("run imp-1 goes on: `elth run follow imp-1`"), "{answer:?}");
    bench.wait_for("imp-1", State::Running);
}

#[test]
fn an_interrupted_demo_says_that_its_runs_go_on() {
    let bench = Bench::new().with("FAKE_STEPS", "3000");
    let mut command = bench.command("demo --plain");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut news = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    news.read_line(&mut first).unwrap();
    assert!(first.starts_with("ticket "), "{first}");
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let answer = wait(child);
    assert_eq!(answer.status, Some(130), "{answer:?}");
    assert!(answer.err.contains("runs train-1 and train-2 go on: `elth runs`"), "{answer:?}");
    bench.wait_for("train-1", State::Running);
    bench.wait_for("train-2", State::Running);
}

#[test]
fn an_interrupted_command_ends_with_its_status_and_not_by_the_signal() {
    let bench = Bench::new();
    let begun = bench.path("begun");
    let bench = bench.with("FAKE_EVAL", begun.display().to_string());
    bench.elth("prune cifar_resnet_8_2 --dataset digits --method random --sparsity 0.5 -o ticket");
    let mut command = bench.command("eval ticket");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bench.until("the evaluation has begun", || begun.exists());
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let answer = wait(child);
    assert_eq!((answer.status, answer.out.as_str()), (Some(130), ""), "{answer:?}");
}

#[test]
fn a_run_is_deleted_only_when_it_is_meant_and_dead() {
    let bench = Bench::new().long_run();
    bench.elth("run delete imp-1 --yes").refuses(1, "run `imp-1` is alive: stop it first");
    bench.elth("run stop imp-1").is_done();
    bench.elth("run delete imp-1").refuses(1, "add --yes if you mean it");
    bench.elth("run delete imp-1 nothing-7 --yes").refuses(1, "there is no run `nothing-7`");
    bench.elth("run delete imp-1 --yes").is_done();
    assert_eq!(bench.json("runs"), Value::Array(Vec::new()));
    assert_eq!(std::fs::read_dir(bench.runs()).unwrap().count(), 0);
}

#[test]
fn runs_are_compared_with_intervals_and_what_differs() {
    let bench = Bench::new();
    for seed in [1, 2] {
        bench.elth(&format!("imp {SMALL} --dataset digits --seed {seed}")).is_done();
    }
    let told = bench.json("runs compare imp-1 imp-2");
    assert_eq!(told["runs"], serde_json::json!(["imp-1", "imp-2"]));
    let group = &told["groups"][0];
    assert_eq!((&group["retrainings"], &group["tickets"]), (&2.into(), &2.into()));
    assert_eq!(
        (&group["mean"], &group["interval"]),
        (&0.96.into(), &serde_json::json!([0.96, 0.96]))
    );
    assert!(told["differences"]["seeds.order"]["imp-1"].is_string(), "{told}");
    let text = bench.elth("runs compare").out;
    assert!(text.contains("95 % interval") && text.contains("seeds.order"), "{text}");
    bench.elth("runs compare imp-7").refuses(1, "there is no run `imp-7`");
    assert_eq!(bench.json("gpus").as_array().map(Vec::len), Some(0));
}
