//! Ctrl-C: ends a command with exit status 130, unless the command has something to say first.

use std::{
    process,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::{Context as _, Result};
use signal_hook::{consts::SIGINT, flag, iterator::Signals};

use crate::cli::failure::INTERRUPTED;

static HEARD: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static TAKEN: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C ends this program with its exit status, not by the signal.
pub fn listen() -> Result<()> {
    let deaf = "cannot listen to Ctrl-C";
    flag::register(SIGINT, Arc::clone(&HEARD)).context(deaf)?;
    let mut signals = Signals::new([SIGINT]).context(deaf)?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if !TAKEN.load(Ordering::Relaxed) {
                process::exit(INTERRUPTED.into());
            }
        }
    });
    Ok(())
}

/// Leaves Ctrl-C to whoever calls this and then looks at [`heard`].
pub fn take() {
    TAKEN.store(true, Ordering::Relaxed);
}

/// Whether there was a Ctrl-C.
pub fn heard() -> bool {
    HEARD.load(Ordering::Relaxed)
}
