//! What keys do in the dialogs that transform a ticket and start runs, told as sentences.

use std::path::PathBuf;

use crate::{
    effect::Effect,
    message::Message,
    model::Screen,
    trying::{Bench, given, shelf_of},
};

/// The mapping that the open dialog holds.
fn mapping(bench: &Bench) -> String {
    let Screen::Transform(dialog) = bench.model.screen() else { panic!("no dialog is open") };
    dialog.form.answer("mapping").to_owned()
}

#[test]
fn keys_edit_the_picture_and_the_string_says_the_same() {
    for (keys, text) in [
        // ResNet-14 on its way to ResNet-20: three units a stage from two.
        ("t tab", "0:0;1:1,2"),
        ("t tab j x", "0:0;1:1"),
        ("t tab j x r", "0:0;1:1,2"),
        ("t tab j backspace", "0:0;1:2"),
        ("t tab G 7", "0:0;1:1;7:2"),
        ("t tab G ]", "0:0,2;1:1"),
        ("t tab j s j s", "0:0;1:1,2"),
        ("t tab G K K", "0:1;1:0,2"),
        ("t tab a G backspace", "0:0;1:1|0:0;1:1,2|0:0;1:1,2"),
        ("t tab a l l G backspace A", "0:0;1:1"),
        ("t tab j r", "0:0;1:1,2,3"),
        ("t tab j x u", "0:0;1:1,2"),
        ("t tab j x u ctrl-r", "0:0;1:1"),
        ("t tab j x tab alt-u", "0:0;1:1,2"),
    ] {
        let bench = given(shelf_of(3)).press(keys);
        assert_eq!(mapping(&bench), text, "{keys}");
    }
}

