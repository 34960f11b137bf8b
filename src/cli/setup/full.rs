//! The whole of PyTorch with its CUDA libraries, for a machine with a GPU and no PyTorch.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::cache::{Cache, Lock, remove};
use super::libtorch::{Libtorch, VERSION};
use super::pip::{self, Fetch, Pip};
use super::progress::{Progress, bytes};
use super::space;

/// All wheels that PyTorch 2.11.0 names, in bytes.
const DOWNLOAD: u64 = 2_720_000_000;

/// The same, unpacked.
const UNPACKED: u64 = 4_600_000_000;

/// Lets pip install it into the cache; answers the folder there.
pub fn install(
    cache: &Cache,
    lock: &Lock,
    from: Option<&Path>,
    progress: Progress,
) -> Result<PathBuf> {
    pip::require_platform()?;
    let staging = cache.staging(lock)?;
    let what = "libtorch with CUDA (without: `elth setup --cuda no`)";
    space::require(&cache.folder, DOWNLOAD + UNPACKED, what)?;
    let pip = Pip::find()?;
    progress.say(&format!(
        "fetching PyTorch {VERSION} with CUDA: {}, about 5 minutes at 100 Mbit/s; {} on disk in {}",
        bytes(DOWNLOAD),
        bytes(UNPACKED),
        cache.folder.display(),
    ));
    let stage = staging.folder.join("pytorch");
    let target = stage.to_string_lossy().into_owned();
    let arguments = ["install", "--no-compile", "--target", &target, "torch==2.11.0"];
    let arguments = arguments.map(str::to_owned).to_vec();
    let size = DOWNLOAD + UNPACKED;
    pip.fetch(&Fetch { arguments, from, staging: &staging.folder, size }, progress)?;
    let found = Libtorch::read(&stage.join("torch")).context("pip installed another PyTorch")?;
    ensure!(found.has_cuda(), "pip installed a PyTorch without CUDA: unset PIP_INDEX_URL");
    space::explain(finish(&stage), &cache.folder)?;
    let folder = cache.libtorch("cuda");
    cache.made(remove(&folder).and_then(|()| fs::rename(&stage, &folder)))?;
    Ok(folder)
}

fn finish(stage: &Path) -> std::io::Result<()> {
    fs::write(stage.join("torch/build-version"), format!("{VERSION}+cu130\n"))?;
    rustix::fs::syncfs(fs::File::open(stage)?)?;
    Ok(())
}
