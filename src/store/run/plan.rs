//! From wishes to a complete recipe: every number filled in, everything refused that can be refused at the door.

mod checks;
mod moving;

use std::path::PathBuf;

use elth_core::{
    blueprint::{Blueprint, Family, UnknownModel},
    chance::Seeds,
    prune::Counting,
    schedule::{Step, Training, iterations_per_epoch},
    ticket::{About, Ticket},
};

use crate::{
    dataset::{Dataset, Name, choice::Choice, preprocessing::entering_shape},
    device::Wish,
    run::recipe::{CriterionTable, Recipe, SCHEMA, Task},
};

pub use moving::{Moves, moving};

/// What every run needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// Where data sets lie, from the root on.
    pub data_dir: PathBuf,
    /// How it is trained.
    pub training: Training,
    /// The chance streams.
    pub seeds: Seeds,
    /// Where it is trained.
    pub device: Wish,
    /// CPU threads; [`crate::device::cores::usable`] where nobody says.
    pub threads: usize,
    /// The trainer's program, from the root on.
    pub trainer: PathBuf,
    /// Its build.
    pub build: String,
    /// What is made of the training images first; the data that a plan is made for are changed already.
    pub choice: Choice,
}

/// What iterative magnitude pruning needs besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Imp {
    /// Official model name.
    pub model: String,
    /// The last level.
    pub levels: u32,
    /// Share of the remaining weights that each round prunes.
    pub pruning_fraction: f64,
    /// How pruned weights are counted.
    pub counting: Counting,
    /// More rewind points to keep.
    pub snapshot_steps: Vec<Step>,
    /// What decides which weights go.
    pub criterion: CriterionTable,
}

/// Where a retraining starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// At the step that the ticket is rewound to.
    Rewind,
    /// At step 0.
    Zero,
}

/// Why no recipe comes of it.
#[derive(Debug, thiserror::Error)]
pub enum CannotPlan {
    /// The model cannot be built, or not for such images.
    #[error(transparent)]
    Model(#[from] UnknownModel),
    /// A number out of range.
    #[error("{} is {value}: it must be {wanted}", option(key))]
    Range {
        /// The official name.
        key: &'static str,
        /// What was asked for.
        value: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A step at or after the end.
    #[error(
        "{} {step} is not before the end of the training ({end} = {iterations} iterations on this data): \
         choose an earlier one",
        option(key)
    )]
    TooLate {
        /// The official name.
        key: &'static str,
        /// What was asked for.
        step: Step,
        /// The end.
        end: Step,
        /// The same in iterations.
        iterations: u64,
    },
    /// A step of more images than there are.
    #[error(
        "--batch-size is {batch}, and `{dataset}` has {images} images to train on: choose a smaller one"
    )]
    Batch {
        /// Images a step.
        batch: usize,
        /// The data set.
        dataset: Name,
        /// Its training images.
        images: usize,
    },
    /// More rounds of pruning than there are weights for.
    #[error(
        "--pruning-fraction {fraction} leaves no weight of `{model}` at level {level}: prune a smaller share, or \
         fewer levels"
    )]
    Nothing {
        /// Share that each round prunes.
        fraction: f64,
        /// The model.
        model: String,
        /// The first level without a weight.
        level: usize,
    },
    /// A tensor that no mask lies over.
    #[error("`{tensor}` is no prunable tensor of `{model}`: `elth show` lists them")]
    Tensor {
        /// What was named.
        tensor: String,
        /// The model.
        model: String,
    },
    /// A batch norm that would see a single number.
    #[error(
        "with --batch-size {batch} the last batch of an epoch has one of the {images} images, and `{model}` norms maps of \
         one pixel: one number has no variance, choose another size"
    )]
    LoneImage {
        /// Images a step.
        batch: usize,
        /// Images an epoch.
        images: usize,
        /// The model.
        model: String,
    },
    /// Masks that would never move.
    #[error(
        "masks would first move at step {from} and stay from {until} on: give an earlier --update-from or a smaller \
         --update-every"
    )]
    NoMove {
        /// The first step.
        from: u64,
        /// The step from which on they stay.
        until: u64,
    },
    /// Masks without a zero to exchange.
    #[error("no tensor has a zero to exchange: give --sparsity, or a ticket")]
    AllDense,
    /// The ticket tells other classes apart.
    #[error(
        "the ticket has {ticket} classes, `{dataset}` has {data}: choose a data set of {ticket}"
    )]
    Classes {
        /// Classes of the ticket.
        ticket: usize,
        /// The data set.
        dataset: Name,
        /// Its classes.
        data: usize,
    },
    /// The ticket takes other images.
    #[error(
        "the ticket takes images of {ticket}, `{dataset}` enters `{family}` as {data}: choose the data set it is for"
    )]
    Input {
        /// What the ticket takes.
        ticket: String,
        /// The data set.
        dataset: Name,
        /// The ticket's family.
        family: Family,
        /// What the data set gives.
        data: String,
    },
    /// A ticket from other data that shall start at its rewind step.
    #[error("the ticket was found on {found}, not on this `{dataset}`: start it at zero")]
    Foreign {
        /// Where it was found.
        found: String,
        /// Where it shall be trained.
        dataset: Name,
    },
    /// Nothing says what step the ticket is rewound to.
    #[error("the ticket does not say what step it is rewound to: name it, or start at zero")]
    NoRewind,
    /// What was said of the step is not what the ticket says.
    #[error("the ticket is rewound to {ticket}, not to {asked}: leave the rewinding step out")]
    OtherRewind {
        /// What the ticket says.
        ticket: Step,
        /// What was said.
        asked: Step,
    },
}

