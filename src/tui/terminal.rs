//! The terminal itself: taking it, giving it back whatever happens, and writing what changed on it.
//!
//! Frames are diffed here and not by `ratatui::Terminal`, because that one asks the terminal where its cursor
//! is when it clears, and waits for an answer that may never come.

mod scroll;

use std::io::{self, Write as _};

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    queue,
    style::{Print, ResetColor, SetAttribute, force_color_output},
    terminal::{
        self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate,
        EnterAlternateScreen, LeaveAlternateScreen,
    },
};
use ratatui::{
    backend::{Backend as _, CrosstermBackend},
    buffer::Buffer,
};

use crate::{layout::Size, theme::level::Ability};

/// The terminal while the workbench has it.
#[derive(Debug)]
pub struct Terminal {
    ability: Ability,
    shown: Buffer,
    next: Buffer,
    must_clear: bool,
    has_mouse: bool,
}

impl Terminal {
    /// Takes the terminal: alternate screen, raw keys, no cursor.
    ///
    /// # Errors
    /// When it cannot be switched.
    pub fn take(size: Size, ability: Ability, has_mouse: bool) -> io::Result<Self> {
        // Without colours we write none; crossterm's own way of that cancels inversion too.
        force_color_output(true);
        enter(has_mouse)?;
        let (shown, next) = (Buffer::empty(size.area()), Buffer::empty(size.area()));
        Ok(Self { ability, shown, next, must_clear: true, has_mouse })
    }

    /// Takes the terminal again after it was given back.
    ///
    /// # Errors
    /// When it cannot be switched.
    pub fn take_again(&mut self) -> io::Result<()> {
        enter(self.has_mouse)?;
        self.forget();
        Ok(())
    }

    /// Everything is to be drawn anew: somebody else may have written on the screen.
    pub fn forget(&mut self) {
        self.must_clear = true;
    }

    /// Another size.
    pub fn resize(&mut self, size: Size) {
        self.next = Buffer::empty(size.area());
        self.must_clear = true;
    }

    /// Rings the bell and says why, where the terminal can.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn ring(text: &str) -> io::Result<()> {
        write(&alarm(text))
    }

    /// Draws a frame and writes what changed, in one piece; nothing where nothing did.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.next.reset();
        paint(&mut self.next);
        self.ability.apply(&mut self.next);
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        if self.must_clear {
            self.shown = Buffer::empty(self.next.area);
            queue!(bytes, SetAttribute(crossterm::style::Attribute::Reset), Clear(ClearType::All))?;
        }
        let scroll = scroll::between(&self.shown, &self.next);
        if let Some(scroll) = scroll {
            bytes.extend(scroll.bytes().as_bytes());
            scroll.apply(&mut self.shown);
        }
        let changed = self.shown.diff(&self.next);
        if changed.is_empty() && scroll.is_none() && !self.must_clear {
            return Ok(());
        }
        CrosstermBackend::new(&mut bytes).draw(changed.into_iter())?;
        queue!(bytes, EndSynchronizedUpdate)?;
        self.must_clear = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        let mut output = io::stdout().lock();
        output.write_all(&bytes)?;
        output.flush()
    }
}

/// Presses, releases and drags, in the form that has no largest column; no motion without a button, which costs bytes.
const MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const NO_MOUSE: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Writes something that is no frame.
///
/// # Errors
/// When the terminal is gone.
pub fn write(bytes: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes.as_bytes())?;
    output.flush()
}

/// The bell, and for terminals that show notices (OSC 9) the words: control signs cannot be among them.
fn alarm(text: &str) -> String {
    let words: String = text.chars().filter(|letter| !letter.is_control()).collect();
    format!("\x07\x1b]9;{words}\x07")
}

fn enter(has_mouse: bool) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, Hide, EnableBracketedPaste)?;
    if has_mouse {
        bytes.extend(MOUSE.as_bytes());
    }
    let mut output = io::stdout().lock();
    output.write_all(&bytes)?;
    output.flush()
}

/// Gives the terminal back as it was; can be called at any time, and twice.
pub fn give_back() {
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        EndSynchronizedUpdate,
        Print(NO_MOUSE),
        DisableBracketedPaste,
        ResetColor,
        LeaveAlternateScreen,
        Show
    );
    // A terminal that is gone needs nothing back.
    let written = queued.and_then(|()| io::stdout().lock().write_all(&bytes));
    let _ = written.and_then(|()| io::stdout().lock().flush());
    let _ = terminal::disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_cannot_carry_sequences_of_others() {
        assert_eq!(alarm("run \x1b]2;x\x07 lost"), "\x07\x1b]9;run ]2;x lost\x07");
    }
}
