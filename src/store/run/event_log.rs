//! Append-only JSON lines: one writer, any number of readers.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    regular,
    run::{
        event::{Event, SCHEMA},
        event_line,
    },
};

/// 4 MiB at a time: a log of any length is read in little memory.
const PIECE: u64 = 4 << 20;

/// The writing end. One `write` per line, so that a reader never sees half a line from a living writer.
#[derive(Debug)]
pub struct Writer(File);

impl Writer {
    /// Opens for append: closes a line torn by a crash, and names the schema at the start of a new log.
    ///
    /// # Errors
    /// When the file cannot be opened or written.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut writer = Self(file);
        let end = writer.0.seek(SeekFrom::End(0))?;
        if end == 0 {
            writer.append(&Event::Schema { version: SCHEMA })?;
        } else {
            writer.close_torn_line(end)?;
        }
        Ok(writer)
    }

    /// Appends one event.
    ///
    /// # Errors
    /// When the disk refuses; a part of the line may have been written, which the next opening closes.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }

    /// Brings the log onto the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn close_torn_line(&mut self, end: u64) -> io::Result<()> {
        let mut last = [0];
        self.0.seek(SeekFrom::Start(end - 1))?;
        self.0.read_exact(&mut last)?;
        if last == *b"\n" { Ok(()) } else { self.0.write_all(b"\n") }
    }
}

/// The reading end: remembers how far it has read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    offset: u64,
}

impl Tail {
    /// Complete lines since the last call; torn and foreign lines become [`Event::Unknown`].
    ///
    /// A log that is not there yet has none. One that became shorter is read from its start again.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_new(&mut self, path: &Path) -> io::Result<Vec<Event>> {
        let mut events = Vec::new();
        while let Some(piece) = self.read_piece(path)? {
            events.extend(piece.events());
        }
        Ok(events)
    }

    /// The next whole lines, a few megabytes of them at the most; nothing where there are none now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_piece(&mut self, path: &Path) -> io::Result<Option<Piece>> {
        let mut file = match regular::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let length = file.metadata()?.len();
        if length < self.offset {
            self.offset = 0;
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut most = PIECE;
        // Room for what is there: growing would copy it again and again.
        let room = usize::try_from((length - self.offset).min(PIECE)).unwrap_or(0);
        let mut fresh = Vec::with_capacity(room + 1);
        loop {
            (&mut file).take(most).read_to_end(&mut fresh)?;
            // Count whole lines only: the last one may still be on its way.
            let complete = fresh.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            if complete > 0 {
                fresh.truncate(complete);
                self.offset += complete as u64;
                return Ok(Some(Piece(fresh)));
            }
            if (fresh.len() as u64) < most {
                return Ok(None);
            }
            // A line longer than a piece: strange, but not to be waited for for ever.
            most *= 2;
            file.seek(SeekFrom::Start(self.offset))?;
            fresh.clear();
        }
    }

    /// Where the next line begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// A reading end that begins with the line there, which the caller knows to begin there.
    #[must_use]
    pub fn at(offset: u64) -> Self {
        Self { offset }
    }

    /// A reading end that begins with the first line that begins there or later.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn behind(path: &Path, offset: u64) -> io::Result<Self> {
        let Some(before) = offset.checked_sub(1) else { return Ok(Self::default()) };
        let mut file = regular::open(path)?;
        file.seek(SeekFrom::Start(before))?;
        let skipped = BufReader::new(file).skip_until(b'\n')? as u64;
        Ok(Self { offset: before + skipped })
    }

    /// A reading end that begins with the first line that lies within so many bytes of the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn near_end(path: &Path, bytes: u64) -> io::Result<Self> {
        let length = match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?.len(),
        };
        let Some(offset) = length.checked_sub(bytes) else { return Ok(Self::default()) };
        Self::behind(path, offset)
    }
}

/// Whole lines of a log, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece(Vec<u8>);

impl Piece {
    /// The lines without their ends; empty ones are left out.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut left = self.0.as_slice();
        std::iter::from_fn(move || {
            let all = left;
            // Of memory nothing but its end can keep one from reading; this is the quickest search for a byte that std has.
            let read = left.skip_until(b'\n').unwrap_or(0);
            (read > 0).then(|| all[..read].strip_suffix(b"\n").unwrap_or(&all[..read]))
        })
        .filter(|line| !line.is_empty())
    }

    /// The lines' events.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.lines().map(event_line::read)
    }

    /// Bytes of the lines and their ends.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a piece holds a line at the least")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Every event of a log so far.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Event>> {
    Tail::default().read_new(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_closed_and_reading_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let note = |text: &str| Event::Note { text: text.to_owned() };
        Writer::open(&path).unwrap().append(&note("one")).unwrap();
        let torn = OpenOptions::new().append(true).open(&path);
        torn.unwrap().write_all(b"{\"event\":\"no").unwrap();
        let mut tail = Tail::default();
        assert_eq!(tail.read_new(&path).unwrap(), [Event::Schema { version: SCHEMA }, note("one")]);
        Writer::open(&path).unwrap().append(&note("two")).unwrap();
        assert_eq!(tail.read_new(&path).unwrap(), [Event::Unknown, note("two")]);
        assert_eq!(tail.read_new(&path).unwrap(), []);
    }

    #[test]
    fn a_log_is_read_from_near_its_end_at_a_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let note = |number: usize| Event::Note { text: number.to_string() };
        let mut writer = Writer::open(&path).unwrap();
        (0..100).for_each(|number| writer.append(&note(number)).unwrap());
        let line = serde_json::to_vec(&note(99)).unwrap().len() as u64 + 1;
        for (bytes, expected) in [(line, 1), (line + 3, 1), (3 * line, 3), (1 << 20, 101)] {
            let mut tail = Tail::near_end(&path, bytes).unwrap();
            assert_eq!(tail.read_new(&path).unwrap().len(), expected, "{bytes}");
            assert_eq!(tail.read_piece(&path).unwrap(), None);
        }
        let text = std::fs::read(&path).unwrap();
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts: Vec<u64> = ends.map(|(at, _)| at as u64 + 1).take(2).collect();
        let (one, two) = (starts[0], starts[1]);
        for (offset, expected) in [(0, 0), (1, one), (one, one), (one + 1, two), (two, two)] {
            assert_eq!(Tail::behind(&path, offset).unwrap().offset(), expected, "{offset}");
        }
        let missing = folder.path().join("missing");
        assert_eq!(Tail::near_end(&missing, 9).unwrap(), Tail::default());
    }

    #[test]
    fn lines_of_a_newer_trainer_are_skipped_not_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(
            &path,
            "{\"event\":\"dreamt\",\"of\":1}\n{\"event\":\"note\",\"text\":\"a\",\"new\":2}\n",
        )
        .unwrap();
        let events = read(&path).unwrap();
        assert_eq!(events, [Event::Unknown, Event::Note { text: "a".to_owned() }]);
    }
}