#[test]
fn the_string_draws_the_picture() {
    let bench = given(shelf_of(3)).sized(120, 40).press("t up up backspace");
    let bench = bench.shows("2←?✗").shows("stage1 unit 2: nothing fills it").press("1");
    let bench = bench.shows("1←1+✗").shows("1 and 1 fill it");
    let bench = bench.press("backspace").types("2").hides("✗").shows("by hand");
    let bench = bench.press("enter");
    let [Effect::SaveTransformed(_, asked)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    assert_eq!(asked.map, vec![vec![0, 1, 1]; 3]);
}

#[test]
fn a_picture_deeper_than_the_target_finds_its_model() {
    let bench = given(shelf_of(3)).sized(120, 40).press("t tab j r r");
    let bench = bench.shows("the target ends with unit 2").press("f");
    let bench = bench.shows("cifar_resnet_32_8").shows("✓ 0:0;1:1,2,3,4").press("u");
    let bench = bench.shows("the target ends with unit 2").press("u u").shows("✓ 0:0;1:1,2");
    bench.press("f").shows("is as deep as the picture already");
}

#[test]
fn presets_go_round_and_a_half_drawn_mapping_waits() {
    let bench = given(shelf_of(3)).sized(120, 40).press("t tab p");
    let bench = bench.shows("there is no other mapping").press("j x p").shows("✓ 0:0;1:1,2");
    let bench = bench.press("j x esc").hides("› mapping").press("t").shows("stage1 unit 2");
    bench.press("u").shows("✓ 0:0;1:1,2");
}

#[test]
fn the_first_unit_says_why_it_stays() {
    for keys in ["t tab x", "t tab j 0", "t tab r", "t tab J"] {
        given(shelf_of(3)).sized(120, 40).press(keys).shows("downsampling block B0");
    }
    given(shelf_of(3)).sized(50, 20).press("t").hides("←1").press("tab").shows("2←1");
}

#[test]
fn controls_that_are_there_are_not_made_again() {
    let bench = given(shelf_of(1)).sized(160, 50).press("r right").press("enter");
    let [Effect::Command(asking, commands)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    let asking = *asking;
    assert_eq!((commands.len(), commands[0][0].as_str()), (2, "control"));
    let mut listing = bench.model.shelf.listing.clone().unwrap();
    let mut made = listing.tickets[0].clone();
    let mask = elth_core::chance::Seeds::derive(0).mask.to_string();
    let mut act = elth_core::ticket::lineage::Act::new("control").with("kind", "permuted");
    act = act.with("seed-mask", mask);
    act.inputs.insert("ticket".to_owned(), made.digest.clone().unwrap());
    made.about.lineage = made.about.lineage.then(act);
    made.path = PathBuf::from("/home/me/tickets/made.safetensors");
    listing.tickets.push(made);
    let bench = bench.happens(Message::Refused(asking, "the trainer is not built".to_owned()));
    let generation = bench.model.shelf.generation;
    let bench = bench.happens(Message::Shelved { generation, listing });
    let bench = bench.shows("made before: made").press("enter");
    let [Effect::Command(_, commands)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0][..2], ["train", "/home/me/tickets/made.safetensors"]);
}

#[test]
fn several_seeds_and_the_own_search_are_started_from_one_dialog() {
    let starts = |keys: &str, typed: &str| {
        let bench = given(shelf_of(1)).press(keys).types(typed).press("enter");
        let [Effect::Command(_, commands)] = bench.effects.as_slice() else {
            panic!("{:?}", bench.effects)
        };
        commands.iter().map(|words| words.join(" ")).collect::<Vec<_>>()
    };
    let seeds = starts("r up up up backspace", "1-3");
    assert_eq!(seeds.len(), 3);
    assert!(seeds[2].starts_with("train ") && seeds[2].contains("--seed 3"), "{seeds:?}");
    let all = starts("r left up up up backspace", "4,5");
    let count = |word: &str| all.iter().filter(|line| line.starts_with(word)).count();
    // The dense control is the same for every seed.
    assert_eq!((count("control"), count("train")), (9, 12), "{all:?}");
    let search = starts("r left left left", "");
    assert!(search[0].starts_with("imp --model cifar_resnet_14_8 --dataset digits"), "{search:?}");
    assert!(search[0].contains("--levels 1 --rewinding-steps 42it --pruning-fraction 0.2"));
    assert!(!search[0].contains("--start-at"), "{search:?}");
}

#[test]
fn a_ticket_goes_to_images_of_other_classes_with_a_new_head() {
    let mut bench = given(shelf_of(1)).sized(200, 60).press("r");
    let Some(Screen::Launch(dialog)) = bench.model.screens.last_mut() else { panic!("no dialog") };
    dialog.form.set("dataset", "cifar100");
    dialog.form.set("start at", "zero");
    let bench = bench.shows("gets a new head: cifar100 has 100 classes and the ticket 10");
    let bench = bench.press("enter");
    let [Effect::Command(_, commands)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    assert!(commands[0].join(" ").contains("--dataset cifar100 --start-at zero"), "{commands:?}");
    let mut bench = given(shelf_of(1)).sized(200, 60).press("r");
    let Some(Screen::Launch(dialog)) = bench.model.screens.last_mut() else { panic!("no dialog") };
    dialog.form.set("start", "search");
    dialog.form.set("dataset", "cifar100");
    bench.hides("gets a new head").press("enter").hides("classes");
}

#[test]
fn the_end_of_other_work_leaves_a_dialog_open() {
    let asking = |bench: &Bench| bench.effects.iter().find_map(Effect::waited_for).unwrap();
    let bench = given(shelf_of(3)).press("r enter");
    let first = asking(&bench);
    // Left while it starts; another is open by the time that it has started.
    let bench = bench.press("esc j r").types("7").shows("› retrain");
    let bench = bench.happens(Message::Started(first, vec!["train-9".to_owned()]));
    let bench = bench.shows("› retrain").shows("train-9").press("enter");
    let bench = bench.happens(Message::Refused(first, "late".to_owned())).press("enter").asks(&[]);
    let bench = bench.press("esc t enter");
    let second = asking(&bench);
    assert!(second > first);
    let made = PathBuf::from("/home/me/tickets/made.safetensors");
    let bench = bench.happens(Message::Saved(first, made.clone())).shows("› transform");
    bench.happens(Message::Saved(second, made)).hides("› transform");
}

#[test]
fn a_picture_that_was_scrolled_follows_its_cursor_again() {
    let bench = given(shelf_of(3)).sized(120, 16).press("t tab ctrl-d ctrl-d");
    let scrolled = |bench: &Bench| {
        let Screen::Transform(dialog) = bench.model.screen() else { panic!("no dialog is open") };
        dialog.scrolled
    };
    assert!(scrolled(&bench) > 0);
    assert_eq!(scrolled(&bench.press("j")), 0);
}
