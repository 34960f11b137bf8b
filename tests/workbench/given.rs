//! Homes with tickets and runs that are made up.

use std::{collections::BTreeMap, path::Path};

use elth_core::{
    blueprint::{Blueprint, Family, Input},
    chance::{Seeds, stream},
    family::default_training,
    initialise::initialise,
    mask::Mask,
    schedule::Step,
    ticket::{
        About, Outside, Ticket,
        lineage::{Act, Lineage},
    },
};
use elth_store::{
    home::Home,
    run::{
        dir::RunDir,
        event::Event,
        launch,
        recipe::{Recipe, Task, TrainingTable},
    },
    ticket_file,
};
use tempfile::TempDir;

/// A folder that is gone after the test, as a home with that many tickets.
pub fn home(tickets: u32) -> (TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    std::fs::create_dir(home.tickets()).unwrap();
    for level in 1..=tickets {
        let path = home.tickets().join(format!("found-{level}.safetensors"));
        ticket_file::write(&path, &ticket(level)).unwrap();
    }
    (folder, home)
}

fn ticket(level: u32) -> Ticket {
    let input = Some(Input::new(3, 8, 8));
    let blueprint = Blueprint::new("cifar_resnet_14_4", None, input).unwrap();
    let kept = 0.8_f64.powi(i32::try_from(level).unwrap());
    let mut chance = stream(level.into(), "workbench test");
    let masks: BTreeMap<String, Mask> = blueprint
        .prunable()
        .map(|plan| (plan.name.clone(), Mask::from_fn(plan.len(), |_| chance.uniform() < kept)))
        .collect();
    let about = About {
        dataset: Some("digits".to_owned()),
        data_digest: None,
        level: Some(level),
        rewind: Some(Step::iterations(42)),
        outside: Outside::Dense,
        lineage: Lineage::new(vec![Act::new("imp")]),
        blueprint: blueprint.clone().into(),
    };
    Ticket::assemble(about, initialise(&blueprint, 1), masks).unwrap()
}

/// The directory of a run that nothing works on.
pub fn run(home: &Home) -> RunDir {
    let recipe = Recipe {
        schema: 1,
        build: "test".to_owned(),
        trainer: "/nowhere/elth-worker".into(),
        model: "cifar_resnet_14_4".to_owned(),
        classes: 10,
        input: "3x8x8".to_owned(),
        dataset: "digits".to_owned(),
        data_digest: "0".repeat(64),
        data_dir: Path::new("/nowhere").to_owned(),
        device: "cpu".to_owned(),
        threads: 1,
        precision: "exact".to_owned(),
        task: Task::Train {
            ticket: "0".repeat(64),
            ticket_name: "found-1".to_owned(),
            start_at: "42it".to_owned(),
            moving: None,
        },
        training: TrainingTable::from(&default_training(Family::CifarResnet)),
        seeds: Seeds::derive(0).into(),
        choice: elth_store::dataset::choice::Choice::default(),
    };
    launch::create(&home.runs(), &recipe, None).unwrap()
}

/// A trainer's first word.
pub fn started(steps: u64) -> Event {
    Event::Started {
        at: "2025-01-01T00:00:00Z".to_owned(),
        device: "cpu".to_owned(),
        device_uuid: None,
        threads: 1,
        steps,
        steps_per_epoch: 20,
        step: 0,
    }
}

/// A step of its training.
pub fn progress(step: u64) -> Event {
    Event::Progress {
        step,
        level: None,
        level_step: step,
        epoch: step / 20,
        train_loss: 1.0,
        lr: 0.1,
        images_per_second: 500.0,
    }
}
