//! Which libtorch a folder holds, and which one a checkout gets.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cache::{Cache, Lock};
use super::progress::Progress;
use super::{Linked, Wishes, full, link, pytorch, wheels};

/// The version that tch 0.24 is made for.
pub const VERSION: &str = "2.11.0";

/// A folder like `site-packages/torch`, known to be complete and of the right version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Libtorch {
    /// The folder with `lib` and `include`.
    pub torch: PathBuf,
    /// The version with its build, as `2.11.0+cu130`.
    pub version: String,
}

/// Why a folder can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No PyTorch is there.
    #[error("no PyTorch in `{}`", .0.display())]
    Missing(PathBuf),
    /// Another version, which has other functions.
    #[error("`{}` is PyTorch {version}, not {VERSION}", torch.display())]
    Version {
        /// The folder.
        torch: PathBuf,
        /// Its version.
        version: String,
    },
    /// A part is not there that compiling or running needs.
    #[error("`{}` lacks `{part}`", torch.display())]
    Incomplete {
        /// The folder.
        torch: PathBuf,
        /// The first part that is missing.
        part: &'static str,
    },
}

impl Libtorch {
    /// Looks at a folder without starting Python, which would take seconds.
    pub fn read(torch: &Path) -> Result<Self, Unfit> {
        let text = fs::read_to_string(torch.join("version.py"))
            .map_err(|_| Unfit::Missing(torch.to_path_buf()))?;
        let version = version_in(&text).ok_or_else(|| Unfit::Missing(torch.to_path_buf()))?;
        if version.split('+').next() != Some(VERSION) {
            return Err(Unfit::Version { torch: torch.to_path_buf(), version });
        }
        for part in ["lib/libtorch_cpu.so", "lib/libc10.so", "include/ATen/ops", "include/torch"] {
            if !torch.join(part).exists() {
                return Err(Unfit::Incomplete { torch: torch.to_path_buf(), part });
            }
        }
        Ok(Self { torch: torch.to_path_buf(), version })
    }

    /// Whether it can drive a GPU.
    pub fn has_cuda(&self) -> bool {
        self.torch.join("lib/libtorch_cuda.so").exists()
    }

    /// Whether it is enough for somebody who wants CUDA, or does not.
    pub fn suits(&self, wants_cuda: bool) -> bool {
        self.has_cuda() || !wants_cuda
    }

    /// The folders that the loader has to search: libtorch's, and NVIDIA's beside it.
    ///
    /// NVIDIA's are needed because one of their libraries opens another by its bare name.
    pub fn library_folders(&self) -> Vec<PathBuf> {
        let torch = self.torch.canonicalize().unwrap_or_else(|_| self.torch.clone());
        let mut folders = vec![torch.join("lib")];
        let nvidia = torch.parent().map(|packages| packages.join("nvidia"));
        let entries = nvidia.into_iter().flat_map(fs::read_dir).flatten().flatten();
        let mut beside: Vec<PathBuf> = entries.map(|entry| entry.path().join("lib")).collect();
        beside.retain(|folder| folder.is_dir());
        beside.sort();
        folders.append(&mut beside);
        folders
    }
}

fn version_in(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
    Some(line.trim().trim_matches(['\'', '"']).to_owned())
}

/// Gives the checkout a libtorch that suits the wishes, and its link to it.
pub fn provide(
    checkout: &Path,
    cache: &Cache,
    wishes: &Wishes,
    progress: Progress,
) -> Result<Libtorch> {
    let named = pytorch::named()?;
    if let Some(linked) = link::current(checkout).filter(|it| may_stay(it, named.as_ref(), wishes))
    {
        return Ok(linked);
    }
    let lock = cache.lock(progress)?;
    let folder = match named {
        Some(named) => pytorch::adopt(&named, cache)?,
        None => find_or_install(cache, &lock, wishes, progress)?,
    };
    link::point(checkout, &folder)?;
    let linked = link::current(checkout).with_context(|| {
        format!("`{}` is no whole libtorch: remove it and set up again", folder.display())
    })?;
    progress.say(&format!("libtorch {}: {}", linked.version, folder.display()));
    Ok(linked)
}

