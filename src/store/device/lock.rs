//! Device leases as files that all users of a host share.

use std::{
    env,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::run::lease::Lease;

/// Where the system keeps locks that end with the boot.
const SHARED: &str = "/run/lock/elth";

/// Everybody may put files here, and nobody may remove another's.
const STICKY: u32 = 0o1777;

/// The folder of the leases: `ELTH_LOCKS`, else the system's, else a sticky one among the temporary files.
#[must_use]
pub fn folder() -> PathBuf {
    if let Some(named) = env::var_os("ELTH_LOCKS").filter(|folder| !folder.is_empty()) {
        return named.into();
    }
    let shared = PathBuf::from(SHARED);
    if provide(&shared).is_ok() { shared } else { env::temp_dir().join("elth-locks") }
}

/// Takes a lease if nobody holds it at this moment.
pub(super) fn try_take(folder: &Path, file: &Path) -> io::Result<Option<Lease>> {
    take(folder, file, Duration::ZERO)
}

/// Takes a lease, trying for so long.
pub(super) fn take(folder: &Path, file: &Path, patience: Duration) -> io::Result<Option<Lease>> {
    provide(folder)?;
    Lease::lock(open(file)?, patience)
}

/// Makes the folder where it is missing; one that others could not use is refused.
fn provide(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        // The mode of `mkdir` passes through the umask.
        Ok(()) => fs::set_permissions(folder, Permissions::from_mode(STICKY)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check(folder),
        Err(error) => Err(error),
    }
}

fn check(folder: &Path) -> io::Result<()> {
    let about = folder.symlink_metadata()?;
    let own = about.uid() == rustix::process::geteuid().as_raw();
    let shared = about.is_dir() && about.mode() & STICKY == STICKY;
    if shared || (own && about.is_dir()) {
        return Ok(());
    }
    Err(io::Error::other("it is no folder that all may write to (mode 1777): remove it"))
}

/// Opens the lock file of whoever made it; systems forbid creating through another user's file in a sticky folder.
fn open(file: &Path) -> io::Result<File> {
    let existing = || File::options().read(true).write(true).open(file);
    match existing() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    match File::options().read(true).write(true).create_new(true).open(file) {
        Ok(made) => {
            made.set_permissions(Permissions::from_mode(0o666))?;
            Ok(made)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => existing(),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_and_its_locks_are_everybodys() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("locks");
        let file = folder.join("gpu-x.lock");
        let lease = try_take(&folder, &file).unwrap();
        assert!(lease.is_some());
        assert_eq!(folder.metadata().unwrap().mode() & 0o7777, STICKY);
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o666);
        assert!(try_take(&folder, &file).unwrap().is_none(), "held");
        drop(lease);
        assert!(try_take(&folder, &file).unwrap().is_some(), "free again");
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("locks");
        fs::write(&folder, "").unwrap();
        let error = try_take(&folder, &folder.join("gpu-x.lock")).unwrap_err();
        assert!(error.to_string().contains("mode 1777"), "{error}");
    }
}
