//! Where set-up keeps what every checkout of this user shares: libtorch, and built trainers.

use std::env;
use std::fs::{self, File, TryLockError};
use std::marker::PhantomData;
use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result, anyhow};

use super::libtorch::VERSION;
use super::progress::Progress;

/// The build id of the trainer that belongs to this program.
pub const BUILD: &str = env!("ELTH_BUILD");

/// A cache folder, which need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Its absolute path.
    pub folder: PathBuf,
}

/// Held while libtorch is looked for and installed; the kernel lets go of it with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// A folder for what is not complete yet; it goes when its work is done or has failed.
#[derive(Debug)]
pub struct Staging<'a> {
    /// Its path.
    pub folder: PathBuf,
    under: PhantomData<&'a Lock>,
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // What can't be removed now is removed by the next set-up, which says so if it can't.
        let _next_time = remove(&self.folder);
    }
}

impl Cache {
    /// The folder asked for, else `ELTH_CACHE`, else the platform's.
    pub fn choose(asked: Option<&Path>) -> Result<Self> {
        let folder = asked
            .map(Path::to_path_buf)
            .or_else(|| env::var_os("ELTH_CACHE").filter(|dir| !dir.is_empty()).map(PathBuf::from))
            .or_else(platform_folder)
            .ok_or_else(|| {
                anyhow!("this account has no home folder: name a cache with --cache DIR")
            })?;
        Ok(Self { folder: absolute(folder)? })
    }

    /// The caches that may hold what `checkout` uses: the chosen one, then the one that it links to.
    pub fn known(checkout: &Path) -> Vec<Self> {
        let linked = fs::read_link(checkout.join(".libtorch")).ok();
        let linked = linked.as_deref().and_then(Path::parent).map(Path::to_path_buf);
        let mut caches: Vec<Self> = Self::choose(None).into_iter().collect();
        caches.extend(linked.map(|folder| Self { folder }).filter(|cache| !caches.contains(cache)));
        caches
    }

    /// The place of one kind of libtorch: `cpu`, `cuda`, or a link to somebody's PyTorch.
    pub fn libtorch(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("libtorch-{VERSION}-{kind}"))
    }

    /// Every libtorch that lies here, those with CUDA first.
    pub fn libtorches(&self) -> Vec<PathBuf> {
        let prefix = format!("libtorch-{VERSION}-");
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let named =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        let mut found: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
        found.sort_by_key(|path| (path.ends_with(format!("{prefix}cpu")), path.clone()));
        found
    }

    /// The place of this program's trainer, in the profile that this program was built in.
    pub fn trainer(&self) -> PathBuf {
        self.trainer_of(if cfg!(debug_assertions) { Profile::Dev } else { Profile::Release })
    }

    /// The place of this program's trainer in a profile.
    pub fn trainer_of(&self, profile: Profile) -> PathBuf {
        let suffix = if profile == Profile::Dev { "-dev" } else { "" };
        self.trainers().join(format!("{BUILD}{suffix}")).join("elth-worker")
    }

    /// The folder with a folder for each trainer.
    pub fn trainers(&self) -> PathBuf {
        self.folder.join("trainers")
    }

    /// An empty folder for what is not complete yet, on the same disk; needs the lock.
    pub fn staging<'a>(&self, _lock: &'a Lock) -> Result<Staging<'a>> {
        let folder = self.folder.join("staging");
        // Whoever left it is gone, or we would not hold the lock.
        self.made(remove(&folder).and_then(|()| fs::create_dir_all(&folder)))?;
        Ok(Staging { folder, under: PhantomData })
    }

    /// Waits until no other set-up works in this cache.
    pub fn lock(&self, progress: Progress) -> Result<Lock> {
        self.made(fs::create_dir_all(&self.folder))?;
        let file = self.made(File::create(self.folder.join("setup.lock")))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let folder = self.folder.display();
                progress.say(&format!("another set-up works in {folder}: waiting for it"));
                self.made(file.lock())?;
            }
            Err(TryLockError::Error(error)) => self.made(Err(error))?,
        }
        Ok(Lock { _file: file })
    }

    /// Says what to do where the cache can't be written.
    pub fn made<T>(&self, result: std::io::Result<T>) -> Result<T> {
        result.with_context(|| {
            let folder = self.folder.display();
            format!("`{folder}` can't be written: name another place with --cache DIR")
        })
    }
}

/// How a program was compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// With debug assertions.
    Dev,
    /// Optimised.
    Release,
}

/// Removes a file or a whole folder; nothing there is fine.
pub fn remove(path: &Path) -> std::io::Result<()> {
    let is_folder = path.symlink_metadata().is_ok_and(|about| about.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

fn platform_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "elth").map(|dirs| dirs.cache_dir().to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_that_links_elsewhere_is_looked_for_there_too() {
        let checkout = tempfile::tempdir().unwrap();
        let cache = Cache { folder: checkout.path().join("cache") };
        std::os::unix::fs::symlink(cache.libtorch("cpu"), checkout.path().join(".libtorch"))
            .unwrap();
        assert_eq!(Cache::known(checkout.path()).last(), Some(&cache));
    }

    #[test]
    fn libtorches_with_cuda_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().to_path_buf() };
        for kind in ["cpu", "cuda", "pytorch-0123"] {
            fs::create_dir(cache.libtorch(kind)).unwrap();
        }
        fs::create_dir(cache.folder.join("libtorch-9.9.9-cuda")).unwrap();
        let expected = ["cuda", "pytorch-0123", "cpu"].map(|kind| cache.libtorch(kind));
        assert_eq!(cache.libtorches(), expected);
    }

    #[test]
    fn staging_starts_empty_after_a_set_up_that_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().to_path_buf() };
        let lock = cache.lock(Progress::Lines).unwrap();
        fs::create_dir(folder.path().join("staging")).unwrap();
        fs::write(folder.path().join("staging/half.whl"), "half").unwrap();
        let staging = cache.staging(&lock).unwrap();
        assert_eq!(fs::read_dir(&staging.folder).unwrap().count(), 0);
        drop(staging);
        assert!(!folder.path().join("staging").exists());
    }
}
