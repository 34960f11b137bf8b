//! How many threads a training gets: the physical cores that this process may use.

use std::{collections::BTreeSet, fs, thread::available_parallelism};

use rustix::thread::{CpuSet, sched_getaffinity};

/// Physical cores within this process's affinity, and no more than its quota of processor time allows.
#[must_use]
pub fn usable() -> usize {
    // Knows affinity and the control groups' quotas, but counts every hardware thread.
    let threads = available_parallelism().map_or(1, usize::from);
    let Ok(allowed) = sched_getaffinity(None) else { return threads };
    let mine = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    distinct(mine.map(siblings)).clamp(1, threads)
}

/// The hardware threads of a processor's core, as the kernel lists them; a core of its own where it does not.
fn siblings(cpu: usize) -> String {
    let topology = format!("/sys/devices/system/cpu/cpu{cpu}/topology");
    ["core_cpus_list", "thread_siblings_list"]
        .into_iter()
        .find_map(|name| fs::read_to_string(format!("{topology}/{name}")).ok())
        .unwrap_or_else(|| cpu.to_string())
}

fn distinct(siblings: impl Iterator<Item = String>) -> usize {
    siblings.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_threads_of_one_core_count_once() {
        let cases: [(&[&str], usize); 3] = [
            (&["0,4\n", "1,5\n", "0,4\n", "1,5\n"], 2),
            (&["0\n", "1\n"], 2),
            (&["0-1\n", "0-1\n", "2-3\n"], 2),
        ];
        for (siblings, cores) in cases {
            assert_eq!(distinct(siblings.iter().map(ToString::to_string)), cores);
        }
    }

    #[test]
    fn there_is_a_core_and_never_more_than_may_be_used() {
        assert!((1..=available_parallelism().unwrap().get()).contains(&usable()));
    }
}