impl CannotPlan {
    /// Whether another number or word on the command line mends it.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Classes { .. } | Self::Input { .. } | Self::NoRewind)
    }
}

/// A number as it is named on the command line; what is no option keeps its words.
fn option(key: &str) -> String {
    if key.contains(' ') { key.to_owned() } else { format!("--{}", key.replace('_', "-")) }
}

/// The network that `imp` trains on such data.
///
/// # Errors
/// When there is no such model, or the images are too small for it.
pub fn model(name: &str, dataset: Name) -> Result<Blueprint, UnknownModel> {
    let family = Blueprint::new(name, None, None)?.family;
    Blueprint::new(name, Some(dataset.classes()), Some(entering_shape(dataset, family)))
}

/// Whether a ticket was found on other data, where it says so.
#[must_use]
pub fn is_foreign(ticket: &About, data: &Dataset) -> bool {
    let other_digest = |digest: &String| *digest != data.digest.to_string();
    match &ticket.dataset {
        Some(name) if name != data.name.as_str() => true,
        Some(_) => ticket.data_digest.as_ref().is_some_and(other_digest),
        None => false,
    }
}

/// Where a ticket starts when nobody says: at its rewind step, and at zero on other data or where it has none.
#[must_use]
pub fn default_start(ticket: &About, data: &Dataset, rewinding: Option<Step>) -> StartAt {
    let known = ticket.rewind.or(rewinding).is_some();
    if known && !is_foreign(ticket, data) { StartAt::Rewind } else { StartAt::Zero }
}

/// The recipe of iterative magnitude pruning.
///
/// # Errors
/// When the model, the data and the numbers do not go together.
pub fn imp(imp: &Imp, data: &Dataset, wishes: &Wishes) -> Result<Recipe, CannotPlan> {
    let blueprint = model(&imp.model, data.name)?;
    check_imp(imp, &blueprint, wishes, data.train.len(), data.name)?;
    let task = Task::Imp {
        levels: imp.levels,
        pruning_fraction: imp.pruning_fraction,
        counting: imp.counting.name().to_owned(),
        snapshot_steps: imp.snapshot_steps.iter().map(Step::to_string).collect(),
        criterion: Some(imp.criterion.clone()).filter(|it| *it != CriterionTable::usual()),
    };
    Ok(recipe(task, &blueprint, data, wishes))
}

/// The recipe of a ticket's retraining; `rewinding` says what a ticket does not say itself.
///
/// # Errors
/// When the ticket, the data and the numbers do not go together.
pub fn train(
    ticket: &Ticket,
    name: &str,
    start: StartAt,
    rewinding: Option<Step>,
    data: &Dataset,
    wishes: &Wishes,
) -> Result<Recipe, CannotPlan> {
    fits(ticket.blueprint(), data.name)?;
    let start_at = match start {
        StartAt::Zero => Step::iterations(0),
        StartAt::Rewind => rewind_step(&ticket.about, data, rewinding)?,
    };
    check_training(&wishes.training, wishes.threads, start_at, data.name, data.train.len())?;
    checks::lone_image(ticket.blueprint(), wishes.training.batch_size, data.train.len())?;
    let task = Task::Train {
        ticket: ticket.digest().to_string(),
        ticket_name: name.to_owned(),
        start_at: start_at.to_string(),
        moving: None,
    };
    let training = Training { rewinding_steps: start_at, ..wishes.training.clone() };
    let wishes = Wishes { training, ..wishes.clone() };
    Ok(recipe(task, ticket.blueprint(), data, &wishes))
}

