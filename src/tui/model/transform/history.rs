//! What was answered before: undo and redo.

/// Answers before each change, the oldest first, and those that were taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    past: Vec<Vec<String>>,
    future: Vec<Vec<String>>,
    /// The line that is being typed into: its letters are one change.
    typing: Option<&'static str>,
}

impl History {
    /// Keeps the answers before a change of that line.
    pub fn note(&mut self, before: Vec<String>, line: &'static str) {
        self.future.clear();
        if self.typing != Some(line) {
            self.past.push(before);
        }
        self.typing = Some(line);
    }

    /// What comes is a change of its own.
    pub fn pause(&mut self) {
        self.typing = None;
    }

    /// The answers before the last change, given those now.
    pub fn undo(&mut self, now: Vec<String>) -> Option<Vec<String>> {
        self.pause();
        let before = self.past.pop()?;
        self.future.push(now);
        Some(before)
    }

    /// The answers that were taken back last, given those now.
    pub fn redo(&mut self, now: Vec<String>) -> Option<Vec<String>> {
        self.pause();
        let after = self.future.pop()?;
        self.past.push(now);
        Some(after)
    }

    /// Whether there is something to take back, and something to do again.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        (self.past.len(), self.future.len())
    }
}
