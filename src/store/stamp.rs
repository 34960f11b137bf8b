//! What tells one state of a file from another, without reading it.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// 2 s: the coarsest clock that a file system has.
const RESTED: Duration = Duration::from_secs(2);

/// Size, times and place of a file: two states of it differ in one of them.
///
/// Unless it is written twice within one tick of its clock, which [`Stamp::had_rested`] rules out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file as the system describes it.
    #[must_use]
    pub fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }

    /// The stamp of the file there, if there is one.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|file| Self::of(&file))
    }

    /// Whether the file had rested for a while when the clock stood there.
    #[must_use]
    pub fn had_rested(&self, at: SystemTime) -> bool {
        let limit = at.checked_sub(RESTED).unwrap_or(SystemTime::UNIX_EPOCH);
        let limit = limit.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let limit = (i64::try_from(limit.as_secs()).unwrap_or(0), i64::from(limit.subsec_nanos()));
        self.modified.max(self.changed) < limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_changes_has_another_stamp_and_has_not_rested() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(Stamp::at(&path), None);
        fs::write(&path, "one").unwrap();
        let one = Stamp::at(&path).unwrap();
        assert_eq!(Stamp::at(&path), Some(one));
        assert!(!one.had_rested(SystemTime::now()));
        assert!(one.had_rested(SystemTime::now() + Duration::from_secs(3)));
        fs::write(&path, "more").unwrap();
        assert_ne!(Stamp::at(&path), Some(one));
    }
}
