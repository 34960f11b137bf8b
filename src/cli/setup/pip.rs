//! Python's pip, the ordinary client that fetches PyTorch's wheels; what it says when it can't.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::progress::{Progress, bytes};
use super::{pytorch, space};

/// Twice a second: the line moves, and walking a growing folder costs nothing.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// pip takes a wheel for another Python only if each platform is named; these are the wheels' own.
const PLATFORMS: [&str; 10] = [
    "manylinux_2_28",
    "manylinux_2_27",
    "manylinux_2_25",
    "manylinux_2_18",
    "manylinux_2_17",
    "manylinux2014",
    "manylinux_2_12",
    "manylinux2010",
    "manylinux_2_5",
    "manylinux1",
];

/// A Python that has pip.
#[derive(Debug)]
pub struct Pip {
    python: PathBuf,
    /// How pip introduces itself.
    pub version: String,
}

/// One thing that pip is asked to fetch, and how to speak of it.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// `download` or `install`, with what belongs to it.
    pub arguments: Vec<String>,
    /// Wheels brought along, in place of the network.
    pub from: Option<&'a Path>,
    /// The folder that grows.
    pub staging: &'a Path,
    /// What it will come to, in bytes.
    pub size: u64,
}

impl Pip {
    /// Finds one.
    pub fn find() -> Result<Self> {
        let mut python_without = None;
        for python in pytorch::pythons() {
            let asked = Command::new(&python).args(["-m", "pip", "--version"]).output();
            match asked {
                Ok(answer) if answer.status.success() => {
                    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
                    return Ok(Self { python, version });
                }
                Ok(_) if runs(&python) => python_without = python_without.or(Some(python)),
                _ => {}
            }
        }
        Err(match python_without {
            Some(python) => anyhow!(
                "`{}` has no pip, which fetches libtorch: `sudo apt install python3-pip`, or bring the \
                 wheels with --from DIR",
                python.display()
            ),
            None => anyhow!(
                "no python3 is on PATH, whose pip fetches libtorch: `sudo apt install python3-pip`, or \
                 bring the wheels with --from DIR"
            ),
        })
    }

    /// Runs pip to its end, showing how the folder grows.
    pub fn fetch(&self, fetch: &Fetch<'_>, progress: Progress) -> Result<()> {
        let temporary = fetch.staging.join("tmp");
        space::explain(std::fs::create_dir_all(&temporary), fetch.staging)?;
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "pip"])
            .args(&fetch.arguments)
            .args(["--quiet", "--no-cache-dir", "--disable-pip-version-check", "--retries", "2"])
            .args(["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11"])
            .args(["--abi", "cp311", "--abi", "none"])
            .args(
                PLATFORMS
                    .iter()
                    .flat_map(|name| ["--platform".to_owned(), format!("{name}_x86_64")]),
            );
        if let Some(folder) = fetch.from {
            command.arg("--no-index").arg("--find-links").arg(folder);
        }
        // pip fills its temporary folder first: on this disk, where there is room and we look.
        command.env("TMPDIR", temporary).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::piped()).spawn();
        let child = child.with_context(|| format!("`{}` does not start", self.python.display()))?;
        let said = watch(child, fetch, progress)?;
        said.map_or(Ok(()), |said| Err(explain(&said, fetch)))
    }
}

fn runs(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|answer| answer.status.success())
}

/// Waits for pip; what it said if it failed.
fn watch(mut child: Child, fetch: &Fetch<'_>, progress: Progress) -> Result<Option<String>> {
    let mut stderr = child.stderr.take().context("pip's errors were not piped")?;
    let listener = thread::spawn(move || {
        let mut said = Vec::new();
        let read = stderr.read_to_end(&mut said);
        read.map(|_| String::from_utf8_lossy(&said).into_owned())
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // While pip moves files to their place, there are more of them than were fetched.
        let now = bytes(space::used(fetch.staging).min(fetch.size));
        let seconds = started.elapsed().as_secs();
        progress.moving(&format!("  {now} of {}, {seconds} s", bytes(fetch.size)));
        thread::sleep(LOOK_EVERY);
    };
    progress.still();
    let said = listener.join().map_err(|_| anyhow!("pip's errors could not be read"))??;
    Ok((!status.success()).then_some(said))
}

/// One line about what went wrong, with pip's own words after it.
fn explain(said: &str, fetch: &Fetch<'_>) -> anyhow::Error {
    let any = |signs: &[&str]| signs.iter().any(|sign| said.contains(sign));
    if any(&["No space left on device", "Disk quota exceeded"]) {
        return space::full(fetch.staging);
    }
    let details = last_words(said);
    if let Some(folder) = fetch.from {
        return anyhow!(details)
            .context(format!("`{}` lacks a wheel: see what pip misses", folder.display()));
    }
    let offline = [
        "NewConnectionError",
        "ConnectTimeout",
        "name resolution",
        "NameResolutionError",
        "Retrying (",
    ];
    if any(&offline) {
        return anyhow!(details).context(
            "no network for pip, which fetches libtorch: connect (or set https_proxy), or bring the \
             wheels with `elth setup --from DIR`",
        );
    }
    if any(&["No matching distribution", "Could not find a version"]) {
        return anyhow!(details).context(
            "pip's package index does not offer PyTorch 2.11.0: unset PIP_INDEX_URL, or bring the \
             wheels with `elth setup --from DIR`",
        );
    }
    anyhow!(details).context("pip could not fetch libtorch: run `elth setup` again")
}

/// pip's last error, or its last line.
fn last_words(said: &str) -> String {
    let lines = || said.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find(|line| line.starts_with("ERROR"));
    error.or_else(|| lines().next()).unwrap_or("pip said nothing").to_owned()
}

/// Fails where PyTorch offers no wheels that elth knows.
pub fn require_platform() -> Result<()> {
    if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Ok(());
    }
    bail!(
        "libtorch is fetched only for Linux on x86-64: install PyTorch 2.11.0 and name its `torch` folder in ELTH_PYTORCH"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, from: Option<&str>, expected: &str) {
        let from = from.map(Path::new);
        let fetch = Fetch { arguments: Vec::new(), from, staging: Path::new("/c"), size: 1 };
        let line = explain(said, &fetch).to_string();
        assert!(line.starts_with(expected) && !line.contains('\n'), "{line}");
    }

    #[test]
    fn each_way_that_pip_fails_is_one_line_with_a_way_out() {
        let refused = "WARNING: Retrying (Retry(total=1)) after NewConnectionError\nERROR: No matching distribution";
        check(refused, None, "no network for pip");
        check(
            "ERROR: No matching distribution found for torch==2.11.0",
            None,
            "pip's package index",
        );
        check("OSError: [Errno 28] No space left on device", None, "the disk of `/c` is full");
        check("ERROR: No matching distribution found", Some("/w"), "`/w` lacks a wheel");
        check("Segmentation fault", None, "pip could not fetch libtorch: run `elth setup` again");
    }
}
