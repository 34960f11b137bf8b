//! `elth gpus`: what the GPUs of this host do, and whose it is.

use anyhow::Result;
use elth_tui::gpus::{Gpu, Process, bytes};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    globals::Globals,
    paper::{Paper, printable},
    table::{Side, Table},
};

/// Lists GPUs: load, memory, leases, and whose processes run on them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth gpus
  elth gpus --json")]
pub struct Args {}

/// Lists every GPU of the host; where nobody can be asked, says why.
pub fn run(_: &Args, globals: &Globals) -> Result<()> {
    let asked = elth_tui::read_gpus();
    let gpus = asked.as_deref().unwrap_or_default();
    answer(
        globals,
        || gpus.iter().map(item).collect::<Value>(),
        || match &asked {
            Err(reason) => format!("no GPU that can be asked ({reason}): runs go to the CPU"),
            Ok(none) if none.is_empty() => "no GPU: runs go to the CPU".to_owned(),
            Ok(gpus) => table(gpus).draw(Paper::of_stdout()),
        },
    )
}

fn item(gpu: &Gpu) -> Value {
    json!({
        "index": gpu.index,
        "uuid": gpu.uuid,
        "name": gpu.name,
        "memory_total": gpu.memory_total,
        "memory_used": gpu.memory_used,
        "utilization": gpu.utilization.map(|percent| f64::from(percent) / 100.0),
        "temperature": gpu.temperature,
        "power": gpu.power,
        "lease": gpu.lease.as_ref().map(|it| json!({"process": it.process, "run": it.run})),
        "processes": gpu.processes.iter().map(process).collect::<Value>(),
    })
}

fn process(process: &Process) -> Value {
    json!({
        "process": process.process,
        "name": process.name,
        "user": process.user,
        "memory": process.memory,
        "run": process.run,
    })
}

fn table(gpus: &[Gpu]) -> Table {
    let mut table = Table::new(&[
        ("gpu", Side::Left),
        ("name", Side::Left),
        ("load", Side::Right),
        ("memory", Side::Right),
        ("of", Side::Right),
        ("°C", Side::Right),
        ("W", Side::Right),
        ("whose", Side::Left),
    ]);
    let number = |value: Option<u32>| value.map_or("-".to_owned(), |value| value.to_string());
    for gpu in gpus {
        table.row([
            format!("cuda:{}", gpu.index),
            printable(&gpu.name),
            gpu.utilization.map_or("-".to_owned(), |load| format!("{load} %")),
            bytes(gpu.memory_used),
            bytes(gpu.memory_total),
            number(gpu.temperature),
            number(gpu.power),
            printable(&gpu.whose()),
        ]);
    }
    table
}
