//! Is it alive? The kernel knows: somebody holds the lock, or nobody does.

use std::{
    fs::{File, TryLockError},
    io::{self, Seek, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::regular::{self, SMALL};

/// A reader asks by trying, and holds the lock for microseconds: a starter that meets one tries again this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Held for a process's whole life; freed by the kernel however it dies.
#[derive(Debug)]
pub struct Lease(File);

/// Who holds a lease: a lock may not be seen from another host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Host name.
    pub host: String,
    /// Boot of that host.
    pub boot: String,
    /// Process id there.
    pub process: u32,
    /// Slurm job, where there is one.
    #[serde(default)]
    pub slurm_job: Option<String>,
    /// The run that it is held for, where several could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Lease {
    /// Takes the lease, or says that somebody holds it.
    ///
    /// # Errors
    /// When the file cannot be created or locked.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let file =
            File::options().create(true).truncate(false).read(true).write(true).open(path)?;
        Self::lock(file, PATIENCE)
    }

    /// Locks an open file, trying for so long, and signs it.
    pub(crate) fn lock(file: File, patience: Duration) -> io::Result<Option<Self>> {
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if since.elapsed() >= patience => return Ok(None),
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let mut lease = Self(file);
        lease.sign(&Holder::this_process())?;
        Ok(Some(lease))
    }

    /// Lets the programs started from now on hold it too: it is free when the last of them is gone.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn share_with_children(&self) -> io::Result<()> {
        Ok(rustix::io::fcntl_setfd(&self.0, rustix::io::FdFlags::empty())?)
    }

    /// Names the run that it is held for.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sign_for(&mut self, run: &str) -> io::Result<()> {
        self.sign(&Holder { run: Some(run.to_owned()), ..Holder::this_process() })
    }

    fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        let line = serde_json::json!(holder).to_string();
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(line.as_bytes())
    }
}

impl Holder {
    /// This process on this host.
    #[must_use]
    pub fn this_process() -> Self {
        Self {
            host: host(),
            boot: boot(),
            process: std::process::id(),
            slurm_job: std::env::var("SLURM_JOB_ID").ok(),
            run: None,
        }
    }
}

/// Whether somebody on this host holds the lease at this moment.
#[must_use]
pub fn is_held(path: &Path) -> bool {
    let Ok(file) = regular::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Who signed the lease last, alive or not.
#[must_use]
pub fn holder(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&regular::read(path, SMALL).ok()?).ok()
}

/// The name of this host.
#[must_use]
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The id of this boot of this host; empty where the system has none.
fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_held_by_one_and_freed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lease");
        assert!(!is_held(&path));
        let lease = Lease::take(&path).unwrap().unwrap();
        assert!(is_held(&path));
        assert_eq!(holder(&path), Some(Holder::this_process()));
        drop(lease);
        assert!(!is_held(&path));
    }
}
