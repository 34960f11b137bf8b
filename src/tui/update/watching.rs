//! What keys and news do to runs, told as sentences.

use elth_core::chance::Seeds;
use elth_store::run::{
    control::Wanted,
    event::Event,
    standing::{Standing, State},
};

use crate::{
    effect::Effect,
    message::Message,
    model::Access,
    story::{LINES, Story},
    trying::{Bench, dir, evaluated, given, progress, runs, shelf_of, standing, stood, ticket},
};

/// A run that was paused, as everybody sees it.
fn paused(id: &str) -> Standing {
    Standing { wanted: Wanted::Pause, ..standing(id, State::Paused, 420) }
}

#[test]
fn a_key_asks_a_run_for_what_makes_sense_in_its_state() {
    for (moves, id, effect) in [
        ("", "train-7", Effect::Ask(dir("train-7"), Wanted::Pause)),
        ("j ", "train-6", Effect::Ask(dir("train-6"), Wanted::Pause)),
        ("j j ", "train-5", Effect::Resume(dir("train-5"))),
        ("j j j ", "train-4", Effect::Resume(dir("train-4"))),
        ("j j j j ", "train-3", Effect::Resume(dir("train-3"))),
        ("j j j j j ", "train-2", Effect::Resume(dir("train-2"))),
    ] {
        runs().press(&format!("{moves}p")).asks(&[effect]).shows(id);
    }
    runs().press("G p").asks(&[]).shows("`train-1` is done already");
}

#[test]
fn pausing_twice_is_resuming_before_the_run_has_answered() {
    let seven = dir("train-7");
    let (pause, resume) = (Effect::Ask(seven.clone(), Wanted::Pause), Effect::Resume(seven));
    let bench = runs().press("p").asks(std::slice::from_ref(&pause)).shows("pausing");
    let bench = bench.press("p").asks(std::slice::from_ref(&resume)).press("p").asks(&[pause]);
    bench.happens(stood(vec![paused("train-7")])).press("p").asks(&[resume]);
}

#[test]
fn a_run_that_is_told_to_stop_is_not_paused() {
    let stopping = Standing { wanted: Wanted::Stop, ..standing("train-7", State::Running, 9) };
    runs()
        .happens(stood(vec![stopping]))
        .shows("stopping")
        .press("p")
        .asks(&[])
        .shows("about to stop");
}

#[test]
fn a_run_paused_while_it_waits_goes_on_waiting() {
    let held = Standing { wanted: Wanted::Pause, ..standing("train-6", State::Waiting, 0) };
    runs().happens(stood(vec![held])).press("j p").asks(&[Effect::Resume(dir("train-6"))]);
}

#[test]
fn a_filter_and_an_order_leave_the_selection_in_sight() {
    let bench = runs().press("/").types("lost").shows("1 of 7").shows("train-3");
    let bench = bench.press("enter").hides("train-7").press("esc").shows("train-7");
    let screen = bench.press("o").shows("by state").screen();
    assert!(screen.find("train-7") < screen.find("train-1"), "{screen}");
    runs().press("/").types("no such run").shows("0 of 7").press("esc").shows("train-1");
}

#[test]
fn a_run_is_followed_while_it_is_open() {
    let bench = runs().press("enter").asks(&[Effect::Follow(dir("train-7"))]);
    let told = (0..60).map(|step| progress(step, 2.0)).chain([evaluated(60, 0.5)]).collect();
    bench
        .happens(Message::Heard(dir("train-7"), told))
        .happens(Message::Printed(dir("train-7"), vec!["libtorch says hello".to_owned()]))
        .shows("libtorch says hello")
        .shows("225 of 450 right")
        .press("k")
        .shows("1 line below")
        .hides("libtorch says hello")
        .press("f")
        .shows("libtorch says hello")
        .press("esc")
        .asks(&[Effect::Unfollow(dir("train-7"))])
        .shows("train-1");
}

/// A run that has told so much, opened.
fn opened(steps: u64) -> Bench {
    let told: Vec<Event> = (1..=steps).map(|step| progress(step, 2.0)).collect();
    runs().press("enter").happens(Message::Heard(dir("train-7"), told))
}

#[test]
fn a_log_that_was_scrolled_back_stays_where_it_is() {
    let bench = opened(100).press("k k k").shows("3 lines below").shows("    97 ");
    let more = (101..=110).map(|step| progress(step, 1.0)).collect();
    let bench = bench.happens(Message::Heard(dir("train-7"), more));
    let bench = bench.shows("13 lines below").shows("    97 ").hides("   105 ");
    bench.press("G").shows("   110 ").hides("below");
}

#[test]
fn a_log_is_searched_from_its_end_and_around() {
    let bench = opened(300).press("/").types("  25").shows("search:   25").press("enter");
    let bench = bench.shows("11 of 11 found").shows("   259 ");
    let bench = bench.press("N").shows("10 of 11").shows("   258 ");
    let bench = bench.press("n n").shows("1 of 11");
    bench
        .press("esc")
        .hides("found")
        .press("/")
        .types("nowhere")
        .press("enter")
        .shows("no line of");
}

