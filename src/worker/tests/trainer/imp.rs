//! Iterative magnitude pruning from the first weights to the last ticket.

use std::collections::BTreeMap;

use elth_core::{
    chance::Seeds,
    initialise::initialise,
    mask::Mask,
    prune::{Counting, ladder},
    schedule::Step,
    ticket::Outside,
    trained,
    weights::Values,
};
use elth_store::run::{
    event::Event,
    recipe::{CriterionTable, Task},
};

use crate::running::{Run, assert_same, pruning, ticket, training, undisturbed};

#[test]
fn levels_follow_the_ladder_and_keep_one_rewind_point() {
    let names: Vec<String> = undisturbed().keys().cloned().collect();
    let expected = [0, 1, 2].map(|level| {
        [format!("level_{level}.safetensors"), format!("level_{level}.trained.safetensors")]
    });
    assert_eq!(names, expected.concat());
    let tickets =
        [0, 1, 2].map(|level| ticket(undisturbed(), &format!("level_{level}.safetensors")));
    let weights = tickets[0].blueprint().prunable_weights();
    let kept = ladder(weights, 0.2, 2, Counting::Exact);
    assert_eq!(tickets.each_ref().map(|ticket| ticket.count().kept).as_slice(), kept);
    for (level, ticket) in (0..).zip(&tickets) {
        assert_eq!(ticket.about.level, Some(level));
        assert_eq!(ticket.about.rewind, Some(Step::iterations(5)));
        assert_eq!(ticket.about.outside, Outside::Dense);
        assert_eq!(ticket.weights(), tickets[0].weights(), "level {level}");
        assert_eq!(ticket.weights().0["bn.num_batches_tracked"], Values::Count(5));
        let act = &ticket.about.lineage.acts()[0];
        assert_eq!((&*act.act, &*act.arguments["level"]), ("imp", &*level.to_string()));
    }
}

#[test]
fn every_pruned_weight_is_exactly_zero_at_the_end_and_the_others_have_moved() {
    let ticket = ticket(undisturbed(), "level_2.safetensors");
    let end = trained::decode(&undisturbed()["level_2.trained.safetensors"]).unwrap();
    assert_eq!(end.ticket, Some(ticket.digest()));
    assert_eq!(end.step, Some(44));
    for (name, mask) in ticket.masks() {
        let values = end.weights.floats(name).unwrap();
        let zero_outside = mask.bits().zip(values).all(|(keep, value)| keep || *value == 0.0);
        assert!(zero_outside, "{name}");
        assert_ne!(values, ticket.weights().floats(name).unwrap(), "{name}");
    }
}

#[test]
fn events_tell_the_whole_run_in_order() {
    let run = Run::new(&pruning(), None);
    run.go_well();
    let events = run.events();
    assert!(matches!(events.last(), Some(Event::Done { .. })), "{:?}", events.last());
    let started = events.iter().find_map(|event| match event {
        Event::Started { steps, steps_per_epoch, step, threads, .. } => {
            Some((*steps, *steps_per_epoch, *step, *threads))
        }
        _ => None,
    });
    // Five steps before the rewind point, then three levels of the 39 after it.
    assert_eq!(started, Some((5 + 3 * 39, 22, 0, 1)));
    let mut last = (0, 0);
    for event in &events {
        if let Event::Progress { step, level, level_step, epoch, lr, train_loss, .. } = event {
            let level = u64::from(level.unwrap());
            assert!((*step, level) > last, "{event:?}");
            last = (*step, level);
            assert_eq!(*step, level * 39 + level_step);
            assert_eq!(*epoch, (level_step - 1) / 22);
            assert!((lr - training().lr_at(level_step - 1, 22)).abs() < 1e-12, "{event:?}");
            assert!(train_loss.is_finite());
        }
    }
    assert_eq!(last, (122, 2));
    let evaluated: Vec<_> = events.iter().filter_map(evaluation).collect();
    let levels = [1, 2].into_iter().flat_map(|level| [5, 22, 44].map(|step| (level, step)));
    let expected: Vec<_> = [(0, 0), (0, 5), (0, 22), (0, 44)].into_iter().chain(levels).collect();
    assert_eq!(evaluated, expected);
}

fn evaluation(event: &Event) -> Option<(u32, u64)> {
    match event {
        Event::Evaluated { level, level_step, examples, correct, test_accuracy, .. } => {
            assert_eq!(*examples, 450);
            #[expect(clippy::cast_precision_loss, reason = "a few hundred images")]
            let share = *correct as f64 / 450.0;
            assert!((share - test_accuracy).abs() < 1e-12);
            Some((level.unwrap(), *level_step))
        }
        _ => None,
    }
}

