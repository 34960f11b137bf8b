//! What would be started: every number of it, or everything that is wrong with the answers.

use std::{cell::RefCell, path::Path};

use elth_core::{
    blueprint::Blueprint,
    chance::Seeds,
    control::Change,
    head::refitted,
    schedule::{Step, Training, iterations_per_epoch, milestones},
    ticket::Count,
};
use elth_store::{
    dataset::{Name, preprocessing::entering_shape},
    run::plan::{self, check_training},
    ticket_file::Summary,
};

use super::{ALL, Launch, kinds, label, own, seeds};
use crate::model::{
    Places,
    form::Form,
    shelf::{Shelf, count, stem},
    transform::free_name,
};

/// Checked answers, and what they start.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The runs, in the order in which they start.
    pub jobs: Vec<Job>,
    /// How each is trained.
    pub training: Training,
    /// The network, with the head that the data set wants.
    pub blueprint: Blueprint,
    /// On what.
    pub dataset: Name,
    /// Images that it learns from.
    pub images: usize,
    /// Steps in an epoch.
    pub per_epoch: u64,
    /// The step that training starts at.
    pub start: u64,
    /// The step that it ends at.
    pub end: u64,
    /// The last level, of a search.
    pub levels: u32,
    /// The words of each command of `elth`, in order.
    pub commands: Vec<Vec<String>>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What is trained.
    pub kind: &'static str,
    /// With which seed.
    pub seed: u64,
    /// The control that is there already and is not made again.
    pub reuses: Option<String>,
}

impl Plan {
    /// Steps of a run: a search trains anew at every level, from the rewind step on.
    #[must_use]
    pub fn steps(&self, job: &Job) -> u64 {
        let rewind = self.training.rewinding_steps.at(self.per_epoch).min(self.end);
        match job.kind {
            kinds::SEARCH => self.end + u64::from(self.levels) * (self.end - rewind),
            _ => self.end - self.start,
        }
    }

    /// Steps of all runs.
    #[must_use]
    pub fn all_steps(&self) -> u64 {
        self.jobs.iter().map(|job| self.steps(job)).sum()
    }
}

/// Reads answers one by one and keeps what is wrong with them.
struct Reader<'a> {
    form: &'a Form,
    wrong: RefCell<Vec<String>>,
}

impl Reader<'_> {
    fn read<T, E: std::fmt::Display>(
        &self,
        label: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.form.answer(label).trim();
        let parsed = parse(text).map_err(|error| format!("{label}: {error}"));
        self.keep(parsed)
    }

    fn number(&self, label: &str) -> Option<f64> {
        self.read(label, |text| text.parse().map_err(|_| format!("`{text}` is no number")))
    }

    fn keep<T>(&self, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|error| self.wrong.borrow_mut().push(error)).ok()
    }
}

/// The data set; how many images a folder holds is not known before it is read.
fn dataset(text: &str) -> Result<Name, String> {
    match text.parse().map_err(|error: elth_store::dataset::Error| error.to_string())? {
        Name::Folder(folder) => Err(format!(
            "start it on the command line: elth train TICKET --dataset {}",
            folder.name()
        )),
        name => Ok(name),
    }
}

impl Launch {
    /// What the answers start.
    ///
    /// # Errors
    /// Everything that is wrong with them, a sentence each.
    pub fn plan(&self, on: &Shelf, places: &Places) -> Result<Plan, Vec<String>> {
        let reader = Reader { form: &self.form, wrong: RefCell::default() };
        let plan = self.read(&reader, on, places);
        let wrong = reader.wrong.into_inner();
        plan.filter(|_| wrong.is_empty()).ok_or(wrong)
    }

