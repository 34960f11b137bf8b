//! A folder of pictures as the name of a data set.

use std::{
    collections::BTreeSet,
    fs, path,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// `folder:` and a path from the root on.
///
/// Names are few: the text of each is kept for as long as the program runs, so that a name stays as small as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Folder(&'static str);

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Folder {
    /// What such names begin with.
    pub const PREFIX: &'static str = "folder:";

    /// The name of a folder that may be there.
    #[must_use]
    pub fn at(folder: &str) -> Self {
        let from_root = path::absolute(folder).map(|path| path.display().to_string());
        let text = format!("{}{}", Self::PREFIX, from_root.as_deref().unwrap_or(folder));
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(text.as_str()) {
            return Self(known);
        }
        let kept: &'static str = Box::leak(text.into_boxed_str());
        names.insert(kept);
        Self(kept)
    }

    /// The name as it is recorded.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    /// Where the pictures lie.
    #[must_use]
    pub fn path(self) -> &'static Path {
        Path::new(&self.0[Self::PREFIX.len()..])
    }

    /// The classes that are there: the folders of the training half.
    pub(super) fn classes(self) -> usize {
        let is_class = |entry: &fs::DirEntry| {
            !entry.file_name().to_string_lossy().starts_with('.') && entry.path().is_dir()
        };
        let entries = fs::read_dir(self.path().join("train"));
        entries.map_or(0, |entries| entries.flatten().filter(is_class).count())
    }
}
