//! Whether a disk has room, asked before anything large is fetched.

use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::progress::bytes;

/// How much this user may still write where `folder` lies.
pub fn free(folder: &Path) -> Result<u64> {
    let disk = rustix::fs::statvfs(folder)
        .with_context(|| format!("the disk of `{}` can't be asked", folder.display()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Refuses early what could only fail late.
pub fn require(folder: &Path, needed: u64, what: &str) -> Result<()> {
    let free = free(folder)?;
    if free >= needed {
        return Ok(());
    }
    bail!(
        "`{}` has {} free and {what} needs {}: make room or name another place with --cache DIR",
        folder.display(),
        bytes(free),
        bytes(needed),
    );
}

/// Says what a full disk means, where writing met one in spite of the question before.
pub fn explain<T>(result: io::Result<T>, folder: &Path) -> Result<T> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => full(folder),
        _ => anyhow::Error::new(error).context(format!("`{}` can't be written", folder.display())),
    })
}

/// The disk filled up while we wrote.
pub fn full(folder: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "the disk of `{}` is full: make room or name another place with --cache DIR",
        folder.display()
    )
}

/// The bytes in a folder and below; what vanishes meanwhile counts nothing.
pub fn used(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => used(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_told_with_both_sizes_and_a_way_out() {
        let folder = tempfile::tempdir().unwrap();
        require(folder.path(), 1, "nothing much").unwrap();
        let refused = require(folder.path(), u64::MAX, "libtorch").unwrap_err().to_string();
        assert!(refused.contains(" free and libtorch needs "), "{refused}");
        assert!(refused.ends_with("name another place with --cache DIR"), "{refused}");
    }

    #[test]
    fn a_folder_weighs_what_lies_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/ten"), [0; 10]).unwrap();
        std::fs::write(folder.path().join("three"), [0; 3]).unwrap();
        assert_eq!(used(folder.path()), 13);
    }
}
