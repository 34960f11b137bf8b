//! The GPUs as NVML tells: loaded at run time, so that a host without a driver has none and nothing else changes.

use std::{
    ffi::OsStr, fs, os::unix::fs::MetadataExt as _, path::Path, sync::mpsc::Sender, thread,
    time::Duration,
};

use elth_store::{device, run::lease};
use nvml_wrapper::{
    Device, Nvml, enum_wrappers::device::TemperatureSensor, enums::device::UsedGpuMemory,
    error::NvmlError, struct_wrappers::device::ProcessInfo,
};

use crate::{
    gpus::{Gpu, Holder, Process},
    message::Message,
    runtime::Report,
};

/// 2 s: the driver's own averages are no younger, and asking costs a millisecond.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What the GPUs of this host do now; the reason where nobody can be asked.
///
/// # Errors
/// When there is no NVIDIA driver, or it does not answer.
pub fn read() -> Result<Vec<Gpu>, String> {
    list(&open()?).map_err(|error| error.to_string())
}

/// Reports what the GPUs do until nobody listens; on a host without any it ends at once.
pub fn watch(reports: Sender<Report>) {
    if !device::has_driver() {
        return;
    }
    thread::spawn(move || {
        let Ok(nvml) = open() else { return };
        let mut last = Vec::new();
        loop {
            // A driver that does not answer now may later: what was last seen would be wrong by then.
            let gpus = list(&nvml).unwrap_or_default();
            if gpus != last {
                last.clone_from(&gpus);
                if reports.send(Report::Happened(Message::Gpus(gpus))).is_err() {
                    return;
                }
            }
            thread::sleep(LOOK_EVERY);
        }
    });
}

fn open() -> Result<Nvml, String> {
    // The name without a number belongs to the development package.
    let library = Nvml::builder().lib_path(OsStr::new("libnvidia-ml.so.1")).init();
    library.map_err(|error| error.to_string())
}

fn list(nvml: &Nvml) -> Result<Vec<Gpu>, NvmlError> {
    let all = 0..nvml.device_count()?;
    // One that fell off the bus does not hide the others.
    Ok(all.filter_map(|index| describe(index, &nvml.device_by_index(index).ok()?).ok()).collect())
}

/// What a device tells; what it does not measure is left out.
fn describe(index: u32, device: &Device<'_>) -> Result<Gpu, NvmlError> {
    let (uuid, memory) = (device.uuid()?, device.memory_info()?);
    let computing = device.running_compute_processes().unwrap_or_default();
    let drawing = device.running_graphics_processes().unwrap_or_default();
    Ok(Gpu {
        index,
        lease: holder(&uuid),
        uuid,
        name: device.name()?,
        memory_total: memory.total,
        memory_used: memory.used,
        utilization: device.utilization_rates().ok().map(|rates| rates.gpu),
        temperature: device.temperature(TemperatureSensor::Gpu).ok(),
        power: device.power_usage().ok().map(|milliwatts| milliwatts / 1000),
        processes: computing.iter().chain(&drawing).map(process).collect(),
    })
}

/// Who holds the lease of that device.
fn holder(uuid: &str) -> Option<Holder> {
    let named = device::Gpu { number: 0, uuid: uuid.to_owned() };
    let lock = device::folder().join(named.lock_name());
    let holder = lease::is_held(&lock).then(|| lease::holder(&lock)).flatten()?;
    Some(Holder { process: holder.process, run: run_of(holder.process) })
}

fn process(told: &ProcessInfo) -> Process {
    let folder = format!("/proc/{}", told.pid);
    let name = fs::read_to_string(format!("{folder}/comm")).ok();
    Process {
        process: told.pid,
        memory: match told.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(bytes),
            UsedGpuMemory::Unavailable => None,
        },
        name: name.map(|name| elth_core::quote::quote(name.trim())),
        user: fs::metadata(&folder).ok().map(|folder| user(folder.uid())),
        run: run_of(told.pid),
    }
}

/// The run that a process works on: each carries the run's directory in its command line.
fn run_of(process: u32) -> Option<String> {
    let words = fs::read(format!("/proc/{process}/cmdline")).ok()?;
    run_in(&words)
}

fn run_in(words: &[u8]) -> Option<String> {
    let words = words.split(|byte| *byte == 0).filter_map(|word| std::str::from_utf8(word).ok());
    let mut folders = words.map(Path::new).filter(|path| path.is_absolute());
    let run = folders.find(|path| {
        path.parent().and_then(Path::file_name).is_some_and(|parent| parent == "runs")
    })?;
    Some(run.file_name()?.to_string_lossy().into_owned())
}

/// The name of a user, where this host's own list has it.
fn user(id: u32) -> String {
    let list = fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&list, id).unwrap_or_else(|| format!("user {id}"))
}

fn named(list: &str, id: u32) -> Option<String> {
    let entries = list.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut found = entries.filter(|entry| entry.get(2).is_some_and(|it| *it == id.to_string()));
    Some(elth_core::quote::quote(found.next()?.first()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_in_the_command_line_of_its_processes() {
        for (words, run) in [
            ("/x/elth-worker\0run\0/home/me/runs/train-3\0--device\0cuda:0\0", Some("train-3")),
            ("/x/elth\0supervise\0/data/home/runs/imp-1\0", Some("imp-1")),
            ("python\0train.py\0runs/relative\0", None),
            ("", None),
        ] {
            assert_eq!(run_in(words.as_bytes()).as_deref(), run, "{words}");
        }
    }

    #[test]
    fn users_are_named_as_the_host_names_them() {
        let list = "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/sh\n";
        assert_eq!(named(list, 1000).as_deref(), Some("bob"));
        assert_eq!(named(list, 7), None);
    }

    #[test]
    fn a_host_without_a_driver_has_no_gpus_and_says_why() {
        if !device::has_driver() {
            assert!(read().unwrap_err().contains("lib"), "{:?}", read());
        }
    }
}
