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
        "`{url}` could not be downloaded ({why}): get it elsewhere and put it at `{}`",
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
    /// The file cannot be kept.
    #[error("`{}` cannot be written ({source}): make room or choose another --data-dir", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
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
    for file in published::files(name) {
        get(name, &file, data_dir, progress)?;
    }
    dataset::load(name, data_dir)?;
    Ok(Outcome::Fetched(data_dir.join(name.as_str())))
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
    let partial = target.with_added_extension(format!("{}.partial", std::process::id()));
    let got = from_mirrors(set, file, &partial, progress)
        .map_err(|(url, why)| Error::Download { url, why, target: target.clone() })
        .and_then(|()| fs::rename(&partial, &target).map_err(|source| write(&target, source)));
    if got.is_err() && partial.exists() {
        fs::remove_file(&partial).map_err(|source| write(&partial, source))?;
    }
    got
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
        match download(url, partial, progress).and_then(|()| check(set, file, partial)) {
            Ok(()) => return Ok(()),
            Err(why) => failures.push((url.clone(), why)),
        }
    }
    Err(failures.swap_remove(0))
}

/// Downloads with curl, or with wget where there is no curl.
fn download(url: &str, to: &Path, progress: Progress) -> Result<(), String> {
    for mut command in [curl(url, to), wget(url, to)] {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => return wait(child, url, to, progress),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("there is neither curl nor wget".to_owned())
}

fn curl(url: &str, to: &Path) -> Command {
    let mut command = Command::new("curl");
    // A connection that gives less than 1 kB a second for a minute is dead.
    command.args(["-fsSL", "--connect-timeout", "20", "--speed-limit", "1000"]);
    command.args(["--speed-time", "60", "--retry", "2", "-o"]).arg(to).arg(url);
    command
}

fn wget(url: &str, to: &Path) -> Command {
    let mut command = Command::new("wget");
    command.args(["-nv", "--timeout=60", "--tries=2", "-O"]).arg(to).arg(url);
    command
}

fn wait(mut child: Child, url: &str, to: &Path, progress: Progress) -> Result<(), String> {
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
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
    match (read, said.lines().next_back()) {
        (Some(Ok(_)), Some(line)) => Err(line.to_owned()),
        _ => Err(status.to_string()),
    }
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
mod tests {
    use super::*;

    /// SHA-256 of `abc`.
    const SUM: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn check(served: Option<&str>, there: Option<&str>, words: &str, kept: Option<&str>) {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("served");
        let target = dir.path().join("cifar10/file");
        fs::create_dir(dir.path().join("cifar10")).unwrap();
        for (path, text) in [(&source, served), (&target, there)] {
            if let Some(text) = text {
                fs::write(path, text).unwrap();
            }
        }
        let file = Published {
            place: "cifar10/file".to_owned(),
            urls: vec![
                format!("file://{}.elsewhere", source.display()),
                format!("file://{}", source.display()),
            ],
            sum: SUM,
            sum_of: SumOf::File,
        };
        let got = get(Name::Cifar10, &file, dir.path(), &mut |_, _| ());
        let said = got.err().map_or_else(String::new, |error| error.to_string());
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{said}");
        assert_eq!(fs::read_to_string(&target).ok().as_deref(), kept);
        let left = fs::read_dir(dir.path().join("cifar10")).unwrap().count();
        assert_eq!(left, usize::from(kept.is_some()), "nothing half-fetched is left");
    }

    #[test]
    fn a_file_is_kept_only_with_the_published_sum() {
        if Command::new("curl").arg("--version").output().is_err() {
            return;
        }
        check(Some("abc"), None, "", Some("abc"));
        check(Some("abc"), Some("abd"), "", Some("abc"));
        check(None, Some("abc"), "", Some("abc"));
        check(Some("abd"), None, "get it elsewhere and put it at", None);
        check(None, None, "could not be downloaded (curl: (37)", None);
        check(Some("abd"), Some("old"), "could not be downloaded", Some("old"));
    }

    #[test]
    fn everything_can_be_carried_over_by_hand() {
        let files = by_hand(Name::Mnist, Path::new("data"));
        assert_eq!(files.len(), 4);
        assert_eq!(files[0].1, Path::new("data/mnist/train-images-idx3-ubyte.gz"));
        assert!(by_hand(Name::Digits, Path::new("data")).is_empty());
    }
}