#[test]
fn a_frozen_screen_stands_still_while_the_run_goes_on() {
    let more =
        |bench: Bench| bench.happens(Message::Heard(dir("train-7"), vec![progress(777, 1.0)]));
    let bench = more(opened(50).press("z")).shows("frozen; z goes on").hides("   777 ");
    bench.press("z").hides("frozen").shows("   777 ");
}

#[test]
fn long_lines_wrap_when_they_are_told_to() {
    let line = "a word and ".repeat(20) + "the end";
    let bench = opened(1).happens(Message::Printed(dir("train-7"), vec![line]));
    bench.hides("the end").press("w").shows("the end").press("w").hides("the end");
}

#[test]
fn curves_are_drawn_along_what_is_asked_for_and_smoothed() {
    opened(100)
        .shows("loss by step")
        .press("x")
        .shows("loss by epoch")
        .press("x")
        .shows("loss by time")
        .press("x S")
        .shows("by step, EMA 0.6")
        .press("+")
        .shows("zoom ×2")
        .press(",")
        .shows("at 100")
        .press("esc esc")
        .hides("zoom")
        .hides("at 100");
}

#[test]
fn the_past_goes_before_what_was_heard() {
    let mut past = Story::default();
    (1..=50).for_each(|step| past.hear(&progress(step, 3.0)));
    let told = (51..=100).map(|step| progress(step, 2.0)).collect();
    let bench = runs().press("enter").happens(Message::Heard(dir("train-7"), told));
    let bench = bench.press("k").shows("    99 ").hides("   100 ");
    let bench = bench.happens(Message::Recalled(dir("train-7"), Box::new(past)));
    bench.shows("1 line below").shows("    99 ").press("g").shows("     1  loss 3.0000");
    const { assert!(LINES > 100) };
}

/// What has rung since the last keys.
fn rings(bench: &Bench) -> Vec<String> {
    let rung = bench.effects.iter().filter_map(|effect| match effect {
        Effect::Ring(words) => Some(words.clone()),
        _ => None,
    });
    rung.collect()
}

/// How sound the youngest run was at the end of an epoch, by a checksum of its masks.
fn healthy(epoch: u64, mask: &str) -> Event {
    Event::Health {
        step: 21 * (epoch + 1),
        level: None,
        level_step: 21 * (epoch + 1),
        epoch,
        gradient_norm: Some(0.5),
        dead_channels: None,
        channels: None,
        mask: Some(mask.to_owned()),
    }
}

fn told(events: Vec<Event>) -> Message {
    Message::Heard(dir("train-7"), events)
}

/// That the youngest run works and has said so many lines.
fn works(heard: u64) -> Message {
    let mut run = standing("train-7", State::Running, 430);
    run.said.heard = heard;
    stood(vec![run])
}

#[test]
fn a_mask_that_changed_rings_once_however_often_the_run_speaks() {
    let changed = told(vec![healthy(0, "aaaaaaaa"), healthy(1, "bbbbbbbb")]);
    let mut bench = runs().sized(120, 40).press("enter").happens(changed);
    for heard in 10..15 {
        bench = bench.happens(works(heard)).happens(told(vec![progress(50 + heard, 1.0)]));
        bench = bench.happens(Message::Silent(dir("train-7"), None));
    }
    assert_eq!(rings(&bench), ["elth: train-7 its mask changed"]);
    let done = stood(vec![standing("train-7", State::Done, 840)]);
    let bench = bench.shows("! the mask changed").happens(done).happens(told(vec![]));
    assert_eq!(rings(&bench).len(), 1, "its end is no news of its masks");
    assert!(!bench.model.runs.alerts.contains_key(&dir("train-7")));
}

#[test]
fn masks_that_are_meant_to_move_have_not_changed() {
    let moving = Event::Moving { method: "rigl".to_owned(), weights: 9, left_dense: Vec::new() };
    let healths = vec![healthy(0, "aaaaaaaa"), healthy(1, "bbbbbbbb")];
    let begun = [vec![moving.clone()], healths.clone()].concat();
    let bench = runs().sized(120, 40).press("enter").happens(told(begun));
    assert!(rings(&bench).is_empty());
    bench.hides("the mask changed").shows("mask bbbbbbbb, which moves");
    // Where the end is told first, the past says it.
    let (mut past, mut end) = (Story::default(), Story::default());
    past.hear(&moving);
    for health in &healths {
        end.hear(health);
    }
    assert!(end.mask_changed());
    end.prepend(past);
    assert!(!end.mask_changed());
}

