//! What the machine has to give now: processors, graphics processors, and room on the disk.

use std::{fs, path::Path};

use super::{cores, gpus};

/// A look at the machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Machine {
    /// Physical cores that this process may use.
    pub cores: usize,
    /// Processes that ran or waited for a core in the last minute, on average.
    pub load: Option<f64>,
    /// Bytes of memory that a new program can have.
    pub memory: Option<u64>,
    /// Bytes that can be written to the folder that was asked about.
    pub disk: Option<u64>,
    /// Graphics processors that runs may get; none where no driver answers.
    pub gpus: Vec<Seen>,
}

/// A graphics processor as its driver describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its number, as in `cuda:N`.
    pub number: usize,
    /// What it is called.
    pub name: String,
    /// How busy it is, in per cent.
    pub load: Option<u64>,
    /// Bytes of its memory in use.
    pub used: Option<u64>,
    /// Bytes of its memory.
    pub memory: Option<u64>,
}

/// Looks at the machine and at the disk of a folder, or of the nearest folder above that is there.
#[must_use]
pub fn look(folder: &Path) -> Machine {
    let there = folder.ancestors().find(|folder| folder.is_dir());
    let disk = there.and_then(|folder| rustix::fs::statvfs(folder).ok());
    Machine {
        cores: cores::usable(),
        load: read("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
        memory: read("/proc/meminfo").and_then(|text| available(&text)),
        disk: disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        gpus: if super::has_driver() { gpus::seen() } else { Vec::new() },
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_names_what_this_machine_has() {
        let machine = look(Path::new("/no/such/folder"));
        assert!(machine.cores > 0);
        assert!(machine.disk.is_some_and(|free| free > 0), "{machine:?}");
    }

    #[test]
    fn memory_is_what_a_new_program_can_have() {
        let text = "MemTotal:       24000000 kB\nMemAvailable:   1000 kB\nBuffers: 3 kB\n";
        assert_eq!(available(text), Some(1_024_000));
        assert_eq!(available("MemTotal: 1 kB"), None);
    }
}
