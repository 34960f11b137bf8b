//! One run: its directory, recipe, data and device; carried out, and ended with a last word.

use std::{
    any::Any,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use elth_core::{
    blueprint::Blueprint, chance::Seeds, moving::Moving, schedule, schedule::Training,
};
use elth_store::{
    atomic,
    dataset::{self, Dataset, Name, preprocessing},
    run::{
        dir::RunDir,
        event::{Event, now},
        lease::Lease,
        recipe::{self, Recipe, Task},
    },
};

use crate::{
    checkpoint::{Checkpoints, Saved},
    control::Wishes,
    dataset::Images,
    halt::Halt,
    one_line,
    report::Report,
    retrain, rounds,
    session::Session,
};

/// Everything that a run's trainings share.
#[derive(Debug)]
pub struct Run {
    /// Where it lies.
    pub dir: RunDir,
    /// What is to be done.
    pub recipe: Recipe,
    /// The network.
    pub blueprint: Blueprint,
    /// How it is trained.
    pub training: Training,
    /// The chance streams.
    pub seeds: Seeds,
    /// Device and threads.
    pub session: Session,
    /// What it learns from.
    pub train: Images,
    /// The class of each image that it learns from.
    pub classes: Vec<usize>,
    /// What it is tried on.
    pub test: Images,
    /// What it says.
    pub report: Report,
    /// What others want of it.
    pub wishes: Wishes,
    /// What it would go on from.
    pub checkpoints: Checkpoints,
}

impl Run {
    /// Steps in an epoch.
    pub fn per_epoch(&self) -> u64 {
        schedule::iterations_per_epoch(self.train.examples, self.training.batch_size)
    }

    /// How masks move, where they do.
    pub fn moving(&self) -> Result<Option<Moving>> {
        let Task::Train { moving: Some(table), .. } = &self.recipe.task else { return Ok(None) };
        Ok(Some(table.plan(self.per_epoch())?))
    }

    /// The checkpoint, if there is a sound one; of another it says that it is left out.
    pub fn saved(&mut self) -> Result<Option<Saved>> {
        match self.checkpoints.read(&self.blueprint) {
            Ok(saved) => Ok(saved),
            Err(error) => {
                let reason = one_line(&error);
                let text = format!("{reason}: going on from the last finished ticket");
                self.report.note(text).map(|()| None)
            }
        }
    }

    /// Says that a trainer is up.
    pub fn started(&mut self, steps: u64, step: u64) -> Result<()> {
        let (threads, steps_per_epoch) = (self.session.threads, self.per_epoch());
        let device = self.session.device_name();
        // Whoever gives a GPU away knows it by its UUID.
        let (at, device_uuid) =
            (now(), env::var("ELTH_DEVICE_UUID").ok().filter(|_| device != "cpu"));
        let event =
            Event::Started { at, device, device_uuid, threads, steps, steps_per_epoch, step };
        self.report.say(&event)
    }
}

/// Carries out the recipe in a run directory; nothing if it is done or was told to stop.
pub fn run(dir: &Path, device: Option<&str>) -> Result<()> {
    let dir = RunDir::at(std::path::absolute(dir)?);
    let wishes = Wishes::listen(&dir)?;
    let lease = Lease::take(&dir.lease())
        .with_context(|| format!("cannot lock `{}`", dir.lease().display()))?;
    let Some(_lease) = lease else {
        bail!("another trainer works on `{}`: stop it first", dir.path().display());
    };
    tidy(&dir)?;
    let outcome = caught(|| carry_out(&dir, device, wishes));
    let mut report = Report::open(&dir)?;
    match outcome {
        Ok(()) => report.last_word(&Event::Done { at: now() }),
        Err(Halt::Stopped) => report.last_word(&Event::Stopped { at: now() }),
        Err(Halt::Failed(error)) => {
            // A full disk may refuse this line too: standard error is heard all the same.
            match report.last_word(&Event::Failed { at: now(), reason: one_line(&error) }) {
                Ok(()) => Err(error),
                Err(unsaid) => Err(anyhow!("{error:#}; {unsaid:#}")),
            }
        }
    }
}

/// Makes the folders that the trainer alone writes to, and removes what a killed one left half-written there.
fn tidy(dir: &RunDir) -> Result<()> {
    for folder in [dir.tickets(), dir.checkpoints()] {
        atomic::create_folder(&folder)?;
        atomic::sweep(&folder).with_context(|| format!("cannot tidy `{}`", folder.display()))?;
    }
    Ok(())
}

/// What libtorch cannot do, it says by a panic of tch: a run fails by it in its own words.
fn caught(work: impl FnOnce() -> Result<(), Halt>) -> Result<(), Halt> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Halt::Failed(anyhow!("the trainer broke off: {}", words(&*panic))))
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.and_then(|text| text.lines().next()).unwrap_or("no reason given")
}

