//! When masks move where nobody says, and what is refused.

use elth_core::{
    blueprint::{Blueprint, Input},
    chance::Seeds,
    initialise::initialise,
    prune::{Counting, random, to_sparsity},
    schedule::Training,
    ticket::{About, Outside, full_masks, lineage::Lineage},
};

use super::*;
use crate::{
    dataset::{self, Name},
    device::Wish,
    run::plan::{StartAt, Wishes, train},
};

fn ticket(sparsity: f64) -> Ticket {
    let blueprint = Blueprint::new("cifar_resnet_8_2", None, Some(Input::new(3, 8, 8))).unwrap();
    let (weights, scores) = (initialise(&blueprint, 1), random(&blueprint, 2));
    let masks = to_sparsity(&scores, &full_masks(&blueprint), sparsity, Counting::Exact).unwrap();
    let about = About {
        blueprint: blueprint.into(),
        dataset: None,
        data_digest: None,
        level: None,
        rewind: Some(Step::iterations(40)),
        outside: Outside::Dense,
        lineage: Lineage::default(),
    };
    Ticket::assemble(about, weights, masks).unwrap()
}

fn asked(method: Method) -> Moves {
    Moves {
        method,
        from: None,
        every: None,
        until: None,
        fraction: None,
        growth: None,
        sparsity: (!method.exchanges()).then_some(0.9),
        ramp_until: None,
        allocation: Allocation::Global,
        keep_dense: Vec::new(),
    }
}

/// A plan over 100 epochs of 22 steps, from step 40 on.
fn planned(
    method: Method,
    sparsity: f64,
    change: impl Fn(&mut Moves),
) -> Result<MovingTable, String> {
    let (ticket, mut moves) = (ticket(sparsity), asked(method));
    change(&mut moves);
    let defaults = elth_core::family::default_training(ticket.blueprint().family);
    let training = Training { batch_size: 64, training_steps: Step::epochs(100), ..defaults };
    let data = dataset::load(Name::Digits, std::path::Path::new("")).unwrap();
    let wishes = Wishes {
        data_dir: "/data".into(),
        training,
        seeds: Seeds::derive(1),
        device: Wish::Cpu,
        threads: 1,
        trainer: "/bin/elth-worker".into(),
        build: "0".to_owned(),
        choice: crate::dataset::choice::Choice::default(),
    };
    let recipe = train(&ticket, "t", StartAt::Rewind, None, &data, &wishes).unwrap();
    match moving(recipe, &ticket, &moves, data.train.len()) {
        Ok(Recipe { task: Task::Train { moving: Some(table), .. }, .. }) => Ok(table),
        Ok(other) => Err(format!("{other:?}")),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn what_nobody_asks_for_is_as_published() {
    for (method, from, every, until, ramp) in [
        (Method::Rigl, "140it", "100it", "1650it", None),
        (Method::Set, "140it", "100it", "1650it", None),
        (Method::Itop, "1540it", "1500it", "2200it", None),
        (Method::Dpf, "40it", "16it", "2200it", Some("1120it")),
        (Method::Gradual, "40it", "100it", "1120it", Some("1120it")),
    ] {
        let sparsity = if method.exchanges() { 0.5 } else { 0.0 };
        let table = planned(method, sparsity, |_| {}).unwrap();
        let said = (&*table.update_from, &*table.update_every, &*table.update_until);
        assert_eq!((said, table.ramp_until.as_deref()), ((from, every, until), ramp), "{method:?}");
        let plan = table.plan(22).unwrap();
        assert_eq!(plan.method, method);
        assert_eq!(table.drop_fraction.is_some(), method.exchanges());
    }
}

#[test]
fn masks_that_could_not_move_are_refused_by_name() {
    let refused = |method, sparsity, change: &dyn Fn(&mut Moves), words: &str| {
        let error = planned(method, sparsity, change).unwrap_err();
        assert!(error.starts_with(words), "{error}");
    };
    refused(Method::Rigl, 0.0, &|_| {}, "no tensor has a zero to exchange");
    let late = |moves: &mut Moves| moves.from = Some(Step::epochs(90));
    refused(Method::Rigl, 0.5, &late, "masks would first move at step 1980 and stay from 1650 on");
    let never = |moves: &mut Moves| moves.every = Some(Step::iterations(0));
    refused(Method::Set, 0.5, &never, "--update-every is 0it: it must be at least one step");
    let all = |moves: &mut Moves| moves.fraction = Some(1.0);
    refused(Method::Itop, 0.5, &all, "--drop-fraction is 1: it must be above 0 and below 1");
    let foreign = |moves: &mut Moves| moves.keep_dense = vec!["stem".to_owned()];
    refused(Method::Dpf, 0.0, &foreign, "`stem` is no prunable tensor of `cifar_resnet_8_2`");
    refused(Method::Gradual, 0.95, &|_| {}, "--sparsity is 0.9: it must be above the ticket's own");
    let long = |moves: &mut Moves| moves.ramp_until = Some(Step::epochs(100));
    refused(Method::Gradual, 0.0, &long, "--ramp-until 2200it is not before the end");
}