#[test]
fn the_same_recipe_gives_the_same_bytes_and_another_seed_gives_others() {
    let again = Run::new(&pruning(), None);
    again.go_well();
    assert_same(&again.tickets(), undisturbed());
    let mut recipe = pruning();
    recipe.seeds = Seeds { order: 8, ..recipe_seeds() }.into();
    let seeded = Run::new(&recipe, None);
    seeded.go_well();
    assert_ne!(&seeded.tickets(), undisturbed());
}

fn recipe_seeds() -> Seeds {
    Seeds::derive(1)
}

#[test]
fn further_rewind_points_hold_the_dense_weights_of_their_step() {
    let mut recipe = pruning();
    let Task::Imp { snapshot_steps, .. } = &mut recipe.task else { unreachable!() };
    *snapshot_steps = ["0it", "1ep", "2ep"].map(str::to_owned).to_vec();
    let run = Run::new(&recipe, None);
    run.go_well();
    let first = initialise(
        ticket(&run.tickets(), "level_0.safetensors").blueprint(),
        Seeds::derive(1).init,
    );
    let end = trained::decode(&run.tickets()["level_0.trained.safetensors"]).unwrap();
    for level in 0..=2 {
        let masks = ticket(&run.tickets(), &format!("level_{level}.safetensors"));
        for (step, weights) in [("0it", Some(&first)), ("1ep", None), ("2ep", Some(&end.weights))] {
            let snapshot =
                ticket(&run.tickets(), &format!("level_{level}.rewind_{step}.safetensors"));
            assert_eq!(snapshot.masks(), masks.masks());
            assert_eq!(snapshot.about.rewind, Step::parse(step).ok());
            assert!(weights.is_none_or(|weights| weights == snapshot.weights()), "{level} {step}");
        }
    }
    let tickets = run.tickets();
    let same = undisturbed().iter().all(|(name, bytes)| tickets[name] == *bytes);
    assert!(same, "they change nothing else");
}

/// Pruning to level 2 by another criterion: the kept weights of each tensor, level by level.
fn check_criterion(change: impl Fn(&mut CriterionTable)) -> Vec<BTreeMap<String, Mask>> {
    let mut recipe = pruning();
    let mut table = CriterionTable::usual();
    change(&mut table);
    let Task::Imp { criterion, .. } = &mut recipe.task else { unreachable!() };
    *criterion = Some(table.clone());
    let run = Run::new(&recipe, None);
    run.go_well();
    let tickets =
        [0, 1, 2].map(|level| ticket(&run.tickets(), &format!("level_{level}.safetensors")));
    let kept = ladder(tickets[0].blueprint().prunable_weights(), 0.2, 2, Counting::Exact);
    assert_eq!(tickets.each_ref().map(|ticket| ticket.count().kept).as_slice(), kept, "{table:?}");
    let arguments = &tickets[2].about.lineage.acts()[0].arguments;
    assert_eq!(arguments["method"], table.method);
    tickets.iter().map(|ticket| ticket.masks().clone()).collect()
}

#[test]
fn every_criterion_goes_down_the_same_ladder_by_its_own_way() {
    let usual = ticket(undisturbed(), "level_2.safetensors").masks().clone();
    let mut found = vec![usual];
    for (method, score_at, rounds) in [
        ("magnitude", "rewind", 1),
        ("random", "end", 1),
        ("snip", "end", 1),
        ("snip", "rewind", 3),
        ("grasp", "end", 1),
        ("graspabs", "rewind", 1),
        ("synflow", "rewind", 20),
    ] {
        let masks = check_criterion(|table| {
            (table.method, table.score_at) = (method.to_owned(), score_at.to_owned());
            (table.rounds, table.examples) = (rounds, Some(5));
        });
        assert!(!found.contains(&masks[2]), "{method} at {score_at} chose what another chose");
        found.push(masks[2].clone());
    }
}

#[test]
fn layers_that_are_ignored_stay_whole_and_count_all_the_same() {
    for allocation in ["global", "layerwise", "erk"] {
        let masks = check_criterion(|table| {
            table.allocation = allocation.to_owned();
            table.layers_to_ignore = vec!["fc.weight".to_owned()];
        });
        let head = &masks[2]["fc.weight"];
        assert_eq!(head.kept(), head.len(), "{allocation}");
    }
}
