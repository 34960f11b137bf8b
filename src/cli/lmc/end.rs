//! An end of a line: trained weights, and how they were trained where that is known.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use elth_core::{blueprint::Blueprint, chance::Seeds, digest::Digest, weights::Weights};
use elth_store::{
    run::{
        dir::RunDir,
        launch, recipe,
        standing::{self, State},
    },
    ticket_file::{self, Loaded},
};

use crate::cli::{
    failure::usage,
    globals::{Globals, absolute},
    source,
};

/// An end of a line.
pub struct End {
    /// Its weights' file.
    pub file: PathBuf,
    /// Its run.
    pub run: Option<String>,
    /// The network.
    pub blueprint: Blueprint,
    /// The ticket it was trained from.
    pub ticket: Option<Digest>,
    /// The chance it was trained by.
    pub seeds: Option<Seeds>,
    weights: Weights,
}

/// The end that a run or a file of trained weights is.
pub fn find(globals: &Globals, named: &Path) -> Result<End> {
    let file = if named.exists() { absolute(named)? } else { of_run(globals, named)? };
    let run = home_of(&file);
    let (blueprint, weights, ticket) = match ticket_file::read_either(&file)? {
        Loaded::Trained(trained) => (trained.blueprint, trained.weights, trained.ticket),
        Loaded::Ticket(_) => {
            return Err(usage(
                "a ticket is no end of a line: name it alone to train it twice, or name trained weights",
            ));
        }
    };
    source::sound(&file, &weights, &blueprint)?;
    let seeds = run.as_ref().and_then(|dir| recipe::read(dir).ok()).map(|recipe| recipe.seeds());
    Ok(End { file, run: run.map(|dir| dir.id()), blueprint, ticket, seeds, weights })
}

/// Whether a run is named.
pub fn is_run(globals: &Globals, named: &Path) -> bool {
    !named.exists() && dir(globals, named).is_ok()
}

fn dir(globals: &Globals, named: &Path) -> Result<RunDir> {
    let id = named.to_str().context("a run's id is text: `elth runs` lists them")?;
    Ok(launch::find(&globals.home()?.runs(), id)?)
}

/// The last trained weights of a run that is done.
fn of_run(globals: &Globals, named: &Path) -> Result<PathBuf> {
    let dir = dir(globals, named)?;
    let (state, _, said) = standing::state_of(&dir);
    let id = dir.id();
    if state != State::Done {
        bail!("run `{id}` is {state}: wait until it is done, or take another");
    }
    let trained = said.outputs.iter().rfind(|path| path.ends_with("trained.safetensors"));
    let trained =
        trained.with_context(|| format!("run `{id}` wrote no trained weights: take another"))?;
    Ok(dir.path().join(trained))
}

/// The run that a file was written by, where it still lies there.
fn home_of(file: &Path) -> Option<RunDir> {
    let dir = RunDir::at(file.parent()?.parent()?);
    dir.recipe().is_file().then_some(dir)
}

impl End {
    /// What people know it by.
    pub fn name(&self) -> String {
        self.run.clone().unwrap_or_else(|| self.file.display().to_string())
    }

    /// Whether both are zero in the same places.
    pub fn masks_like(&self, other: &Self) -> bool {
        let alike = |name: &str| {
            let of = |end: &Self| end.weights.floats(name).unwrap_or_default().to_vec();
            let (one, other) = (of(self), of(other));
            let apart =
                one.iter().zip(&other).filter(|(a, b)| (**a == 0.0) != (**b == 0.0)).count();
            // A weight that is trained may be zero by chance.
            apart * 1000 <= one.len()
        };
        self.blueprint.prunable().all(|plan| alike(&plan.name))
    }
}
