//! What headers said when they were last read: a cache that may be lost, torn or foreign at any time.
//!
//! An entry is believed only while its file's size, times and inode are those it was read at, and only where the
//! file had rested for a while then: a file that is written twice within one tick of its clock looks the same twice.
//!
//! ```text
//! elth-shelf-index 1 BUILD CRC LENGTH   the program that wrote it, and the sum of all that follows
//! {"path":…,"stamp":…,"said":…}          one line a file
//! ```

use std::{
    borrow::Cow,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use elth_core::{
    blueprint::{Input, shared::Models},
    schedule::Step,
    ticket::{
        About, Outside,
        lineage::{Act, Lineage},
    },
};
use elth_unpack::Crc;
use serde::{Deserialize, Serialize};

use crate::{
    atomic::{self, CannotWrite},
    stamp::Stamp,
    ticket_file::{CannotRead, Summary},
};

/// How the first line begins; another version's is a foreign file.
const TITLE: &str = "elth-shelf-index 1 ";

/// As many headers are read as quickly as an index is.
const WORTH: usize = 32;

/// Where an index lies, and the program that it is of: another build may read headers otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file; it need not exist, and neither need its folder.
    pub path: PathBuf,
    /// The build of the program.
    pub build: String,
}

/// A file of a shelf, and what was found in it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The file.
    pub path: &'a Path,
    /// The state that it was found in.
    pub stamp: Stamp,
    /// What it holds.
    pub said: Result<Said, CannotRead>,
    /// Whether it was read, not recalled.
    pub is_fresh: bool,
}

/// What a header says, or that the file holds trained weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A ticket.
    Ticket(Box<Summary>),
    /// Trained weights, which are on no shelf.
    Trained,
}

/// An index as it was read; knows nothing where there was none, or none that is whole.
#[derive(Debug, Default)]
pub struct Index {
    text: String,
    /// Where each file's line is.
    lines: HashMap<PathBuf, (usize, usize)>,
}

/// A line of the index.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    stamp: Stamp,
    #[serde(borrow)]
    said: Option<Noted<'a>>,
}

/// A [`Summary`] on disk.
#[derive(Serialize, Deserialize)]
struct Noted<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    classes: usize,
    input: (usize, usize, usize),
    dataset: Option<String>,
    data_digest: Option<String>,
    level: Option<u32>,
    rewind: Option<String>,
    is_dense: bool,
    lineage: Vec<Act>,
    kept: Option<usize>,
    weights: usize,
    digest: Option<String>,
}

impl Index {
    /// Reads an index; one that is missing, torn, of another build or no index at all knows nothing.
    #[must_use]
    pub fn read(place: &Place) -> Self {
        let text = fs::read_to_string(&place.path).ok();
        text.and_then(|text| Self::parse(text, &place.build)).unwrap_or_default()
    }

    fn parse(text: String, build: &str) -> Option<Self> {
        let (title, body) = text.split_once('\n')?;
        if title != self::title(build, body) {
            return None;
        }
        let mut lines = HashMap::new();
        let mut start = title.len() + 1;
        for line in body.lines() {
            lines.insert(path_of(line)?, (start, start + line.len()));
            start += line.len() + 1;
        }
        Some(Self { text, lines })
    }

    /// What the file's header said, where the file is still as it was then.
    #[must_use]
    pub fn recall(&self, path: &Path, stamp: Stamp, models: &mut Models) -> Option<Said> {
        let (start, end) = *self.lines.get(path)?;
        let line: Line<'_> = serde_json::from_str(&self.text[start..end]).ok()?;
        if line.stamp != stamp {
            return None;
        }
        let Some(noted) = line.said else { return Some(Said::Trained) };
        Some(Said::Ticket(Box::new(noted.summary(path, models)?)))
    }
}

/// What an index is to be told: all that was seen on a shelf.
#[derive(Debug)]
pub struct News(String);

