//! Making run directories and starting supervisors; nothing here waits for a training.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    atomic::{self, CannotWrite},
    run::{
        control::{self, Wanted},
        dir::RunDir,
        lease::{self, Lease},
        recipe::{self, Recipe},
        standing,
    },
};

/// A supervisor that has not taken its lock after this long never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a run could not be made, started or removed.
#[derive(Debug, thiserror::Error)]
pub enum CannotLaunch {
    /// The disk refuses.
    #[error(transparent)]
    Write(#[from] CannotWrite),
    /// The supervisor cannot be started.
    #[error("cannot start `{}` for the run `{run}`: {error}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The run's id.
        run: String,
        /// What the system says.
        error: io::Error,
    },
    /// The supervisor ended at once.
    #[error("the supervisor of run `{0}` did not come up: see its worker.log, then resume it")]
    NotUp(String),
    /// A process works on the run.
    #[error("run `{0}` is alive: stop it first (`elth run stop {0}`)")]
    Alive(String),
    /// There is no such run.
    #[error("there is no run `{id}` in `{}`: `elth runs` lists them", runs.display())]
    Unknown {
        /// The id asked for.
        id: String,
        /// Where it was looked for.
        runs: PathBuf,
    },
}

/// Makes a complete run directory; it appears under its id in one step.
///
/// # Errors
/// When the disk refuses.
pub fn create(runs: &Path, recipe: &Recipe, ticket: Option<&[u8]>) -> Result<RunDir, CannotLaunch> {
    atomic::create_folder(runs)?;
    let aside = aside(runs)?;
    fill(&aside, recipe, ticket).inspect_err(|_| remove_quietly(aside.path()))?;
    for number in next_number(runs).. {
        let dir = RunDir::at(runs.join(format!("{}-{number}", recipe.kind())));
        match fs::rename(aside.path(), dir.path()) {
            Ok(()) => return Ok(dir),
            Err(_) if dir.path().exists() => {}
            Err(error) => {
                remove_quietly(aside.path());
                return Err(CannotWrite::at(dir.path(), error).into());
            }
        }
    }
    unreachable!("there is always another number")
}

/// Starts the run's supervisor in the background and returns when it holds its lock, or has ended.
///
/// # Errors
/// When the run is alive, or the supervisor cannot be started.
pub fn start(dir: &RunDir, elth: &Path) -> Result<(), CannotLaunch> {
    let failed = |error| CannotLaunch::Write(CannotWrite::at(&dir.launcher_lease(), error));
    let Some(_launcher) = Lease::take(&dir.launcher_lease()).map_err(failed)? else {
        return Err(CannotLaunch::Alive(dir.id()));
    };
    if lease::is_held(&dir.lease()) || lease::is_held(&dir.supervisor_lease()) {
        return Err(CannotLaunch::Alive(dir.id()));
    }
    control::ask(dir, Wanted::Run)?;
    // What ended it last time is over: a supervisor writes another.
    let _ = fs::remove_file(dir.result());
    let mut child = Command::new(elth)
        .arg("supervise")
        .arg(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| CannotLaunch::Spawn { program: elth.to_owned(), run: dir.id(), error })?;
    let since = Instant::now();
    while !lease::is_held(&dir.supervisor_lease()) && !dir.result().exists() {
        let gone = matches!(child.try_wait(), Ok(Some(_)));
        if gone || since.elapsed() > PATIENCE {
            return Err(CannotLaunch::NotUp(dir.id()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    // Somebody must ask how it ended, or it stays in the process table for as long as we live.
    thread::spawn(move || child.wait());
    Ok(())
}

/// The run of that id, or of the only id that begins so.
///
/// # Errors
/// When there is none, or more than one.
pub fn find(runs: &Path, id: &str) -> Result<RunDir, CannotLaunch> {
    let all = list(runs);
    let exact = all.iter().find(|dir| dir.id() == id);
    let mut begin = all.iter().filter(|dir| !id.is_empty() && dir.id().starts_with(id));
    match (exact, begin.next(), begin.next()) {
        (Some(dir), _, _) | (None, Some(dir), None) => Ok(dir.clone()),
        _ => Err(CannotLaunch::Unknown { id: id.to_owned(), runs: runs.to_owned() }),
    }
}

/// Every run directory, the oldest first.
#[must_use]
pub fn list(runs: &Path) -> Vec<RunDir> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let mut dirs: Vec<RunDir> = entries
        .map(|entry| RunDir::at(entry.path()))
        .filter(|dir| !dir.id().starts_with('.') && dir.recipe().exists())
        .collect();
    dirs.sort_by_key(|dir| (number(&dir.id()), dir.id()));
    dirs
}

/// Removes a run that nobody works on.
///
/// # Errors
/// When it is alive, or the disk refuses.
pub fn delete(dir: &RunDir) -> Result<(), CannotLaunch> {
    if standing::is_alive(dir) {
        return Err(CannotLaunch::Alive(dir.id()));
    }
    // Hidden first, so that no reader meets half of it.
    let hidden = dir.path().with_file_name(format!(".deleted-{}", dir.id()));
    let gone = fs::rename(dir.path(), &hidden).and_then(|()| fs::remove_dir_all(&hidden));
    Ok(gone.map_err(|error| CannotWrite::at(dir.path(), error))?)
}

fn aside(runs: &Path) -> Result<RunDir, CannotWrite> {
    for number in 0_u32.. {
        let dir = runs.join(format!(".new-{}-{number}", std::process::id()));
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(RunDir::at(dir)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(CannotWrite::at(&dir, error)),
        }
    }
    unreachable!("there is always another number")
}

fn fill(dir: &RunDir, recipe: &Recipe, ticket: Option<&[u8]>) -> Result<(), CannotWrite> {
    for folder in [dir.tickets(), dir.checkpoints()] {
        atomic::create_folder(&folder)?;
    }
    if let Some(bytes) = ticket {
        atomic::replace(&dir.input_ticket(), bytes)?;
    }
    recipe::write(dir, recipe)
}

fn next_number(runs: &Path) -> u64 {
    let taken = list(runs).into_iter().map(|dir| number(&dir.id()));
    taken.filter(|number| *number < u64::MAX).max().map_or(1, |last| last + 1)
}

/// The number that an id ends with; ids without one come last.
fn number(id: &str) -> u64 {
    id.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

fn remove_quietly(path: &Path) {
    // Only a hidden folder is left then, which nothing lists.
    let _ = fs::remove_dir_all(path);
}