    fn read(&self, reader: &Reader<'_>, on: &Shelf, places: &Places) -> Option<Plan> {
        let kinds = reader.read(label::CONTROL, |choice| kinds::of(choice, self, on));
        let seeds = reader.read(label::SEED, seeds::parse);
        let dataset = reader.read(label::DATASET, dataset);
        let training = self.training(reader);
        let threads = reader.read(label::THREADS, threads);
        reader.read(label::DEVICE, str::parse::<elth_store::device::Wish>);
        let levels = if self.is_search() { reader.read(label::LEVELS, whole)? } else { 0 };
        let (dataset, training) = (dataset?, training?);
        let blueprint = reader.keep(self.fitted(dataset))?;
        let start = reader.keep(self.start(dataset, &training))?;
        let images = self.choice.learned(dataset.published_sizes()[0], dataset.classes());
        let checked = check_training(&training, threads?, start, dataset, images);
        reader.keep(checked.map_err(|error| error.to_string()))?;
        let per_epoch = iterations_per_epoch(images, training.batch_size);
        let (start, end) = (start.at(per_epoch), training.training_steps.at(per_epoch));
        let (kinds, seeds) = (kinds?, seeds?);
        let (jobs, commands) = self.jobs(&kinds, &seeds, on, places);
        Some(Plan {
            jobs,
            training,
            blueprint,
            dataset,
            images,
            per_epoch,
            start,
            end,
            levels,
            commands,
        })
    }

    /// The network for a set's images and classes, as `elth train` fits a ticket and `elth imp` makes a model.
    fn fitted(&self, dataset: Name) -> Result<Blueprint, String> {
        let own = &self.about.blueprint;
        if self.is_search() {
            return plan::model(&own.name, dataset).map_err(|error| error.to_string());
        }
        let input = entering_shape(dataset, own.family);
        refitted(own, dataset.classes(), input).map_err(|error| error.to_string())
    }

    fn training(&self, reader: &Reader<'_>) -> Option<Training> {
        let step = |label: &str| reader.read(label, Step::parse);
        let rewind = if self.is_search() {
            step(label::REWIND)
        } else {
            Some(self.about.rewind.unwrap_or(Step::iterations(0)))
        };
        let written = reader.read("milestone steps", |text| match text {
            "" => Err("write steps, or none where the learning rate never drops".to_owned()),
            steps => milestones(steps).map_err(|error| error.to_string()),
        });
        let batch = reader.read("batch size", whole);
        let (end, warmup) = (step("training steps"), step("warmup steps"));
        let numbers = ["lr", "gamma", "momentum", "weight decay"].map(|label| reader.number(label));
        let [lr, gamma, momentum, weight_decay] = numbers;
        Some(Training {
            batch_size: batch?,
            training_steps: end?,
            rewinding_steps: rewind?,
            milestone_steps: written?,
            warmup_steps: warmup?,
            lr: lr?,
            gamma: gamma?,
            momentum: momentum?,
            weight_decay: weight_decay?,
        })
    }

    /// The step that a retraining starts at; a search is refused where it rewinds past its end.
    fn start(&self, dataset: Name, training: &Training) -> Result<Step, String> {
        if self.is_search() || self.form.answer(label::START) == "zero" {
            return Ok(if self.is_search() {
                training.rewinding_steps
            } else {
                Step::iterations(0)
            });
        }
        let found = self.about.dataset.as_deref();
        if found.is_some_and(|found| found != dataset.as_str()) {
            let found = found.unwrap_or_default();
            return Err(format!(
                "the ticket was found on `{found}`, not on `{dataset}`: start it at zero"
            ));
        }
        self.about.rewind.ok_or_else(|| {
            "the ticket does not say what step it is rewound to: start it at zero, or on the command line with \
             --rewinding-steps"
                .to_owned()
        })
    }