#[test]
fn a_silence_is_told_until_the_run_speaks_or_works_no_more() {
    let silent = || Message::Silent(dir("train-7"), Some(90));
    let quiet = |bench: Bench| bench.happens(works(10)).happens(silent()).sized(120, 40);
    let bench = quiet(runs()).happens(works(10)).shows("silent for 1 min 30 s");
    bench.happens(works(11)).hides("silent for");
    let paused = standing("train-7", State::Paused, 430);
    quiet(runs()).happens(stood(vec![paused])).hides("silent for");
    quiet(runs()).happens(Message::Silent(dir("train-7"), None)).hides("silent for");
}

#[test]
fn news_of_a_following_that_has_ended_revive_no_story() {
    let bench = runs().press("enter").happens(told(vec![progress(1, 1.0)])).press("esc");
    let bench = bench.happens(told(vec![progress(2, 1.0)]));
    let bench = bench.happens(Message::Printed(dir("train-7"), vec!["late".to_owned()]));
    let bench = bench.happens(Message::Recalled(dir("train-7"), Box::default()));
    assert!(bench.model.runs.stories.is_empty(), "{:?}", bench.model.runs.stories.keys());
}

#[test]
fn what_goes_wrong_rings_once() {
    let bench = runs();
    assert!(rings(&bench).is_empty(), "what failed before is no news");
    let failed = || stood(vec![standing("train-7", State::Failed, 430)]);
    let bench =
        bench.happens(failed()).happens(failed()).shows("! 1 alert").shows("loss became NaN");
    assert_eq!(rings(&bench), ["elth: train-7 loss became NaN"]);
    let bench = bench.press("enter esc").hides("1 alert");
    let silent = |seconds| Message::Silent(dir("train-6"), Some(seconds));
    let bench = bench.happens(silent(90)).happens(silent(100)).sized(120, 40);
    let bench = bench.shows("silent for 1 min 30 s");
    assert_eq!(rings(&bench).len(), 1);
    bench.happens(Message::Silent(dir("train-6"), None)).hides("silent for");
}

#[test]
fn a_clone_opens_the_dialog_with_the_runs_numbers() {
    let bench = runs().press("e").asks(&[Effect::ReadTicketOf(dir("train-7"))]);
    let about = Box::new(ticket("cifar_resnet_14_8", 0.9, 3).about);
    let path = "/home/me/runs/train-7/input.safetensors".into();
    bench.happens(Message::TicketOf(dir("train-7"), path, about)).shows("proposed numbers: those");
}

#[test]
fn a_home_that_is_only_looked_at_is_not_changed() {
    let mut bench = runs();
    bench.model.access = Access::ReadOnly;
    let bench = bench.shows("read-only");
    let bench = ["p", "s", "D", "e"].into_iter().fold(bench, |bench, key| {
        bench.press(key).asks(&[]).shows("only looked at").hides("run `train-7`?")
    });
    let bench = bench.press("enter").asks(&[Effect::Follow(dir("train-7"))]).press("p").asks(&[]);
    let bench = bench.press("esc tab").press("r").shows("only looked at");
    bench.press("t").asks(&[]).shows("only looked at");
}

#[test]
fn the_curves_of_a_run_that_goes_on_fill_their_axis_and_the_cursor_stays_on_them() {
    // 92 steps of 840.
    let bench = opened(92).sized(120, 40).shows("step 103 of 840");
    let bench = bench.press(",").shows("at 92 ").shows("train a 2.000");
    let bench = bench.press(".").shows("at 92 ").press("+").shows("zoom ×2").shows("at 92 ");
    let bench = bench.shows("train a 2.000").press("esc esc").shows("step 103 of 840");
    bench.press("- - - -").shows("      step 840").press("esc").shows("step 103 of 840");
}

#[test]
fn runs_that_differ_by_their_seeds_say_which() {
    let run = |number: u64, seed| {
        let mut run = standing(&format!("train-{number}"), State::Done, 840);
        run.recipe.seeds = Seeds::derive(seed).into();
        run
    };
    let mut own = run(3, 7);
    own.recipe.seeds.init = 5;
    own.recipe.model = "mnist_lenet_300_100".to_owned();
    let bench = given(shelf_of(1)).happens(stood(vec![own, run(2, 7), run(1, 12)])).press("tab");
    for (columns, rows) in [(80, 24), (120, 40)] {
        let screen = bench.clone().sized(columns, rows).screen();
        for (id, seed) in [("train-2", "seed 7 "), ("train-1", "seed 12 ")] {
            let row = screen.lines().find(|line| line.contains(id)).unwrap();
            assert!(row.contains(seed), "{seed} in {row}");
        }
    }
    let bench = bench.shows("to 160ep, seed 12").press("G").sized(120, 40);
    let bench = bench.shows("seeds order as of 7, init 5");
    bench.press("/").types("init").shows("1 of 3");
    let alike = given(shelf_of(1)).happens(stood(vec![run(2, 7), run(1, 7)])).press("tab");
    let screen = alike.screen();
    assert_eq!(screen.matches("seed 7").count(), 1, "in the pane alone:\n{screen}");
}
