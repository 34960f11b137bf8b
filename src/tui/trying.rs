//! What tests need: tickets, shelves and runs that are made up, and a workbench to press keys on.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::{Blueprint, Input},
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
        control::Wanted,
        dir::RunDir,
        event::Event,
        recipe::{Recipe, Task, TrainingTable},
        standing::{Said, Standing, State},
    },
    ticket_file::{self, Summary},
};
use ratatui::buffer::Buffer;

use crate::{
    effect::Effect,
    key::Key,
    layout::Size,
    message::Message,
    model::{
        Model, Places,
        shelf::{Listing, ModelLine},
    },
    perform, portrait,
    study::{Finding, Study},
    theme::{self, styles::Styles},
    update::update,
    view::view,
};

/// The directory of a run in the tests' home.
#[must_use]
pub fn dir(id: &str) -> RunDir {
    RunDir::at(format!("/home/me/runs/{id}"))
}

/// That these runs stand so.
#[must_use]
pub fn stood(standings: Vec<Standing>) -> Message {
    Message::Stood { standings, broken: Vec::new() }
}

/// A shelf of three and runs in every state, seen on the runs' screen; the youngest works.
#[must_use]
pub fn runs() -> Bench {
    let states = [
        State::Done,
        State::Stopped,
        State::Lost,
        State::Failed,
        State::Paused,
        State::Waiting,
        State::Running,
    ];
    let all =
        (1..).zip(states).map(|(number, state)| standing(&format!("train-{number}"), state, 420));
    given(shelf_of(3)).happens(stood(all.collect())).press("tab")
}

/// A ticket of that model with about that share of zeros, the same every time.
pub fn ticket(model: &str, sparsity: f64, level: u32) -> Ticket {
    let input = Input::new(3, 8, 8);
    let blueprint = Blueprint::new(model, None, Some(input).filter(|_| model.contains("resnet")));
    let blueprint = blueprint.unwrap();
    let seed = u64::from(level) + 1;
    let mut chance = elth_core::chance::stream(seed, "trying");
    let masks: BTreeMap<String, Mask> = blueprint
        .prunable()
        .enumerate()
        .map(|(at, tensor)| {
            #[expect(clippy::cast_precision_loss, reason = "a few tensors")]
            let kept = ((1.0 - sparsity) * (0.4 + 0.15 * at as f64)).min(1.0);
            (tensor.name.clone(), Mask::from_fn(tensor.len(), |_| chance.uniform() < kept))
        })
        .collect();
    let act = Act::new("imp").with("levels", level.to_string()).with("seed", "7");
    let about = About {
        dataset: Some("digits".to_owned()),
        data_digest: None,
        level: Some(level),
        rewind: Some(Step::iterations(42)),
        outside: Outside::Dense,
        lineage: Lineage::new(vec![act]),
        blueprint: blueprint.clone().into(),
    };
    Ticket::assemble(about, initialise(&blueprint, seed), masks).unwrap()
}

/// What the header of such a ticket says.
pub fn summary(path: &str, ticket: &Ticket) -> Summary {
    Summary {
        path: PathBuf::from(path),
        about: ticket.about.clone(),
        kept: Some(ticket.count().kept),
        weights: ticket.count().weights,
        digest: Some(ticket.digest().to_string()),
    }
}

/// A training step's event.
pub fn progress(step: u64, train_loss: f64) -> Event {
    let (level, level_step, epoch) = (None, step, step / 20);
    Event::Progress {
        step,
        level,
        level_step,
        epoch,
        train_loss,
        lr: 0.1,
        images_per_second: 800.0,
    }
}

/// An evaluation's event.
pub fn evaluated(step: u64, test_accuracy: f64) -> Event {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few images")]
    let correct = (450.0 * test_accuracy).round() as u64;
    Event::Evaluated {
        step,
        level: None,
        level_step: step,
        test_loss: 2.5 * (1.0 - test_accuracy),
        test_accuracy,
        correct,
        examples: 450,
    }
}

/// A run that retrains a ticket, so far on.
pub fn standing(id: &str, state: State, step: u64) -> Standing {
    let training = elth_core::family::default_training(elth_core::blueprint::Family::CifarResnet);
    let recipe = Recipe {
        schema: 1,
        build: "0".to_owned(),
        trainer: PathBuf::from("/elth-worker"),
        model: "cifar_resnet_20_8".to_owned(),
        classes: 10,
        input: "3x8x8".to_owned(),
        dataset: "digits".to_owned(),
        data_digest: "0".to_owned(),
        data_dir: PathBuf::from("/data"),
        device: "cpu".to_owned(),
        threads: 2,
        precision: "exact".to_owned(),
        task: Task::Train {
            ticket: "ab".repeat(32),
            ticket_name: "r14-l12-to-20x8".to_owned(),
            start_at: "42it".to_owned(),
            moving: None,
        },
        training: TrainingTable::from(&training),
        seeds: elth_core::chance::Seeds::derive(1).into(),
        choice: elth_store::dataset::choice::Choice::default(),
    };
    let mut said = Said { steps: Some(840), steps_per_epoch: Some(21), ..Said::default() };
    said.device = Some("cpu".to_owned());
    for event in [progress(step, 0.5), evaluated(step, 0.9)].iter().filter(|_| step > 0) {
        said.hear(event);
    }
    let reason = (state == State::Failed).then(|| "the loss became NaN at step 77".to_owned());
    Standing {
        dir: RunDir::at(format!("/home/me/runs/{id}")),
        recipe,
        state,
        reason,
        wanted: Wanted::Run,
        said,
    }
}

