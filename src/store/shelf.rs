//! The tickets there are: every ticket file of some folders, by header.

pub mod index;

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};

use elth_core::blueprint::shared::Models;

use crate::{
    remembered::{News, Place, Remembered},
    shelf::index::{KIND, Said, Seen},
    stamp::Stamp,
    ticket_file::{self, CannotRead, Summary},
};

/// What lies in some folders.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Tickets, in the order of their paths.
    pub tickets: Vec<Summary>,
    /// Files named `*.safetensors` that are no tickets, with the reason; trained weights are not among them.
    pub unreadable: Vec<CannotRead>,
}

/// Reads the headers of all `*.safetensors` directly in the folders; folders that do not exist hold nothing.
#[must_use]
pub fn list(folders: &[PathBuf]) -> Shelf {
    look(folders, &Remembered::default()).0
}

/// As [`list`], but reads only the headers of files that the index does not know as they are.
///
/// The second is what is to be remembered of the [`KIND`], where the index does not know everything.
#[must_use]
pub fn list_indexed(folders: &[PathBuf], place: &Place) -> (Shelf, Option<News>) {
    look(folders, &Remembered::read(place, KIND))
}

fn look(folders: &[PathBuf], index: &Remembered) -> (Shelf, Option<News>) {
    let looked_at = SystemTime::now();
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| named(folder)).collect();
    let seen = look_at_all(&files, index);
    let news = index::news(&seen, index, looked_at);
    let mut shelf = Shelf::default();
    for said in seen.into_iter().map(|seen| seen.said) {
        match said {
            Ok(Said::Ticket(summary)) => shelf.tickets.push(*summary),
            Ok(Said::Trained) => {}
            Err(error) => shelf.unreadable.push(error),
        }
    }
    (shelf, news)
}

/// Looks on a few threads, because whoever lists a shelf waits for it; in the order of the files.
fn look_at_all<'a>(files: &'a [PathBuf], index: &Remembered) -> Vec<Seen<'a>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let each = files.len().div_ceil(threads).max(1);
    let look = |files: &'a [PathBuf]| -> Vec<_> {
        let mut models = Models::default();
        files.iter().filter_map(|path| look_at(path, index, &mut models)).collect()
    };
    thread::scope(|scope| {
        let mut parts = files.chunks(each);
        // The first part is ours: a thread costs more than a few files.
        let first = parts.next().unwrap_or_default();
        let others: Vec<_> = parts.map(|part| scope.spawn(|| look(part))).collect();
        let mut seen = look(first);
        for other in others {
            // A panic there is one here.
            seen.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        seen
    })
}

/// Looks at one file; nothing where it is none: a pipe of that name would keep whoever opens it waiting.
fn look_at<'a>(path: &'a Path, index: &Remembered, models: &mut Models) -> Option<Seen<'a>> {
    let stamp = Stamp::of(&fs::metadata(path).ok().filter(Metadata::is_file)?);
    if let Some(said) = index::recall(index, path, stamp, models) {
        return Some(Seen { path, stamp, said: Ok(said), is_fresh: false });
    }
    let said = match ticket_file::summarise(path, models) {
        Ok(summary) => Ok(Said::Ticket(Box::new(summary))),
        Err(error) if is_trained(&error) => Ok(Said::Trained),
        Err(error) => Err(error),
    };
    Some(Seen { path, stamp, said, is_fresh: true })
}

/// Every `*.safetensors` directly in a folder, in the order of their names.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = named(folder);
    files.retain(|path| path.is_file());
    files
}

/// What a folder holds under the name of a ticket, in the order of the names.
fn named(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_named = |name: &OsString| {
        let bytes = name.as_encoded_bytes();
        bytes.ends_with(b".safetensors") && !bytes.starts_with(b".")
    };
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).filter(is_named).collect();
    names.sort_unstable();
    names.into_iter().map(|name| folder.join(name)).collect()
}

fn is_trained(error: &CannotRead) -> bool {
    use elth_core::{ticket::format::NotATicket, trained};
    matches!(error, CannotRead::NotATicket { reason: NotATicket::Format(format), .. }
        if format == trained::FORMAT)
}

#[cfg(test)]
mod tests;
