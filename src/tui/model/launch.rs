//! The dialog that starts runs from a ticket: the retraining, its matched controls, or the search in its own model.

mod adopt;
mod again;
pub mod kinds;
mod own;
mod plan;
pub mod seeds;

use std::path::{Path, PathBuf};

use elth_core::{
    family,
    schedule::{NO_MILESTONES, Step, tidy},
    ticket::About,
};
use elth_store::{
    dataset::{Name, choice::Choice},
    run::dir::RunDir,
};

pub use plan::{Job, Plan};

use super::{
    form::{Field, Form},
    shelf::Shelf,
};

/// Labels of the dialog's lines; the training's are the official option names without dashes.
pub mod label {
    /// What is started.
    pub const CONTROL: &str = "start";
    /// The data set.
    pub const DATASET: &str = "dataset";
    /// The step that training starts at.
    pub const START: &str = "start at";
    /// Where chance begins.
    pub const SEED: &str = "seeds";
    /// Where it runs.
    pub const DEVICE: &str = "device";
    /// CPU threads.
    pub const THREADS: &str = "threads";
    /// The last level of a search.
    pub const LEVELS: &str = "levels";
    /// The step that a search rewinds to.
    pub const REWIND: &str = "rewinding steps";
    /// The share that each round of a search prunes.
    pub const FRACTION: &str = "pruning fraction";
}

/// As many threads as there are cores.
const ALL: &str = "all";

/// A ticket on its way into training.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The ticket's file; the run's folder, where a search is started again.
    pub ticket: PathBuf,
    /// What its header says.
    pub about: About,
    /// The answers.
    pub form: Form,
    /// The run whose numbers are proposed, where one is started again.
    pub cloned: Option<RunDir>,
    /// Options of a run that is started again which no line asks for.
    pub rule: Vec<String>,
    /// What is made of the training images first, as in the run that is started again; it is in `rule` too.
    pub choice: Choice,
    /// Where the proposed numbers come from.
    pub origin: &'static str,
    /// The number by which the commands were sent, while they have not answered.
    pub asking: Option<u64>,
    /// Lines that the right pane is scrolled by.
    pub scrolled: usize,
}

impl Launch {
    /// Opens the dialog with the numbers that the ticket was found with, else with the official ones.
    #[must_use]
    pub fn open(ticket: &Path, about: &About, shelf: &Shelf) -> Self {
        let (form, origin) = form(about, shelf.ticket_at(ticket));
        let mut launch = Self {
            ticket: ticket.to_owned(),
            about: about.clone(),
            form,
            cloned: None,
            rule: Vec::new(),
            choice: Choice::default(),
            origin,
            asking: None,
            scrolled: 0,
        };
        launch.refresh(shelf);
        launch
    }

    /// Leaves the lines out that the choice makes idle.
    pub fn refresh(&mut self, _on: &Shelf) {
        let is_search = self.is_search();
        self.form.rest(label::START, is_search);
        for line in [label::LEVELS, label::REWIND, label::FRACTION] {
            self.form.rest(line, !is_search);
        }
    }

    /// Whether somebody has answered anything.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.form.lines.iter().any(Field::is_changed)
    }

    /// Whether the search in the ticket's own model is started.
    #[must_use]
    pub fn is_search(&self) -> bool {
        self.form.answer(label::CONTROL) == kinds::SEARCH
    }
}

fn form(about: &About, ticket: Option<&elth_store::ticket_file::Summary>) -> (Form, &'static str) {
    let found_on = about.dataset.as_deref().unwrap_or_default();
    let mut sets = Name::ALL.map(Name::as_str).to_vec();
    // What it was found on is proposed first.
    sets.sort_by_key(|name| *name != found_on);
    let mut lines = vec![
        Field::choice(
            label::CONTROL,
            &kinds::choices(),
            "the ticket itself, one of its controls (made first), its model's own search, or several of them",
        ),
        Field::choice(label::DATASET, &sets, "the images that it is trained and tested on"),
        Field::choice(
            label::START,
            start_choices(about, found_on),
            "rewind: at the step that its weights are from; zero: at the first step, as for another data set",
        ),
    ];
    let (numbers, origin) = numbers(about);
    let numbers = numbers.into_iter();
    lines.extend(numbers.map(|(name, value)| Field::text_line(name, &value, hint(name))));
    lines.extend(search_lines(about, ticket));
    let devices = ["auto", "cpu", "cuda"].map(str::to_owned).to_vec();
    lines.extend([
        Field::text_line(
            label::SEED,
            "0",
            "weights, data order, augmentation and masks come from it; 1-4 or 1,2,5 start a run of each",
        ),
        Field::either(
            label::DEVICE,
            devices,
            "auto",
            "auto, cpu, cuda or cuda:1; auto takes no GPU that somebody uses",
        ),
        Field::text_line(
            label::THREADS,
            ALL,
            "CPU threads; all: the physical cores that are free to use",
        ),
    ]);
    (Form::new(lines), origin)
}

