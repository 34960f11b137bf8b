//! The sum of a set of files as it was taken before, believed while every file's stamp is the same.
//!
//! It lies in the cache folder and may be lost, torn or unwritable at any time: that costs time, never an answer.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use elth_core::digest::{self, Digest, Summer};

use crate::{atomic, stamp::Stamp};

/// The sum that was taken of exactly these files.
pub fn read(root: &Path, halves: [&Vec<PathBuf>; 2]) -> Option<Digest> {
    let text = fs::read_to_string(place(root)?).ok()?;
    let (stamps, digest) = text.trim().split_once(' ')?;
    (stamps == self::stamps(halves)?.to_string()).then(|| Digest::parse(digest))?
}

/// Keeps the sum; files that changed a moment ago may change again unseen, so theirs is not kept.
pub fn write(root: &Path, halves: [&Vec<PathBuf>; 2], digest: Digest) {
    let Some((place, stamps)) = place(root).zip(stamps(halves)) else { return };
    if let Some(folder) = place.parent() {
        let _nobody_needs_it = atomic::create_folder(folder)
            .and_then(|()| atomic::replace(&place, format!("{stamps} {digest}\n").as_bytes()));
    }
}

/// One sum for the paths, sizes and times of all files; nothing where one is gone or has just been written.
fn stamps(halves: [&Vec<PathBuf>; 2]) -> Option<Digest> {
    let (now, mut summer) = (SystemTime::now(), Summer::new());
    for file in halves.into_iter().flatten() {
        let stamp = Stamp::at(file).filter(|stamp| stamp.had_rested(now))?;
        summer.bytes(file.as_os_str().as_encoded_bytes());
        summer.bytes(format!("\0{stamp:?}\0").as_bytes());
    }
    Some(summer.finish())
}

fn place(root: &Path) -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("ELTH_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("elth")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/elth")))?;
    let root = root.canonicalize().ok()?;
    let name = digest::of_bytes(root.as_os_str().as_encoded_bytes()).to_string();
    Some(cache.join("data").join(name))
}
