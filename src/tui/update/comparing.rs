//! What keys do to runs that are compared, told as sentences.

use elth_core::ticket::Count;
use elth_store::run::{compare::Header, standing::State};

use crate::{
    effect::Effect,
    key::Key,
    keymap::Context,
    message::Message,
    trying::{Bench, dir, evaluated, given, progress, shelf_of, standing, stood, ticket},
};

/// Three runs that are done, two of them alike but for their seeds, all marked and compared.
#[must_use]
pub fn compared() -> Bench {
    let run = |number: u32| {
        let mut run = standing(&format!("train-{number}"), State::Done, 840);
        run.recipe.seeds.order = u64::from(number);
        let accuracy = 0.9 + 0.02 * f64::from(number);
        run.said.test_accuracy = Some(accuracy);
        run.recipe.training.lr = if number == 3 { 0.05 } else { 0.1 };
        run
    };
    let bench = given(shelf_of(1)).happens(stood((1..=3).map(run).collect()));
    let bench = bench.press("tab space space space c");
    let header = |number: u64| {
        let about = ticket("cifar_resnet_14_8", 0.9, 3).about;
        let count = Some(Count { kept: 512, weights: 1000 });
        (dir(&format!("train-{number}")), Header { about, count })
    };
    let bench = bench.happens(Message::Headers((1..=3).map(header).collect()));
    (1..=3).fold(bench, |bench, number| {
        let best = 0.9 + 0.02 * f64::from(number);
        let told = (0..=42_u32).flat_map(|at| {
            let along = f64::from(at) / 42.0;
            let step = u64::from(20 * at);
            [
                progress(step, 2.4 * (-4.0 * along).exp() + 0.05 * best),
                evaluated(step, best - 0.5 * (-6.0 * along).exp()),
            ]
        });
        bench.happens(Message::Heard(dir(&format!("train-{number}")), told.collect()))
    })
}

#[test]
fn marked_runs_are_followed_and_their_tickets_read() {
    let all = (1..=3).map(|number| standing(&format!("train-{number}"), State::Done, 840));
    let bench = given(shelf_of(1)).happens(stood(all.collect()));
    let bench = bench.press("tab space j space").shows("2 marked").press("c");
    // By letter: the first that was marked stands first.
    let dirs = vec![dir("train-3"), dir("train-1")];
    let follow = dirs.iter().cloned().map(Effect::Follow);
    let effects: Vec<_> = follow.chain([Effect::ReadHeaders(dirs.clone())]).collect();
    let unfollow: Vec<_> = dirs.into_iter().map(Effect::Unfollow).collect();
    bench.asks(&effects).shows("test accuracy by step").press("esc").asks(&unfollow);
}

#[test]
fn curves_change_with_what_is_asked_for() {
    compared()
        .shows("test accuracy by step")
        .press("m")
        .shows("train loss by step")
        .press("l x S")
        .shows("train loss by epoch, logarithmic, EMA 0.6")
        .press("a")
        .shows("mean ± sd over seeds")
        .shows("mean of")
        .press("m m m")
        .shows("gradient norm")
        .shows("nothing measured yet");
}

#[test]
fn colours_and_letters_stay_when_the_set_changes() {
    let bench = compared().press("esc").shows("3 marked");
    // The first that was marked was the youngest.
    let bench = bench.press("g space").shows("2 marked").press("c").hides(" a ✓ done");
    bench.shows(" b ✓ done").shows(" c ✓ done");
}

#[test]
fn a_table_counts_tickets_and_retrainings_apart() {
    let bench = compared().sized(120, 40).press("] ]").shows("over seeds").shows("95 % interval");
    let screen = bench.screen();
    let row = screen.lines().find(|line| line.contains("93.00 %")).unwrap();
    // One ticket, two retrainings: t of one degree of freedom is 12.706.
    for text in ["IMP cifar_resnet_20_8 L3", " 1 ", " 2 ", "1.41 %", "80.29 % – 100.00 %"] {
        assert!(row.contains(text), "{text} in {row}");
    }
}

#[test]
fn only_what_differs_between_recipes_is_shown() {
    compared().press("[").shows("training.lr").shows("0.05").shows("seeds.order").hides("momentum");
}

#[test]
fn the_figure_has_a_line_for_each_kind_of_ticket() {
    compared()
        .press("]")
        .shows("accuracy by kept weights")
        .shows("IMP cifar_resnet_20_8 on digits");
}

#[test]
fn a_run_is_hidden_and_opened_from_the_comparison() {
    let bench = compared().press("space").hides(" a ✓ done").press("space").shows(" a ✓ done");
    bench.press("enter").asks(&[]).shows("┌ train-3").press("esc").shows("test accuracy by step");
}

#[test]
fn runs_that_are_deleted_meanwhile_are_left_out() {
    let bench = compared().happens(Message::Vanished(vec![dir("train-1")])).hides("train-1 ");
    bench.press("G enter").hides("┌ train-1");
}

#[test]
fn a_line_of_a_table_opens_no_run() {
    compared().press("] ] j enter").shows("over seeds");
}

#[test]
fn nothing_to_compare_is_nothing_done() {
    given(shelf_of(1)).happens(stood(Vec::new())).press("tab c").asks(&[]).shows("no run yet");
}

#[test]
fn what_draws_no_curves_leaves_the_lens_alone() {
    let before = compared().screen();
    for (there, back) in [("]", "["), ("] ]", "[ ["), ("] ] ]", "[ [ [")] {
        let bench = compared().press(&format!("{there} l x S , . + - {back}"));
        assert_eq!(bench.screen(), before, "{there}");
    }
}

#[test]
fn the_demo_lists_no_keys_that_do_nothing_there() {
    let keys = compared().model.keys;
    for key in ["up", "down", "j", "k", "g", "G", "page-up", "page-down"] {
        let found = |context| keys.lookup(context, &Key::named(key));
        assert_eq!(found(Context::Demo), None, "{key}");
        assert!(found(Context::Shelf).is_some(), "{key}");
    }
}

#[test]
fn runs_that_are_not_done_count_for_nothing_and_are_named() {
    let mut stopped = standing("train-2", State::Stopped, 400);
    stopped.recipe.seeds.order = 2;
    stopped.said.test_accuracy = Some(0.5);
    let bench = compared().sized(120, 40).happens(stood(vec![stopped])).press("]");
    let bench = bench.shows("accuracy by kept weights").shows("of 1");
    let left_out = "not done, so not counted: train-2 stopped";
    let bench = bench.shows(left_out).press("]").shows(left_out);
    let screen = bench.screen();
    let row = screen.lines().find(|line| line.contains("92.00 %")).unwrap();
    assert!(row.contains(" 1 …") && !screen.contains("50.00 %"), "{screen}");
}

#[test]
fn long_keys_of_recipes_stand_apart_from_their_values() {
    let run = |number: u32| {
        let mut run = standing(&format!("train-{number}"), State::Done, 840);
        let steps = [vec![], vec!["420it".to_owned(), "630it".to_owned()]];
        run.recipe.training.milestone_steps = steps[number as usize - 1].clone();
        run
    };
    let bench = given(shelf_of(1)).happens(stood(vec![run(1), run(2)]));
    let bench = bench.press("tab space space c [").shows("training.milestone_steps ");
    let screen = bench.screen();
    let row = screen.lines().find(|line| line.contains("milestone_steps")).unwrap();
    assert!(row.contains(" 420it,630it ") && row.contains(" none "), "{row}");
}
