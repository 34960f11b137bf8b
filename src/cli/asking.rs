//! Questions that the trainer answers at once, without a run: evaluation and scores.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use elth_store::device::{self, Grant, Turn, Wish};
use serde_json::Value;

use crate::cli::setup::Trainer;

/// A device that is free now: a question takes seconds and does not queue.
pub fn device(wish: Wish) -> Result<Grant> {
    match device::ask(wish)? {
        Turn::Granted(grant) => Ok(grant),
        Turn::Later(_) if wish == Wish::Auto => Ok(Grant::Cpu),
        Turn::Later(reason) => bail!("{reason}: wait for it, or choose --device cpu"),
    }
}

/// Asks, and reads the line of JSON that holds `key`; else says what the trainer said last.
pub fn ask(trainer: &Trainer, command: &str, request: &Value, key: &str) -> Result<Value> {
    let mut asking = trainer.command();
    asking.args([command, &request.to_string()]).env("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    let output = asking.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start `{}`", trainer.path.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let answer = text.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_there = |answer: &Value| output.status.success() && answer.get(key).is_some();
    if let Some(answer) = answer.filter(is_there) {
        return Ok(answer);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    bail!("{}", last.strip_prefix("elth-worker: ").unwrap_or(last).trim())
}
