//! What is refused at the door, and what a recipe says when it is not.

use std::path::Path;

use elth_core::{
    control::{Compat, ControlSeeds, Kind, control},
    family::default_training,
    initialise::initialise,
    ticket::{Outside, full_masks, lineage::Lineage},
};

use super::*;
use crate::dataset;

fn digits() -> Dataset {
    dataset::load(Name::Digits, Path::new("")).unwrap()
}

fn wishes() -> Wishes {
    Wishes {
        data_dir: "/data".into(),
        training: default_training(Family::CifarResnet),
        seeds: Seeds::derive(1),
        device: Wish::Cpu,
        threads: 2,
        trainer: "/bin/elth-worker".into(),
        build: "0".to_owned(),
        choice: crate::dataset::choice::Choice::default(),
    }
}

fn small_imp() -> Imp {
    Imp {
        model: "cifar_resnet_8_2".to_owned(),
        levels: 3,
        pruning_fraction: 0.2,
        counting: Counting::Exact,
        snapshot_steps: vec![],
        criterion: CriterionTable::usual(),
    }
}

/// Changes a good plan and expects it to be refused with these words, or not at all.
fn check(change: impl Fn(&mut Imp, &mut Wishes), refusal: &str) {
    let (mut plan, mut wishes) = (small_imp(), wishes());
    change(&mut plan, &mut wishes);
    match imp(&plan, &digits(), &wishes) {
        Ok(_) => assert_eq!(refusal, ""),
        Err(error) => {
            assert!(!refusal.is_empty() && error.to_string().starts_with(refusal), "{error}");
            assert!(error.is_usage(), "{error}");
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused_by_their_official_names() {
    check(|_, _| {}, "");
    check(|_, wishes| wishes.training.lr = 0.0, "--lr is 0: it must be a finite number above 0");
    check(|_, wishes| wishes.training.lr = f64::NAN, "--lr is NaN");
    check(|_, wishes| wishes.training.gamma = -1.0, "--gamma is -1");
    check(|_, wishes| wishes.training.momentum = 1.0, "--momentum is 1");
    check(|_, wishes| wishes.training.weight_decay = f64::INFINITY, "--weight-decay is inf");
    check(|_, wishes| wishes.training.batch_size = 0, "--batch-size is 0: it must be 1 to");
    check(|_, wishes| wishes.threads = 0, "--threads is 0");
    check(|_, wishes| wishes.training.training_steps = Step::epochs(0), "--training-steps is 0it");
    check(
        |_, wishes| wishes.training.training_steps = Step::epochs(u64::MAX),
        "--training-steps is",
    );
    check(|imp, _| imp.levels = 101, "--levels is 101: it must be 0 to 100");
    check(|imp, _| imp.pruning_fraction = 1.0, "--pruning-fraction is 1: it must be above 0");
    check(|imp, _| imp.pruning_fraction = f64::NAN, "--pruning-fraction is NaN");
    check(|imp, _| imp.model = "cifar_resnet_9".to_owned(), "`cifar_resnet_9` is no cifar_resnet");
    // Milestones past the end never come, and are accepted as in the official code.
    check(|_, wishes| wishes.training.milestone_steps = vec![Step::epochs(9999)], "");
}

#[test]
fn one_image_alone_on_one_pixel_is_refused() {
    let with = |model: &'static str, batch| {
        move |imp: &mut Imp, wishes: &mut Wishes| {
            imp.model = model.to_owned();
            wishes.training.batch_size = batch;
        }
    };
    let lone = "with --batch-size 2 the last batch of an epoch has one of the 1347 images";
    check(with("cifarhe_resnet_18_2", 2), lone);
    check(with("cifarhe_resnet_18_2", 1), "with --batch-size 1 the last batch");
    check(with("cifarhe_resnet_18_2", 64), "");
    check(with("cifar_resnet_8_2", 2), "");
}

#[test]
fn a_rewind_point_lies_before_the_end() {
    // 11 iterations an epoch: 1,347 images in batches of 128.
    let end = |wishes: &mut Wishes, step| wishes.training.training_steps = step;
    check(|_, wishes| end(wishes, Step::epochs(91)), "");
    let late =
        "--rewinding-steps 1000it is not before the end of the training (90ep = 990 iterations";
    check(|_, wishes| end(wishes, Step::epochs(90)), late);
    check(
        |imp, _| imp.snapshot_steps = vec![Step::epochs(160)],
        "--snapshot-steps 160ep is not before",
    );
}

fn ticket(model_name: &str, dataset: Name, found_on: Option<&str>, rewind: Option<Step>) -> Ticket {
    let blueprint = model(model_name, dataset).unwrap();
    let about = About {
        dataset: found_on.map(str::to_owned),
        data_digest: None,
        level: None,
        rewind,
        outside: Outside::Dense,
        lineage: Lineage::default(),
        blueprint: blueprint.clone().into(),
    };
    Ticket::assemble(about, initialise(&blueprint, 1), full_masks(&blueprint)).unwrap()
}

fn check_train(ticket: &Ticket, start: Option<StartAt>, said: Option<Step>, expected: &str) {
    let data = digits();
    let start = start.unwrap_or_else(|| default_start(&ticket.about, &data, said));
    let found = match train(ticket, "t", start, said, &data, &wishes()) {
        Ok(Recipe { task: Task::Train { start_at, .. }, .. }) => start_at,
        Ok(other) => panic!("{other:?}"),
        Err(error) => error.to_string(),
    };
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn a_retraining_starts_where_its_ticket_was_rewound_to_or_at_zero() {
    let (small, at) = ("cifar_resnet_8_2", Step::iterations(42));
    let own = ticket(small, Name::Digits, Some("digits"), Some(at));
    check_train(&own, None, None, "42it");
    check_train(&own, Some(StartAt::Zero), None, "0it");
    check_train(&own, None, Some(Step::iterations(9)), "the ticket is rewound to 42it, not to 9it");
    let foreign = ticket(small, Name::Digits, Some("cifar10"), Some(at));
    check_train(&foreign, None, None, "0it");
    let refusal = "the ticket was found on `cifar10`, not on this `digits`: start it at zero";
    check_train(&foreign, Some(StartAt::Rewind), None, refusal);
    let silent = ticket(small, Name::Digits, None, None);
    check_train(&silent, None, None, "0it");
    check_train(&silent, None, Some(at), "42it");
    check_train(&silent, Some(StartAt::Rewind), None, "the ticket does not say");
    let late = ticket(small, Name::Digits, Some("digits"), Some(Step::epochs(160)));
    check_train(&late, None, None, "the rewind step 160ep is not before the end");
}

#[test]
fn a_ticket_for_other_images_is_refused_naming_both() {
    let large = ticket("cifar_resnet_8_2", Name::Cifar10, None, None);
    let words = "the ticket takes images of 3x32x32, `digits` enters `cifar_resnet` as 3x8x8";
    check_train(&large, None, None, words);
    let mut hundred = large.about.clone();
    hundred.blueprint = Blueprint::new("cifar_resnet_8_2", Some(100), None).unwrap().into();
    let error = fits(&hundred.blueprint, Name::Cifar10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the ticket has 100 classes, `cifar10` has 10: choose a data set of 100"
    );
}

#[test]
fn a_controls_recipe_is_its_tickets_but_for_the_ticket() {
    let own = ticket("cifar_resnet_8_2", Name::Digits, Some("digits"), Some(Step::iterations(42)));
    let seeds = ControlSeeds { mask: 3, init: 4 };
    let other = control(&own, Kind::Reinit, seeds, Compat::Refuse).unwrap();
    let recipe =
        |ticket: &Ticket| train(ticket, "t", StartAt::Rewind, None, &digits(), &wishes()).unwrap();
    let (one, two) = (recipe(&own), recipe(&other));
    assert_ne!(one.task, two.task);
    assert_eq!(Recipe { task: two.task.clone(), ..one }, two);
}