fn carry_out(dir: &RunDir, device: Option<&str>, wishes: Wishes) -> Result<(), Halt> {
    let mut run = open(dir, device, wishes)?;
    match run.recipe.task.clone() {
        Task::Imp { .. } => rounds::imp(&mut run),
        Task::Train { ticket, start_at, .. } => retrain::retrain(&mut run, &ticket, &start_at),
    }
}

fn open(dir: &RunDir, device: Option<&str>, wishes: Wishes) -> Result<Run> {
    let mut report = Report::open(dir)?;
    let recipe = recipe::read(dir)?;
    check_build(&recipe)?;
    ensure!(
        recipe.precision == "exact",
        "the recipe asks for precision `{}`, which this trainer has not: use exact",
        recipe.precision
    );
    let blueprint = recipe.blueprint()?;
    let training = recipe.training()?;
    ensure!(training.batch_size > 0, "the recipe says batch_size = 0: give at least 1");
    let session = Session::open(device.unwrap_or(&recipe.device), recipe.threads)?;
    report.phase("loading data", None)?;
    let data = load(&recipe, &blueprint)?;
    let images = |split| Images::new(data.name, split, blueprint.family, session.device);
    let (train, test) = (images(&data.train)?, images(&data.test)?);
    let classes = data.train.labels.iter().map(|label| usize::from(*label)).collect();
    let (checkpoints, seeds, dir) = (Checkpoints::of(dir)?, recipe.seeds(), dir.clone());
    Ok(Run {
        dir,
        recipe,
        blueprint,
        training,
        seeds,
        session,
        train,
        classes,
        test,
        report,
        wishes,
        checkpoints,
    })
}

fn check_build(recipe: &Recipe) -> Result<()> {
    let ours = env!("ELTH_BUILD");
    if recipe.build == ours {
        return Ok(());
    }
    bail!(
        "the recipe is of elth {}, this trainer is of {ours}: run `elth setup`, then start it anew",
        recipe.build
    )
}

/// Reads the recipe's data set, and refuses one that is not what the recipe was made for.
fn load(recipe: &Recipe, blueprint: &Blueprint) -> Result<Dataset> {
    let name: Name = recipe.dataset.parse()?;
    check_fit(name, blueprint)?;
    let data = dataset::load(name, &recipe.data_dir)?;
    let found = data.digest.to_string();
    ensure!(
        found == recipe.data_digest,
        "`{name}` in `{}` is not the copy that the recipe was made for (digest {found}): bring back the other",
        recipe.data_dir.display()
    );
    // Nothing selects within a run: what was set aside is for those who evaluate.
    Ok(recipe.choice.apply(data)?.set)
}

/// Refuses a network that the data set's images or classes do not fit, naming both.
pub fn check_fit(name: Name, blueprint: &Blueprint) -> Result<()> {
    let entering = preprocessing::entering_shape(name, blueprint.family);
    let (model, input) = (&blueprint.name, blueprint.input);
    ensure!(
        entering == input,
        "`{model}` takes images of {input} and those of `{name}` are {entering}: choose another data set"
    );
    let (classes, given) = (blueprint.classes, name.classes());
    ensure!(
        classes == given,
        "`{model}` tells {classes} classes apart and `{name}` has {given}: choose another data set"
    );
    Ok(())
}
