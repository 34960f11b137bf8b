//! What keys do on the shelf to marks, orders, searches and the runs below their tickets.

use elth_store::run::{
    event::Event,
    recipe::Task,
    standing::{Standing, State},
};

use crate::{
    effect::Effect,
    message::Message,
    model::shelf::{Node, Row, stem},
    trying::{Bench, given, shelf_of, standing},
};

/// A run that retrains the ticket of that level.
fn retraining(bench: &Bench, id: &str, level: usize, state: State) -> Standing {
    let listing = bench.model.shelf.listing.as_ref().unwrap();
    let mut run = standing(id, state, 420);
    run.recipe.task = Task::Train {
        ticket: listing.tickets[level - 1].digest.clone().unwrap(),
        ticket_name: format!("ticket-{level}"),
        start_at: "42it".to_owned(),
        moving: None,
    };
    run
}

/// A shelf of three; the second ticket is retrained twice.
fn with_runs() -> Bench {
    let bench = shelf_of(3);
    let runs = [("train-1", State::Done), ("train-2", State::Running)];
    let standings = runs.map(|(id, state)| retraining(&bench, id, 2, state)).to_vec();
    bench.happens(Message::Stood { standings, broken: Vec::new() })
}

#[test]
fn runs_lie_below_the_ticket_that_they_retrain() {
    let bench = given(with_runs()).sized(140, 40).shows("└ running train-2").shows("90.0");
    let bench = bench.press("j j").shows("┌ train-2").shows("last test accuracy 90.00 %");
    bench.press("enter").shows("› run");
    given(with_runs()).press("j h").hides("└ running").press("l").shows("└ running");
    given(with_runs()).press("j j h").shows("┌ ticket-2");
    let gone = with_runs().model.runs.list().iter().map(|run| run.dir.clone()).collect();
    let bench = given(with_runs()).press("j j").happens(Message::Vanished(gone));
    assert!(matches!(bench.model.shelf.selected, Some(Node::Ticket(_))));
}

#[test]
fn a_search_that_found_a_ticket_says_how_well_it_trains() {
    let bench = shelf_of(3).sized(140, 40);
    let digest = bench.model.shelf.listing.as_ref().unwrap().tickets[0].digest.clone().unwrap();
    let mut run = standing("imp-1", State::Running, 0);
    run.said.hear(&Event::Wrote {
        path: "tickets/a".to_owned(),
        level: Some(1),
        kept: Some(9),
        digest,
    });
    run.said.hear(&Event::Evaluated {
        step: 840,
        level: Some(1),
        level_step: 840,
        test_loss: 0.1,
        test_accuracy: 0.937,
        correct: 421,
        examples: 450,
    });
    let standings = vec![run];
    bench.happens(Message::Stood { standings, broken: Vec::new() }).shows("93.7");
}

#[test]
fn tickets_are_ordered_as_one_likes() {
    let first = |bench: &Bench| {
        let rows = bench.model.shelf.rows();
        let ticket = rows.iter().find_map(|row| match row {
            Row::Ticket(ticket) => Some(stem(&ticket.path)),
            _ => None,
        });
        ticket.unwrap()
    };
    for (keys, order, leads) in [
        ("o", "kept %", "ticket-1"),
        ("o o", "name", "ticket-1"),
        ("o o o", "accuracy", "ticket-2"),
    ] {
        let bench = with_runs().press(keys).sized(140, 40).shows(&format!("shelf · by {order}"));
        assert_eq!(first(&bench), leads, "{keys}");
    }
    with_runs().press("o o o o").hides(" by ");
}

#[test]
fn letters_in_their_order_find_tickets_and_the_best_is_chosen() {
    let bench = given(shelf_of(12)).press("/").types("tk12").shows("┌ ticket-12");
    bench.hides("ticket-7").press("esc").shows("ticket-7");
}

#[test]
fn marked_tickets_are_compared() {
    let bench = given(shelf_of(3)).press("space").shows("›").shows("● ").shows("1 marked");
    bench.press("c").shows("mark another");
    given(shelf_of(3)).press("space space c").shows("› ticket").shows("difference to ticket-2");
    given(shelf_of(3)).press("space space space c").shows("profiles");
    given(shelf_of(3)).press("c").shows("mark two tickets");
    given(shelf_of(3)).press("space k space").hides("marked").press("g space").shows("select a");
}

#[test]
fn enter_opens_a_ticket_and_escape_comes_back_to_it() {
    let bench = given(shelf_of(3)).press("enter").shows("› ticket").press("]").shows("level 2");
    let bench = bench.press("esc").shows("┌ ticket-2");
    assert!(bench.effects.iter().all(|effect| !matches!(effect, Effect::Study { .. })));
}

#[test]
fn families_without_tickets_and_runs_are_folded_until_somebody_opens_them() {
    let bench = given(shelf_of(3)).sized(120, 40).shows("▸ mnist_lenet").hides("lenet_300_100");
    let opened = bench.press("G").press("l").shows("▾ mnist_lenet").shows("lenet_300_100");
    opened.press("h").hides("lenet_300_100");
    let mut run = standing("train-1", State::Running, 9);
    "mnist_lenet_300_100".clone_into(&mut run.recipe.model);
    let stood = Message::Stood { standings: vec![run], broken: Vec::new() };
    let bench = given(shelf_of(3)).sized(120, 40).happens(stood).shows("lenet_300_100");
    bench.press("G k h").hides("lenet_300_100");
}

#[test]
fn what_is_saved_or_looked_for_is_never_hidden_and_other_folds_stay() {
    let bench = given(shelf_of(3)).sized(120, 40).press("g l j h h").shows("▸ cifar_resnet");
    let bench = bench.press(":").types("lenet_300").press("enter").shows("┌ mnist_lenet_300_100");
    let bench = bench.shows("▸ cifar_resnet").press(":").types("ticket-2").press("enter");
    bench.shows("┌ ticket-2 ").shows("▾ mnist_lenet");
}

#[test]
fn a_dialog_that_was_left_half_filled_in_is_found_again_for_each_ticket() {
    let bench = given(shelf_of(3)).sized(120, 40);
    let bench = bench.press("r").press("down down down down end 7 esc").press("j r").press("esc");
    let bench = bench.press("k r").shows("1287").press("esc");
    let bench = bench.press("t tab r tab esc").press("j t esc").press("k t").hides("3 → 3");
    let crate::model::Screen::Transform(dialog) = bench.model.screen() else { panic!("none") };
    assert!(dialog.changes().0 > 0);
}

#[test]
fn by_name_ten_comes_after_six() {
    let screen = given(shelf_of(10)).press("o o").shows("name").screen();
    assert!(screen.find("ticket-6") < screen.find("ticket-10"), "{screen}");
}
