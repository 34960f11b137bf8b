//! What the GPUs of this host do, and whose it is.

/// A GPU as the driver describes it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// Its number in the order of the bus.
    pub index: u32,
    /// What names it on every host and after every boot.
    pub uuid: String,
    /// What it is called.
    pub name: String,
    /// Bytes of memory.
    pub memory_total: u64,
    /// Bytes in use.
    pub memory_used: u64,
    /// Percent of the time that something ran on it.
    pub utilization: Option<u32>,
    /// Degrees Celsius.
    pub temperature: Option<u32>,
    /// Watts.
    pub power: Option<u32>,
    /// Who keeps other runs off it.
    pub lease: Option<Holder>,
    /// What runs on it.
    pub processes: Vec<Process>,
}

/// Who holds a device's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The supervisor's process on this host.
    pub process: u32,
    /// The run that it supervises, where that can be seen.
    pub run: Option<String>,
}

/// A process on a GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number, as the host counts.
    pub process: u32,
    /// Bytes of the device's memory, where the driver tells.
    pub memory: Option<u64>,
    /// The program, where it can be seen: not from within another container.
    pub name: Option<String>,
    /// Whose it is.
    pub user: Option<String>,
    /// The run that it trains.
    pub run: Option<String>,
}

impl Gpu {
    /// Whose it is, in words: runs by their id, others by program and user.
    #[must_use]
    pub fn whose(&self) -> String {
        let processes = self.processes.iter().map(Process::words);
        let mut words: Vec<String> = processes.collect();
        let held = self.lease.as_ref().map(|lease| match &lease.run {
            Some(run) => run.clone(),
            None => format!("a run (process {})", lease.process),
        });
        words.extend(held.filter(|held| !words.contains(held)));
        words.dedup();
        if words.is_empty() { "free".to_owned() } else { words.join(", ") }
    }

    /// Memory in use, as a share.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share of bytes")]
    pub fn memory_share(&self) -> f64 {
        self.memory_used as f64 / self.memory_total.max(1) as f64
    }
}

impl Process {
    fn words(&self) -> String {
        if let Some(run) = &self.run {
            return run.clone();
        }
        let name = self.name.clone().unwrap_or_else(|| format!("process {}", self.process));
        match &self.user {
            Some(user) => format!("{name} of {user}"),
            None => name,
        }
    }
}

/// Bytes as people read them: `12.3 GiB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub fn bytes(count: u64) -> String {
    let value = count as f64;
    match count {
        0..0x10_0000 => format!("{:.0} KiB", value / 1024.0),
        0x10_0000..0x4000_0000 => format!("{:.0} MiB", value / 1024.0 / 1024.0),
        _ => format!("{:.1} GiB", value / 1024.0 / 1024.0 / 1024.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_named_by_their_id_and_others_by_program_and_user() {
        let process = |name: Option<&str>, run: Option<&str>| Process {
            process: 7,
            memory: None,
            name: name.map(str::to_owned),
            user: name.map(|_| "bob".to_owned()),
            run: run.map(str::to_owned),
        };
        let mut gpu = Gpu {
            index: 0,
            uuid: "GPU-a".to_owned(),
            name: "H200".to_owned(),
            memory_total: 4 << 30,
            memory_used: 1 << 30,
            utilization: None,
            temperature: None,
            power: None,
            lease: None,
            processes: Vec::new(),
        };
        assert_eq!(gpu.whose(), "free");
        gpu.lease = Some(Holder { process: 6, run: Some("train-3".to_owned()) });
        gpu.processes = vec![process(None, Some("train-3")), process(Some("python"), None)];
        assert_eq!(gpu.whose(), "train-3, python of bob");
        gpu.processes = vec![process(None, None)];
        assert_eq!(gpu.whose(), "process 7, train-3");
        assert_eq!((gpu.memory_share(), bytes(gpu.memory_total)), (0.25, "4.0 GiB".to_owned()));
    }
}
