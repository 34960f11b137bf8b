//! Devices: which one a run gets, and the lease that keeps other runs of this host off it.

pub mod cores;
mod gpus;
mod lock;
pub mod machine;
pub mod queue;

use std::{env, fmt, io, path::Path, path::PathBuf, str::FromStr};

pub use gpus::Gpu;
pub use lock::folder;

use crate::run::lease::{self, Lease};

/// What is asked for with `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A GPU that nobody uses, or the CPU where there is no NVIDIA driver.
    Auto,
    /// The CPU.
    Cpu,
    /// Any GPU that nobody uses.
    Cuda,
    /// The GPU of that number among the visible ones.
    CudaAt(usize),
}

/// What a run may use; a GPU's lease is held as long as this lives.
#[derive(Debug)]
pub enum Grant {
    /// The CPU, which is shared.
    Cpu,
    /// A GPU.
    Gpu {
        /// Which.
        gpu: Gpu,
        /// Keeps other runs off it.
        lease: Lease,
    },
}

/// An answer to a wish.
#[derive(Debug)]
pub enum Turn {
    /// Here it is.
    Granted(Grant),
    /// Not now, for this reason; ask again.
    Later(String),
}

/// Why a wish can never come true here.
#[derive(Debug, thiserror::Error)]
pub enum CannotUse {
    /// No NVIDIA driver answers.
    #[error("there is no GPU that can be asked ({0}): choose --device cpu")]
    NoDriver(String),
    /// It is not among the visible GPUs.
    #[error("there is no GPU `{wish}` among the {visible} visible ones: choose another --device")]
    NoSuchGpu {
        /// What was asked for.
        wish: Wish,
        /// How many there are.
        visible: usize,
    },
    /// The folder of the leases cannot be used.
    #[error("cannot keep device leases in `{}`: {error}", folder.display())]
    Locks {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => return Ok(Self::Auto),
            "cpu" => return Ok(Self::Cpu),
            "cuda" => return Ok(Self::Cuda),
            _ => {}
        }
        let number = text.strip_prefix("cuda:").and_then(|number| number.parse().ok());
        number
            .map(Self::CudaAt)
            .ok_or_else(|| format!("`{text}` is no device: auto, cpu, cuda or cuda:N"))
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.pad("auto"),
            Self::Cpu => formatter.pad("cpu"),
            Self::Cuda => formatter.pad("cuda"),
            Self::CudaAt(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

impl Grant {
    /// `cpu` or `cuda:N`, as the trainer is told.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Cpu => "cpu".to_owned(),
            Self::Gpu { gpu, .. } => format!("cuda:{}", gpu.number),
        }
    }

    /// The GPU's own name, which no renumbering changes.
    #[must_use]
    pub fn uuid(&self) -> Option<&str> {
        match self {
            Self::Cpu => None,
            Self::Gpu { gpu, .. } => Some(&gpu.uuid),
        }
    }
}

/// Whether an NVIDIA driver runs here.
#[must_use]
pub fn has_driver() -> bool {
    ["/dev/nvidiactl", "/proc/driver/nvidia/version"].iter().any(|sign| Path::new(sign).exists())
}

/// Asks for a device once; a GPU is granted with its lease.
///
/// # Errors
/// When there is no such device, or leases cannot be kept.
pub fn ask(wish: Wish) -> Result<Turn, CannotUse> {
    if wish == Wish::Cpu || (wish == Wish::Auto && !has_driver()) {
        return Ok(Turn::Granted(Grant::Cpu));
    }
    let gpus = match gpus::list() {
        Ok(gpus) => gpus::visible(&gpus, env::var("CUDA_VISIBLE_DEVICES").ok().as_deref()),
        Err(_) if wish == Wish::Auto => Vec::new(),
        Err(error) => return Err(CannotUse::NoDriver(error)),
    };
    if wish == Wish::Auto && gpus.is_empty() {
        return Ok(Turn::Granted(Grant::Cpu));
    }
    let occupied = gpus::occupied().map_err(CannotUse::NoDriver)?;
    lease_one(wish, &gpus, &occupied, &lock::folder())
}

