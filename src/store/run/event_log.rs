//! Append-only JSON lines: one writer, any number of readers.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use crate::run::event::{Event, SCHEMA};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        if file.metadata()?.len() < self.offset {
            self.offset = 0;
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut fresh = Vec::new();
        file.read_to_end(&mut fresh)?;
        // Count whole lines only: the last one may still be on its way.
        let complete = fresh.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.offset += complete as u64;
        let lines = fresh[..complete].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(|line| serde_json::from_slice(line).unwrap_or(Event::Unknown)).collect())
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
