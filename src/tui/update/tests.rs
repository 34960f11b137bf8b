//! What keys do, told as sentences: given a workbench, press keys, see or ask for something.

use std::path::{Path, PathBuf};

use elth_store::run::{control::Wanted, event::Event, standing::State};

use crate::{
    DemoWatch, Left,
    effect::Effect,
    message::Message,
    trying::{dir, evaluated, given, runs, shelf_of, standing, stood},
};

#[test]
fn the_first_ticket_is_selected_and_looked_at() {
    given(shelf_of(3)).shows("› ").shows("ticket-1").shows("weights kept").shows("stage1");
}

#[test]
fn keys_move_over_the_shelf_and_the_right_pane_follows() {
    given(shelf_of(3)).press("j").shows("┌ ticket-2").press("down").shows("┌ ticket-3");
    given(shelf_of(3)).press("j j k").shows("┌ ticket-2");
    given(shelf_of(3)).press("k").shows("┌ cifar_resnet_14_8").shows("prunable weights");
    given(shelf_of(3)).press("g").shows("┌ cifar_resnet ").press("G").shows("┌ mnist_lenet ");
}

#[test]
fn a_ticket_is_read_once_and_only_when_it_is_selected() {
    let bench = given(shelf_of(3)).press("j");
    let [Effect::Portray { path, .. }] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    assert_eq!(path, Path::new("/home/me/tickets/ticket-2.safetensors"));
    bench.press("k j").asks(&[]);
}

#[test]
fn answers_to_an_older_listing_are_dropped() {
    let path = PathBuf::from("/home/me/tickets/ticket-1.safetensors");
    let outcome = Some(Err("of another time".to_owned()));
    let bench = given(shelf_of(1)).press("R");
    bench
        .happens(Message::Portrayed { path, generation: 0, outcome })
        .hides("of another time")
        .happens(Message::Shelved {
            generation: 0,
            listing: crate::model::shelf::Listing::default(),
        })
        .shows("ticket-1");
}

#[test]
fn branches_close_and_open() {
    given(shelf_of(3)).press("h h").hides("ticket-1").shows("▸ cifar_resnet_14_8");
    given(shelf_of(3)).press("h h l").shows("ticket-1");
    given(shelf_of(3)).press("k enter").hides("ticket-1").press("enter").shows("ticket-1");
    given(shelf_of(3)).press("g h").hides("cifar_resnet_14_8").shows("▸ cifar_resnet");
}

#[test]
fn the_filter_shows_what_has_all_its_words() {
    given(shelf_of(12))
        .press("/")
        .types("ticket-1 l12")
        .shows("ticket-12")
        .hides("ticket-11")
        .press("enter j")
        .shows("/ ticket-1 l12")
        .press("esc")
        .shows("ticket-11");
    given(shelf_of(3))
        .press("/")
        .types("qq")
        .shows("nothing has these words")
        .press("esc")
        .shows("ticket-3");
}

