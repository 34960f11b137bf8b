//! A run is recalled as it stood, or not at all.

use std::{fs, path::Path, thread, time::Duration};

use super::*;
use crate::{
    remembered::Place,
    run::{
        ending::{self, Ending},
        event::Event,
        event_log::Writer,
        standing,
    },
};

const RECIPE: &str = r#"schema = 1
build = "b"
trainer = "/t"
model = "mnist_lenet_3_2"
classes = 10
input = "1x28x28"
dataset = "mnist"
data_digest = "d"
data_dir = "/d"
device = "cpu"
threads = 1
precision = "exact"
[task]
kind = "imp"
levels = 3
pruning_fraction = 0.2
counting = "exact"
[training]
training_steps = "10it"
rewinding_steps = "2it"
milestone_steps = []
warmup_steps = "0it"
batch_size = 8
lr = 0.1
gamma = 0.1
momentum = 0.9
weight_decay = 0.0
[seeds]
init = 1
order = 2
augment = 3
mask = 4
"#;

/// Runs that ended as their names say, two seconds and more ago.
fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, loss) in [("done", 0.25), ("broken", f64::NAN)] {
        let dir = at(folder.path(), name);
        fs::create_dir(dir.path()).unwrap();
        fs::write(dir.recipe(), RECIPE).unwrap();
        let mut log = Writer::open(&dir.events()).unwrap();
        let (step, level, kept) = (4, Some(1), Some(7));
        let progress = Event::Progress {
            step,
            level,
            level_step: 4,
            epoch: 0,
            train_loss: loss,
            lr: 0.1,
            images_per_second: 3.5,
        };
        let (path, digest) = ("tickets/level_1.safetensors".to_owned(), "1a2b".to_owned());
        let wrote = Event::Wrote { path, digest, level, kept };
        for event in [progress, wrote, Event::Done { at: "2026-01-01T00:00:00Z".to_owned() }] {
            log.append(&event).unwrap();
        }
        let (at, state) = ("2026-01-01T00:00:01Z".to_owned(), "done".to_owned());
        ending::write(&dir, &Ending { state, at, reason: None, exit: Some(0) }).unwrap();
    }
    thread::sleep(Duration::from_millis(2_100));
    folder
}

fn at(home: &Path, name: &str) -> RunDir {
    RunDir::at(home.join(name))
}

fn read(dir: &RunDir) -> Resting {
    let rest = Rest::of(dir).expect("it rests");
    let (mut standing, mut tail) = (standing::open(dir).unwrap(), Tail::default());
    while standing::catch_up(&mut standing, &mut tail) {}
    Resting { standing, tail, rest }
}

#[test]
fn a_run_that_rests_is_recalled_as_it_stood() {
    let folder = home();
    let place =
        Place { folder: folder.path().join("cache"), home: "h".to_owned(), build: "1".to_owned() };
    let (done, broken) = (at(folder.path(), "done"), at(folder.path(), "broken"));
    let mut news = News::of(KIND);
    note(&mut news, &read(&done));
    note(&mut news, &read(&broken));
    news.tell(&place).unwrap();
    let index = Remembered::read(&place, KIND);
    assert!(news.is_in(&index));
    assert_eq!(recall(&index, &done), Some(read(&done)));
    assert_eq!(recall(&index, &broken), None, "no JSON holds its loss");
    Writer::open(&done.events()).unwrap().append(&Event::Note { text: String::new() }).unwrap();
    assert_eq!(recall(&index, &done), None, "it spoke");
}

#[test]
fn a_run_with_another_recipe_is_read_again() {
    let folder = home();
    let place =
        Place { folder: folder.path().join("cache"), home: "h".to_owned(), build: "1".to_owned() };
    let done = at(folder.path(), "done");
    let mut news = News::of(KIND);
    note(&mut news, &read(&done));
    news.tell(&place).unwrap();
    let index = Remembered::read(&place, KIND);
    assert!(recall(&index, &done).is_some());
    // In place, which the directory does not see.
    fs::write(done.recipe(), RECIPE.replace("levels = 3", "levels = 4")).unwrap();
    assert_eq!(recall(&index, &done), None);
    fs::write(done.recipe(), RECIPE).unwrap();
    fs::write(done.result(), "{}").unwrap();
    assert_eq!(recall(&index, &done), None, "or with another end");
}
