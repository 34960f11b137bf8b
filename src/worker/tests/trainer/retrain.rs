//! Retraining of a ticket, and what a trainer refuses to train.

use elth_core::{schedule::Step, ticket::Ticket, trained, weights::Values};
use elth_store::run::{
    event::Event,
    recipe::{Recipe, Task},
};

use crate::running::{Run, assert_same, retraining, ticket, undisturbed};

/// A ticket of level 1, found by the short pruning.
fn found() -> Ticket {
    ticket(undisturbed(), "level_1.safetensors")
}

#[test]
fn a_ticket_is_retrained_from_its_rewind_step_as_its_level_was() {
    let ticket = found();
    let run = Run::new(&retraining(&ticket), Some(&ticket));
    run.go_well();
    let end = trained::decode(&run.tickets()["trained.safetensors"]).unwrap();
    assert_eq!((end.step, end.ticket), (Some(44), Some(ticket.digest())));
    assert_eq!(end.weights.0["bn.num_batches_tracked"], Values::Count(44));
    let first = run.events().into_iter().find_map(|event| match event {
        Event::Started { step, steps, .. } => Some((step, steps)),
        _ => None,
    });
    assert_eq!(first, Some((5, 44)));
    // The same ticket, schedule, order and augmentation as in the pruning: the same weights.
    let of_level = trained::decode(&undisturbed()["level_1.trained.safetensors"]).unwrap();
    assert!(end.weights == of_level.weights);
    assert_eq!(end.test_accuracy, of_level.test_accuracy);
    let masked = ticket.clone().masked();
    let mut recipe = retraining(&masked);
    recipe.training.training_steps = "44it".to_owned();
    let again = Run::new(&recipe, Some(&masked));
    again.go_well();
    let again = trained::decode(&again.tickets()["trained.safetensors"]).unwrap();
    assert!(again.weights == end.weights, "what lies outside the mask does not matter");
}

#[test]
fn a_run_that_is_done_says_so_again_and_changes_nothing() {
    let ticket = found();
    let (run, other) = (
        Run::new(&retraining(&ticket), Some(&ticket)),
        Run::new(&retraining(&ticket), Some(&ticket)),
    );
    run.go_well();
    other.go_well();
    run.go_well();
    assert_same(&run.tickets(), &other.tickets());
    assert!(matches!(run.events().last(), Some(Event::Done { .. })));
}

#[test]
fn what_does_not_fit_is_refused_in_one_line_that_names_it() {
    let ticket = found();
    let check = |change: &dyn Fn(&mut Recipe), words: &[&str]| {
        let mut recipe = retraining(&ticket);
        change(&mut recipe);
        let run = Run::new(&recipe, Some(&ticket));
        let output = run.go();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        for word in words {
            assert!(said.contains(word), "`{word}` is missing in: {said}");
        }
        let events = run.events();
        let Some(Event::Failed { reason, .. }) = events.last() else { panic!("{events:?}") };
        assert!(said.contains(reason.as_str()));
        assert!(run.tickets().is_empty());
    };
    check(&|r| r.build = "0123".to_owned(), &["0123", "run `elth setup`"]);
    check(&|r| r.input = "3x3x8".to_owned(), &["3x3x8", "3x4x4"]);
    check(&|r| r.input = "3x16x16".to_owned(), &["3x16x16", "3x8x8", "digits"]);
    check(&|r| r.classes = 7, &["7 classes", "`digits` has 10"]);
    check(
        &|r| r.model = "cifar_resnet_14_2".to_owned(),
        &["cifar_resnet_14_2", "cifar_resnet_8_2"],
    );
    check(&|r| r.data_digest = "00".to_owned(), &["digits", "c9f6df57"]);
    check(&|r| r.dataset = "cifar11".to_owned(), &["cifar11", "digits"]);
    check(&|r| r.precision = "half".to_owned(), &["half", "exact"]);
    check(&|r| r.device = "tpu".to_owned(), &["tpu", "cuda:N"]);
    check(&|r| r.training.training_steps = "4it".to_owned(), &["5it", "4it"]);
    check(
        &|r| {
            let Task::Train { ticket, .. } = &mut r.task else { unreachable!() };
            *ticket = "0".repeat(64);
        },
        &["input.safetensors", "is not the ticket"],
    );
}

#[test]
fn a_start_at_zero_trains_the_whole_schedule() {
    let ticket = found();
    let mut recipe = retraining(&ticket);
    let Task::Train { start_at, .. } = &mut recipe.task else { unreachable!() };
    *start_at = Step::iterations(0).to_string();
    let run = Run::new(&recipe, Some(&ticket));
    run.go_well();
    let end = trained::decode(&run.tickets()["trained.safetensors"]).unwrap();
    // Five batches of the ticket's own pretraining, then the whole schedule.
    assert_eq!(end.weights.0["bn.num_batches_tracked"], Values::Count(5 + 44));
}
