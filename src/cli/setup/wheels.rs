//! The CPU part of libtorch, out of three published wheels whose sums are known.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::cache::{Cache, Lock, remove};
use super::libtorch::VERSION;
use super::pip::{self, Fetch, Pip};
use super::progress::{Progress, bytes};
use super::space;

/// A file of the Python package index.
struct Wheel {
    requirement: &'static str,
    file: &'static str,
    size: u64,
    sha256: &'static str,
}

/// What libtorch's CPU half and its linker need (`readelf -d libtorch_cpu.so`), as published.
const WHEELS: [Wheel; 3] = [
    Wheel {
        requirement: "torch==2.11.0",
        file: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        size: 530_604_548,
        sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    },
    Wheel {
        requirement: "nvidia-cuda-runtime==13.0.96",
        file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 2_243_632,
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    },
    Wheel {
        requirement: "nvidia-cuda-cupti==13.0.85",
        file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        size: 10_715_597,
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    },
];

/// What is taken out of them, unpacked.
const UNPACKED: u64 = 530_000_000;

/// The files of the wheels that compiling and running need.
const FILES: [&str; 8] = [
    "torch/version.py",
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "torch-2.11.0.dist-info/licenses/LICENSE",
    "torch-2.11.0.dist-info/licenses/NOTICE",
    "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcupti.so.13",
];

/// Fetches (or takes from `from`), checks and unpacks; answers the folder in the cache.
pub fn install(
    cache: &Cache,
    lock: &Lock,
    from: Option<&Path>,
    progress: Progress,
) -> Result<PathBuf> {
    pip::require_platform()?;
    let staging = cache.staging(lock)?;
    let wheels = match from {
        Some(folder) => {
            space::require(&cache.folder, UNPACKED, "libtorch")?;
            folder.to_path_buf()
        }
        None => download(cache, &staging.folder, progress)?,
    };
    for wheel in &WHEELS {
        check_sum(&wheels, wheel, progress)?;
    }
    progress.moving("  unpacking");
    let stage = staging.folder.join("libtorch");
    for wheel in &WHEELS {
        unpack(&wheels.join(wheel.file), &stage)?;
    }
    progress.still();
    space::explain(finish(&stage), &cache.folder)?;
    let folder = cache.libtorch("cpu");
    cache.made(remove(&folder).and_then(|()| fs::rename(&stage, &folder)))?;
    Ok(folder)
}

fn download(cache: &Cache, staging: &Path, progress: Progress) -> Result<PathBuf> {
    let size: u64 = WHEELS.iter().map(|wheel| wheel.size).sum();
    // pip copies a wheel to its place before it lets go of what it fetched.
    space::require(&cache.folder, size + size.max(UNPACKED), "libtorch")?;
    let pip = Pip::find()?;
    progress.say(&format!(
        "fetching libtorch {VERSION} for the CPU: {}, about a minute at 100 Mbit/s; {} on disk in {}",
        bytes(size),
        bytes(UNPACKED),
        cache.folder.display(),
    ));
    let wheels = staging.join("wheels");
    let mut arguments = vec!["download".to_owned(), "--no-deps".to_owned(), "--dest".to_owned()];
    arguments.push(wheels.to_string_lossy().into_owned());
    arguments.extend(WHEELS.iter().map(|wheel| wheel.requirement.to_owned()));
    pip.fetch(&Fetch { arguments, from: None, staging, size }, progress)?;
    Ok(wheels)
}

fn check_sum(folder: &Path, wheel: &Wheel, progress: Progress) -> Result<()> {
    progress.moving(&format!("  checking {}", wheel.file));
    let path = folder.join(wheel.file);
    let Ok(mut file) = File::open(&path) else {
        bail!("`{}` lacks `{}`: copy it there", folder.display(), wheel.file);
    };
    let mut sum = Sha256::new();
    let read = io::copy(&mut file, &mut sum);
    let read =
        read.with_context(|| format!("`{}` can't be read: copy it again", path.display()))?;
    let sum = format!("{:x}", sum.finalize());
    if sum == wheel.sha256 {
        return Ok(());
    }
    bail!(
        "`{}` is not the published file ({read} bytes, SHA-256 {sum}, not {} bytes, {}): fetch it again",
        path.display(),
        wheel.size,
        wheel.sha256,
    );
}

fn unpack(wheel: &Path, stage: &Path) -> Result<()> {
    let damaged = || format!("`{}` can't be unpacked: fetch it again", wheel.display());
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).with_context(damaged)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).with_context(damaged)?;
        let Some(name) = entry.enclosed_name().filter(|name| is_needed(name)) else { continue };
        if entry.is_file() {
            space::explain(write(&mut entry, &stage.join(name)), stage)?;
        }
    }
    Ok(())
}

fn is_needed(name: &Path) -> bool {
    name.starts_with("torch/include") || FILES.iter().any(|needed| name == Path::new(needed))
}

fn write(content: &mut impl Read, path: &Path) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    io::copy(content, &mut File::create(path)?).map(|_| ())
}

/// Adds what the builds look for, and lets the disk have all of it before it gets its name.
fn finish(stage: &Path) -> io::Result<()> {
    // torch-sys compares it with the version that it was made for.
    fs::write(stage.join("torch/build-version"), format!("{VERSION}+cu130\n"))?;
    // The wheel's own libtorch.so pulls in the CUDA half, and GNU ld keeps it: for linking, this
    // script in its place names the CPU half.
    fs::write(stage.join("torch/lib/libtorch.so"), "INPUT(-ltorch_cpu)\n")?;
    rustix::fs::syncfs(File::open(stage)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_compiling_and_running_need_is_unpacked() {
        for (name, needed) in [
            ("torch/include/ATen/ATen.h", true),
            ("torch/lib/libtorch_cpu.so", true),
            ("torch/lib/libtorch_cuda.so", false),
            ("torch/lib/libtorch.so", false),
            ("torch/nn/__init__.py", false),
            ("nvidia/cu13/lib/libcudart.so.13", true),
            ("nvidia/cu13/include/cuda.h", false),
        ] {
            assert_eq!(is_needed(Path::new(name)), needed, "{name}");
        }
    }

    fn refusal(folder: &Path) -> String {
        check_sum(folder, &WHEELS[1], Progress::Lines).unwrap_err().to_string()
    }

    #[test]
    fn a_wheel_that_is_missing_or_another_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let missing = refusal(folder.path());
        assert!(
            missing.ends_with(&format!("lacks `{}`: copy it there", WHEELS[1].file)),
            "{missing}"
        );
        fs::write(folder.path().join(WHEELS[1].file), "something else").unwrap();
        let other = refusal(folder.path());
        assert!(other.contains("is not the published file (14 bytes, SHA-256 "), "{other}");
    }
}
