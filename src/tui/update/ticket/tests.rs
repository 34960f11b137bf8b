//! What keys do on a ticket's screen.

use std::path::PathBuf;

use crate::{
    effect::Effect,
    message::Message,
    study::Study,
    trying::{Bench, given, shelf_of},
};

/// The second of three levels.
fn opened(keys: &str) -> Bench {
    given(shelf_of(3)).press("j enter").press(keys)
}

#[test]
fn the_cursor_tells_exact_counts() {
    opened("g").shows("── conv.weight").shows("23 of 216 weights kept");
    opened("g down").shows("── blocks.0.conv1.weight").shows("77 of 576");
    opened("right right").shows("── blocks.2.conv1.weight");
    opened("G").shows("── fc.weight").shows("density 75.94 %");
}

#[test]
fn one_looks_closer_step_by_step_and_back() {
    let bench = opened("enter").shows("stage1   464 of 2,304 kept").press("enter");
    let bench = bench.shows("stage1 · unit 0").press("enter").shows("out\\in").press("down enter");
    let bench = bench.shows("rewind weights").shows("output 1 × input 0");
    let bench = bench.press("esc").shows("outputs 1 × inputs 0").press("- -");
    bench.shows("stage1   464").press("esc esc").hides("› ticket");
}

#[test]
fn levels_are_walked_with_the_cursor_where_it_is() {
    let bench = opened("right ]").shows("level 3").shows("blocks.0.conv2.weight");
    let bench = bench.press("]").shows("last level").press("[ [").shows("level 1 ");
    bench.press("[").shows("first level");
    let bench = opened("up up").shows("›level").press("left").shows("· level 1");
    bench.press("right right").shows("· level 3").press("down").hides("›level");
}

#[test]
fn what_was_pruned_since_the_level_before_is_counted() {
    opened("g").shows("pruned since level 1");
    opened("[ g").hides("pruned since");
    opened("m").shows("pruned % of the level before").press("m").shows("kept % ");
}

#[test]
fn things_beside_the_picture_open_and_close() {
    for (keys, text) in [
        ("w", "weights of blocks.0.conv1"),
        ("w w", "weights of stage1"),
        ("w w w", "weights of all tensors"),
        ("p", "L3 ticket-3"),
        ("i", "how it came to be"),
        ("b", "full at"),
        ("d down enter", "difference to ticket-3"),
        ("d enter d", "compare with"),
    ] {
        let bench = opened(keys).shows(text);
        bench.press("esc").hides("how it came");
    }
    opened("d enter m m").press("esc").shows("shared % of kept by either");
}

#[test]
fn a_tensor_is_read_once_and_late_answers_of_another_view_are_dropped() {
    let bench = opened("enter enter enter");
    let asked =
        |bench: &Bench| bench.effects.iter().filter(|e| matches!(e, Effect::Study { .. })).count();
    assert_eq!(asked(&bench), 1, "{:?}", bench.effects);
    let bench = bench.press("down right up");
    assert_eq!(asked(&bench), 0, "{:?}", bench.effects);
    let study = Study::Weights { path: PathBuf::from("/home/me/tickets/ticket-2.safetensors") };
    let outcome = Some(Err("of another view".to_owned()));
    let bench = bench.happens(Message::Studied { study, generation: 0, outcome });
    bench.press("esc esc esc w").hides("of another view").shows("largest |w|");
}

#[test]
fn a_study_that_was_overtaken_is_asked_for_again() {
    let mut bench = opened("w");
    let (study, generation) = match bench.model.screens.last() {
        Some(crate::model::Screen::Ticket(view)) => {
            (Study::Weights { path: view.path.clone() }, view.generation)
        }
        _ => panic!("no ticket is open"),
    };
    if let Some(crate::model::Screen::Ticket(view)) = bench.model.screens.last_mut() {
        view.findings.remove(&study);
        view.asked.insert(study.clone());
    }
    bench.happens(Message::Studied { study, generation, outcome: None }).shows("largest |w|");
}

#[test]
fn a_portrait_that_was_overtaken_is_asked_for_again() {
    let mut bench = opened("w");
    let path = PathBuf::from("/home/me/tickets/ticket-2.safetensors");
    bench.model.portraits.remove(&path);
    if let Some(crate::model::Screen::Ticket(view)) = bench.model.screens.last_mut() {
        view.awaited = Some(path.clone());
    }
    let generation = bench.model.shelf.generation;
    let bench = bench.happens(Message::Portrayed { path: path.clone(), generation, outcome: None });
    assert!(bench.model.portraits.contains_key(&path), "{:?}", bench.effects);
}

#[test]
fn the_ticket_is_copied_retrained_and_transformed_from_its_screen() {
    let path = "/home/me/tickets/ticket-2.safetensors".to_owned();
    opened("y").asks(&[Effect::Copy(path)]);
    let bench = opened("Y");
    assert!(matches!(bench.effects.as_slice(), [Effect::Copy(digest)] if digest.len() == 64));
    opened("r").shows("› retrain").shows("ticket-2");
    opened("t").shows("› transform").press("esc").shows("› ticket");
}

#[test]
fn the_neighbouring_level_is_what_a_difference_is_asked_for_first() {
    for (keys, other) in [
        ("j j j j enter d enter", "difference to ticket-4"),
        ("j j j j enter d down enter", "difference to ticket-3"),
        ("j j enter d enter", "difference to ticket-2"),
        ("j j enter d down enter", "difference to ticket-4"),
        ("enter d enter", "difference to ticket-2"),
    ] {
        given(shelf_of(5)).press(keys).shows(other);
    }
}