/// Whether what the checkout is linked to is what is asked for.
fn may_stay(linked: &Libtorch, named: Option<&Libtorch>, wishes: &Wishes) -> bool {
    let whole_path = linked.torch.canonicalize().ok();
    if let Some(named) = named {
        return whole_path == named.torch.canonicalize().ok();
    }
    let asked_for = wishes.cache.as_deref().and_then(|cache| cache.canonicalize().ok());
    let lies_there = |path: PathBuf| asked_for.is_none_or(|cache| path.starts_with(cache));
    let in_its_cache = wishes.cache.is_none() || whole_path.is_some_and(lies_there);
    let enough = wishes.linked == Linked::Stays || linked.suits(wishes.wants_cuda());
    in_its_cache && enough
}

/// A folder of the cache that holds `torch`: what is there, somebody's PyTorch, or a new one.
fn find_or_install(
    cache: &Cache,
    lock: &Lock,
    wishes: &Wishes,
    progress: Progress,
) -> Result<PathBuf> {
    let wants_cuda = wishes.wants_cuda();
    let suits = |folder: &PathBuf| {
        Libtorch::read(&folder.join("torch")).is_ok_and(|found| found.suits(wants_cuda))
    };
    if let Some(cached) = cache.libtorches().into_iter().find(suits) {
        return Ok(cached);
    }
    if let Some(existing) = pytorch::find(wants_cuda, progress) {
        return pytorch::adopt(&existing, cache);
    }
    if wants_cuda {
        full::install(cache, lock, wishes.from.as_deref(), progress)
    } else {
        wheels::install(cache, lock, wishes.from.as_deref(), progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torch_with(version: &str, parts: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let text =
            format!("from typing import Optional\n__version__ = '{version}'\ndebug = False\n");
        fs::write(folder.path().join("version.py"), text).unwrap();
        for part in parts {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        folder
    }

    const WHOLE: [&str; 4] =
        ["lib/libtorch_cpu.so", "lib/libc10.so", "include/ATen/ops", "include/torch"];

    fn check(version: &str, parts: &[&str], said: &str) {
        let folder = torch_with(version, parts);
        let answer = match Libtorch::read(folder.path()) {
            Ok(found) => found.version,
            Err(unfit) => unfit.to_string().replace(&*folder.path().to_string_lossy(), "T"),
        };
        assert_eq!(answer, said);
    }

    #[test]
    fn a_folder_is_used_only_when_it_is_whole_and_of_the_right_version() {
        check("2.11.0+cu130", &WHOLE, "2.11.0+cu130");
        check("2.11.0", &WHOLE, "2.11.0");
        check("2.11.0+cpu", &WHOLE[1..], "`T` lacks `lib/libtorch_cpu.so`");
        check("2.9.1+cu128", &WHOLE, "`T` is PyTorch 2.9.1+cu128, not 2.11.0");
        check("2.11.01", &WHOLE, "`T` is PyTorch 2.11.01, not 2.11.0");
    }

    #[test]
    fn nvidias_folders_beside_torch_are_searched_too() {
        let packages = tempfile::tempdir().unwrap();
        let packages = packages.path().canonicalize().unwrap();
        for folder in ["torch/lib", "nvidia/cu13/lib", "nvidia/cudnn/lib", "nvidia/empty"] {
            fs::create_dir_all(packages.join(folder)).unwrap();
        }
        let it = Libtorch { torch: packages.join("torch"), version: VERSION.to_owned() };
        let expected = ["torch/lib", "nvidia/cu13/lib", "nvidia/cudnn/lib"];
        assert_eq!(it.library_folders(), expected.map(|folder| packages.join(folder)));
    }
}
