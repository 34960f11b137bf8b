//! `elth export`: a ticket as files that the official code, or PyTorch alone, loads.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use elth_core::{family::default_training, ticket::format};
use elth_store::{atomic, openlth::write};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    globals::{Globals, absolute},
    paper, source,
};

/// The networks, in Python.
const MODEL: &str = include_str!("export/model.py");

/// What loads the ticket into its network, in Python.
const LOAD: &str = include_str!("export/load.py");

/// Writes a ticket as files that the official code or PyTorch loads
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth export ticket.safetensors --format openlth -o level_10/main
  elth export ticket.safetensors --format pytorch -o there && python there/load.py")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// openlth: mask.pth and start weights as in a level's folder; pytorch: the ticket, model.py and load.py
    #[arg(long, value_name = "NAME", value_enum)]
    format: Format,

    /// The folder to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// Replaces files that exist
    #[arg(long)]
    force: bool,
}

/// Whom the files are for.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// The official code.
    Openlth,
    /// PyTorch without it.
    Pytorch,
}

/// Writes the files.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let ticket = source::ticket(globals, &args.ticket)?.ticket;
    let batch_size = default_training(ticket.blueprint().family).batch_size;
    let files = match args.format {
        Format::Openlth => write::files(&ticket, batch_size),
        Format::Pytorch => BTreeMap::from([
            ("ticket.safetensors".to_owned(), format::encode(&ticket)),
            ("model.py".to_owned(), MODEL.as_bytes().to_vec()),
            ("load.py".to_owned(), LOAD.as_bytes().to_vec()),
        ]),
    };
    let folder = absolute(&args.output)?;
    let there =
        files.keys().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok());
    if let Some(path) = there.filter(|_| !args.force) {
        bail!("`{}` is there already: choose another folder, or `--force`", path.display());
    }
    let written = save(&folder, &files)?;
    let document = || {
        let files: Value = written.iter().map(|path| answer::path(path)).collect();
        json!({"output": answer::path(&folder), "files": files, "model": ticket.blueprint().name})
    };
    answer(globals, document, || {
        let lines = written.iter().map(|path| format!("wrote {}", paper::path(path)));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    })
}

fn save(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).map_err(|error| atomic::CannotWrite::at(folder, error))?;
    let save = |(name, bytes): (&String, &Vec<u8>)| {
        let path = folder.join(name);
        atomic::replace(&path, bytes)?;
        Ok(path)
    };
    files.iter().map(save).collect()
}