    /// The runs, and the commands that make their tickets and start them.
    fn jobs(
        &self,
        kinds: &[&'static str],
        seeds: &[u64],
        on: &Shelf,
        places: &Places,
    ) -> (Vec<Job>, Vec<Vec<String>>) {
        let (mut jobs, mut made, mut started) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in seeds {
            for &kind in kinds {
                let ticket = self.ticket_of(kind, seed, on, places);
                if let Some(command) = ticket.command.filter(|command| !made.contains(command)) {
                    made.push(command);
                }
                started.push(self.started(kind, seed, &ticket.path));
                jobs.push(Job { kind, seed, reuses: ticket.reuses });
            }
        }
        (jobs, [made, started].concat())
    }

    fn ticket_of(&self, kind: &'static str, seed: u64, on: &Shelf, places: &Places) -> Given {
        let path = |path: &Path| path.display().to_string();
        if [kinds::TICKET, kinds::SEARCH].contains(&kind) {
            return Given { path: path(&self.ticket), command: None, reuses: None };
        }
        if let Some(there) = self.made_before(kind, seed, on) {
            return Given { path: path(there), command: None, reuses: Some(stem(there)) };
        }
        let drawn = if kinds::is_drawn(kind) { format!("-s{seed}") } else { String::new() };
        let name = free_name(&format!("{}-{kind}{drawn}", stem(&self.ticket)), on);
        let output = path(&places.home.tickets().join(format!("{name}.safetensors")));
        let mut words =
            ["control", &path(&self.ticket), "--kind", kind].map(str::to_owned).to_vec();
        if let Some(own) = self.own(kind, on) {
            words.extend(["--own".to_owned(), path(&own.path)]);
        }
        if kind == Change::SnipCopies.name() {
            for name in [label::DATASET, label::DEVICE, label::THREADS] {
                let value = self.form.answer(name).trim();
                if value != ALL {
                    words.extend([format!("--{name}"), value.to_owned()]);
                }
            }
        }
        if kinds::is_drawn(kind) {
            words.extend(["--seed".to_owned(), seed.to_string()]);
        }
        words.extend(["-o".to_owned(), output.clone()]);
        Given { path: output, command: Some(words), reuses: None }
    }

    /// The target's own ticket that a control is made from, where it needs one.
    fn own<'a>(&self, kind: &str, on: &'a Shelf) -> Option<&'a Summary> {
        let change = Change::parse(kind).filter(|change| change.takes_own())?;
        own::source(change, &self.ticket, &self.about, on).ok()
    }

    /// The same control of the same ticket, where it lies on the shelf.
    fn made_before<'a>(&self, kind: &str, seed: u64, on: &'a Shelf) -> Option<&'a Path> {
        let tickets = &on.listing.as_ref()?.tickets;
        let digest = on.ticket_at(&self.ticket)?.digest.as_ref()?;
        let seeds = Seeds::derive(seed);
        let own = self.own(kind, on).map(|own| own.digest.as_ref());
        let is_it = |act: &elth_core::ticket::lineage::Act| {
            let says =
                |name: &str, value: &str| act.arguments.get(name).is_none_or(|said| said == value);
            let same = |name: &str, seed: u64| says(name, &seed.to_string());
            act.act == "control"
                && act.arguments.get("kind").is_some_and(|said| said == kind)
                && act.inputs.get("ticket") == Some(digest)
                && own.is_none_or(|own| act.inputs.get("own") == own)
                && same("seed-mask", seeds.mask)
                && same("seed-init", seeds.init)
                && same("seed-order", seeds.order)
                && says("dataset", self.form.answer(label::DATASET).trim())
        };
        let made = tickets.iter().find(|it| it.about.lineage.acts().last().is_some_and(is_it));
        made.map(|ticket| ticket.path.as_path())
    }

    /// The command that starts a run.
    fn started(&self, kind: &str, seed: u64, ticket: &str) -> Vec<String> {
        let mut words = if kind == kinds::SEARCH {
            vec!["imp".to_owned(), "--model".to_owned(), self.about.blueprint.name.clone()]
        } else {
            vec!["train".to_owned(), ticket.to_owned()]
        };
        for (_, line) in self.form.shown() {
            let (name, value) = (line.label, line.text().trim());
            let value = if name == label::SEED { seed.to_string() } else { value.to_owned() };
            let is_said = name != label::CONTROL && (name != label::THREADS || value != ALL);
            if is_said {
                let name = if name == label::SEED { "seed" } else { name };
                words.extend([format!("--{}", name.replace(' ', "-")), value]);
            }
        }
        words.extend(self.rule.iter().cloned());
        words.extend(["--detach", "--json"].map(str::to_owned));
        words
    }

    /// Kept and all weights of the ticket, as far as the shelf knows.
    #[must_use]
    pub fn kept(&self, on: &Shelf) -> Option<Count> {
        on.ticket_at(&self.ticket).and_then(count)
    }
}

/// The ticket of a run, and what makes it.
struct Given {
    path: String,
    command: Option<Vec<String>>,
    reuses: Option<String>,
}

fn threads(text: &str) -> Result<usize, String> {
    if text == ALL { Ok(1) } else { whole(text) }
}

fn whole<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no whole number"))
}
