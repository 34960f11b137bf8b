//! Build scripts' part: one number for all sources of the trainer, so that `elth` knows its own.

use std::fs;
use std::path::{Path, PathBuf};

/// What decides how a trainer behaves, as paths in the checkout.
const SOURCES: [&str; 6] =
    ["Cargo.lock", "src/core", "src/shim", "src/store", "src/unpack", "src/worker"];

/// Tells Cargo the build id as `ELTH_BUILD`, and to come back when a source changes.
pub fn emit(checkout: &Path) {
    let mut files = Vec::new();
    for source in SOURCES {
        let path = checkout.join(source);
        println!("cargo::rerun-if-changed={}", path.display());
        collect(&path, &mut files);
    }
    files.sort();
    println!("cargo::rustc-env=ELTH_BUILD={:016x}", hash(checkout, &files));
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return;
    }
    let entries = fs::read_dir(path).expect("the checkout's sources are readable");
    for entry in entries.map(|entry| entry.expect("the checkout's sources are readable")) {
        let name = entry.file_name();
        if !is_beside(&name.to_string_lossy()) {
            collect(&entry.path(), files);
        }
    }
}

/// Tests, texts and what editors leave beside a file that they have open must not make a new trainer.
fn is_beside(name: &str) -> bool {
    let leftover = name.starts_with('.') || name.ends_with('~') || name.starts_with('#');
    leftover || name == "tests" || Path::new(name).extension().is_some_and(|it| it == "md")
}

/// FNV-1a over names and contents: it only has to tell builds apart, not to withstand anybody.
fn hash(checkout: &Path, files: &[PathBuf]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325;
    for file in files {
        let name = file.strip_prefix(checkout).expect("sources lie in the checkout");
        state = add(state, name.as_os_str().as_encoded_bytes());
        let content = fs::read(file).expect("the checkout's sources are readable");
        state = add(state, &(content.len() as u64).to_le_bytes());
        state = add(state, &content);
    }
    state
}

fn add(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, &byte| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
