//! Run directories that something happened to: one line names it, and the others are listed all the same.

use std::fs;

use serde_json::Value;

use crate::given::{Bench, SMALL};

/// A bench with a good run, and one that was changed.
fn with_damage(change: impl Fn(&str) -> Option<String>) -> Bench {
    let bench = Bench::new().with("FAKE_STEPS", "1");
    for _ in 0..2 {
        bench.elth(&format!("imp {SMALL}")).is_done();
    }
    let path = bench.dir("imp-2").recipe();
    match change(&fs::read_to_string(&path).unwrap()) {
        Some(text) => fs::write(path, text).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
    bench
}

fn check(change: impl Fn(&str) -> Option<String>, words: &str) {
    let bench = with_damage(change);
    let listed = bench.json("runs");
    assert_eq!([&listed[0]["state"], &listed[1]["state"]], ["done", "failed"], "{listed}");
    assert_eq!([&listed[1]["id"], &listed[1]["kind"]], ["imp-2", "imp"]);
    let reason = listed[1]["reason"].as_str().unwrap();
    assert!(reason.contains("imp-2/recipe.toml") && reason.contains(words), "{reason}");
    bench.elth("runs").is_done();
    bench.elth("run show imp-2").refuses(1, words);
    bench.elth("run follow imp-2").refuses(1, words);
    let [sound, damaged] = ["imp-1", "imp-2"].map(|id| bench.json(&format!("run show {id}")));
    assert_eq!(damaged["reason"], reason);
    let keys = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&damaged), keys(&sound));
}

#[test]
fn a_recipe_with_an_unknown_key_is_named_with_its_line() {
    check(|text| Some(format!("thraeds = 7\n{text}")), "line 1: unknown field `thraeds`");
}

#[test]
fn a_recipe_that_is_no_toml_is_named_with_its_line() {
    check(|text| Some(text.replacen("threads = ", "threads ", 1)), "recipe.toml` line 11:");
}

#[test]
fn a_recipe_cut_short_is_named() {
    check(|text| Some(text[..text.len() / 2].to_owned()), "line ");
}

#[test]
fn a_recipe_of_a_newer_version_says_so() {
    check(|text| Some(text.replacen("schema = 1", "schema = 99", 1)), "is of version 99, newer");
}

#[test]
fn a_run_without_a_recipe_is_still_listed() {
    check(|_| None, "cannot read `");
}

#[test]
fn a_damaged_run_can_be_deleted_and_is_not_resumed() {
    let bench = with_damage(|_| Some("broken".to_owned()));
    let dir = bench.dir("imp-2");
    fs::remove_file(dir.events()).unwrap();
    fs::remove_file(dir.result()).unwrap();
    bench.elth("run resume imp-2").refuses(1, "imp-2/recipe.toml` line 1:");
    bench.elth("run delete imp-2 --yes").is_done();
    assert!(!dir.path().exists());
}

#[test]
fn torn_and_foreign_events_are_skipped() {
    let bench = Bench::new().with("FAKE_STEPS", "2");
    bench.elth(&format!("imp {SMALL}")).is_done();
    let events = bench.dir("imp-1").events();
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, format!("{{\"event\":\"dreamt\"}}\n\u{0}\n{text}{{\"event\":\"prog"))
        .unwrap();
    let shown = bench.json("run show imp-1");
    assert_eq!((&shown["state"], shown["step"].as_u64()), (&"done".into(), Some(2)));
}
