//! The tickets there are: every ticket file of some folders, by header.

use std::{
    fs,
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

use elth_core::blueprint::shared::Models;

use crate::ticket_file::{self, CannotRead, Summary};

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
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    let mut shelf = Shelf::default();
    for summary in read_all(&files) {
        match summary {
            Ok(summary) => shelf.tickets.push(summary),
            Err(error) if is_trained(&error) => {}
            Err(error) => shelf.unreadable.push(error),
        }
    }
    shelf
}

/// Reads headers on a few threads, because whoever lists a shelf waits for it; in the order of the files.
fn read_all(files: &[PathBuf]) -> Vec<Result<Summary, CannotRead>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let each = files.len().div_ceil(threads).max(1);
    let models = Models::default();
    let read = |files: &[PathBuf]| -> Vec<_> {
        files.iter().map(|path| ticket_file::summarise(path, &models)).collect()
    };
    thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(each).map(|part| scope.spawn(|| read(part))).collect();
        // A panic there is one here.
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|p| resume_unwind(p)))
            .collect()
    })
}

/// Every `*.safetensors` directly in a folder, in the order of their names.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "safetensors") && !hidden(path))
        // A pipe of that name would keep whoever opens it waiting.
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_trained(error: &CannotRead) -> bool {
    use elth_core::{ticket::format::NotATicket, trained};
    matches!(error, CannotRead::NotATicket { reason: NotATicket::Format(format), .. }
        if format == trained::FORMAT)
}