#[test]
fn a_ticket_is_transformed_with_a_preview_and_saved_under_a_free_name() {
    let bench = given(shelf_of(3)).press("t").shows("› transform").shows(" 2←1");
    let bench = bench.press("down right").shows("append").shows("ticket-1-to-20x8…");
    let bench = bench.press("enter");
    let [Effect::SaveTransformed(asking, asked)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    assert_eq!(asked.target, "cifar_resnet_20_8");
    assert_eq!(asked.map, vec![vec![0, 1, 1]; 3]);
    let there = PathBuf::from("/home/me/tickets/ticket-1-to-20x8-append.safetensors");
    assert_eq!(asked.output, there);
    let asking = *asking;
    // A second press while it is saved would save two.
    let bench = bench.sized(120, 40).shows("saving…").press("enter").asks(&[]);
    bench.happens(Message::Saved(asking, there)).shows("saved `ticket-1-to-20x8-append`");
}

#[test]
fn what_cannot_be_transformed_says_why_at_once() {
    for (keys, reason) in [
        ("t down right right right", "`tail` cannot take stage1 from 1 to 2"),
        ("t down down backspace backspace backspace 7", "unit 7 cannot be replicated"),
        ("t down down down right backspace", "is no order"),
        ("t up up backspace", "unit 2: nothing fills it"),
        ("t backspace", "is no cifar_resnet"),
    ] {
        let bench = given(shelf_of(3)).press(keys);
        let bench = bench.sized(120, 40).shows(reason).press("enter");
        assert_eq!(bench.effects, [], "{keys}");
    }
    given(shelf_of(3)).press("k t").shows("select a ticket first");
}

#[test]
fn a_retraining_is_the_command_that_it_shows() {
    let bench = given(shelf_of(3)).sized(160, 50).press("r").shows("› retrain");
    let bench = bench.shows("--training-steps 160ep").press("enter");
    let [Effect::Command(asking, commands)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    let words = commands[0].join(" ");
    let begin = "train /home/me/tickets/ticket-1.safetensors --dataset digits --start-at rewind";
    assert!(words.starts_with(begin) && words.ends_with("--detach --json"), "{words}");
    let started = Message::Started(*asking, vec!["train-9".to_owned()]);
    // A second press while it starts would start two.
    let bench = bench.press("enter").asks(&[]).happens(started);
    assert!(bench.effects.contains(&Effect::Follow(dir("train-9"))), "{:?}", bench.effects);
    bench.happens(stood(vec![standing("train-9", State::Running, 0)])).shows("train-9");
}

#[test]
fn a_control_is_made_before_it_is_trained() {
    let bench = given(shelf_of(3)).press("r right").press("enter");
    let [Effect::Command(_, commands)] = bench.effects.as_slice() else {
        panic!("{:?}", bench.effects)
    };
    let output = "/home/me/tickets/ticket-1-permuted-s0.safetensors";
    let ticket = "/home/me/tickets/ticket-1.safetensors";
    assert_eq!(commands[0], ["control", ticket, "--kind", "permuted", "--seed", "0", "-o", output]);
    assert_eq!(commands[1][..2], ["train", output]);
}

#[test]
fn a_failed_start_says_why_and_can_be_sent_again() {
    given(shelf_of(3))
        .press("r enter")
        .happens(Message::Failed("`elth train`: there is no trainer".to_owned()))
        .shows("✗ `elth train`: there is no trainer")
        .press("enter")
        .shows("starting");
}

#[test]
fn runs_are_listed_the_youngest_first() {
    let screen = runs().shows("▶ running train-7").shows("✓ done    train-1").screen();
    assert!(screen.find("train-7") < screen.find("train-1"), "{screen}");
}

#[test]
fn stopping_and_deleting_ask_first_and_name_the_run() {
    runs().press("s").asks(&[]).shows("stop run `train-7`?").press("n").asks(&[]).hides("stop run");
    runs().press("s y").asks(&[Effect::Ask(dir("train-7"), Wanted::Stop)]);
    runs().press("D").asks(&[]).shows("stop it before deleting");
    runs()
        .press("G D")
        .shows("delete run `train-1`?")
        .press("y")
        .asks(&[Effect::Delete(dir("train-1"))]);
}

#[test]
fn a_question_keeps_its_run_while_the_list_moves() {
    let younger = stood(vec![standing("train-8", State::Running, 1)]);
    runs()
        .press("s")
        .happens(younger)
        .press("y")
        .asks(&[Effect::Ask(dir("train-7"), Wanted::Stop)]);
}

#[test]
fn what_a_search_writes_comes_to_the_shelf() {
    let mut search = standing("imp-8", State::Running, 1);
    let bench = runs().happens(stood(vec![search.clone()])).press("k").asks(&[]);
    search.said.outputs.push("tickets/level_1.safetensors".to_owned());
    let bench = bench.happens(stood(vec![search]));
    assert!(matches!(bench.effects.as_slice(), [Effect::ListShelf { .. }]), "{:?}", bench.effects);
}

#[test]
fn losses_are_drawn_on_either_axis() {
    runs().press("enter l").shows("loss by step, logarithmic").press("l").hides("logarithmic");
}

#[test]
fn a_run_that_vanishes_takes_its_screen_along() {
    let gone = vec![dir("train-7")];
    runs().press("enter").happens(Message::Vanished(gone)).shows("train-6").hides("train-7");
}

#[test]
fn the_help_searches_and_does() {
    given(shelf_of(3))
        .press("?")
        .shows("keys: shelf")
        .types("stretch")
        .shows("stretch, squeeze")
        .hides("reload")
        .press("enter")
        .shows("› transform");
    given(shelf_of(3))
        .press("?")
        .types("zzz")
        .shows("no key does that here")
        .press("esc")
        .shows("ticket-1");
}

#[test]
fn a_theme_is_seen_while_it_is_chosen_and_left_as_it_was_on_the_way_back() {
    let bench = given(shelf_of(3)).press("T down down");
    assert_eq!(bench.model.theme, 2);
    assert_eq!(bench.press("esc").model.theme, 0);
    assert_eq!(given(shelf_of(3)).press("T down enter").hides("┌ theme").model.theme, 1);
}

#[test]
fn one_leaves_by_q_or_ctrl_c() {
    assert_eq!(given(shelf_of(1)).press("q").model.left, Some(Left::Quit));
    assert_eq!(given(shelf_of(1)).press("t ctrl-c").model.left, Some(Left::Interrupted));
    assert_eq!(
        given(shelf_of(1)).press("t q").model.left,
        None,
        "a letter in a dialog is a letter"
    );
    assert_eq!(given(shelf_of(1)).press("t esc q").model.left, Some(Left::Quit));
}

#[test]
fn pasted_text_is_typed_where_texts_are_and_nowhere_else() {
    let paste = || Message::Pasted("q\nticket-2".to_owned());
    given(shelf_of(3)).happens(paste()).shows("ticket-1");
    given(shelf_of(3))
        .press("/")
        .happens(Message::Pasted("ticket-2".to_owned()))
        .hides("ticket-1")
        .shows("ticket-2");
    let others = given(shelf_of(3)).press("j enter d").shows("ticket-1").shows("ticket-3");
    let others = others.happens(Message::Pasted("ticket-3".to_owned())).press("enter");
    others.shows("difference to ticket-3");
}

#[test]
fn the_demo_says_the_difference_in_images_and_that_one_seed_is_no_evidence() {
    let runs = [("stretched ticket", "train-1"), ("permuted control", "train-2")];
    let mut bench = shelf_of(1);
    let path = PathBuf::from("/home/me/tickets/ticket-1.safetensors");
    bench.model.demo = Some(DemoWatch {
        source: path.clone(),
        stretched: path,
        runs: runs.map(|(label, id)| (label.to_owned(), dir(id))).to_vec(),
    });
    bench.model.screens = vec![crate::model::Screen::Demo];
    let mut ended =
        [standing("train-1", State::Done, 840), standing("train-2", State::Running, 700)];
    ended[0].said.hear(&evaluated(840, 0.98));
    ended[1].said.hear(&evaluated(700, 0.96));
    let bench = bench.sized(180, 40).happens(stood(ended.to_vec()));
    let bench = bench.shows("441 of 450").hides("no evidence");
    ended[1].said.hear(&Event::Done { at: "now".to_owned() });
    ended[1].state = State::Done;
    bench
        .happens(stood(ended.to_vec()))
        .shows("9 images of 450 in favour of the stretched ticket")
        .shows("One seed is no evidence");
}

#[test]
fn a_small_terminal_says_so_and_a_larger_one_goes_on() {
    given(shelf_of(1)).sized(39, 24).shows("terminal too small").sized(40, 10).shows("ticket-1");
}

#[test]
fn keys_that_act_unseen_do_nothing_but_leave() {
    let small = || given(shelf_of(2)).sized(30, 8).shows("terminal too small");
    let bench = small().press("j space / x D r enter tab").asks(&[]);
    let bench = bench.happens(Message::Pasted("ticket".to_owned())).sized(80, 24);
    assert_eq!(bench.screen(), given(shelf_of(2)).screen());
    small().press("ctrl-z").asks(&[Effect::Suspend]);
    assert!(small().press("q").model.left.is_some());
    assert!(small().press("/ ctrl-c").model.left.is_some());
}
