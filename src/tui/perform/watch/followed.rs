//! A run whose every word is reported: the end of its log at once, the past piece by piece, then what comes.

use std::{
    io::{Read as _, Seek as _, SeekFrom},
    panic::resume_unwind,
    thread,
};

use elth_store::{
    regular,
    run::{dir::RunDir, event_log::Tail},
};

use crate::{
    message::Message,
    story::{Story, line::printed},
};

/// Bytes of a log's end that are told first: some thousand lines, read in a few milliseconds.
const END: u64 = 256 << 10;

/// Bytes before that whose lines are shown too; of what is older still, only the curves are.
const SHOWN: u64 = 2 << 20;

/// Parts that the past is read in at the most.
const PARTS: usize = 8;

/// Less than this is read quicker than a thread is started.
const PART: u64 = 2 << 20;

/// Most that is read of a trainer's output at once, from its end: the file may be long.
const PRINTED: u64 = 1 << 20;

/// How far a followed run was reported.
#[derive(Default)]
pub struct Followed {
    /// Where the next news begin; nothing before the end was told.
    news: Option<Tail>,
    /// What came before that, in as many parts as are read at once.
    past: Vec<Past>,
    printed: u64,
}

/// A part of what came before the end that was told first.
struct Past {
    tail: Tail,
    until: u64,
    /// From here on lines are shown too.
    shown: u64,
    story: Story,
    has_more: bool,
}

impl Followed {
    /// What is to be told now.
    pub fn news(&mut self, dir: &RunDir) -> Vec<Message> {
        let mut news = Vec::new();
        let tail = if let Some(tail) = &mut self.news {
            tail
        } else {
            let tail = Tail::near_end(&dir.events(), END).unwrap_or_default();
            self.past = Past::before(tail.offset(), dir);
            self.news.insert(tail)
        };
        // A log that cannot be read now is read the next time.
        while let Ok(Some(piece)) = tail.read_piece(&dir.events()) {
            news.push(Message::Heard(dir.clone(), piece.events().collect()));
        }
        let lines = self.printed_since(dir);
        if !lines.is_empty() {
            news.push(Message::Printed(dir.clone(), lines));
        }
        news
    }

    /// Whether there is past to be read.
    pub fn has_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// Reads one piece of each part of the past; the last ones bring all of it.
    pub fn recall(&mut self, dir: &RunDir) -> Option<Message> {
        if self.past.is_empty() || Past::read_pieces(&mut self.past, dir) {
            return None;
        }
        let parts = std::mem::take(&mut self.past).into_iter().map(|past| past.story);
        let story = parts.rev().reduce(|mut later, earlier| {
            later.prepend(earlier);
            later
        })?;
        Some(Message::Recalled(dir.clone(), Box::new(story)))
    }

    /// Complete lines that the trainer printed since the last time.
    fn printed_since(&mut self, dir: &RunDir) -> Vec<String> {
        let Ok(mut file) = regular::open(&dir.worker_log()) else { return Vec::new() };
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        if length < self.printed {
            self.printed = 0;
        }
        self.printed = self.printed.max(length.saturating_sub(PRINTED));
        let mut bytes = Vec::new();
        let read =
            file.seek(SeekFrom::Start(self.printed)).and_then(|_| file.read_to_end(&mut bytes));
        let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if read.is_err() || complete == 0 {
            return Vec::new();
        }
        self.printed += complete as u64;
        let text = String::from_utf8_lossy(&bytes[..complete]);
        text.split_terminator('\n').map(printed).collect()
    }
}

impl Past {
    /// Parts of all that lies before `end`, the earliest first: one for each core where there is much.
    fn before(end: u64, dir: &RunDir) -> Vec<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from).min(PARTS) as u64;
        let parts = cores.min(end.div_ceil(PART)).max(1);
        let cuts = (1..parts).filter_map(|part| {
            let tail = Tail::behind(&dir.events(), end / parts * part).ok()?;
            Some(tail.offset()).filter(|at| *at < end)
        });
        let mut starts: Vec<u64> = [0].into_iter().chain(cuts).collect();
        starts.dedup();
        let ends = starts.iter().skip(1).copied().chain([end]);
        let part = |(start, until): (&u64, u64)| Self {
            tail: Tail::at(*start),
            until,
            shown: end.saturating_sub(SHOWN),
            story: Story::default(),
            has_more: true,
        };
        starts.iter().zip(ends).filter(|(start, until)| **start < *until).map(part).collect()
    }

    /// Takes in one piece of each part, on a core each; says whether there is more.
    fn read_pieces(parts: &mut [Self], dir: &RunDir) -> bool {
        let mut read: Vec<_> = parts.iter_mut().filter(|part| part.has_more).collect();
        let Some((first, others)) = read.split_first_mut() else { return false };
        thread::scope(|scope| {
            let others: Vec<_> =
                others.iter_mut().map(|part| scope.spawn(|| part.read_on(dir))).collect();
            first.read_on(dir);
            for other in others {
                other.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        });
        parts.iter().any(|part| part.has_more)
    }

    fn read_on(&mut self, dir: &RunDir) {
        self.has_more = self.read_piece(dir);
    }

    /// Takes in one piece; says whether there is more.
    fn read_piece(&mut self, dir: &RunDir) -> bool {
        let mut at = self.tail.offset();
        let Ok(Some(piece)) = self.tail.read_piece(&dir.events()) else { return false };
        for line in piece.lines() {
            if at >= self.until {
                return false;
            }
            let event = elth_store::run::event_line::read(line);
            if at >= self.shown {
                self.story.hear(&event);
            } else {
                self.story.take(&event);
                self.story.dropped += 1;
            }
            at += line.len() as u64 + 1;
        }
        self.tail.offset() < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::progress;
    use elth_store::run::event_log::Writer;

    #[test]
    fn of_a_long_log_the_end_comes_first_and_the_past_completes_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        let line = |step: u64| serde_json::to_string(&progress(step, 1.0)).unwrap() + "\n";
        let text: String = (1..=40_000).map(line).collect();
        std::fs::write(dir.events(), text).unwrap();
        std::fs::write(dir.worker_log(), "one\r\n10%\r20%\nhalf a li").unwrap();
        let mut followed = Followed::default();
        let mut story = Story::default();
        for message in followed.news(&dir) {
            match message {
                Message::Heard(_, events) => events.iter().for_each(|event| story.hear(event)),
                Message::Printed(_, lines) => assert_eq!(lines, ["one", "20%"]),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(story.train_loss.last(), Some((40_000, 1.0)));
        assert!(story.train_loss.first().unwrap().0 > 30_000);
        while followed.has_past() {
            if let Some(Message::Recalled(_, past)) = followed.recall(&dir) {
                story.prepend(*past);
            }
        }
        assert_eq!(story.train_loss.first(), Some((1, 1.0)));
        assert_eq!(story.lines.len() + story.dropped, 40_000);
        let mut whole = Story::default();
        (1..=40_000).for_each(|step| whole.take(&progress(step, 1.0)));
        assert_eq!((&story.train_loss, &story.lr), (&whole.train_loss, &whole.lr));
        let ends = [&story, &whole].map(|story| story.clock.last().unwrap().1);
        // Between two parts a step's time is lost.
        assert!((ends[0] - ends[1]).abs() < 1e-3 * ends[1], "{ends:?}");
        Writer::open(&dir.events()).unwrap().append(&progress(40_001, 0.5)).unwrap();
        assert_eq!(followed.news(&dir), [Message::Heard(dir, vec![progress(40_001, 0.5)])]);
    }
}
