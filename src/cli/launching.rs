//! From options to a run that goes on by itself: what `imp` and `train` share.

mod choice;
mod training;

use anyhow::{Context as _, Result, bail};
use elth_core::{chance::Seeds, schedule::Training};
use elth_store::{
    dataset::{self, Dataset, Name},
    device::{self, Wish, cores},
    handshake::Hello,
    run::{
        dir::RunDir,
        launch,
        plan::{CannotPlan, Wishes},
        recipe::Recipe,
    },
};
use serde_json::json;

pub use choice::ChoiceArgs;
pub use training::TrainingArgs;

use crate::cli::{
    answer::{self, answer},
    failure::usage,
    follow,
    globals::Globals,
    seeds::SeedArgs,
    setup::{BUILD, Trainer, find_trainer, handshake},
};

/// Options of everything that trains.
#[derive(Debug, clap::Args)]
pub struct LaunchArgs {
    /// Data set to learn from
    #[arg(long, value_name = "NAME", default_value = "digits", value_parser = str::parse::<Name>)]
    pub dataset: Name,

    #[command(flatten)]
    pub training: TrainingArgs,

    #[command(flatten)]
    choice: ChoiceArgs,

    #[command(flatten)]
    seeds: SeedArgs,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Number format: exact (single precision throughout)
    #[arg(long, value_name = "NAME", default_value = "exact", value_parser = ["exact"])]
    precision: String,

    /// Returns at once and prints the run's id
    #[arg(long)]
    detach: bool,
}

/// Options of everything that computes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Machine")]
pub struct PlaceArgs {
    /// auto, cpu, cuda or cuda:N; auto takes a GPU that nobody uses
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = str::parse::<Wish>)]
    pub device: Wish,

    /// CPU threads [default: the physical cores that this process may use]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl PlaceArgs {
    /// CPU threads, asked for or found.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(cores::usable)
    }
}

impl LaunchArgs {
    /// The chance streams.
    pub fn seeds(&self) -> Seeds {
        self.seeds.seeds()
    }

    /// The data set, read whole and checked, with its training images as they were chosen.
    pub fn data(&self, globals: &Globals) -> Result<Dataset> {
        let set = dataset::load(self.dataset, &globals.data_dir()?)?;
        Ok(self.choice.choice().apply(set).map_err(usage)?.set)
    }

    /// Plans a run, makes it, starts it, and follows it unless it is to be left alone.
    pub fn launch(
        &self,
        globals: &Globals,
        defaults: Training,
        ticket: Option<&[u8]>,
        plan: impl FnOnce(&Wishes) -> Result<Recipe, CannotPlan>,
    ) -> Result<()> {
        let recipe = self.planned(globals, defaults, plan)?;
        let dir = started(globals, &recipe, ticket)?;
        if self.detach { detached(&dir, globals) } else { follow::follow(&dir, globals) }
    }

    /// The recipe of a run that can be started.
    ///
    /// What is wrong with the numbers is said before what is wrong with the trainer; both before anything is made.
    pub fn planned(
        &self,
        globals: &Globals,
        defaults: Training,
        plan: impl FnOnce(&Wishes) -> Result<Recipe, CannotPlan>,
    ) -> Result<Recipe> {
        let trainer = find_trainer();
        let wishes = Wishes {
            data_dir: globals.data_dir()?,
            training: self.training.over(defaults),
            seeds: self.seeds.seeds(),
            device: self.place.device,
            threads: self.place.threads(),
            trainer: trainer.as_ref().map(|it| it.path.clone()).unwrap_or_default(),
            build: BUILD.to_owned(),
            choice: self.choice.choice(),
        };
        let recipe = plan(&wishes).map_err(refusal)?;
        let hello = handshake(&trainer?)?;
        let device = place(self.place.device, &hello)?.to_string();
        Ok(Recipe { device, ..recipe })
    }

    /// Whether nobody waits for the run.
    pub fn is_detached(&self) -> bool {
        self.detach
    }
}

/// Makes a run and starts it.
pub fn started(globals: &Globals, recipe: &Recipe, ticket: Option<&[u8]>) -> Result<RunDir> {
    let dir = launch::create(&globals.home()?.runs(), recipe, ticket)?;
    launch::start(&dir, &this_program()?)?;
    Ok(dir)
}

/// The program that supervises runs: this one.
pub fn this_program() -> Result<std::path::PathBuf> {
    std::env::current_exe().context("cannot find this program: start it by its path")
}

/// The trainer that a recipe names, or the one that is here now where that one is gone.
pub fn trainer_of(recipe: &Recipe) -> Result<Trainer> {
    if recipe.trainer.is_file() {
        return Trainer::at(recipe.trainer.clone());
    }
    if recipe.build != BUILD {
        let (gone, build) = (recipe.trainer.display(), &recipe.build);
        bail!("the run's trainer `{gone}` (build {build}) is gone: start the run anew");
    }
    find_trainer()
}

/// Refuses a run that the trainer could not carry out, before it is started again.
pub fn check_trainer(recipe: &Recipe) -> Result<()> {
    let trainer = trainer_of(recipe)?;
    if recipe.build == BUILD {
        handshake(&trainer)?;
    }
    Ok(())
}

/// Tells a number that can be typed anew from data that do not fit.
pub fn refusal(error: CannotPlan) -> anyhow::Error {
    if error.is_usage() { usage(error) } else { error.into() }
}

/// What a recipe says of the device: a GPU only where the trainer can drive one.
fn place(wish: Wish, hello: &Hello) -> Result<Wish> {
    match wish {
        Wish::Auto if !hello.cuda || !device::has_driver() => Ok(Wish::Cpu),
        Wish::Cuda | Wish::CudaAt(_) if !hello.cuda => bail!(
            "`--device {wish}` cannot be had: the trainer sees no CUDA device; choose cpu, or run \
             `elth setup --cuda yes` where there is a GPU"
        ),
        wish => Ok(wish),
    }
}

fn detached(dir: &RunDir, globals: &Globals) -> Result<()> {
    answer(globals, || json!({"run": dir.id(), "dir": answer::path(dir.path())}), || dir.id())
}
