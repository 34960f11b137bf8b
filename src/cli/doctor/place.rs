//! The folder that keeps tickets and runs: its room, and whether locks hold there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::Check;
use crate::cli::setup::{bytes, free};

/// Enough for hundreds of tickets and the checkpoints of a few large runs.
const ENOUGH: u64 = 2_000_000_000;

/// File systems that several hosts may see at once, by the magic numbers of `statfs(2)`.
const SHARED: [(i64, &str); 9] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x00c3_6400, "Ceph"),
    (0x6573_5546, "FUSE"),
];

/// Disk and locks of the home, or of the nearest folder above it that is there.
pub fn checks(home: &Path) -> Vec<Check> {
    let there = home.ancestors().find(|folder| folder.is_dir()).unwrap_or(home);
    vec![disk(there), locks(there)]
}

fn disk(folder: &Path) -> Check {
    let name = "disk";
    match free(folder) {
        Ok(free) => {
            let detail = format!("{} free in {}", bytes(free), folder.display());
            let fix = "make room, or keep runs elsewhere with --home DIR";
            if free < ENOUGH { Check::wrong(name, detail, fix) } else { Check::fine(name, detail) }
        }
        Err(error) => Check::wrong(name, error.to_string(), "name another home with --home DIR"),
    }
}

fn locks(folder: &Path) -> Check {
    let name = "locks";
    let elsewhere = "name a home on a local disk with --home DIR";
    match exclude_each_other(folder) {
        Err(error) => {
            let detail = format!("{} can't be tried: {error}", folder.display());
            Check::wrong(name, detail, elsewhere)
        }
        Ok(false) => {
            let detail = format!("two may hold one lock in {}", folder.display());
            Check::wrong(name, detail, elsewhere)
        }
        Ok(true) => Check::fine(name, held(folder)),
    }
}

fn held(folder: &Path) -> String {
    let place = folder.display();
    match shared_kind(folder) {
        None => format!("they hold in {place}, a disk of this host"),
        Some(kind) => format!(
            "they hold in {place}, on {kind}: another host may not see them, so a run that began \
             there and never ended is neither resumed nor deleted from here"
        ),
    }
}

/// Whether a second opener is kept out, as of a run's lease.
fn exclude_each_other(folder: &Path) -> io::Result<bool> {
    let path = folder.join(format!(".elth-doctor-{}", std::process::id()));
    let first = File::create(&path)?;
    let tried = first.lock().and_then(|()| match File::open(&path)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    });
    fs::remove_file(&path)?;
    tried
}

fn shared_kind(folder: &Path) -> Option<&'static str> {
    let magic = rustix::fs::statfs(folder).ok()?.f_type;
    SHARED.iter().find(|(known, _)| *known == magic).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_is_not_made_yet_is_judged_by_the_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        let checks = checks(&folder.path().join("not/yet"));
        assert!(checks[1].ok && checks[1].detail.contains("they hold in"), "{checks:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
