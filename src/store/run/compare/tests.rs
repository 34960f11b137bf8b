//! What belongs together, and what it came to.

use elth_core::{
    blueprint::{Blueprint, Family, Input},
    chance::Seeds,
    family::default_training,
    ticket::{
        Outside,
        lineage::{Act, Lineage},
    },
};

use super::*;
use crate::run::{control::Wanted, recipe::TrainingTable, standing::Said};

fn recipe(seed: u64) -> Recipe {
    Recipe {
        schema: 1,
        build: "0".to_owned(),
        trainer: "/elth-worker".into(),
        model: "cifar_resnet_20_8".to_owned(),
        classes: 10,
        input: "3x8x8".to_owned(),
        dataset: "digits".to_owned(),
        data_digest: "0".to_owned(),
        data_dir: "/data".into(),
        device: "cpu".to_owned(),
        threads: 2,
        precision: "exact".to_owned(),
        task: Task::Train {
            ticket: format!("ticket {seed}"),
            ticket_name: "t".to_owned(),
            start_at: "42it".to_owned(),
            moving: None,
        },
        training: TrainingTable::from(&default_training(Family::CifarResnet)),
        seeds: Seeds::derive(seed).into(),
        choice: crate::dataset::choice::Choice::default(),
    }
}

fn run(number: u32, recipe: Recipe, accuracy: f64) -> Standing {
    let said = Said { test_accuracy: Some(accuracy), ..Said::default() };
    Standing {
        dir: RunDir::at(format!("/runs/train-{number}")),
        recipe,
        state: State::Done,
        reason: None,
        wanted: Wanted::Run,
        said,
    }
}

fn header(acts: Vec<Act>, level: u32) -> Header {
    let input = Some(Input::new(3, 8, 8));
    let blueprint = Blueprint::new("cifar_resnet_20_8", None, input).unwrap();
    let about = About {
        blueprint: blueprint.into(),
        dataset: Some("digits".to_owned()),
        data_digest: None,
        level: Some(level),
        rewind: None,
        outside: Outside::Dense,
        lineage: Lineage::new(acts),
    };
    let count = Count { kept: 1000 >> level, weights: 1000 };
    Header { about, count: Some(count) }
}

fn imp(seed: u64) -> Act {
    Act::new("imp").with("seed-init", seed.to_string()).with("level", "3")
}

fn stretched() -> Act {
    let act = Act::new("transform").with("from", "cifar_resnet_14_8");
    act.with("to", "cifar_resnet_20_8").with("map", "0:0;1:1,2")
}

fn permuted(seed: u64) -> Act {
    Act::new("control").with("kind", "permuted").with("seed-mask", seed.to_string())
}

fn all(runs: &[(Standing, Header)]) -> Vec<Group> {
    let all = runs.iter().flat_map(|(run, header)| outcomes(run, Some(header), &BTreeMap::new()));
    groups(&all.collect::<Vec<_>>())
}

#[test]
fn runs_that_differ_by_seeds_alone_are_one_group() {
    let ticket = |seed| header(vec![imp(seed), stretched()], 3);
    let control = |seed| header(vec![imp(1), stretched(), permuted(seed)], 3);
    let mut slower = recipe(1);
    slower.training.lr = 0.01;
    let mut elsewhere = recipe(3);
    (elsewhere.threads, elsewhere.device) = (8, "cuda".to_owned());
    let groups = all(&[
        (run(1, recipe(1), 0.90), ticket(1)),
        (run(2, recipe(1), 0.92), ticket(1)),
        (run(3, elsewhere, 0.94), ticket(3)),
        (run(4, recipe(1), 0.80), control(1)),
        (run(5, recipe(2), 0.82), control(2)),
        (run(6, slower, 0.50), ticket(1)),
        (run(7, recipe(1), 0.70), header(vec![imp(1), stretched()], 4)),
    ]);
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.like.label(), group.tickets, group.values.len()))
        .collect();
    let name = "cifar_resnet_20_8";
    assert_eq!(
        told,
        [
            (format!("stretched {name} L3"), 2, 3),
            (format!("permuted {name} L3"), 2, 2),
            (format!("stretched {name} L3"), 1, 1),
            (format!("stretched {name} L4"), 1, 1),
        ]
    );
    assert!((groups[0].sample.unwrap().mean - 0.92).abs() < 1e-12);
    let lines: Vec<usize> = lines(&groups).iter().map(Vec::len).collect();
    assert_eq!(lines, [2, 1, 1], "two levels of one line, a control, another training");
}

#[test]
fn only_what_is_done_counts_as_a_result() {
    let ticket = || header(vec![imp(1)], 3);
    let stands = |number, seed, accuracy, state| {
        (Standing { state, ..run(number, recipe(seed), accuracy) }, ticket())
    };
    let mut runs = vec![
        stands(1, 1, 0.30, State::Stopped),
        stands(2, 2, 0.90, State::Done),
        stands(3, 3, 0.20, State::Failed),
        stands(4, 4, 0.92, State::Done),
        stands(5, 5, 0.10, State::Running),
    ];
    let [group] = all(&runs).try_into().unwrap();
    assert_eq!((group.values, group.tickets, group.runs.len()), (vec![0.90, 0.92], 2, 5));
    assert!((group.sample.unwrap().mean - 0.91).abs() < 1e-12);
    let ids: Vec<String> = group.not_done.iter().map(RunDir::id).collect();
    assert_eq!(ids, ["train-1", "train-3", "train-5"]);
    let standings: Vec<&Standing> = runs.iter().map(|(run, _)| run).collect();
    assert_eq!(not_done(&standings), ["train-1 stopped", "train-3 failed", "train-5 running"]);

    runs.retain(|(run, _)| run.state != State::Done);
    let groups = all(&runs);
    assert_eq!((groups[0].sample, groups[0].tickets), (None, 0));
    assert!(lines(&groups).is_empty(), "nothing to draw yet");
}

#[test]
fn results_on_other_copies_of_the_data_are_never_pooled() {
    let other = Recipe { data_digest: "1".to_owned(), ..recipe(2) };
    let ticket = || header(vec![imp(1)], 3);
    let groups = all(&[(run(1, recipe(1), 0.9), ticket()), (run(2, other, 0.9), ticket())]);
    assert_eq!(groups.len(), 2);
}

#[test]
fn a_search_gives_a_result_for_each_level() {
    let task = Task::Imp {
        levels: 2,
        pruning_fraction: 0.2,
        counting: "exact".to_owned(),
        snapshot_steps: Vec::new(),
        criterion: None,
    };
    let mut search = run(1, Recipe { task, ..recipe(1) }, 0.9);
    (search.said.level, search.state) = (Some(2), State::Running);
    let levels = BTreeMap::from([
        (0, (Some(67_992), Some(0.95))),
        (1, (Some(54_394), Some(0.96))),
        (2, (Some(43_515), None)),
    ]);
    let outcomes = outcomes(&search, None, &levels);
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|result| result.is_final && result.origin == Origin::Search));
    assert_eq!(lines(&groups(&outcomes)).len(), 1);
}

#[test]
fn only_what_differs_between_recipes_is_told() {
    let (one, mut other) = (recipe(1), recipe(2));
    other.training.lr = 0.05;
    let told = differences(&[&one, &other]);
    let keys: Vec<_> = told.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys[0], "seeds.augment");
    assert!(keys.contains(&"task.ticket") && !keys.contains(&"model"), "{keys:?}");
    let lr = told.iter().find(|(key, _)| key == "training.lr").unwrap();
    assert_eq!(lr.1, ["0.1", "0.05"]);
    assert!(differences(&[&one, &one]).is_empty());
}
