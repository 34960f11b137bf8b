//! What `--read-only` refuses: every key that changes the home, on every screen.

use elth_store::run::standing::State;

use super::comparing;
use crate::{
    keymap::{Context, TABLE, Touch},
    message::Message,
    model::Access,
    trying::{Bench, runs, shelf_of, standing, stood},
};

/// Every place where keys are pressed, in states where they do most.
fn places() -> Vec<Bench> {
    let shelf = || shelf_of(3).sized(120, 40);
    let all = [State::Running, State::Paused, State::Stopped, State::Lost, State::Done];
    let run = |state| {
        let seen = shelf().happens(stood(vec![standing("train-1", state, 9)])).press("tab");
        [seen.clone(), seen.press("enter")]
    };
    let mut benches: Vec<Bench> = all.into_iter().flat_map(run).collect();
    benches.extend([runs().press("s"), runs().press("j D"), runs().press("/")]);
    let shelves = ["g", "enter", "enter d", "t", "t tab", "r", "/", "?", ":", "T"]
        .map(|keys| shelf().press(keys));
    benches.extend(shelves);
    benches.push(comparing::compared());
    benches
}

#[test]
fn every_key_that_changes_the_home_says_so_in_the_table() {
    let mut seen = std::collections::BTreeSet::new();
    for bench in places() {
        let context = bench.model.context();
        for entry in TABLE.iter().filter(|entry| entry.contexts.contains(&context)) {
            let mut after = bench.clone();
            after.effects.clear();
            let after = after.happens(Message::Asked(entry.action));
            let writes = after.effects.iter().any(crate::effect::Effect::writes);
            assert!(!writes || entry.touch == Touch::Writes, "{:?} in {context:?}", entry.action);
            if writes {
                seen.insert(entry.action.name());
            }
        }
    }
    let seen: Vec<_> = seen.into_iter().collect();
    assert_eq!(seen, ["agree", "launch", "pause", "save"]);
}

#[test]
fn nothing_is_changed_in_a_home_that_is_only_looked_at() {
    for mut bench in places() {
        bench.model.access = Access::ReadOnly;
        let context: Context = bench.model.context();
        for entry in TABLE.iter().filter(|entry| entry.contexts.contains(&context)) {
            let mut after = bench.clone();
            after.effects.clear();
            let after = after.happens(Message::Asked(entry.action));
            assert!(!after.effects.iter().any(crate::effect::Effect::writes), "{:?}", entry.action);
            let is_dimmed = !bench.model.can(entry.action);
            assert!(entry.touch == Touch::Looks || is_dimmed, "{:?}", entry.action);
        }
    }
}
