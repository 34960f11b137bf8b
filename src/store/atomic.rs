//! Writing files so that a reader, a crash or a full disk never meets half of one.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// What the name of a file ends with that is not whole yet.
const ASIDE: &str = ".aside";

/// A file could not be written; the old one, if any, is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CannotWrite {
    /// The folder is not there.
    #[error("cannot write `{}`: the folder does not exist, create it first", .0.display())]
    NoFolder(PathBuf),
    /// Something is there that was not to be replaced.
    #[error("cannot write `{}`: it is there already, choose another name", .0.display())]
    There(PathBuf),
    /// The disk is full, or the quota is.
    #[error("cannot write `{}`: the disk is full, free some space and try again", .0.display())]
    Full(PathBuf),
    /// The folder or the file may not be written.
    #[error("cannot write `{}`: permission denied, choose another place", .0.display())]
    Denied(PathBuf),
    /// Anything else.
    #[error("cannot write `{}`: {error}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl CannotWrite {
    /// Names the file that an I/O error was about.
    #[must_use]
    pub fn at(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoFolder(path),
            io::ErrorKind::AlreadyExists => Self::There(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied(path)
            }
            _ => Self::Other { path, error },
        }
    }
}

/// Replaces a file by `bytes` in one step: written aside, synced, renamed.
///
/// # Errors
/// When the folder is missing or not writable, or the disk is full; nothing is left behind then.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), CannotWrite> {
    replace_by(path, |file| write_synced(file, bytes))?;
    sync_folder(path);
    Ok(())
}

/// Replaces a file in one step by what is written to it part by part.
///
/// # Errors
/// As [`replace`].
pub fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CannotWrite> {
    replace_by(path, |file| {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        write(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    })?;
    sync_folder(path);
    Ok(())
}

/// Makes a file of `bytes` in one step; of several that do so at once one succeeds, and what is there stays.
///
/// # Errors
/// When the file is there, the folder is missing or not writable, or the disk is full.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), CannotWrite> {
    let failed = |error| CannotWrite::at(path, error);
    let (aside, file) = open_aside(path).map_err(failed)?;
    let outcome = write_synced(file, bytes).and_then(|()| settle(&aside, path));
    // After a link it is a second name; after a rename it is gone.
    let _ = fs::remove_file(&aside);
    outcome.map_err(failed)?;
    sync_folder(path);
    Ok(())
}

/// Gives a whole file its name where nothing has it; a file system without links reserves the name first.
fn settle(aside: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            drop(File::create_new(path)?);
            fs::rename(aside, path)
        }
        outcome => outcome,
    }
}

/// Replaces a file in one step without waiting for the disk: for what can be made again, and knows when it is torn.
///
/// # Errors
/// As [`replace`].
pub fn replace_soon(path: &Path, bytes: &[u8]) -> Result<(), CannotWrite> {
    replace_by(path, |mut file| file.write_all(bytes))
}

fn replace_by(path: &Path, write: impl FnOnce(File) -> io::Result<()>) -> Result<(), CannotWrite> {
    let (aside, file) = open_aside(path).map_err(|error| CannotWrite::at(path, error))?;
    let outcome = write(file).and_then(|()| fs::rename(&aside, path));
    outcome.map_err(|error| {
        // It may be gone already; what counts is the error we return.
        let _ = fs::remove_file(&aside);
        CannotWrite::at(path, error)
    })
}

/// Creates a folder and those above it.
///
/// # Errors
/// When one of them cannot be made.
pub fn create_folder(path: &Path) -> Result<(), CannotWrite> {
    fs::create_dir_all(path).map_err(|error| CannotWrite::at(path, error))
}

/// Removes what killed writers left in a folder; for whoever alone writes there.
///
/// # Errors
/// When the folder cannot be listed, or a file in it not removed.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(ASIDE) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn write_synced(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Some file systems refuse to sync a folder; the rename stands all the same.
    let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
}

/// A new hidden file beside the file; what a killed process left behind under such a name is not ours to touch.
fn open_aside(path: &Path) -> io::Result<(PathBuf, File)> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let aside = path.with_file_name(format!(".{name}.{}.{call}{ASIDE}", process::id()));
        match File::create_new(&aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (aside, file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticket");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn of_two_that_make_a_file_one_succeeds_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        let made = std::thread::scope(|scope| {
            let writers = [b"a", b"b"].map(|bytes| scope.spawn(|| create(&path, bytes).is_ok()));
            writers.map(|writer| usize::from(writer.join().unwrap()))
        });
        assert_eq!(made.iter().sum::<usize>(), 1);
        let before = fs::read(&path).unwrap();
        let error = create(&path, b"c").unwrap_err();
        assert!(matches!(error, CannotWrite::There(_)), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_writer_left_is_swept_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticket");
        replace(&path, b"whole").unwrap();
        drop(open_aside(&path).unwrap());
        sweep(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = replace(Path::new("/nowhere/at/all"), b"").unwrap_err();
        assert!(matches!(error, CannotWrite::NoFolder(_)), "{error}");
    }
}
