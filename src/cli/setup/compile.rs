//! Builds the trainer, in this program's own profile, and keeps a copy under its build id.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use super::cache::{Cache, remove};
use super::libtorch::Libtorch;
use super::progress::Progress;
use super::space;
use super::trainer::{Trainer, ask, belongs};

/// Old trainers that stay: a run may have waited through this many builds.
const KEPT: usize = 8;

/// Variables that would make torch-sys take another libtorch than the checkout's.
const MISLEADING: [&str; 5] = [
    "LIBTORCH_USE_PYTORCH",
    "LIBTORCH_INCLUDE",
    "LIBTORCH_LIB",
    "LIBTORCH_STATIC",
    "LIBTORCH_CXX11_ABI",
];

/// The trainer of this build: the copy in the cache, else a new one.
pub fn provide(
    checkout: &Path,
    cache: &Cache,
    libtorch: &Libtorch,
    progress: Progress,
) -> Result<Trainer> {
    let place = cache.trainer();
    if place.is_file() {
        return Trainer::at(place);
    }
    compiler_version()?;
    progress.say("building the trainer: 2 to 5 minutes the first time, seconds later on");
    let built = build(checkout, cache, progress)?;
    let trainer = Trainer::at(built)?;
    if !belongs(&ask(&trainer)?) {
        let sources = checkout.display();
        bail!("elth is not built from the sources that are in `{sources}` now: build elth again");
    }
    keep(&trainer.path, &place, cache)?;
    progress.say(&format!("trainer for libtorch {}: {}", libtorch.version, place.display()));
    Trainer::at(place)
}

/// What the C++ compiler calls itself; without one the failure would be a page long and minutes away.
pub fn compiler_version() -> Result<String> {
    let named = env::var("CXX").ok().filter(|name| !name.is_empty());
    let compiler = named.unwrap_or_else(|| "c++".to_owned());
    let mut words = compiler.split_whitespace();
    let program = words.next().unwrap_or("c++");
    let asked = Command::new(program).args(words).arg("--version").output();
    let Some(answer) = asked.ok().filter(|answer| answer.status.success()) else {
        bail!(
            "no C++ compiler (`{compiler}`), which the trainer's glue needs: `sudo apt install g++`"
        );
    };
    let words = String::from_utf8_lossy(&answer.stdout);
    Ok(words.lines().next().unwrap_or(program).to_owned())
}

fn build(checkout: &Path, cache: &Cache, progress: Progress) -> Result<PathBuf> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The features of the whole workspace, as for its tests: others would compile torch-sys again.
    command.args(["build", "--workspace", "--bin", "elth-worker"]);
    command.arg("--message-format=json-render-diagnostics").current_dir(checkout);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    for name in MISLEADING {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child =
        command.spawn().context("cargo does not start: install Rust (https://rustup.rs)")?;
    let (messages, said) = watch(child, progress)?;
    let program = messages.lines().filter_map(program_in).next_back();
    program.ok_or_else(|| explain(&said, cache))
}

/// Lets Cargo run to its end; what it wrote on both streams.
fn watch(mut child: Child, progress: Progress) -> Result<(String, String)> {
    let mut stdout = child.stdout.take().context("Cargo's messages were not piped")?;
    let stderr = child.stderr.take().context("Cargo's news were not piped")?;
    let messages = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let (sender, news) = mpsc::channel();
    let listener = thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    let said = listen(&news, progress);
    listener.join().map_err(|_| anyhow!("Cargo's news could not be read"))??;
    child.wait()?;
    progress.still();
    let messages = messages.join().map_err(|_| anyhow!("Cargo's messages could not be read"))?;
    Ok((messages?, said))
}

/// Shows what is being compiled and for how long, until Cargo closes its stream.
fn listen(news: &Receiver<String>, progress: Progress) -> String {
    let (started, mut compiled, mut said) = (Instant::now(), 0, String::new());
    let mut name = "starting".to_owned();
    loop {
        match news.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                if let Some(what) = line.trim_start().strip_prefix("Compiling ") {
                    compiled += 1;
                    what.split(' ').next().unwrap_or(what).clone_into(&mut name);
                }
                said.push_str(&line);
                said.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return said,
        }
        let seconds = started.elapsed().as_secs();
        progress.moving(&format!("  {name} ({compiled} packages, {seconds} s)"));
    }
}

/// The path of the trainer, if this message of Cargo tells of it.
fn program_in(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_ours = message["target"]["name"] == "elth-worker";
    let program = message["executable"].as_str().filter(|_| is_ours)?;
    Some(PathBuf::from(program))
}

fn explain(said: &str, cache: &Cache) -> anyhow::Error {
    if said.contains("No space left on device") {
        return anyhow!("the disk of the target folder is full: make room and set up again");
    }
    let log = cache.folder.join("trainer-build.log");
    let kept = fs::write(&log, said).is_ok();
    let error = said.lines().find(|line| line.starts_with("error")).unwrap_or("cargo failed");
    let mut told = anyhow!(error.to_owned());
    if kept {
        told = told.context(format!("Cargo's words are in `{}`", log.display()));
    }
    told.context("the trainer does not build: see `cargo build --workspace --bin elth-worker`")
}

/// Puts a copy in its place in one step, and lets very old ones go.
fn keep(program: &Path, place: &Path, cache: &Cache) -> Result<()> {
    let folder = place.parent().unwrap_or(&cache.folder);
    let fresh = place.with_extension(std::process::id().to_string());
    let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(program, &fresh));
    let synced = copied.and_then(|_| fs::File::open(&fresh)?.sync_all());
    let named = synced.and_then(|()| fs::rename(&fresh, place));
    space::explain(named, folder)?;
    cache.made(forget_old(&cache.trainers()))
}

fn forget_old(trainers: &Path) -> std::io::Result<()> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(trainers)? {
        let entry = entry?;
        found.push((entry.metadata()?.modified()?, entry.path()));
    }
    found.sort();
    let surplus = found.len().saturating_sub(KEPT);
    found.iter().take(surplus).try_for_each(|(_, path)| remove(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_read_from_cargos_messages() {
        for (message, expected) in [
            (r#"{"reason":"build-finished","success":true}"#, None),
            (r#"{"target":{"name":"elth"},"executable":"/t/elth"}"#, None),
            (r#"{"target":{"name":"elth-worker"},"executable":null}"#, None),
            (r#"{"target":{"name":"elth-worker"},"executable":"/t/w"}"#, Some("/t/w")),
        ] {
            assert_eq!(program_in(message), expected.map(PathBuf::from));
        }
    }

    #[test]
    fn the_newest_trainers_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in 0..KEPT + 3 {
            fs::create_dir(folder.path().join(format!("{name:02}"))).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(3));
        }
        forget_old(folder.path()).unwrap();
        let left = fs::read_dir(folder.path()).unwrap().flatten();
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!((left.len(), left[0].to_str()), (KEPT, Some("03")));
    }

    #[test]
    fn a_trainer_is_copied_under_its_name_in_one_step() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().to_path_buf() };
        fs::write(folder.path().join("built"), "program").unwrap();
        let place = cache.trainer();
        keep(&folder.path().join("built"), &place, &cache).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "program");
        assert_eq!(fs::read_dir(place.parent().unwrap()).unwrap().count(), 1);
    }
}
