//! Tickets and trained weights as files.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use elth_core::{
    blueprint::shared::Models,
    safetensors::{self, Header},
    ticket::{
        About, Ticket,
        format::{self, NotATicket},
    },
    trained::{self, NotTrained, Trained},
};

use crate::atomic::{self, CannotWrite};

/// Most headers are no longer than this, so that one call of the system brings them.
const USUAL_HEADER: usize = 32 * 1024;

/// Why a file gives no ticket.
#[derive(Debug, thiserror::Error)]
pub enum CannotRead {
    /// There is no such file.
    #[error("there is no file `{}`: `elth tickets` lists those on the shelf", .0.display())]
    Missing(PathBuf),
    /// The system refuses.
    #[error("cannot read `{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What it holds is no ticket.
    #[error("`{}` {reason}", path.display())]
    NotATicket {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: NotATicket,
    },
    /// What it holds are no trained weights.
    #[error("`{}` {reason}", path.display())]
    NotTrained {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: NotTrained,
    },
}

impl CannotRead {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), error },
        }
    }
}

/// What a ticket's header says, without its tensors.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The file.
    pub path: PathBuf,
    /// Model, level, data set, lineage.
    pub about: About,
    /// Kept weights, where the writer noted them.
    pub kept: Option<usize>,
    /// Prunable weights of the model.
    pub weights: usize,
    /// Digest of the tensors, where the writer noted it.
    pub digest: Option<String>,
}

/// A file that `eval` takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// A ticket.
    Ticket(Box<Ticket>),
    /// Trained weights.
    Trained(Box<Trained>),
}

/// Reads a whole ticket.
///
/// # Errors
/// When the file is not there, cannot be read or is no ticket.
pub fn read(path: &Path) -> Result<Ticket, CannotRead> {
    let bytes = read_announced(path)?;
    format::decode(&bytes)
        .map_err(|reason| CannotRead::NotATicket { path: path.to_owned(), reason })
}

/// Reads trained weights.
///
/// # Errors
/// When the file is not there, cannot be read or holds no trained weights.
pub fn read_trained(path: &Path) -> Result<Trained, CannotRead> {
    let bytes = read_announced(path)?;
    trained::decode(&bytes)
        .map_err(|reason| CannotRead::NotTrained { path: path.to_owned(), reason })
}

/// Reads a ticket or trained weights, whichever the file is.
///
/// # Errors
/// When it is neither.
pub fn read_either(path: &Path) -> Result<Loaded, CannotRead> {
    let header = read_header(path)?;
    match header.metadata.get("format").map(String::as_str) {
        Some(trained::FORMAT) => Ok(Loaded::Trained(Box::new(read_trained(path)?))),
        _ => Ok(Loaded::Ticket(Box::new(read(path)?))),
    }
}

/// Reads what a ticket's header says; the tensors are not touched.
///
/// # Errors
/// When the file is not there, cannot be read or is no ticket.
pub fn read_summary(path: &Path) -> Result<Summary, CannotRead> {
    summarise(path, &mut Models::default())
}

/// As [`read_summary`]; tickets of one model share its blueprint.
pub(crate) fn summarise(path: &Path, models: &mut Models) -> Result<Summary, CannotRead> {
    let header = read_header(path)?;
    let about = format::read_about(&header, models)
        .map_err(|reason| CannotRead::NotATicket { path: path.to_owned(), reason })?;
    Ok(Summary {
        path: path.to_owned(),
        weights: about.blueprint.prunable_weights(),
        about,
        kept: header.metadata.get("kept").and_then(|text| text.parse().ok()),
        digest: header.metadata.get("digest").cloned(),
    })
}

/// Writes a ticket in one step; a file that was there is replaced.
///
/// # Errors
/// When the folder is missing or not writable, or the disk is full.
pub fn write(path: &Path, ticket: &Ticket) -> Result<(), CannotWrite> {
    atomic::replace_with(path, |file| format::pour(ticket, &mut |part| file.write_all(part)))
}

/// Writes a ticket in one step where no file is.
///
/// # Errors
/// When a file is there, the folder is missing or not writable, or the disk is full.
pub fn create(path: &Path, ticket: &Ticket) -> Result<(), CannotWrite> {
    atomic::create(path, &format::encode(ticket))
}

/// Writes trained weights in one step.
///
/// # Errors
/// When the folder is missing or not writable, or the disk is full.
pub fn write_trained(path: &Path, trained: &Trained) -> Result<(), CannotWrite> {
    atomic::replace(path, &trained::encode(trained))
}

/// The whole file, where it is as long as its header says: an endless or huge one is refused before it fills the memory.
fn read_announced(path: &Path) -> Result<Vec<u8>, CannotRead> {
    read_header(path)?;
    std::fs::read(path).map_err(|error| CannotRead::io(path, error))
}

/// Reads and checks a file's header.
pub(crate) fn read_header(path: &Path) -> Result<Header, CannotRead> {
    let failed = |error| CannotRead::io(path, error);
    let malformed = |reason| CannotRead::NotATicket {
        path: path.to_owned(),
        reason: NotATicket::Malformed(reason),
    };
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::with_capacity(USUAL_HEADER);
    file.by_ref().take(USUAL_HEADER as u64).read_to_end(&mut bytes).map_err(failed)?;
    let header = safetensors::header_length(&bytes, length).map_err(malformed)?;
    let missing = header.saturating_sub(bytes.len());
    bytes.reserve_exact(missing);
    file.take(missing as u64).read_to_end(&mut bytes).map_err(failed)?;
    safetensors::read_header(&bytes, length).map_err(malformed)
}
