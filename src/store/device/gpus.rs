//! The GPUs there are, as the driver's own tool lists them.

use std::process::{Command, Stdio};

use super::machine::Seen;

/// One GPU that this process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// Its number among the visible ones, as in `cuda:N`.
    pub number: usize,
    /// What names it on every host and after every boot.
    pub uuid: String,
}

impl Gpu {
    /// File name of its lease.
    #[must_use]
    pub fn lock_name(&self) -> String {
        let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
        let uuid = self.uuid.strip_prefix("GPU-").unwrap_or(&self.uuid);
        format!("gpu-{}.lock", uuid.chars().map(plain).collect::<String>())
    }
}

/// Every GPU of this host, in the order of the bus.
pub(super) fn list() -> Result<Vec<Gpu>, String> {
    parse(&ask("--query-gpu=index,uuid")?)
}

/// UUIDs of the GPUs that processes compute on, whoever's they are.
pub(super) fn occupied() -> Result<Vec<String>, String> {
    Ok(parse_processes(&ask("--query-compute-apps=gpu_uuid,pid")?))
}

/// The GPUs that runs may get, with their load; none where the driver does not answer.
pub(super) fn seen() -> Vec<Seen> {
    let query = "--query-gpu=index,uuid,name,utilization.gpu,memory.used,memory.total";
    let Ok(text) = ask_for(&[query, "--format=csv,noheader,nounits"]) else { return Vec::new() };
    let described: Vec<(Gpu, Seen)> = text.lines().filter_map(describe).collect();
    let all: Vec<Gpu> = described.iter().map(|(gpu, _)| gpu.clone()).collect();
    let visible = visible(&all, std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref());
    let of = |gpu: &Gpu| described.iter().find(|(other, _)| other.uuid == gpu.uuid);
    let numbered = |gpu: Gpu| Some(Seen { number: gpu.number, ..of(&gpu)?.1.clone() });
    visible.into_iter().filter_map(numbered).collect()
}

fn describe(line: &str) -> Option<(Gpu, Seen)> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let &[number, uuid, name, load, used, memory] = fields.as_slice() else { return None };
    let number = number.parse().ok()?;
    let mebibytes = |text: &str| text.parse::<u64>().ok().map(|count| count << 20);
    let seen = Seen {
        number,
        name: name.to_owned(),
        load: load.parse().ok(),
        used: mebibytes(used),
        memory: mebibytes(memory),
    };
    Some((Gpu { number, uuid: uuid.to_owned() }, seen))
}

pub(super) fn parse(text: &str) -> Result<Vec<Gpu>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let gpu = line.split_once(',').and_then(|(number, uuid)| {
                Some(Gpu { number: number.trim().parse().ok()?, uuid: uuid.trim().to_owned() })
            });
            gpu.ok_or_else(|| format!("nvidia-smi says `{line}`"))
        })
        .collect()
}

fn parse_processes(text: &str) -> Vec<String> {
    let uuids = text.lines().filter_map(|line| line.split(',').next());
    uuids.map(|uuid| uuid.trim().to_owned()).filter(|uuid| uuid.starts_with("GPU-")).collect()
}

/// Those that `CUDA_VISIBLE_DEVICES` leaves, numbered anew as CUDA does: the first entry that names none ends the list.
pub(super) fn visible(all: &[Gpu], variable: Option<&str>) -> Vec<Gpu> {
    let Some(variable) = variable else { return all.to_vec() };
    let entries = variable.split(',').map(str::trim);
    let named = entries.map_while(|entry| {
        all.iter().find(|gpu| match entry.parse::<usize>() {
            Ok(number) => gpu.number == number,
            Err(_) => entry.starts_with("GPU-") && gpu.uuid.starts_with(entry),
        })
    });
    named.enumerate().map(|(number, gpu)| Gpu { number, uuid: gpu.uuid.clone() }).collect()
}

fn ask(query: &str) -> Result<String, String> {
    ask_for(&[query, "--format=csv,noheader"])
}

fn ask_for(arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("nvidia-smi");
    let command = command.args(arguments).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("nvidia-smi: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    // The tool reports its own failures on standard output.
    let stderr = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().chain(stderr.lines()).find(|line| !line.trim().is_empty());
    Err(format!("nvidia-smi: {}", said.unwrap_or("it said nothing").trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: &str = "0, GPU-0a\n1, GPU-1b\n2, GPU-2c\n3, GPU-3d\n";

    fn check(variable: Option<&str>, expected: &[&str]) {
        let found = visible(&parse(FOUR).unwrap(), variable);
        let uuids: Vec<&str> = found.iter().map(|gpu| gpu.uuid.as_str()).collect();
        assert_eq!(uuids, expected, "{variable:?}");
        assert!(found.iter().enumerate().all(|(at, gpu)| gpu.number == at), "{found:?}");
    }

    #[test]
    fn visible_devices_are_numbered_as_cuda_numbers_them() {
        check(None, &["GPU-0a", "GPU-1b", "GPU-2c", "GPU-3d"]);
        check(Some(""), &[]);
        check(Some("-1"), &[]);
        check(Some("2,3"), &["GPU-2c", "GPU-3d"]);
        check(Some("3, 0"), &["GPU-3d", "GPU-0a"]);
        check(Some("1,9,2"), &["GPU-1b"]);
        check(Some("GPU-2,0"), &["GPU-2c", "GPU-0a"]);
        check(Some("2c"), &[]);
    }

    #[test]
    fn the_tools_answers_are_read_or_named() {
        assert_eq!(parse("").unwrap(), []);
        assert_eq!(
            parse("No devices were found").unwrap_err(),
            "nvidia-smi says `No devices were found`"
        );
        let apps = "GPU-1b, 4242\nGPU-3d, [Not Found]\n\n[N/A], 7\n";
        assert_eq!(parse_processes(apps), ["GPU-1b", "GPU-3d"]);
    }

    #[test]
    fn what_a_driver_does_not_know_is_left_open() {
        let (_, seen) = describe("1, GPU-1b, NVIDIA H200, 37, 2048, 143771").unwrap();
        assert_eq!((seen.number, seen.load, seen.used), (1, Some(37), Some(2048 << 20)));
        let (_, seen) = describe("0, GPU-0a, Old, [N/A], [N/A], 4096").unwrap();
        assert_eq!((seen.load, seen.used, seen.memory), (None, None, Some(4096 << 20)));
        assert_eq!(describe("No devices were found"), None);
    }

    #[test]
    fn a_lock_is_named_after_the_gpu_and_nothing_else() {
        let gpu = Gpu { number: 3, uuid: "GPU-1b/../x".to_owned() };
        assert_eq!(gpu.lock_name(), "gpu-1b----x.lock");
    }
}
