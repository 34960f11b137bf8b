//! A PyTorch that is already on this machine: used as it is, never changed.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

use super::cache::{Cache, remove};
use super::libtorch::{Libtorch, Unfit};
use super::progress::Progress;

/// The one that `ELTH_PYTORCH` names: who names one wants that and no other.
pub fn named() -> Result<Option<Libtorch>> {
    let Some(folder) = env::var_os("ELTH_PYTORCH").filter(|folder| !folder.is_empty()) else {
        return Ok(None);
    };
    let folder = std::path::absolute(folder)?;
    let within = folder.join("torch");
    let torch = if within.join("version.py").is_file() { within } else { folder };
    let found = Libtorch::read(&torch);
    found.map(Some).map_err(|unfit| anyhow!("{unfit}: name another in ELTH_PYTORCH, or unset it"))
}

/// The first fitting one that the Pythons of this environment would import.
pub fn find(wants_cuda: bool, progress: Progress) -> Option<Libtorch> {
    for python in pythons() {
        match python_torch(&python).map(|torch| Libtorch::read(&torch)) {
            None | Some(Err(Unfit::Missing(_))) => {}
            Some(Err(unfit)) => progress.say(&format!("not used: {unfit}")),
            Some(Ok(found)) if !found.suits(wants_cuda) => {
                progress.say(&format!("not used: `{}` has no CUDA", found.torch.display()));
            }
            Some(Ok(found)) => return Some(found),
        }
    }
    None
}

/// A folder of the cache whose `torch` is a link to it.
pub fn adopt(existing: &Libtorch, cache: &Cache) -> Result<PathBuf> {
    let torch = existing.torch.canonicalize()?;
    let folder = cache.libtorch(&format!("pytorch-{:016x}", fingerprint(&torch)));
    if fs::read_link(folder.join("torch")).is_ok_and(|target| target == torch) {
        return Ok(folder);
    }
    cache.made(remove(&folder).and_then(|()| fs::create_dir_all(&folder)))?;
    cache.made(symlink(&torch, folder.join("torch")))?;
    Ok(folder)
}

/// Programs that may be Python, the active environment's first.
pub fn pythons() -> Vec<PathBuf> {
    let active = env::var_os("VIRTUAL_ENV").map(|venv| PathBuf::from(venv).join("bin/python"));
    active.into_iter().chain(["python3", "python"].map(PathBuf::from)).collect()
}

/// Where `import torch` would take it from; asking does not import it.
fn python_torch(python: &Path) -> Option<PathBuf> {
    let question =
        "import importlib.util as u; s = u.find_spec('torch'); print(s.origin if s else '')";
    let mut command = Command::new(python);
    // Not in the current folder, where a file may be called torch.py.
    let output =
        command.arg("-c").arg(question).current_dir("/").stdin(Stdio::null()).output().ok()?;
    let origin = String::from_utf8(output.stdout).ok()?;
    Path::new(origin.trim()).parent().filter(|torch| torch.is_absolute()).map(Path::to_path_buf)
}

/// Tells links of one cache apart (FNV-1a).
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |state, &byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pytorch_that_moved_is_linked_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().join("cache") };
        let torch =
            folder.path().join("torch").canonicalize().unwrap_or(folder.path().join("torch"));
        fs::create_dir(&torch).unwrap();
        let existing = Libtorch { torch: torch.clone(), version: "2.11.0".to_owned() };
        let first = adopt(&existing, &cache).unwrap();
        assert_eq!(fs::read_link(first.join("torch")).unwrap(), torch.canonicalize().unwrap());
        fs::remove_file(first.join("torch")).unwrap();
        symlink("/elsewhere", first.join("torch")).unwrap();
        assert_eq!(adopt(&existing, &cache).unwrap(), first);
        assert_eq!(fs::read_link(first.join("torch")).unwrap(), torch.canonicalize().unwrap());
    }
}