/// Refuses the numbers of a training that starts at a step, on a set of so many images.
///
/// # Errors
/// At the first number out of its range.
pub fn check_training(
    training: &Training,
    threads: usize,
    start: Step,
    dataset: Name,
    images: usize,
) -> Result<(), CannotPlan> {
    checks::training(training, threads)?;
    checks::batch(training.batch_size, dataset, images)?;
    let last = iterations_per_epoch(images, training.batch_size);
    checks::before_end("the rewind step", start, training.training_steps, last)
}

/// Refuses the numbers of a search.
fn check_imp(
    imp: &Imp,
    blueprint: &Blueprint,
    wishes: &Wishes,
    images: usize,
    dataset: Name,
) -> Result<(), CannotPlan> {
    let training = &wishes.training;
    checks::training(training, wishes.threads)?;
    checks::imp(imp)?;
    checks::batch(training.batch_size, dataset, images)?;
    checks::rounds(imp, blueprint)?;
    checks::tensors(&imp.criterion.layers_to_ignore, blueprint)?;
    checks::lone_image(blueprint, training.batch_size, images)?;
    let (last, end) = (iterations_per_epoch(images, training.batch_size), training.training_steps);
    checks::before_end("rewinding_steps", training.rewinding_steps, end, last)?;
    let mut snapshots = imp.snapshot_steps.iter();
    snapshots.try_for_each(|step| checks::before_end("snapshot_steps", *step, end, last))
}

/// Whether a network takes a set's images and tells its classes apart.
///
/// # Errors
/// When it does not, with both sides named.
pub fn fits(blueprint: &Blueprint, dataset: Name) -> Result<(), CannotPlan> {
    if blueprint.classes != dataset.classes() {
        let (ticket, data) = (blueprint.classes, dataset.classes());
        return Err(CannotPlan::Classes { ticket, dataset, data });
    }
    let entering = entering_shape(dataset, blueprint.family);
    if blueprint.input != entering {
        let (ticket, data) = (blueprint.input.to_string(), entering.to_string());
        return Err(CannotPlan::Input { ticket, dataset, family: blueprint.family, data });
    }
    Ok(())
}

fn rewind_step(
    ticket: &About,
    data: &Dataset,
    rewinding: Option<Step>,
) -> Result<Step, CannotPlan> {
    if is_foreign(ticket, data) {
        let digest = ticket.data_digest.as_deref().unwrap_or_default();
        let found = ticket.dataset.clone().unwrap_or_default();
        let found = match digest.get(..8) {
            Some(short) if found == data.name.as_str() => format!("`{found}+{short}`"),
            _ => format!("`{found}`"),
        };
        return Err(CannotPlan::Foreign { found, dataset: data.name });
    }
    match (ticket.rewind, rewinding) {
        (Some(ticket), Some(asked)) if ticket != asked => {
            Err(CannotPlan::OtherRewind { ticket, asked })
        }
        (ticket, asked) => ticket.or(asked).ok_or(CannotPlan::NoRewind),
    }
}

fn recipe(task: Task, blueprint: &Blueprint, data: &Dataset, wishes: &Wishes) -> Recipe {
    Recipe {
        schema: SCHEMA,
        build: wishes.build.clone(),
        trainer: wishes.trainer.clone(),
        model: blueprint.name.clone(),
        classes: blueprint.classes,
        input: blueprint.input.to_string(),
        dataset: data.name.to_string(),
        data_digest: data.digest.to_string(),
        data_dir: wishes.data_dir.clone(),
        device: wishes.device.to_string(),
        threads: wishes.threads,
        precision: "exact".to_owned(),
        task,
        training: (&wishes.training).into(),
        seeds: wishes.seeds.into(),
        choice: wishes.choice,
    }
}

#[cfg(test)]
mod tests;
