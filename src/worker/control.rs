//! The wanted state, looked at between steps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use elth_store::run::{
    control::{self, Control, Wanted},
    dir::RunDir,
};
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};

/// 50 ms: a pause feels immediate, and reading a file this often costs nothing beside training.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What somebody wants, and which wishes were answered.
#[derive(Debug)]
pub struct Wishes {
    dir: RunDir,
    told_to_end: Arc<AtomicBool>,
    answered: u64,
    looked: Option<Instant>,
}

impl Wishes {
    /// Begins to listen; SIGTERM and SIGINT count as the wish to stop.
    pub fn listen(dir: &RunDir) -> Result<Self> {
        let told_to_end = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register(signal, Arc::clone(&told_to_end))
                .context("cannot listen to signals")?;
        }
        // A file-size limit shall be an error of the write that met it, not the end of the process.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))
            .context("cannot listen to signals")?;
        Ok(Self { dir: dir.clone(), told_to_end, answered: 0, looked: None })
    }

    /// The wish that was not answered yet; asks the disk only so often.
    pub fn news(&mut self) -> Option<Control> {
        if self.told_to_end() {
            return Some(Control { number: self.answered, wanted: Wanted::Stop });
        }
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return None;
        }
        let news = self.unanswered();
        // A wish is heard again at once until it is answered.
        self.looked = if news.is_none() { Some(Instant::now()) } else { None };
        news
    }

    /// Whether somebody wants it to pause or stop.
    pub fn is_wanted_elsewhere(&mut self) -> bool {
        self.news().is_some_and(|control| control.wanted != Wanted::Run)
    }

    /// Whether a signal asked for the end.
    pub fn told_to_end(&self) -> bool {
        self.told_to_end.load(Ordering::Relaxed)
    }

    /// Notes that a wish was answered.
    pub fn answered(&mut self, number: u64) {
        self.answered = number;
    }

    fn unanswered(&self) -> Option<Control> {
        // Half a file cannot be met, and what cannot be read now is read the next time.
        let control = control::read(&self.dir).ok()?;
        (control.number != self.answered).then_some(control)
    }
}
