//! Downloads a set from its authors or a mirror: a file is checked before it gets its name.

mod published;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use elth_core::digest;
use thiserror::Error;

use crate::dataset::{self, Name, file};
use published::{Published, SumOf};

/// Why a set could not be fetched.
#[derive(Debug, Error)]
pub enum Error {
    /// No address gave the file; usually there is no network.
    #[error(
        "`{url}` could not be downloaded ({why}): ask again to go on from what came, or get it elsewhere and put it \
         at `{}`",
        target.display()
    )]
    Download {
        /// The first address.
        url: String,
        /// What went wrong there.
        why: String,
        /// Where the file belongs.
        target: PathBuf,
    },
    /// Another process downloads the same file.
    #[error("`{}` is being downloaded by another process: wait for it", partial.display())]
    Busy {
        /// What it writes to.
        partial: PathBuf,
    },
    /// The file cannot be kept.
    #[error("`{}` cannot be written ({source}): make room or choose another --data-dir", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The set is no download.
    #[error(
        "`{name}` is not handed out without a contract or is your own: put `train/CLASS/…` and `val/CLASS/…` into `{}`",
        folder.display()
    )]
    NotPublished {
        /// The set.
        name: Name,
        /// Where it belongs.
        folder: PathBuf,
    },
    /// The files came, but the set cannot be read.
    #[error(transparent)]
    Dataset(#[from] dataset::Error),
}

/// What fetching a set came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The set is part of the program.
    BuiltIn,
    /// A whole copy was there before.
    Present(PathBuf),
    /// It was downloaded.
    Fetched(PathBuf),
}

/// Told, now and then, what is being downloaded and how many bytes have come.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64);

/// Slow enough to cost nothing, fast enough for a number that moves.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Gets a set; a whole copy is left alone, a damaged file replaced.
///
/// # Errors
/// Where no address gives a file with the published sum, the folder cannot be written, or the result is not the set.
pub fn fetch(name: Name, data_dir: &Path, progress: Progress) -> Result<Outcome, Error> {
    if name == Name::Digits {
        return Ok(Outcome::BuiltIn);
    }
    if let (Some(path), Ok(_)) = (dataset::find(name, data_dir), dataset::load(name, data_dir)) {
        return Ok(Outcome::Present(path));
    }
    if dataset::is_large(name) {
        let folder = match name {
            Name::Folder(folder) => folder.path().to_owned(),
            _ => data_dir.join(name.as_str()),
        };
        return Err(Error::NotPublished { name, folder });
    }
    for file in published::files(name) {
        get(name, &file, data_dir, progress)?;
    }
    dataset::load(name, data_dir)?;
    let folder = dataset::find(name, data_dir).unwrap_or_else(|| data_dir.to_owned());
    Ok(Outcome::Fetched(folder))
}

/// Where each file of a set belongs and one address of it, for people who have to carry it over.
#[must_use]
pub fn by_hand(name: Name, data_dir: &Path) -> Vec<(String, PathBuf)> {
    let files = published::files(name).into_iter();
    files.map(|file| (file.urls[0].clone(), data_dir.join(file.place))).collect()
}

fn get(set: Name, file: &Published, data_dir: &Path, progress: Progress) -> Result<(), Error> {
    let target = data_dir.join(&file.place);
    if check(set, file, &target).is_ok() {
        return Ok(());
    }
    let write = |path: &Path, source| Error::Write { path: path.to_owned(), source };
    let folder = target.parent().unwrap_or(data_dir);
    fs::create_dir_all(folder).map_err(|source| write(folder, source))?;
    let partial = target.with_added_extension("partial");
    let _alone = reserve(&partial)?;
    from_mirrors(set, file, &partial, progress).map_err(|(url, why)| Error::Download {
        url,
        why,
        target: target.clone(),
    })?;
    fs::rename(&partial, &target).map_err(|source| write(&target, source))
}

/// Locks what a download writes to, so that no two write to it at once.
fn reserve(partial: &Path) -> Result<fs::File, Error> {
    let write = |source| Error::Write { path: partial.to_owned(), source };
    let file = fs::OpenOptions::new().create(true).append(true).open(partial).map_err(write)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::Busy { partial: partial.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(write(source)),
    }
}

