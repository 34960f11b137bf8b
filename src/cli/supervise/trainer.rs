//! The trainer's process, from its start to its end.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    process::{ExitStatus, Stdio},
};

use anyhow::{Context as _, Result};
use elth_store::{
    device::Grant,
    run::{dir::RunDir, recipe::Recipe},
};

use super::wait::Given;
use crate::cli::launching::trainer_of;

/// How the process ended, and what it printed last.
#[derive(Debug)]
pub struct End {
    /// Exit status or signal.
    pub status: ExitStatus,
    /// The last line of its log that is not empty.
    pub last_line: Option<String>,
}

/// 64 kB: the last line of any log that people read.
const TAIL: u64 = 64 << 10;

/// Starts the trainer and waits for its end.
pub fn run(dir: &RunDir, recipe: &Recipe, given: &Given) -> Result<End> {
    let grant = &given.grant;
    let path = dir.worker_log();
    let log = OpenOptions::new().create(true).append(true).open(&path);
    let log = log.with_context(|| format!("cannot write `{}`", path.display()))?;
    let before = log.metadata()?.len();
    let trainer = trainer_of(recipe)?;
    let gpu = match grant {
        Grant::Gpu { lease, .. } => Some(lease),
        Grant::Cpu => None,
    };
    for lease in gpu.into_iter().chain(&given.cores) {
        // The device is taken until the trainer is gone, also when it outlives us.
        lease.share_with_children().context("cannot hand the device's lease on")?;
    }
    let mut child = trainer
        .command()
        .arg("run")
        .arg(dir.path())
        .args(["--device", &grant.name()])
        // CUDA would number the fastest GPU first; the driver's tool numbers them along the bus.
        .env("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        .envs(grant.uuid().map(|uuid| ("ELTH_DEVICE_UUID", uuid)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start `{}`", trainer.path.display()))?;
    let status = child.wait().context("cannot wait for the trainer")?;
    Ok(End { status, last_line: last_line(dir, before) })
}

fn last_line(dir: &RunDir, before: u64) -> Option<String> {
    let mut log = File::open(dir.worker_log()).ok()?;
    let end = log.metadata().ok()?.len();
    log.seek(SeekFrom::Start(before.max(end.saturating_sub(TAIL)))).ok()?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().rfind(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
}
