//! The processor's cores as a queue: runs of one home take no more threads together than there are cores.

use std::{env, io, path::Path, time::Duration};

use super::{cores, lock};
use crate::run::lease::{self, Lease};

/// A run passes the door in microseconds; many at once need no longer than this.
const DOOR: Duration = Duration::from_secs(2);

/// An answer to a run that needs cores.
#[derive(Debug)]
pub enum Cores {
    /// Held as long as these live; none where nobody waits for another.
    Granted(Vec<Lease>),
    /// Not now, for this reason; ask again.
    Later(String),
}

/// Cores that the runs of a home share: `ELTH_CORES`, else the physical ones that this process may use; 0 where
/// nobody is to wait.
#[must_use]
pub fn shared() -> usize {
    let named = env::var("ELTH_CORES").ok().and_then(|text| text.trim().parse().ok());
    named.unwrap_or_else(cores::usable)
}

/// Asks once for as many cores as a run of that folder has threads, or for all where it has more.
///
/// # Errors
/// When the locks cannot be kept.
pub fn ask(runs: &Path, run: &str, threads: usize) -> io::Result<Cores> {
    ask_of(&lock::folder(), runs, run, threads, shared())
}

fn ask_of(
    folder: &Path,
    runs: &Path,
    run: &str,
    threads: usize,
    cores: usize,
) -> io::Result<Cores> {
    if cores == 0 {
        return Ok(Cores::Granted(Vec::new()));
    }
    let home = named(runs);
    let file = |what: &str| folder.join(format!("cpu-{home}-{what}.lock"));
    // Two that ask in the same moment would each hold a part and wait for the rest.
    let Some(_door) = lock::take(folder, &file("door"), DOOR)? else {
        return Ok(Cores::Later("other runs have asked for cores for a while".to_owned()));
    };
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for core in 0..cores {
        let file = file(&core.to_string());
        match lock::try_take(folder, &file)? {
            Some(lease) => mine.push(lease),
            None => others.push(lease::holder(&file).and_then(|holder| holder.run)),
        }
    }
    let wanted = threads.clamp(1, cores);
    if mine.len() < wanted {
        return Ok(Cores::Later(reason(cores, &others)));
    }
    mine.truncate(wanted);
    for lease in &mut mine {
        lease.sign_for(run)?;
    }
    Ok(Cores::Granted(mine))
}

/// A name for the folder of the runs that is the same however it is reached.
fn named(runs: &Path) -> String {
    let runs = runs.canonicalize().unwrap_or_else(|_| runs.to_owned());
    elth_core::digest::of_bytes(runs.as_os_str().as_encoded_bytes()).short()
}

/// Who takes how many: `the CPU has 2 cores, train-1 takes 2 of them`.
fn reason(cores: usize, others: &[Option<String>]) -> String {
    let mut takers: Vec<(&str, usize)> = Vec::new();
    for other in others {
        let name = other.as_deref().unwrap_or("another run");
        match takers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => takers.push((name, 1)),
        }
    }
    let takers: Vec<_> =
        takers.iter().map(|(name, count)| format!("{name} takes {count} of them")).collect();
    let word = if cores == 1 { "core" } else { "cores" };
    format!("the CPU has {cores} {word}, {}", takers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks and says what came of it; leases are returned so that they live on.
    fn check(folder: &Path, run: &str, threads: usize, cores: usize, expected: &str) -> Vec<Lease> {
        match ask_of(folder, Path::new("/home/me/runs"), run, threads, cores).unwrap() {
            Cores::Granted(leases) => {
                assert_eq!(format!("{} cores", leases.len()), expected, "{run}");
                leases
            }
            Cores::Later(reason) => {
                assert_eq!(reason, expected, "{run}");
                Vec::new()
            }
        }
    }

    #[test]
    fn runs_take_cores_as_far_as_there_are_some_and_say_who_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let one = check(folder, "train-1", 1, 4, "1 cores");
        let two = check(folder, "train-2", 2, 4, "2 cores");
        let busy = "the CPU has 4 cores, train-1 takes 1 of them, train-2 takes 2 of them";
        check(folder, "train-3", 2, 4, busy);
        let three = check(folder, "train-4", 1, 4, "1 cores");
        drop((one, two));
        check(folder, "train-3", 2, 4, "2 cores");
        drop(three);
    }

    #[test]
    fn more_threads_than_cores_take_all_and_nobody_waits_where_there_are_none_to_share() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let all = check(folder, "imp-1", 64, 2, "2 cores");
        check(folder, "imp-2", 1, 2, "the CPU has 2 cores, imp-1 takes 2 of them");
        check(folder, "imp-2", 9, 0, "0 cores");
        drop(all);
        let elsewhere = Path::new("/home/you/runs");
        let mine = check(folder, "imp-2", 2, 2, "2 cores");
        let theirs = ask_of(folder, elsewhere, "imp-1", 2, 2).unwrap();
        assert!(matches!(theirs, Cores::Granted(leases) if leases.len() == 2));
        drop(mine);
    }
}
