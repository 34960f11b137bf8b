//! The watcher: looks at the runs and reports what changed, and only that.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use elth_store::run::{
    dir::RunDir,
    event_log::Tail,
    launch,
    standing::{self, Standing},
};

use super::{named, panicked};
use crate::{DemoWatch, message::Message, runtime::Report};

/// While something runs: fast enough to feel live, slow enough to be free on a network disk.
const BUSY: Duration = Duration::from_millis(250);
/// While nothing does: another terminal may start a run at any time.
const QUIET: Duration = Duration::from_secs(2);

/// Most that is read of a trainer's output at once, from its end: the log may be long.
const PRINTED: u64 = 64 * 1024;

/// What the watcher can be asked for.
#[derive(Debug)]
pub enum Asking {
    /// Report every event of this run from its start on.
    Follow(RunDir),
    /// No longer.
    Unfollow(RunDir),
    /// Look now.
    Look,
}

/// Starts the watcher; its first report answers for its start.
pub fn start(runs: PathBuf, demo: Option<&DemoWatch>, reports: Sender<Report>) -> Sender<Asking> {
    let (sender, askings) = mpsc::channel();
    let others = demo.iter().flat_map(|demo| &demo.runs).map(|(_, dir)| dir.clone()).collect();
    let last_words = reports.clone();
    let mut watcher = Watcher { runs, others, known: BTreeMap::new(), broken: Vec::new(), reports };
    thread::spawn(move || {
        let lived = catch_unwind(AssertUnwindSafe(|| watcher.live(&askings)));
        if let Err(panic) = lived {
            let text = format!("runs are no longer watched: {}", panicked(panic.as_ref()));
            // A loop that is gone needs no answer.
            let _ = last_words.send(Report::Happened(Message::Failed(text)));
        }
    });
    sender
}

struct Watcher {
    runs: PathBuf,
    /// Runs to watch wherever they lie.
    others: Vec<RunDir>,
    known: BTreeMap<RunDir, Known>,
    broken: Vec<(String, String)>,
    reports: Sender<Report>,
}

struct Known {
    standing: Standing,
    tail: Tail,
    followed: Option<Followed>,
}

/// How far a followed run was reported.
#[derive(Default)]
struct Followed {
    tail: Tail,
    printed: u64,
}

impl Watcher {
    fn live(&mut self, askings: &Receiver<Asking>) {
        let changed = self.look_at_all();
        if self.reports.send(Report::Finished(Some(self.stood(changed)))).is_err() {
            return;
        }
        let mut looks = 0_u32;
        loop {
            let is_busy = self.known.values().any(|known| known.standing.state.is_alive());
            let pause = if is_busy { BUSY } else { QUIET };
            let is_asked = match askings.recv_timeout(pause) {
                Ok(asking) => self.asked(asking),
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            looks += 1;
            // New runs and those that rest are looked for less often than those that work.
            let all = is_asked || !is_busy || looks.is_multiple_of(8);
            if self.report(all).is_none() {
                return;
            }
        }
    }

    /// Takes in an asking; says whether everything is to be looked at.
    fn asked(&mut self, asking: Asking) -> bool {
        match asking {
            Asking::Follow(dir) => {
                let known = self.known.get_mut(&dir);
                let is_new = known.is_none();
                if let Some(known) = known {
                    known.followed.get_or_insert_default();
                } else {
                    self.others.push(dir);
                }
                is_new
            }
            Asking::Unfollow(dir) => {
                if let Some(known) = self.known.get_mut(&dir) {
                    known.followed = None;
                }
                false
            }
            Asking::Look => true,
        }
    }

    /// Reports what changed; nothing once nobody listens.
    fn report(&mut self, all: bool) -> Option<()> {
        let broken = self.broken.clone();
        let before: Vec<RunDir> = self.known.keys().cloned().collect();
        let changed = if all { self.look_at_all() } else { self.look_at_living() };
        let gone: Vec<RunDir> =
            before.into_iter().filter(|dir| !self.known.contains_key(dir)).collect();
        if !gone.is_empty() {
            self.send(Message::Vanished(gone))?;
        }
        if !changed.is_empty() || broken != self.broken {
            let stood = self.stood(changed);
            self.send(stood)?;
        }
        self.tell_stories()
    }

    fn send(&self, message: Message) -> Option<()> {
        self.reports.send(Report::Happened(message)).ok()
    }

    fn stood(&self, mut standings: Vec<Standing>) -> Message {
        standings.sort_by_key(|standing| age(&standing.dir));
        Message::Stood { standings, broken: self.broken.clone() }
    }

    /// Looks at every run on the disk; returns those that changed.
    fn look_at_all(&mut self) -> Vec<Standing> {
        let mut dirs = launch::list(&self.runs);
        let others = self.others.iter().filter(|dir| dir.recipe().exists() && !dirs.contains(dir));
        let others: Vec<_> = others.cloned().collect();
        dirs.extend(others);
        self.known.retain(|dir, _| dirs.contains(dir));
        self.broken.clear();
        let mut changed = Vec::new();
        for dir in dirs {
            if let Some(known) = self.known.get_mut(&dir) {
                changed.extend(known.look());
                continue;
            }
            match standing::open(&dir) {
                Err(error) => self.broken.push(named(&dir, &error)),
                Ok(standing) => {
                    let followed = self.others.contains(&dir).then(Followed::default);
                    let mut known = Known { standing, tail: Tail::default(), followed };
                    let _ = known.look();
                    changed.push(known.standing.clone());
                    self.known.insert(dir, known);
                }
            }
        }
        changed
    }

    fn look_at_living(&mut self) -> Vec<Standing> {
        let living = self.known.values_mut().filter(|known| known.standing.state.is_alive());
        living.filter_map(Known::look).collect()
    }

    /// Passes on what followed runs said since the last time.
    fn tell_stories(&mut self) -> Option<()> {
        for (dir, known) in &mut self.known {
            let Some(followed) = &mut known.followed else { continue };
            let events = followed.tail.read_new(&dir.events()).unwrap_or_default();
            if !events.is_empty() {
                self.reports.send(Report::Happened(Message::Heard(dir.clone(), events))).ok()?;
            }
            let lines = followed.printed_since(dir);
            if !lines.is_empty() {
                self.reports.send(Report::Happened(Message::Printed(dir.clone(), lines))).ok()?;
            }
        }
        Some(())
    }
}

impl Known {
    /// Takes in what is new; returns how it stands if that changed.
    fn look(&mut self) -> Option<Standing> {
        let before = self.standing.clone();
        standing::listen(&mut self.standing, &mut self.tail);
        (self.standing != before).then(|| self.standing.clone())
    }
}

impl Followed {
    /// Complete lines that the trainer printed since the last time.
    fn printed_since(&mut self, dir: &RunDir) -> Vec<String> {
        let Ok(mut file) = File::open(dir.worker_log()) else { return Vec::new() };
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
        text.lines().map(elth_core::quote::quote).collect()
    }
}

/// Runs in the order in which they were made: by the number at the end of their id.
fn age(dir: &RunDir) -> (u64, String) {
    let id = dir.id();
    let number = id.rsplit('-').next().and_then(|digits| digits.parse().ok());
    (number.unwrap_or(u64::MAX), id)
}
