//! The dialog that retrains a ticket: every number of the training, and the commands they make.

mod adopt;

use std::path::{Path, PathBuf};

use elth_core::{control::Kind, family, schedule::Step, ticket::About};
use elth_store::dataset::Name;

use super::{
    Places,
    form::{Field, Form},
    shelf::{Shelf, stem},
    transform::free_name,
};

/// Labels of the dialog's lines; the training's are the official option names without dashes.
pub mod label {
    /// The control that is made of the ticket first.
    pub const CONTROL: &str = "control";
    /// The data set.
    pub const DATASET: &str = "dataset";
    /// The step that training starts at.
    pub const START: &str = "start at";
    /// Where chance begins.
    pub const SEED: &str = "seed";
    /// Where it runs.
    pub const DEVICE: &str = "device";
    /// CPU threads.
    pub const THREADS: &str = "threads";
}

/// The ticket itself, no control of it.
const NONE: &str = "none";
/// The control that only stretched tickets have: the masks of the copies shuffled.
const COPIES: &str = "permuted-copies";
/// As many threads as there are cores.
const ALL: &str = "all";

/// A ticket on its way into training.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The ticket's file.
    pub ticket: PathBuf,
    /// What its header says.
    pub about: About,
    /// The answers.
    pub form: Form,
    /// Where the proposed numbers come from.
    pub origin: &'static str,
    /// The file that a control goes to.
    pub control: String,
    /// Whether the commands were sent and have not answered yet.
    pub is_starting: bool,
    /// Lines that the right pane is scrolled by.
    pub scrolled: usize,
}

impl Launch {
    /// Opens the dialog with the numbers that the ticket was found with, else with the official ones.
    #[must_use]
    pub fn open(ticket: &Path, about: &About, shelf: &Shelf) -> Self {
        let found_on = about.dataset.as_deref().unwrap_or_default();
        let mut sets = Name::ALL.map(Name::as_str).to_vec();
        // What it was found on is proposed first.
        sets.sort_by_key(|name| *name != found_on);
        let kinds: Vec<&str> =
            [NONE].into_iter().chain(Kind::ALL.map(Kind::name)).chain([COPIES]).collect();
        let mut lines = vec![
            Field::choice(
                label::CONTROL,
                &kinds,
                "none: the ticket itself; else its control is made first and trained instead",
            ),
            Field::choice(label::DATASET, &sets, "the images that it is trained and tested on"),
            Field::choice(
                label::START,
                start_choices(about, found_on),
                "rewind: at the step that its weights are from; zero: at the first step, as for another data set",
            ),
        ];
        let (numbers, origin) = numbers(about);
        lines.extend(
            numbers.into_iter().map(|(name, value)| Field::text_line(name, &value, hint(name))),
        );
        let devices = ["auto", "cpu", "cuda"].map(str::to_owned).to_vec();
        lines.extend([
            Field::text_line(label::SEED, "0", "derives weights, data order, augmentation and masks; another seed, another training"),
            Field::either(label::DEVICE, devices, "auto", "auto, cpu, cuda or cuda:1; auto takes no GPU that somebody uses"),
            Field::text_line(label::THREADS, ALL, "CPU threads; all: the physical cores that are free to use"),
        ]);
        let mut launch = Self {
            ticket: ticket.to_owned(),
            about: about.clone(),
            form: Form::new(lines),
            origin,
            control: String::new(),
            is_starting: false,
            scrolled: 0,
        };
        launch.refresh(shelf);
        launch
    }

    /// Works out the control's name again.
    pub fn refresh(&mut self, on: &Shelf) {
        let (kind, seed) = (self.form.answer(label::CONTROL), self.form.answer(label::SEED));
        let name = format!("{}-{kind}-s{}", stem(&self.ticket), seed.trim());
        self.control = free_name(&name, on);
    }

    /// The commands of `elth`, in order: the control if one is wanted, then the training.
    #[must_use]
    pub fn commands(&self, places: &Places) -> Vec<Vec<String>> {
        let text = |path: &Path| path.display().to_string();
        let (mut commands, mut ticket) = (Vec::new(), text(&self.ticket));
        let (kind, seed) = (self.form.answer(label::CONTROL), self.form.answer(label::SEED).trim());
        if kind != NONE {
            let output = text(&places.home.tickets().join(format!("{}.safetensors", self.control)));
            let words = ["control", &ticket, "--kind", kind, "--seed", seed, "-o", &output];
            commands.push(words.map(str::to_owned).to_vec());
            ticket = output;
        }
        let mut train = vec!["train".to_owned(), ticket];
        for line in &self.form.lines {
            let (name, value) = (line.label, line.text().trim());
            let unsaid = name == label::CONTROL || value.is_empty();
            if !unsaid && (name != label::THREADS || value != ALL) {
                train.extend([format!("--{}", name.replace(' ', "-")), value.to_owned()]);
            }
        }
        train.extend(["--detach", "--json"].map(str::to_owned));
        commands.push(train);
        commands
    }
}

fn start_choices(about: &About, found_on: &str) -> &'static [&'static str] {
    let elsewhere = found_on.parse::<Name>().is_err();
    if about.rewind.is_none() || elsewhere { &["zero", "rewind"] } else { &["rewind", "zero"] }
}

/// The numbers of a training under their official names, and where they come from.
fn numbers(about: &About) -> (Vec<(&'static str, String)>, &'static str) {
    let official = family::default_training(about.blueprint.family);
    let milestones: Vec<_> = official.milestone_steps.iter().map(Step::to_string).collect();
    let mut numbers = vec![
        ("training steps", official.training_steps.to_string()),
        ("batch size", official.batch_size.to_string()),
        ("lr", official.lr.to_string()),
        ("milestone steps", milestones.join(",")),
        ("gamma", official.gamma.to_string()),
        ("warmup steps", official.warmup_steps.to_string()),
        ("momentum", official.momentum.to_string()),
        ("weight decay", official.weight_decay.to_string()),
    ];
    let acts = about.lineage.0.iter().rev();
    let mut found = acts.filter(|act| act.arguments.contains_key("training-steps"));
    let Some(act) = found.next() else {
        return (numbers, "the official ones of its family");
    };
    for (name, value) in &mut numbers {
        if let Some(used) = act.arguments.get(&name.replace(' ', "-")) {
            value.clone_from(used);
        }
    }
    (numbers, "those the ticket was found with")
}

fn hint(name: &str) -> &'static str {
    match name {
        "training steps" => "where training ends: 160ep, 1000it or 2ep218it",
        "batch size" => "images in a step",
        "lr" => "learning rate before milestones and warm-up",
        "milestone steps" => "where the learning rate is multiplied by gamma, with commas between",
        "gamma" => "factor at each milestone",
        "warmup steps" => "over how many steps the learning rate rises from 0",
        "momentum" => "momentum of SGD",
        _ => "L2 penalty on every parameter",
    }
}
