//! `elth setup`: makes the trainer ready, from libtorch to a program that answers.

mod cache;
mod compile;
mod full;
mod libtorch;
mod link;
mod pip;
mod progress;
mod pytorch;
mod space;
mod trainer;
mod wheels;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use elth_store::device::has_driver;
use serde_json::json;

use crate::cli::answer::{self, answer};
use crate::cli::globals::Globals;

pub use cache::BUILD;
pub use compile::compiler_version;
pub use pip::Pip;
pub use progress::{Progress, bytes};
pub use space::free;
pub use trainer::{Trainer, find_trainer, handshake, libtorch_in_use};

use cache::Cache;
use libtorch::Libtorch;
use link::checkout;

/// Makes the trainer ready: finds or installs libtorch, then builds `elth-worker`
///
/// A PyTorch 2.11.0 that is already there is used; else libtorch is installed into a cache of its
/// own, once for all checkouts: 544 MB to fetch, or 2.7 GB with CUDA. Safe to run again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth setup                      does what this machine needs
  elth setup --cuda no            stays with the CPU, also where there is a GPU
  elth setup --from ~/wheels      takes wheels that were brought along, without a network")]
pub struct Args {
    /// Whether libtorch shall have CUDA; `auto`: where there is an NVIDIA driver
    #[arg(long, value_enum, default_value_t = Cuda::Auto)]
    cuda: Cuda,

    /// Where libtorch and trainers are kept [default: `ELTH_CACHE`, else the platform's cache folder]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// A folder of wheels, in place of the network
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

/// Whether CUDA is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Cuda {
    /// Where there is a driver.
    Auto,
    /// In any case, as for a node with a GPU from one without.
    Yes,
    /// Not at all.
    No,
}

/// What a set-up is to come to.
#[derive(Debug)]
pub struct Wishes {
    /// Whether CUDA is wanted.
    pub cuda: Cuda,
    /// The cache that was asked for.
    pub cache: Option<PathBuf>,
    /// Wheels that were brought along.
    pub from: Option<PathBuf>,
    /// What to make of a sound libtorch that the checkout is linked to.
    pub linked: Linked,
}

/// What to make of a sound libtorch that the checkout is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// It stays: somebody chose it, and wants to train now.
    Stays,
    /// It stays if it is what is wished for.
    MustSuit,
}

impl Wishes {
    /// Whether libtorch must be able to drive a GPU.
    pub fn wants_cuda(&self) -> bool {
        match self.cuda {
            Cuda::Auto => has_driver(),
            Cuda::Yes => true,
            Cuda::No => false,
        }
    }
}

/// Sets up, and says what is ready.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let from = args.from.as_deref().map(std::path::absolute).transpose()?;
    let (cuda, cache) = (args.cuda, args.cache.clone());
    let wishes = Wishes { cuda, cache, from, linked: Linked::MustSuit };
    let Some(checkout) = checkout() else {
        let trainer = carried_along()?;
        return report(globals, None, &trainer);
    };
    let (libtorch, trainer) = prepare(checkout, &wishes, Progress::stderr())?;
    report(globals, Some(&libtorch), &trainer)
}

/// A trainer that belongs to this program and answers; sets up what is missing.
pub fn ensure_ready(progress: Progress) -> Result<Trainer> {
    if let Some(trainer) = trainer::chosen()? {
        handshake(&trainer)?;
        return Ok(trainer);
    }
    let Some(checkout) = checkout() else { return carried_along() };
    let wishes = Wishes { cuda: Cuda::Auto, cache: None, from: None, linked: Linked::Stays };
    prepare(checkout, &wishes, progress).map(|(_, trainer)| trainer)
}

fn prepare(checkout: &Path, wishes: &Wishes, progress: Progress) -> Result<(Libtorch, Trainer)> {
    let cache = Cache::choose(wishes.cache.as_deref())?;
    let libtorch = libtorch::provide(checkout, &cache, wishes, progress)?;
    let trainer = compile::provide(checkout, &cache, &libtorch, progress)?;
    Ok((libtorch, trainer))
}

/// Away from its sources, a program has the trainer that came with it or none.
fn carried_along() -> Result<Trainer> {
    let missing = |error: anyhow::Error| {
        let gone = env!("CARGO_MANIFEST_DIR");
        error.context(format!(
            "no trainer is here, and `{gone}`, which this elth was built in, is gone: put its \
             `elth-worker` beside elth, or build elth in a new checkout"
        ))
    };
    let trainer = find_trainer().map_err(missing)?;
    handshake(&trainer)?;
    Ok(trainer)
}

fn report(globals: &Globals, libtorch: Option<&Libtorch>, trainer: &Trainer) -> Result<()> {
    let document = || {
        json!({
            "libtorch": libtorch.map(|it| answer::path(&it.torch)),
            "version": libtorch.map(|it| it.version.clone()),
            "cuda": libtorch.map(Libtorch::has_cuda),
            "trainer": answer::path(&trainer.path),
            "build": BUILD,
        })
    };
    let text = || format!("ready: the trainer is {}", trainer.path.display());
    answer(globals, document, text)
}

/// Says where a user stands who has to find something out alone.
fn unfinished(what: &str) -> anyhow::Error {
    anyhow!("{what}: run `elth setup`")
}