/// What only a search asks for.
fn search_lines(about: &About, ticket: Option<&elth_store::ticket_file::Summary>) -> [Field; 3] {
    let of_search = |name: &str| {
        let acts = about.lineage.acts().iter().rev();
        acts.filter(|act| act.act == "imp").find_map(|act| act.arguments.get(name).cloned())
    };
    let fraction = of_search("pruning-fraction").unwrap_or_else(|| "0.2".to_owned());
    let level = about.level.or_else(|| level_of(ticket, fraction.parse().ok()?));
    let official = family::default_training(about.blueprint.family).rewinding_steps;
    let rewind = about.rewind.unwrap_or(official);
    [
        Field::text_line(
            label::LEVELS,
            &level.unwrap_or(0).to_string(),
            "the last level of the search: the ticket's own, or the one nearest to its density",
        ),
        Field::text_line(
            label::REWIND,
            &rewind.to_string(),
            "the step that weights are rewound to after every round",
        ),
        Field::text_line(
            label::FRACTION,
            &fraction,
            "the share of the remaining weights that every round prunes",
        ),
    ]
}

/// The level whose density is nearest to the ticket's.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a level below 100")]
fn level_of(ticket: Option<&elth_store::ticket_file::Summary>, fraction: f64) -> Option<u32> {
    let density = super::shelf::count(ticket?)?.density();
    let level = (density.ln() / (1.0 - fraction).ln()).round();
    (0.0..=100.0).contains(&level).then_some(level as u32)
}

fn start_choices(about: &About, found_on: &str) -> &'static [&'static str] {
    let elsewhere = found_on.parse::<Name>().is_err();
    if about.rewind.is_none() || elsewhere { &["zero", "rewind"] } else { &["rewind", "zero"] }
}

/// The numbers of a training under their official names, and where they come from.
fn numbers(about: &About) -> (Vec<(&'static str, String)>, &'static str) {
    let official = family::default_training(about.blueprint.family);
    let steps: Vec<_> = official.milestone_steps.iter().map(Step::to_string).collect();
    let milestones = if steps.is_empty() { NO_MILESTONES.to_owned() } else { steps.join(",") };
    let mut numbers = vec![
        ("training steps", official.training_steps.to_string()),
        ("batch size", official.batch_size.to_string()),
        ("lr", tidy(official.lr)),
        ("milestone steps", milestones),
        ("gamma", official.gamma.to_string()),
        ("warmup steps", official.warmup_steps.to_string()),
        ("momentum", official.momentum.to_string()),
        ("weight decay", official.weight_decay.to_string()),
    ];
    let acts = about.lineage.acts().iter().rev();
    let mut found = acts.filter(|act| act.arguments.contains_key("training-steps"));
    let Some(act) = found.next() else {
        return (numbers, "the official ones of its family");
    };
    for (name, value) in &mut numbers {
        if let Some(used) = act.arguments.get(&name.replace(' ', "-")) {
            // Old tickets say nothing where the rate never drops.
            *value = if used.is_empty() { NO_MILESTONES.to_owned() } else { used.clone() };
        }
    }
    (numbers, "those the ticket was found with")
}

fn hint(name: &str) -> &'static str {
    match name {
        "training steps" => "where training ends: 160ep, 1000it or 2ep218it",
        "batch size" => "images in a step",
        "lr" => "learning rate before milestones and warm-up",
        "milestone steps" => {
            "where the learning rate is multiplied by gamma, with commas between; or none"
        }
        "gamma" => "factor at each milestone",
        "warmup steps" => "over how many steps the learning rate rises from 0",
        "momentum" => "momentum of SGD",
        _ => "L2 penalty on every parameter",
    }
}
