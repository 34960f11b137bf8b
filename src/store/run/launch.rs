//! Run directories are made, found, started and removed here; nothing waits for a training.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use crate::run::start::{Resumed, resume, start};
use crate::{
    atomic::{self, CannotWrite},
    run::{
        dir::RunDir,
        ending,
        lease::Lease,
        recipe::{self, BadRecipe, Recipe},
        standing::{self, State},
        start::check_host,
    },
};

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
    /// It was asked to end and has not ended yet.
    #[error("run `{0}` is about to stop: resume it when it has ended")]
    Stopping(String),
    /// There is nothing left to do.
    #[error("run `{0}` is done: `elth run show {0}` says what came out")]
    Done(String),
    /// Its recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] BadRecipe),
    /// Another host held the run last, and did not say that it ended.
    #[error(
        "run `{run}` was held by host `{host}`, and whether it lives there cannot be seen from here: \
         resume it there, or remove `{}` when nothing works on it any more", lease.display()
    )]
    Elsewhere {
        /// The run's id.
        run: String,
        /// The other host.
        host: String,
        /// The lease that it signed.
        lease: PathBuf,
    },
    /// More than one run's id begins so.
    #[error("`{id}` could be {}: write more of the id", all.join(", "))]
    Ambiguous {
        /// The id asked for.
        id: String,
        /// The ids that begin so.
        all: Vec<String>,
    },
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
            // Somebody else made a run in this moment.
            Err(_) if dir.path().exists() => {}
            Err(error) => {
                remove_quietly(aside.path());
                return Err(CannotWrite::at(dir.path(), error).into());
            }
        }
    }
    unreachable!("there is always another number")
}

/// The run of that id, or of the only id that begins so.
///
/// # Errors
/// When there is none, or more than one.
pub fn find(runs: &Path, id: &str) -> Result<RunDir, CannotLaunch> {
    let all = list(runs);
    if let Some(dir) = all.iter().find(|dir| dir.id() == id) {
        return Ok(dir.clone());
    }
    let begin: Vec<&RunDir> =
        all.iter().filter(|dir| !id.is_empty() && dir.id().starts_with(id)).collect();
    match begin.as_slice() {
        [dir] => Ok((*dir).clone()),
        [] => Err(CannotLaunch::Unknown { id: id.to_owned(), runs: runs.to_owned() }),
        more => {
            let all = more.iter().map(|dir| dir.id()).collect();
            Err(CannotLaunch::Ambiguous { id: id.to_owned(), all })
        }
    }
}

/// Every run directory, the oldest first; damaged ones too.
#[must_use]
pub fn list(runs: &Path) -> Vec<RunDir> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let mut dirs: Vec<RunDir> = entries
        .map(|entry| RunDir::at(entry.path()))
        .filter(|dir| !dir.id().starts_with('.') && is_run(dir))
        .collect();
    dirs.sort_by_cached_key(|dir| (number(&dir.id()), dir.id()));
    dirs
}

/// The folders in which runs leave tickets: searches, and trainings whose masks moved.
#[must_use]
pub fn ticket_folders(runs: &Path) -> Vec<PathBuf> {
    let leaves = |dir: &RunDir| dir.id().starts_with("imp-") || dir.moved_ticket().exists();
    list(runs).iter().filter(|dir| leaves(dir)).map(RunDir::tickets).collect()
}

/// Removes a run that nobody works on.
///
/// # Errors
/// When it is alive, or the disk refuses.
pub fn delete(dir: &RunDir) -> Result<(), CannotLaunch> {
    let failed = |error| CannotWrite::at(dir.path(), error);
    // Nobody starts it while we hold this.
    let Some(_launcher) = Lease::take(&dir.launcher_lease()).map_err(failed)? else {
        return Err(CannotLaunch::Alive(dir.id()));
    };
    if standing::is_worked_on(dir) {
        return Err(CannotLaunch::Alive(dir.id()));
    }
    if standing::state_of(dir).0 == State::Lost && ending::read(dir).is_none() {
        check_host(dir)?;
    }
    // Hidden first, so that no reader meets half of it.
    let name = format!(".deleted-{}-{}", std::process::id(), dir.id());
    let hidden = dir.path().with_file_name(name);
    let gone = fs::rename(dir.path(), &hidden).and_then(|()| fs::remove_dir_all(&hidden));
    Ok(gone.map_err(failed)?)
}

fn is_run(dir: &RunDir) -> bool {
    [dir.recipe(), dir.events(), dir.result()].iter().any(|file| file.exists())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(ids: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for id in ids {
            fs::create_dir(folder.path().join(id)).unwrap();
            fs::write(folder.path().join(id).join("recipe.toml"), "").unwrap();
        }
        folder
    }

    fn check(ids: &[&str], id: &str, expected: Result<&str, &str>) {
        let folder = runs(ids);
        match (find(folder.path(), id), expected) {
            (Ok(dir), Ok(found)) => assert_eq!(dir.id(), found),
            (Err(error), Err(words)) => assert!(error.to_string().starts_with(words), "{error}"),
            (found, _) => panic!("{id}: {found:?}"),
        }
    }

    #[test]
    fn a_run_is_found_by_its_id_or_by_the_start_of_one() {
        check(&["imp-1", "train-2"], "imp-1", Ok("imp-1"));
        check(&["imp-1", "train-2"], "t", Ok("train-2"));
        check(&["imp-1", "imp-10"], "imp-1", Ok("imp-1"));
        check(&["imp-1", "imp-10"], "imp", Err("`imp` could be imp-1, imp-10: write more"));
        check(&["imp-1"], "", Err("there is no run ``"));
        check(&["imp-1"], "../imp-1", Err("there is no run `../imp-1`"));
        check(&[".new-1", "notes"], ".new-1", Err("there is no run"));
    }

    #[test]
    fn runs_are_listed_in_the_order_in_which_they_were_made() {
        let folder = runs(&["train-10", "imp-9", "imp-2", "mine", ".new-3"]);
        fs::create_dir(folder.path().join("no-run-7")).unwrap();
        let ids: Vec<String> = list(folder.path()).iter().map(RunDir::id).collect();
        assert_eq!(ids, ["imp-2", "imp-9", "train-10", "mine"]);
        assert_eq!(next_number(folder.path()), 11);
    }

    #[test]
    fn a_run_that_is_held_is_not_deleted() {
        let folder = runs(&["imp-1"]);
        let dir = find(folder.path(), "imp-1").unwrap();
        let lease = Lease::take(&dir.lease()).unwrap();
        assert!(matches!(delete(&dir), Err(CannotLaunch::Alive(_))));
        drop(lease);
        delete(&dir).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