fn lease_one(
    wish: Wish,
    gpus: &[Gpu],
    occupied: &[String],
    folder: &Path,
) -> Result<Turn, CannotUse> {
    let wanted = wanted(wish, gpus);
    if wanted.is_empty() {
        return Err(CannotUse::NoSuchGpu { wish, visible: gpus.len() });
    }
    let failed = |error| CannotUse::Locks { folder: folder.to_owned(), error };
    let mut reasons = Vec::new();
    for gpu in wanted {
        let file = folder.join(gpu.lock_name());
        match lock::try_take(folder, &file).map_err(failed)? {
            None => reasons.push(format!("cuda:{} is used by {}", gpu.number, user(&file))),
            // Whoever names a GPU shares it with programs that know no leases.
            Some(_) if occupied.contains(&gpu.uuid) && !matches!(wish, Wish::CudaAt(_)) => {
                reasons.push(format!("cuda:{} has another program on it", gpu.number));
            }
            Some(lease) => return Ok(Turn::Granted(Grant::Gpu { gpu: gpu.clone(), lease })),
        }
    }
    Ok(Turn::Later(reasons.join(", ")))
}

fn wanted(wish: Wish, gpus: &[Gpu]) -> Vec<&Gpu> {
    match wish {
        Wish::Cpu => Vec::new(),
        Wish::Auto | Wish::Cuda => gpus.iter().collect(),
        Wish::CudaAt(number) => gpus.iter().filter(|gpu| gpu.number == number).collect(),
    }
}

fn user(lock: &Path) -> String {
    match lease::holder(lock) {
        Some(holder) => format!("another run (process {})", holder.process),
        None => "another run".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<Gpu> {
        gpus::visible(&gpus::parse("0, GPU-aa\n1, GPU-bb\n").unwrap(), None)
    }

    /// Asks and says what came of it; the grant is returned so that its lease lives on.
    fn check(wish: &str, occupied: &[&str], folder: &Path, expected: &str) -> Option<Grant> {
        let occupied: Vec<String> = occupied.iter().map(ToString::to_string).collect();
        let turn = lease_one(wish.parse().unwrap(), &two(), &occupied, folder);
        let (said, grant) = match turn {
            Ok(Turn::Granted(grant)) => (grant.name(), Some(grant)),
            Ok(Turn::Later(reason)) => (reason, None),
            Err(error) => (error.to_string(), None),
        };
        let process = std::process::id().to_string();
        assert_eq!(said.replace(&process, "PID"), expected, "{wish} {occupied:?}");
        grant
    }

    #[test]
    fn wishes_read_as_they_print() {
        for text in ["auto", "cpu", "cuda", "cuda:0", "cuda:13"] {
            assert_eq!(text.parse::<Wish>().unwrap().to_string(), text);
        }
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert!(text.parse::<Wish>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_gpu_goes_to_one_run_at_a_time_and_a_run_says_why_it_waits() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let first = check("auto", &[], folder, "cuda:0");
        let second = check("auto", &[], folder, "cuda:1");
        let busy = "cuda:0 is used by another run (process PID)";
        check("cuda:0", &[], folder, busy);
        check("cuda", &[], folder, &format!("{busy}, {}", busy.replace("a:0", "a:1")));
        drop(first);
        check("cuda:0", &[], folder, "cuda:0");
        drop(second);
    }

    #[test]
    fn a_gpu_with_somebody_elses_program_is_taken_only_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        check("auto", &["GPU-aa"], folder, "cuda:1");
        let both = "cuda:0 has another program on it, cuda:1 has another program on it";
        check("cuda", &["GPU-aa", "GPU-bb"], folder, both);
        check("cuda:0", &["GPU-aa"], folder, "cuda:0");
        let none = "there is no GPU `cuda:7` among the 2 visible ones: choose another --device";
        check("cuda:7", &[], folder, none);
    }
}
