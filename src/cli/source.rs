//! What an argument names: a ticket file, a ticket on the shelf, or a model.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::{Result, anyhow, bail};
use elth_core::{
    blueprint::{Blueprint, UnknownModel},
    ticket::Ticket,
    weights::Weights,
};
use elth_store::{
    shelf,
    ticket_file::{self, CannotRead},
};

use crate::cli::{
    failure::usage,
    globals::{Globals, absolute},
};

/// A ticket and the file it was read from.
pub struct Found {
    /// From the root on.
    pub path: PathBuf,
    /// What it holds.
    pub ticket: Ticket,
}

/// A model or a ticket of one.
pub enum Source {
    /// A name, to be built with the classes and the input that the other side has.
    Model(String),
    /// A ticket.
    Ticket(Box<Found>),
}

/// Reads the ticket that a path, or the name of a ticket on the shelf, names.
pub fn ticket(globals: &Globals, named: &Path) -> Result<Found> {
    match path(globals, named)? {
        Some(path) => read(&path),
        None => Err(CannotRead::Missing(named.to_owned()).into()),
    }
}

/// Takes a file for a ticket, a model's name for a model, and any other word for a ticket on the shelf.
pub fn model_or_ticket(globals: &Globals, named: &Path) -> Result<Source> {
    let model = named.to_str().map(|name| Blueprint::new(name, None, None));
    if !named.exists() && matches!(model, Some(Ok(_))) {
        return Ok(Source::Model(named.to_string_lossy().into_owned()));
    }
    if let Some(path) = path(globals, named)? {
        return Ok(Source::Ticket(Box::new(read(&path)?)));
    }
    match model {
        Some(Err(error)) if !matches!(error, UnknownModel::Family(_)) => Err(usage(error)),
        _ => bail!(
            "`{}` is neither a model nor a ticket: `elth models` and `elth tickets` list them",
            named.display()
        ),
    }
}

impl Source {
    /// The model, with the classes and the input of the other side's where it is only a name.
    pub fn blueprint(&self, other: &Self) -> Result<Blueprint> {
        match (self, other) {
            (Self::Ticket(found), _) => Ok(found.ticket.blueprint().clone()),
            (Self::Model(name), Self::Ticket(found)) => like(name, found.ticket.blueprint()),
            (Self::Model(name), Self::Model(_)) => Blueprint::new(name, None, None).map_err(usage),
        }
    }
}

/// Refuses weights that no training can start from.
pub fn sound(path: &Path, weights: &Weights, blueprint: &Blueprint) -> Result<()> {
    weights.sound(blueprint).map_err(|unsound| anyhow!("`{}`: {unsound}", path.display()))
}

/// The model of that name with the classes and the input of another.
pub fn like(name: &str, other: &Blueprint) -> Result<Blueprint> {
    // A model of another family may not take such images at all; that it is another says more.
    let family = Blueprint::new(name, None, None).map_err(usage)?.family;
    let input = (family == other.family).then_some(other.input);
    Blueprint::new(name, Some(other.classes), input).map_err(usage)
}

fn path(globals: &Globals, named: &Path) -> Result<Option<PathBuf>> {
    if named.exists() {
        return absolute(named).map(Some);
    }
    let is_name = named.components().count() == 1;
    let files = globals.shelf()?.into_iter().flat_map(|folder| shelf::files(&folder));
    let is_it = |path: &PathBuf| {
        let of_run = run_of(globals, path).map(|run| format!("{run}-"));
        let name = |part: Option<&OsStr>| {
            let part = part?.to_str()?;
            Some(format!("{}{part}", of_run.as_deref().unwrap_or_default()))
        };
        [name(path.file_stem()), name(path.file_name())]
            .iter()
            .flatten()
            .any(|name| named == Path::new(name))
            || (of_run.is_none() && path.file_stem() == Some(named.as_os_str()))
    };
    Ok(files.into_iter().find(|path| is_name && is_it(path)))
}

/// The run that wrote a ticket of the shelf: its id goes before the ticket's name, as in `imp-3-level_1`.
fn run_of(globals: &Globals, path: &Path) -> Option<String> {
    let dir = path.parent()?.parent()?;
    let is_run = globals.home().is_ok_and(|home| dir.parent() == Some(&home.runs()));
    is_run.then(|| dir.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn read(path: &Path) -> Result<Found> {
    if path.is_dir() {
        bail!(
            "`{0}` is a folder: name a ticket in it (`elth tickets {0}` lists them)",
            path.display()
        );
    }
    if !path.is_file() {
        bail!("`{}` is no file that can be read twice: save the ticket first", path.display());
    }
    Ok(Found { path: path.to_owned(), ticket: ticket_file::read(path)? })
}
