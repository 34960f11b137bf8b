//! The trainer's program: where it lies, how it is started, whether it is ours.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use elth_store::handshake::{Hello, PROTOCOL};

use super::cache::{BUILD, Cache, Profile};
use super::libtorch::Libtorch;
use super::{link, unfinished};
use crate::cli::globals::as_text;

/// A trainer that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainer {
    /// The program.
    pub path: PathBuf,
    /// `LD_LIBRARY_PATH` for it: libtorch's folders, then what was there before.
    pub library_path: OsString,
}

impl Trainer {
    /// A command that finds its libraries; arguments are still to be added.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.env("LD_LIBRARY_PATH", &self.library_path);
        command
    }

    /// A trainer in this place, with the libtorch that set-up found.
    pub fn at(path: PathBuf) -> Result<Self> {
        as_text(&path)?;
        let folders = libtorch_in_use()?.map(|it| it.library_folders()).unwrap_or_default();
        let before = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let before = env::split_paths(&before).filter(|folder| !folder.as_os_str().is_empty());
        let library_path = env::join_paths(folders.into_iter().chain(before))
            .context("a folder of libtorch has a colon in its name: move it")?;
        Ok(Self { path, library_path })
    }
}

/// The trainer that this program would use; it may still turn out to be another build's.
pub fn find_trainer() -> Result<Trainer> {
    if let Some(trainer) = chosen()? {
        return Ok(trainer);
    }
    let beside = beside_us();
    let places = cached().into_iter().chain(beside).chain(on_path());
    let found = places.into_iter().find(|path| path.is_file());
    Trainer::at(found.ok_or_else(|| unfinished("the trainer is not built yet"))?)
}

/// The trainer that somebody chose: `ELTH_WORKER`, or the one that lies beside an elth that was
/// carried away from its target folder.
///
/// In a target folder the next build replaces what lies there, so a copy in the cache is better.
pub fn chosen() -> Result<Option<Trainer>> {
    if let Some(named) = env::var_os("ELTH_WORKER").filter(|path| !path.is_empty()) {
        let path = std::path::absolute(named)?;
        if !path.is_file() {
            bail!("ELTH_WORKER names `{}`, which is no file: unset it", path.display());
        }
        return Trainer::at(path).map(Some);
    }
    let beside = beside_us().filter(|path| path.is_file() && !in_target_folder(path));
    beside.map(Trainer::at).transpose()
}

/// Asks the trainer who it is, and refuses one of another build.
pub fn handshake(trainer: &Trainer) -> Result<Hello> {
    let hello = ask(trainer)?;
    if belongs(&hello) {
        return Ok(hello);
    }
    let path = trainer.path.display();
    let what = if hello.protocol == PROTOCOL {
        format!("`{path}` (build {}) does not belong to this elth (build {BUILD})", hello.build)
    } else {
        format!(
            "`{path}` (protocol {}) does not belong to this elth (protocol {PROTOCOL})",
            hello.protocol
        )
    };
    Err(unfinished(&what))
}

/// Whether a trainer speaks as we do and is built from our sources.
pub fn belongs(hello: &Hello) -> bool {
    hello.protocol == PROTOCOL && hello.build == BUILD
}

/// Lets the trainer say who it is, whoever that may be.
pub fn ask(trainer: &Trainer) -> Result<Hello> {
    let path = trainer.path.display();
    let output = trainer.command().arg("hello").stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("`{path}` does not start: run `elth setup`"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let greeting = stdout.lines().find(|line| line.starts_with('{'));
    let hello: Option<Hello> = greeting.and_then(|line| serde_json::from_str(line).ok());
    let hello = hello.filter(|hello| output.status.success() && hello.program == "elth-worker");
    hello.ok_or_else(|| {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = stderr.lines().next().unwrap_or("it said nothing").to_owned();
        anyhow!(said).context(unfinished(&format!("`{path}` does not answer as a trainer")))
    })
}

/// The libtorch to run with: `ELTH_LIBTORCH`, the checkout's, or one of the cache.
pub fn libtorch_in_use() -> Result<Option<Libtorch>> {
    if let Some(named) = env::var_os("ELTH_LIBTORCH").filter(|folder| !folder.is_empty()) {
        let torch = std::path::absolute(named)?;
        if !torch.join("lib/libtorch_cpu.so").is_file() {
            bail!("ELTH_LIBTORCH names `{}`, which has no lib/libtorch_cpu.so", torch.display());
        }
        // To run, the libraries are enough: headers and Python files need not have come along.
        return Ok(Some(Libtorch { torch, version: String::new() }));
    }
    Ok(link::checkout().and_then(link::current).or_else(|| {
        let folders = caches().into_iter().flat_map(|cache| cache.libtorches());
        folders.into_iter().find_map(|folder| Libtorch::read(&folder.join("torch")).ok())
    }))
}

/// Copies under our build id, the ones of our own profile first.
fn cached() -> Vec<PathBuf> {
    let other = if cfg!(debug_assertions) { Profile::Release } else { Profile::Dev };
    let caches = caches();
    let own = caches.iter().map(Cache::trainer);
    own.chain(caches.iter().map(|cache| cache.trainer_of(other))).collect()
}

fn caches() -> Vec<Cache> {
    link::checkout().map_or_else(|| Cache::choose(None).into_iter().collect(), Cache::known)
}

fn beside_us() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.with_file_name("elth-worker"))
}

/// Cargo marks its target folder for backup programs.
fn in_target_folder(program: &Path) -> bool {
    program.ancestors().skip(1).take(4).any(|folder| folder.join("CACHEDIR.TAG").is_file())
}

fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("elth-worker")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A trainer that says one thing, as a shell script.
    fn saying(folder: &Path, script: &str) -> Trainer {
        let path = folder.join("elth-worker");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Trainer { path, library_path: OsString::new() }
    }

    fn hello(protocol: u32, build: &str) -> String {
        format!(
            r#"echo '{{"program":"elth-worker","protocol":{protocol},"build":"{build}","libtorch":"2.11.0","cuda":false,"devices":[]}}'"#
        )
    }

    fn check(script: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let trainer = saying(folder.path(), script);
        let said = match handshake(&trainer) {
            Ok(hello) => hello.libtorch,
            Err(error) => error.to_string().replace(&*trainer.path.to_string_lossy(), "PATH"),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn only_a_trainer_of_the_same_build_and_protocol_is_ours() {
        check(&hello(PROTOCOL, BUILD), "2.11.0");
        let other = format!(
            "`PATH` (build 00) does not belong to this elth (build {BUILD}): run `elth setup`"
        );
        check(&hello(PROTOCOL, "00"), &other);
        let newer = format!(
            "`PATH` (protocol 99) does not belong to this elth (protocol {PROTOCOL}): run `elth setup`"
        );
        check(&hello(99, BUILD), &newer);
        let silent = "`PATH` does not answer as a trainer: run `elth setup`";
        check("exit 0", silent);
        check("echo libtorch_cpu.so: cannot open shared object file >&2; exit 127", silent);
    }

    #[test]
    fn a_program_in_a_target_folder_is_told_from_one_that_was_carried_away() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("debug/elth-worker");
        fs::create_dir(folder.path().join("debug")).unwrap();
        assert!(!in_target_folder(&program));
        fs::write(folder.path().join("CACHEDIR.TAG"), "Signature: x").unwrap();
        assert!(in_target_folder(&program));
    }
}
