//! A workbench in a pseudo-terminal, with an emulator behind it that knows what the screen shows.

use std::{
    io::{Read as _, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Parser, Screen};

/// Nothing that is waited for takes this long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// A screen that has not changed for so long is finished.
const REST: Duration = Duration::from_millis(600);

/// A workbench that is closed when this is dropped.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    /// Held open: the workbench would be hung up.
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    screen: Parser,
    changed: Instant,
}

impl Session {
    /// Opens the workbench as if for the first time, in all colours.
    pub fn open(elth: &Path, home: &str, theme: &str, (cols, rows): (u16, u16)) -> Result<Self> {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(elth);
        command.args(["--fresh", "--theme", theme, "--home", home]);
        command.env_clear();
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("COLORTERM", "truecolor"),
            ("LANG", "C.UTF-8"),
            ("HOME", home),
        ] {
            command.env(name, value);
        }
        command.cwd(home);
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let screen = Parser::new(rows, cols, 0);
        let seen = Arc::new(Mutex::new(Seen { screen, changed: Instant::now() }));
        let mut output = pair.master.try_clone_reader()?;
        let watched = Arc::clone(&seen);
        thread::spawn(move || {
            let mut piece = vec![0; 1 << 16];
            while let Ok(read @ 1..) = output.read(&mut piece) {
                let mut seen = watched.lock().unwrap_or_else(PoisonError::into_inner);
                seen.screen.process(&piece[..read]);
                seen.changed = Instant::now();
            }
        });
        let keys = pair.master.take_writer()?;
        Ok(Self { child, _master: pair.master, keys, seen })
    }

    /// Types bytes as a terminal sends them.
    pub fn types(&mut self, bytes: &str) -> Result<()> {
        self.keys.write_all(bytes.as_bytes())?;
        self.keys.flush().context("the workbench is gone")
    }

    /// Waits until the screen has this text.
    pub fn shows(&self, text: &str) -> Result<()> {
        let since = Instant::now();
        while !self.ask(|seen| seen.screen.screen().contents().contains(text)) {
            if since.elapsed() > PATIENCE {
                let screen = self.ask(|seen| seen.screen.screen().contents());
                bail!("waited for `{text}` in vain on\n{screen}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What can be made of the screen once it rests.
    pub fn rests<T>(&self, make: impl FnOnce(&Screen) -> T) -> Result<T> {
        let since = Instant::now();
        while self.ask(|seen| seen.changed.elapsed() < REST) {
            if since.elapsed() > PATIENCE {
                bail!("the screen never rests");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self.ask(|seen| make(seen.screen.screen())))
    }

    fn ask<T>(&self, question: impl FnOnce(&Seen) -> T) -> T {
        question(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that has left already needs no end.
        let _ = self.types("\x03");
        let _ = self.child.wait();
    }
}
