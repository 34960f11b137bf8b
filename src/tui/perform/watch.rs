//! The watcher: looks at the runs and reports what changed, and only that.

mod followed;
mod memory;
mod quiet;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant, SystemTime},
};

use elth_store::run::{
    control::Wanted,
    dir::RunDir,
    event_log::Tail,
    index::Resting,
    launch,
    rest::Rest,
    standing::{self, Standing, State},
};

use super::{named, panicked};
use crate::{Options, message::Message, runtime::Report};
use followed::Followed;
use memory::Memory;

/// While something runs: fast enough to feel live, slow enough to be free on a network disk.
const BUSY: Duration = Duration::from_millis(250);
/// While nothing does: another terminal may start a run at any time.
const QUIET: Duration = Duration::from_secs(2);

/// Bytes of a log's end that say how a run stands, until all of it was read.
const END: u64 = 64 << 10;

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
pub fn start(options: &Options, reports: Sender<Report>) -> Sender<Asking> {
    let (sender, askings) = mpsc::channel();
    let demo = options.demo.iter().flat_map(|demo| &demo.runs);
    let others = demo.map(|(_, dir)| dir.clone()).collect();
    let last_words = reports.clone();
    let (known, broken, memory) = (BTreeMap::new(), Vec::new(), None);
    let runs = options.home.runs();
    let mut watcher = Watcher { runs, others, known, broken, memory, reports };
    let place = options.remembered.clone();
    thread::spawn(move || {
        watcher.memory = place.map(Memory::read);
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
    /// What is known from the last time, until the first look is over.
    memory: Option<Memory>,
    reports: Sender<Report>,
}

struct Known {
    standing: Standing,
    tail: Tail,
    /// What is known until the whole log was read, where it is long.
    whole: Option<Standing>,
    /// Its files when it was looked at, where nobody worked on it.
    rest: Option<Rest>,
    /// Whether that is known from the last time.
    is_recalled: bool,
    /// Whether it was reported as silent.
    silent: bool,
    followed: Option<Followed>,
}

impl Watcher {
    fn live(&mut self, askings: &Receiver<Asking>) {
        let changed = self.look_at_all();
        if self.reports.send(Report::Finished(Some(self.stood(changed)))).is_err() {
            return;
        }
        let mut looked = Instant::now();
        loop {
            self.remember();
            let is_busy = self.known.values().any(|known| known.standing.state.is_alive());
            let pause = if self.has_more() {
                Duration::ZERO
            } else if is_busy {
                BUSY
            } else {
                QUIET
            };
            let is_asked = match askings.recv_timeout(pause) {
                Ok(asking) => self.asked(asking),
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let read: Vec<_> = self.known.values_mut().filter_map(Known::read_on).collect();
            if !read.is_empty() && self.send(self.stood(read)).is_none() {
                return;
            }
            // New runs and those that rest are looked for less often than those that work.
            let all = is_asked || looked.elapsed() >= QUIET;
            if all {
                looked = Instant::now();
            }
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
        self.tell_stories()?;
        self.tell_silences()
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
        let there: BTreeSet<&RunDir> = dirs.iter().collect();
        self.known.retain(|dir, _| there.contains(dir));
        self.broken.clear();
        let mut changed = Vec::new();
        for dir in dirs {
            if let Some(known) = self.known.get_mut(&dir) {
                changed.extend(known.look());
                continue;
            }
            if let Some(resting) = self.memory.as_ref().and_then(|memory| memory.recall(&dir)) {
                let known = Known::resting(resting);
                changed.push(known.standing.clone());
                self.known.insert(dir, known);
                continue;
            }
            match standing::open(&dir) {
                Err(error) => self.broken.push(named(&dir, &error)),
                Ok(standing) => {
                    let followed = self.others.contains(&dir).then(Followed::default);
                    let known = Known::of(standing, followed);
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

    /// Once all that rests was read, it is noted for the next time.
    fn remember(&mut self) {
        if self.has_more() {
            return;
        }
        let Some(memory) = self.memory.take() else { return };
        if let Some(news) = memory.news(self.known.values()) {
            // The index is for the next time; one that cannot be written is done without.
            thread::spawn(move || memory.tell(&news));
        }
    }

    /// Passes on what followed runs said since the last time, and a piece of what they said before.
    fn tell_stories(&mut self) -> Option<()> {
        for (dir, known) in &mut self.known {
            let Some(followed) = &mut known.followed else { continue };
            for message in followed.news(dir).into_iter().chain(followed.recall(dir)) {
                self.reports.send(Report::Happened(message)).ok()?;
            }
        }
        Some(())
    }

    /// Whether something long is being read.
    fn has_more(&self) -> bool {
        let past = |known: &Known| known.followed.as_ref().is_some_and(Followed::has_past);
        self.known.values().any(|known| known.whole.is_some() || past(known))
    }

    /// Says which runs have fallen silent, and which speak again.
    fn tell_silences(&mut self) -> Option<()> {
        let now = SystemTime::now();
        // How much a run has said is not known before its whole log was read.
        for (dir, known) in self.known.iter_mut().filter(|(_, known)| known.whole.is_none()) {
            let silence = quiet::silence(&known.standing, now);
            if silence.is_some() != known.silent {
                known.silent = silence.is_some();
                let message = Message::Silent(dir.clone(), silence.map(|it| it.as_secs()));
                self.reports.send(Report::Happened(message)).ok()?;
            }
        }
        Some(())
    }
}

impl Known {
    /// A run that was not known; of a long log only the end is read at first.
    fn of(standing: Standing, followed: Option<Followed>) -> Self {
        let (tail, whole, silent) = (Tail::default(), None, false);
        let rest = Rest::of(&standing.dir);
        let mut known = Self { standing, tail, whole, rest, is_recalled: false, silent, followed };
        let before = known.standing.clone();
        if standing::catch_up(&mut known.standing, &mut known.tail) {
            known.look_at_end(before);
        }
        known.rest.take_if(|_| known.standing.state.is_alive());
        known
    }

    /// A run that rests since the last time.
    fn resting(Resting { standing, tail, rest }: Resting) -> Self {
        let (whole, rest, followed) = (None, Some(rest), None);
        Self { standing, tail, whole, rest, is_recalled: true, silent: false, followed }
    }

    /// The first piece says how much there is to do, the last how far it is; the rest is read later.
    fn look_at_end(&mut self, unread: Standing) {
        let mut end = Tail::near_end(&self.standing.dir.events(), END).unwrap_or_default();
        let whole = std::mem::replace(&mut self.standing, unread);
        self.standing.said = whole.said.clone();
        standing::catch_up(&mut self.standing, &mut end);
        self.whole = Some(whole);
    }

    /// Reads one piece more of a long log; returns how it stands when that was the last.
    fn read_on(&mut self) -> Option<Standing> {
        if standing::catch_up(self.whole.as_mut()?, &mut self.tail) {
            return None;
        }
        self.standing = self.whole.take()?;
        Some(self.standing.clone())
    }

    /// Takes in what is new; returns how it stands if that changed.
    fn look(&mut self) -> Option<Standing> {
        if self.whole.is_some() {
            return None;
        }
        let rest = Rest::of(&self.standing.dir);
        if rest.is_some() && rest == self.rest {
            return None;
        }
        let before = self.place();
        while standing::catch_up(&mut self.standing, &mut self.tail) {}
        self.rest = rest.filter(|_| !self.standing.state.is_alive());
        (self.place() != before).then(|| self.standing.clone())
    }

    /// Where it stands, by what can change: a loss that is no number differs from itself.
    fn place(&self) -> (u64, State, Option<String>, Wanted) {
        let Standing { state, reason, wanted, .. } = &self.standing;
        (self.tail.offset(), *state, reason.clone(), *wanted)
    }
}

/// Runs in the order in which they were made: by the number at the end of their id.
fn age(dir: &RunDir) -> (u64, String) {
    let id = dir.id();
    let number = id.rsplit('-').next().and_then(|digits| digits.parse().ok());
    (number.unwrap_or(u64::MAX), id)
}

#[cfg(test)]
mod tests {
    use elth_store::run::{event::Event, event_log::Writer, lease::Lease};

    use super::*;
    use crate::trying::{progress, standing};

    #[test]
    fn a_paused_run_whose_loss_is_no_number_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        let _trainer = Lease::take(&dir.lease()).unwrap().unwrap();
        let mut log = Writer::open(&dir.events()).unwrap();
        log.append(&progress(7, 0.5)).unwrap();
        let run = Standing { dir, ..standing("train-1", State::Running, 0) };
        let mut known = Known::of(run, None);
        log.append(&progress(8, f64::NAN)).unwrap();
        log.append(&Event::Answered { number: 1, state: "paused".to_owned() }).unwrap();
        let told = known.look().unwrap();
        assert!(told.said.train_loss.unwrap().is_nan() && told.state == State::Paused);
        assert!(known.look().is_none(), "nothing has changed");
        log.append(&progress(9, f64::NAN)).unwrap();
        assert!(known.look().is_some(), "it spoke");
    }
}
