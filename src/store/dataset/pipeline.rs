//! Pictures decoded and framed on several threads, handed out in the order in which they were asked for.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use elth_unpack::{Picture, picture::CannotDecode};

use crate::dataset::{
    Error, Images, Name, Split,
    framing::{self, Framing, Look},
};

/// 64 MiB: larger than any picture that decodes within the limits of `elth-unpack` in practice.
const MOST_BYTES: u64 = 1 << 26;

/// An example and how it is looked at.
pub type Job = (usize, Look);

/// What the threads share.
#[derive(Debug)]
struct Desk {
    name: Name,
    split: Split,
    framing: Framing,
    jobs: Vec<Job>,
    /// How many images may lie ready.
    ahead: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The next job that no thread has taken.
    taken: usize,
    /// Images that were handed out.
    given: usize,
    ready: BTreeMap<usize, Result<Picture, Error>>,
    is_over: bool,
}

/// A row of jobs at work; dropping it ends the threads.
#[derive(Debug)]
pub struct Pipeline {
    desk: Arc<Desk>,
    threads: Vec<JoinHandle<()>>,
}

impl Pipeline {
    /// Starts the threads on jobs; no more than `ahead` images wait at a time.
    #[must_use]
    pub fn start(
        name: Name,
        split: &Split,
        framing: Framing,
        jobs: Vec<Job>,
        [threads, ahead]: [usize; 2],
    ) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let (split, ahead) = (split.clone(), ahead.max(1));
        let desk = Arc::new(Desk { name, split, framing, jobs, ahead, state, changed });
        let worker = |_| {
            let desk = Arc::clone(&desk);
            thread::spawn(move || desk.work())
        };
        let threads = (0..threads.max(1)).map(worker).collect();
        Self { desk, threads }
    }

    /// Jobs whose image was handed out.
    #[must_use]
    pub fn given(&self) -> usize {
        self.desk.state().given
    }
}

impl Iterator for Pipeline {
    type Item = Result<Picture, Error>;

    /// The next image in the order of the jobs, waiting for it.
    fn next(&mut self) -> Option<Self::Item> {
        let mut state = self.desk.state();
        let wanted = state.given;
        if wanted >= self.desk.jobs.len() {
            return None;
        }
        loop {
            if let Some(image) = state.ready.remove(&wanted) {
                state.given += 1;
                self.desk.changed.notify_all();
                return Some(image);
            }
            state = self.desk.wait(state);
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.desk.state().is_over = true;
        self.desk.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to say here.
            let _ended = thread.join();
        }
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(at) = self.take() {
            let image = self.image(self.jobs[at]);
            self.state().ready.insert(at, image);
            self.changed.notify_all();
        }
    }

    /// The next job, once there is room for what it gives.
    fn take(&self) -> Option<usize> {
        let mut state = self.state();
        while !state.is_over && state.taken < self.jobs.len() {
            if state.taken < state.given + self.ahead {
                state.taken += 1;
                return Some(state.taken - 1);
            }
            state = self.wait(state);
        }
        None
    }

    fn image(&self, (example, look): Job) -> Result<Picture, Error> {
        let frame = |picture: &Picture| self.framing.frame(picture, look);
        match &self.split.images {
            Images::Values(_) => Ok(frame(&framing::picture(&self.split, example))),
            Images::Files(files) => {
                let path = &files[example];
                let picture = decode(path);
                let damaged = |why| Error::Damaged { set: self.name, path: path.clone(), why };
                picture.map(|picture| frame(&picture)).map_err(damaged)
            }
        }
    }
}

/// Decodes every picture of a split on every core, and says what is wrong with which.
#[must_use]
pub fn damaged(name: Name, split: &Split) -> Vec<String> {
    let Images::Files(files) = &split.images else { return Vec::new() };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let flaw = |path: &PathBuf| {
        let why = decode(path).err()?;
        Some(Error::Damaged { set: name, path: path.clone(), why }.to_string())
    };
    thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(threads).max(1));
        let workers: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().filter_map(flaw).collect::<Vec<_>>()))
            .collect();
        let flaws = workers.into_iter().map(|worker| worker.join().unwrap_or_default());
        flaws.collect::<Vec<_>>().concat()
    })
}

/// The picture in a file, else why there is none.
///
/// # Errors
/// Where it cannot be read, is too long or no picture; in words.
pub fn decode(path: &Path) -> Result<Picture, String> {
    let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > MOST_BYTES {
        return Err(format!("it has {length} bytes, more than a picture may"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    // A decoder that breaks on a hostile file must not take the run with it.
    catch_unwind(AssertUnwindSafe(|| Picture::decode(&bytes)))
        .unwrap_or_else(|_| Err(CannotDecode::Damaged("the decoder broke on it".to_owned())))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