/// A workbench under test.
#[derive(Clone)]
pub struct Bench {
    /// Its state.
    pub model: Model,
    /// What it has asked of the world since the last look.
    pub effects: Vec<Effect>,
    tickets: BTreeMap<PathBuf, Ticket>,
}

/// A workbench with that many tickets on the shelf.
pub fn shelf_of(tickets: u32) -> Bench {
    let places = Places { home: Home::at(Path::new("/home/me")), data_dir: PathBuf::from("/data") };
    let names = theme::BUILTIN.map(|(name, _)| name.to_owned()).to_vec();
    let model = Model::new(Size::new(80, 24), places, names, None);
    let mut bench = Bench { model, effects: Vec::new(), tickets: BTreeMap::new() };
    for level in 1..=tickets {
        let sparsity = 1.0 - 0.8_f64.powi(i32::try_from(3 * level).unwrap());
        let path = PathBuf::from(format!("/home/me/tickets/ticket-{level}.safetensors"));
        bench.tickets.insert(path, ticket("cifar_resnet_14_8", sparsity, level));
    }
    let names = ["cifar_resnet_14_8", "cifar_resnet_20", "cifar_resnet_56", "mnist_lenet_300_100"];
    let models = names.iter().map(|name| ModelLine::of(&Blueprint::new(name, None, None).unwrap()));
    let summaries = bench.tickets.iter();
    let listing = Listing {
        models: models.collect(),
        tickets: summaries.map(|(path, t)| summary(&path.display().to_string(), t)).collect(),
        unreadable: Vec::new(),
    };
    bench.happens(Message::Shelved { generation: 0, listing })
}

/// Starts a sentence: `given(shelf_of(3)).press("j j enter").shows("…")`.
pub fn given(bench: Bench) -> Bench {
    bench
}

impl Bench {
    /// Something happens; tickets that are asked for are read at once.
    pub fn happens(mut self, message: Message) -> Self {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in update(&mut self.model, message) {
                if let Effect::Portray { path, generation, .. } = &effect {
                    let outcome = self.tickets.get(path).map(portrait::of).map(Box::new);
                    let outcome = outcome.ok_or_else(|| "there is no such file".to_owned());
                    let (path, generation) = (path.clone(), *generation);
                    let outcome = Some(outcome);
                    messages.push(Message::Portrayed { path, generation, outcome });
                }
                if let Effect::Study { study, generation, .. } = &effect {
                    let outcome = Some(self.found(study).map(Box::new));
                    let (study, generation) = (study.clone(), *generation);
                    messages.push(Message::Studied { study, generation, outcome });
                }
                self.effects.push(effect);
            }
        }
        self
    }

    /// What a study finds, in files as they are on a disk.
    fn found(&self, study: &Study) -> Result<Finding, String> {
        let folder = tempfile::tempdir().unwrap();
        let there = |path: &Path| {
            let file = folder.path().join(path.file_name().unwrap());
            if let Some(ticket) = self.tickets.get(path) {
                ticket_file::write(&file, ticket).unwrap();
            }
            file
        };
        let study = match study.clone() {
            Study::Tensor { path, tensor, before } => {
                let before = before.map(|before| there(&before));
                Study::Tensor { path: there(&path), tensor, before }
            }
            Study::Channel { path, tensor, output } => {
                Study::Channel { path: there(&path), tensor, output }
            }
            Study::Weights { path } => Study::Weights { path: there(&path) },
            Study::Change { path, other, signs } => {
                Study::Change { path: there(&path), other: there(&other), signs }
            }
        };
        perform::study::find(&study).map_err(|error| error.to_string())
    }

    /// Keys are pressed, named with spaces between.
    pub fn press(mut self, keys: &str) -> Self {
        self.effects.clear();
        for key in keys.split(' ') {
            self = self.happens(Message::Pressed(Key::named(key)));
        }
        self
    }

    /// A text is typed, letter by letter.
    pub fn types(mut self, text: &str) -> Self {
        for letter in text.chars() {
            let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
            self = self.happens(Message::Pressed(Key::named(&name)));
        }
        self
    }

    /// The terminal has another size.
    pub fn sized(self, columns: u16, rows: u16) -> Self {
        self.happens(Message::Resized(Size::new(columns, rows)))
    }

    /// The screen, cell by cell.
    pub fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.model.size.area());
        let theme = theme::Theme::parse("terminal", theme::BUILTIN[0].1).unwrap();
        view(&self.model, Styles(&theme), &mut buffer);
        buffer
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width));
        let text =
            rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>());
        text.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// The screen has this text somewhere.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        let screen = self.screen();
        assert!(screen.contains(text), "no `{text}` on\n{screen}");
        self
    }

    /// The screen has this text nowhere.
    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "`{text}` on\n{screen}");
        self
    }

    /// The last keys asked for exactly these effects.
    #[track_caller]
    pub fn asks(self, effects: &[Effect]) -> Self {
        assert_eq!(self.effects, effects);
        self
    }
}
