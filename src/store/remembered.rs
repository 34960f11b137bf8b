//! What was learnt of files, by path, for the next time: a cache that may be lost, torn or foreign at any time.
//!
//! What is remembered carries whatever tells that it still holds, such as a [`crate::stamp::Stamp`]; this file only
//! sees to it that what is recalled is what was noted.
//!
//! ```text
//! elth-index 2 KIND BUILD CRC LENGTH    what it is of, the program that wrote it, and the sum of all that follows
//! "PATH" VALUE                          one line a file, both as JSON
//! ```

use std::{
    borrow::Cow,
    collections::HashMap,
    path::{Path, PathBuf},
};

use elth_unpack::Crc;
use serde::{Deserialize, Serialize};

use crate::{
    atomic::{self, CannotWrite},
    regular,
};

/// How the first line begins; another version's is a foreign file.
const TITLE: &str = "elth-index 2";

/// More than a home of a hundred thousand tickets comes to.
const MOST: u64 = 256 << 20;

/// Where is remembered what was learnt of a home, and by which program: another build may read files otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder of caches; it need not exist.
    pub folder: PathBuf,
    /// What tells this home from others.
    pub home: String,
    /// The build of the program.
    pub build: String,
}

impl Place {
    /// The file in which things of this kind are remembered.
    #[must_use]
    pub fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(kind).join(format!("{}.index", self.home))
    }

    fn title(&self, kind: &str, body: &str) -> String {
        let mut sum = Crc::new();
        sum.update(body.as_bytes());
        format!("{TITLE} {kind} {} {:08x} {}", self.build, sum.sum(), body.len())
    }
}

/// What is remembered; nothing where there is no index, or none that is whole.
#[derive(Debug, Default)]
pub struct Remembered {
    text: String,
    /// Where the value of each path lies in the text.
    values: HashMap<PathBuf, (usize, usize)>,
}

impl Remembered {
    /// Reads what is remembered of this kind; an index that is missing, torn, of another build or none at all knows nothing.
    #[must_use]
    pub fn read(place: &Place, kind: &str) -> Self {
        let text = regular::read_text(&place.file(kind), MOST).ok();
        text.and_then(|text| Self::parse(text, place, kind)).unwrap_or_default()
    }

    fn parse(text: String, place: &Place, kind: &str) -> Option<Self> {
        let (title, body) = text.split_once('\n')?;
        if title != place.title(kind, body) {
            return None;
        }
        let mut values = HashMap::new();
        let mut start = title.len() + 1;
        for line in body.lines() {
            let (path, value) = split(line)?;
            values.insert(path, (start + value, start + line.len()));
            start += line.len() + 1;
        }
        Some(Self { text, values })
    }

    /// What was noted of a file.
    #[must_use]
    pub fn recall<'a, T: Deserialize<'a>>(&'a self, path: &Path) -> Option<T> {
        let (start, end) = *self.values.get(path)?;
        serde_json::from_str(&self.text[start..end]).ok()
    }

    /// Files of which something is remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The path that a line begins with, and where its value begins.
fn split(line: &str) -> Option<(PathBuf, usize)> {
    let mut values = serde_json::Deserializer::from_str(line).into_iter::<Cow<'_, str>>();
    let path = PathBuf::from(values.next()?.ok()?.as_ref());
    Some((path, values.byte_offset()))
}

/// What is to be remembered of one kind, in place of all that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    kind: &'static str,
    body: String,
}

impl News {
    /// Nothing yet.
    #[must_use]
    pub fn of(kind: &'static str) -> Self {
        Self { kind, body: String::new() }
    }

    /// Notes something of a file; of a path that is no text nothing is noted.
    pub fn note(&mut self, path: &Path, value: &impl Serialize) {
        let (Some(path), Ok(value)) = (path.to_str(), serde_json::to_string(value)) else { return };
        self.body.extend([&serde_json::json!(path).to_string(), " ", &value, "\n"]);
    }

    /// Whether that is just what is remembered.
    #[must_use]
    pub fn is_in(&self, index: &Remembered) -> bool {
        index.text.split_once('\n').is_some_and(|(_, body)| body == self.body)
    }

    /// Replaces what is remembered.
    ///
    /// # Errors
    /// When the folder cannot be made or written; the old index, if any, is as it was.
    pub fn tell(&self, place: &Place) -> Result<(), CannotWrite> {
        let Self { kind, body } = self;
        let file = place.file(kind);
        let folder = file.parent().unwrap_or(Path::new("."));
        atomic::create_folder(folder)?;
        // Another writer whose file this takes away goes without.
        let _ = atomic::sweep(folder);
        atomic::replace_soon(&file, format!("{}\n{body}", place.title(kind, body)).as_bytes())
    }
}