impl News {
    /// What was seen, where the index does not know all of it or knows more.
    ///
    /// Files that had not rested when the clock stood at `looked_at` are left out.
    #[must_use]
    pub fn of(seen: &[Seen<'_>], index: &Index, looked_at: SystemTime) -> Option<Self> {
        let lasting: Vec<_> = seen
            .iter()
            .filter_map(|seen| Some((seen.path.to_str()?, seen, seen.said.as_ref().ok()?)))
            .filter(|(_, seen, _)| seen.stamp.had_rested(looked_at))
            .collect();
        if lasting.len() < WORTH {
            return None;
        }
        let is_known = lasting.iter().all(|(_, seen, _)| !seen.is_fresh);
        if is_known && lasting.len() == index.lines.len() {
            return None;
        }
        let lines = lasting.into_iter().map(|(path, seen, said)| line(path, seen.stamp, said));
        Some(Self(lines.collect()))
    }

    /// Replaces the index.
    ///
    /// # Errors
    /// When the folder cannot be made or written; the old index, if any, is as it was.
    pub fn tell(&self, place: &Place) -> Result<(), CannotWrite> {
        let Self(body) = self;
        let folder = place.path.parent().unwrap_or(Path::new("."));
        atomic::create_folder(folder)?;
        // Another writer whose file this takes away goes without.
        let _ = atomic::sweep(folder);
        let text = format!("{}\n{body}", title(&place.build, body));
        atomic::replace_soon(&place.path, text.as_bytes())
    }
}

fn title(build: &str, body: &str) -> String {
    let mut sum = Crc::new();
    sum.update(body.as_bytes());
    format!("{TITLE}{build} {:08x} {}", sum.sum(), body.len())
}

fn line(path: &str, stamp: Stamp, said: &Said) -> String {
    let said = match said {
        Said::Ticket(summary) => Some(Noted::of(summary)),
        Said::Trained => None,
    };
    // Numbers, texts and lists of them: nothing that JSON could not hold.
    serde_json::to_string(&Line { path: path.into(), stamp, said }).unwrap_or_default() + "\n"
}

/// The path that a line begins with, without reading the rest of the line.
fn path_of(line: &str) -> Option<PathBuf> {
    let quoted = line.strip_prefix("{\"path\":")?;
    let mut values = serde_json::Deserializer::from_str(quoted).into_iter::<Cow<'_, str>>();
    Some(PathBuf::from(values.next()?.ok()?.as_ref()))
}

impl Noted<'_> {
    fn of(summary: &Summary) -> Noted<'_> {
        let about = &summary.about;
        let input = about.blueprint.input;
        Noted {
            model: about.blueprint.name.as_str().into(),
            classes: about.blueprint.classes,
            input: (input.channels, input.height, input.width),
            dataset: about.dataset.clone(),
            data_digest: about.data_digest.clone(),
            level: about.level,
            rewind: about.rewind.map(|step| step.to_string()),
            is_dense: about.outside == Outside::Dense,
            lineage: about.lineage.0.clone(),
            kept: summary.kept,
            weights: summary.weights,
            digest: summary.digest.clone(),
        }
    }

    /// The summary as the header gave it; nothing where a value makes no sense.
    fn summary(self, path: &Path, models: &mut Models) -> Option<Summary> {
        let (channels, height, width) = self.input;
        let input = Input::new(channels, height, width);
        let about = About {
            blueprint: models.get(&self.model, Some(self.classes), Some(input)).ok()?,
            dataset: self.dataset,
            data_digest: self.data_digest,
            level: self.level,
            rewind: match self.rewind {
                Some(text) => Some(Step::parse(&text).ok()?),
                None => None,
            },
            outside: if self.is_dense { Outside::Dense } else { Outside::Masked },
            lineage: Lineage(self.lineage),
        };
        let (kept, weights, digest) = (self.kept, self.weights, self.digest);
        Some(Summary { path: path.to_owned(), about, kept, weights, digest })
    }
}