/// Tries one address after the other; where all fail, says how the first one did.
fn from_mirrors(
    set: Name,
    file: &Published,
    partial: &Path,
    progress: Progress,
) -> Result<(), (String, String)> {
    let mut failures = Vec::new();
    for url in &file.urls {
        match from_mirror(set, file, url, partial, progress) {
            Ok(()) => return Ok(()),
            Err(why) => failures.push((url.clone(), why)),
        }
        // Mirrors that compress on their own cannot go on where another one stopped.
        if file.sum_of == SumOf::Contents {
            restart(partial).map_err(|why| (url.clone(), why))?;
        }
    }
    Err(failures.swap_remove(0))
}

/// Goes on from what came before; where that leads nowhere, starts anew once.
fn from_mirror(
    set: Name,
    file: &Published,
    url: &str,
    partial: &Path,
    progress: Progress,
) -> Result<(), String> {
    let before = fs::metadata(partial).map_or(0, |data| data.len());
    if before > 0 && check(set, file, partial).is_ok() {
        return Ok(());
    }
    let fresh = |progress: Progress| {
        restart(partial)?;
        download(url, partial, progress).map_err(|failure| failure.why)?;
        check(set, file, partial)
    };
    let got = match download(url, partial, progress) {
        Ok(()) => check(set, file, partial),
        Err(failure) if failure.is_refusal && before > 0 => return fresh(progress),
        // What came is kept for the next time.
        Err(failure) => return Err(failure.why),
    };
    let got = if got.is_err() && before > 0 { fresh(progress) } else { got };
    got.inspect_err(|_| drop(restart(partial)))
}

/// Empties the file, which stays locked.
fn restart(partial: &Path) -> Result<(), String> {
    fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(partial)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Why a download ended early.
struct Failure {
    why: String,
    /// Whether the other side answered and would not go on from there.
    is_refusal: bool,
}

impl Failure {
    fn of(why: impl std::fmt::Display) -> Self {
        Self { why: why.to_string(), is_refusal: false }
    }
}

/// Downloads what is missing with curl, or with wget where there is no curl.
fn download(url: &str, to: &Path, progress: Progress) -> Result<(), Failure> {
    for mut command in [curl(url, to), wget(url, to)] {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => return wait(child, url, to, progress),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::of(error)),
        }
    }
    Err(Failure::of("there is neither curl nor wget"))
}

fn curl(url: &str, to: &Path) -> Command {
    let mut command = Command::new("curl");
    // A connection that gives less than 1 kB a second for a minute is dead.
    command.args(["-fsSL", "--connect-timeout", "20", "--speed-limit", "1000"]);
    command.args(["--speed-time", "60", "--retry", "2", "-C", "-", "-o"]).arg(to).arg(url);
    command
}

fn wget(url: &str, to: &Path) -> Command {
    let mut command = Command::new("wget");
    command.args(["-nv", "--timeout=60", "--tries=2", "-c", "-O"]).arg(to).arg(url);
    command
}

/// What curl says where a server does not go on in the middle (22: an HTTP error, 33 and 36: no such range), and wget
/// of any answer that is an error.
const REFUSALS: [i32; 4] = [22, 33, 36, 8];

fn wait(mut child: Child, url: &str, to: &Path, progress: Progress) -> Result<(), Failure> {
    let status = loop {
        if let Some(status) = child.try_wait().map_err(Failure::of)? {
            break status;
        }
        progress(url, fs::metadata(to).map_or(0, |data| data.len()));
        thread::sleep(LOOK_EVERY);
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    let read = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
    let why = match (read, said.lines().next_back()) {
        (Some(Ok(_)), Some(line)) => line.to_owned(),
        _ => status.to_string(),
    };
    Err(Failure { why, is_refusal: status.code().is_some_and(|code| REFUSALS.contains(&code)) })
}

/// Whether a file is the published one; the error says what it is instead.
fn check(set: Name, file: &Published, path: &Path) -> Result<(), String> {
    let sum = match file.sum_of {
        SumOf::File => digest::of_bytes(&fs::read(path).map_err(|error| error.to_string())?),
        SumOf::Contents => {
            let read = file::read(set, path).map_err(|error| error.to_string())?;
            digest::of_bytes(&read.bytes)
        }
    };
    if sum.to_string() == file.sum {
        return Ok(());
    }
    Err(format!("what came has the sum {}…, not the published {}…", sum.short(), &file.sum[..8]))
}

#[cfg(test)]
mod tests;
