//! Retraining under masks that move: what comes out, and that a kill changes no byte of it.

use std::{fs, thread, time::Duration};

use elth_core::{
    mask::Mask,
    moving::{Method, history},
    prune::{self, Counting},
    schedule::Step,
    ticket::{Outside, Ticket, full_masks, lineage::Lineage},
    trained,
};
use elth_store::run::{
    event::Event,
    recipe::{MovingTable, Recipe, Task},
};

use crate::running::{Run, assert_same, retraining, ticket, undisturbed};

/// The dense ticket of the short pruning, under masks by chance.
fn start(sparsity: f64) -> Ticket {
    let dense = ticket(undisturbed(), "level_0.safetensors");
    let scores = prune::random(dense.blueprint(), 3);
    let full = full_masks(dense.blueprint());
    let masks = prune::to_sparsity(&scores, &full, sparsity, Counting::Exact).unwrap();
    let mut about = dense.about.clone();
    (about.level, about.outside, about.lineage) = (None, Outside::Dense, Lineage::default());
    about.rewind = Some(Step::iterations(5));
    Ticket::assemble(about, dense.weights().clone(), masks).unwrap()
}

fn recipe(method: Method, ticket: &Ticket) -> Recipe {
    let mut recipe = retraining(ticket);
    let exchanges = method.exchanges();
    let Task::Train { moving, .. } = &mut recipe.task else { unreachable!() };
    *moving = Some(MovingTable {
        method: method.name().to_owned(),
        update_from: "8it".to_owned(),
        update_every: "3it".to_owned(),
        update_until: "40it".to_owned(),
        drop_fraction: exchanges.then_some(0.3),
        grow: exchanges.then(|| method.usual_growth().name().to_owned()),
        sparsity: (!exchanges).then_some(0.8),
        ramp_until: (!exchanges).then(|| "1ep4it".to_owned()),
        allocation: (!exchanges).then(|| "global".to_owned()),
        keep_dense: vec!["fc.weight".to_owned()],
    });
    recipe
}

/// Runs a method whole and killed on the way, and compares every byte.
fn check(method: Method) {
    let ticket = start(if method.exchanges() { 0.7 } else { 0.0 });
    let recipe = recipe(method, &ticket);
    let (whole, killed) = (Run::new(&recipe, Some(&ticket)), Run::new(&recipe, Some(&ticket)));
    whole.go_well();
    for (step, delay) in [(7, 0), (15, 3), (24, 1), (33, 0)] {
        let mut child = killed.start();
        killed.wait_until(|events| {
            let last = events.iter().rev().find_map(|event| match event {
                Event::Progress { step, .. } => Some(*step),
                _ => None,
            });
            last >= Some(step)
        });
        thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    killed.go_well();
    assert_same(&killed.tickets(), &whole.tickets());
    let read = |run: &Run| fs::read(run.dir.mask_history()).unwrap();
    assert!(read(&killed) == read(&whole), "{method:?}: another history");
    check_outcome(method, &ticket, &whole, &read(&whole));
}

fn check_outcome(method: Method, begin: &Ticket, run: &Run, bytes: &[u8]) {
    let tickets = run.tickets();
    let end = ticket(&tickets, "ticket.safetensors");
    assert_eq!(end.weights(), begin.weights());
    assert_eq!(end.about.lineage.acts().last().unwrap().arguments["dynamic"], method.name());
    let mut masks = begin.masks().clone();
    for (at, _) in history::frames(bytes) {
        let frame = history::decode(begin.blueprint(), bytes, at).unwrap();
        masks = history::apply(begin.blueprint(), &masks, &frame);
    }
    assert_eq!(&masks, end.masks(), "{method:?}: the history leads elsewhere");
    let trained = trained::decode(&tickets["trained.safetensors"]).unwrap();
    for (name, mask) in end.masks() {
        let values = trained.weights.floats(name).unwrap();
        assert!(mask.bits().zip(values).all(|(keep, value)| keep || *value == 0.0), "{name}");
    }
    let kept: usize = end.masks().values().map(Mask::kept).sum();
    let events = run.events();
    let moves = events.iter().filter(|event| matches!(event, Event::Moved { .. })).count();
    let last = events.iter().rev().find_map(|event| match event {
        Event::Moved { moves, kept, ever_active, .. } => Some((*moves, *kept, *ever_active)),
        _ => None,
    });
    let (counted, said, seen) = last.unwrap();
    assert_eq!((counted, said), (moves as u64, kept), "{method:?}");
    assert!(seen > kept);
    let dense = events.iter().find_map(|event| match event {
        Event::Moving { left_dense, .. } => Some(left_dense.clone()),
        _ => None,
    });
    assert_eq!(dense, Some(vec![("fc.weight".to_owned(), begin.masks()["fc.weight"].len())]));
}

#[test]
fn rigl_killed_on_the_way_ends_with_the_same_bytes() {
    check(Method::Rigl);
}

#[test]
fn set_and_itop_killed_on_the_way_end_with_the_same_bytes() {
    check(Method::Set);
    check(Method::Itop);
}

#[test]
fn dpf_killed_on_the_way_ends_with_the_same_bytes() {
    check(Method::Dpf);
}

#[test]
fn gradual_pruning_killed_on_the_way_ends_with_the_same_bytes() {
    check(Method::Gradual);
}
