//! How curves are looked at: along what, how smoothed, which part, and where the cursor stands.

use serde::{Deserialize, Serialize};

use crate::keymap::Action;

/// What lies on the horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Along {
    /// Steps of the whole run.
    #[default]
    Step,
    /// Epochs.
    Epoch,
    /// Time spent on training, evaluations left out.
    Time,
}

/// Weights of the past in an exponential moving average; none first.
const SMOOTHINGS: [f64; 4] = [0.0, 0.6, 0.9, 0.97];

/// The part of the visible width that the cursor moves by.
const STRIDE: f64 = 0.02;

/// The least part of the whole that can be zoomed to.
const LEAST: f64 = 1.0 / 256.0;

/// How curves are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// What lies on the horizontal axis.
    pub along: Along,
    smoothing: usize,
    /// Where the cursor stands, as a share of the whole.
    pub cursor: Option<f64>,
    /// The visible part, as shares of the whole.
    pub window: (f64, f64),
}

impl Default for Lens {
    fn default() -> Self {
        Self { along: Along::Step, smoothing: 0, cursor: None, window: (0.0, 1.0) }
    }
}

impl Along {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::Time => "time",
        }
    }
}

impl Lens {
    /// The weight of the past, where curves are smoothed.
    #[must_use]
    pub fn smoothing(&self) -> Option<f64> {
        (self.smoothing > 0).then(|| SMOOTHINGS[self.smoothing])
    }

    /// Does what is asked for; says whether it was meant.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Along => {
                self.along = match self.along {
                    Along::Step => Along::Epoch,
                    Along::Epoch => Along::Time,
                    Along::Time => Along::Step,
                };
            }
            Action::Smoothing => self.smoothing = (self.smoothing + 1) % SMOOTHINGS.len(),
            Action::CursorBack => self.move_cursor(-STRIDE),
            Action::CursorOn => self.move_cursor(STRIDE),
            Action::ZoomIn => self.zoom(0.5),
            Action::ZoomOut => self.zoom(2.0),
            _ => return false,
        }
        true
    }

    /// Puts the cursor at that share of the visible part.
    pub fn point(&mut self, share: f64) {
        let (from, to) = self.window;
        self.cursor = Some((from + share.clamp(0.0, 1.0) * (to - from)).clamp(0.0, 1.0));
    }

    /// Makes the window so many times as wide, around that share of the visible part.
    pub fn zoom_at(&mut self, times: f64, share: f64) {
        let (from, to) = self.window;
        let (at, share) = (from + share * (to - from), share.clamp(0.0, 1.0));
        self.widen(times, at, share);
    }

    /// Axis and smoothing alone: over the whole, without a cursor.
    #[must_use]
    pub fn settings(&self) -> Self {
        Self { cursor: None, window: (0.0, 1.0), ..*self }
    }

    /// The number of the smoothing, none first.
    #[must_use]
    pub fn smoothing_number(&self) -> usize {
        self.smoothing
    }

    /// Such settings; a smoothing that there is not is none.
    #[must_use]
    pub fn of(along: Along, smoothing: usize) -> Self {
        let smoothing = if smoothing < SMOOTHINGS.len() { smoothing } else { 0 };
        Self { along, smoothing, ..Self::default() }
    }

    /// Takes the cursor away, then shows the whole; says whether there was anything to undo.
    pub fn reset(&mut self) -> bool {
        if self.cursor.take().is_some() {
            return true;
        }
        std::mem::replace(&mut self.window, (0.0, 1.0)) != (0.0, 1.0)
    }

    /// What a smoothed curve is called, after its name.
    #[must_use]
    pub fn words(&self, is_logarithmic: bool) -> String {
        let mut words = vec![format!("by {}", self.along.name())];
        words.extend(is_logarithmic.then(|| "logarithmic".to_owned()));
        words.extend(self.smoothing().map(|factor| format!("EMA {factor}")));
        let (from, to) = self.window;
        words.extend((to - from < 1.0).then(|| format!("zoom ×{:.0}", 1.0 / (to - from))));
        words.join(", ")
    }

    /// Moves the cursor, which comes in at an end of what is seen, and what is seen with it.
    fn move_cursor(&mut self, by: f64) {
        let (from, to) = self.window;
        let at = match self.cursor {
            None if by < 0.0 => to,
            None => from,
            Some(at) => at + by * (to - from),
        };
        let at = at.clamp(0.0, 1.0);
        self.cursor = Some(at);
        let shift = (at - to).max(0.0) + (at - from).min(0.0);
        self.window = (from + shift, to + shift);
    }

    /// Makes the window so many times as wide, around the cursor or the right end.
    fn zoom(&mut self, times: f64) {
        let (from, to) = self.window;
        let (at, share) = match self.cursor {
            Some(at) if (from..=to).contains(&at) => (at, (at - from) / (to - from)),
            _ => (to, 1.0),
        };
        self.widen(times, at, share);
    }

    /// Another width of the window, in which a place lies at that share.
    fn widen(&mut self, times: f64, at: f64, share: f64) {
        let (from, to) = self.window;
        let wide = ((to - from) * times).clamp(LEAST, 1.0);
        let from = (at - share * wide).clamp(0.0, 1.0 - wide);
        self.window = (from, from + wide);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: &[Action]) -> Lens {
        let mut lens = Lens::default();
        for action in actions {
            assert!(lens.act(*action));
        }
        lens
    }

    #[test]
    fn the_axis_and_the_smoothing_go_round() {
        assert_eq!(after(&[Action::Along; 3]), Lens::default());
        assert_eq!(after(&[Action::Smoothing; 4]), Lens::default());
        let lens = after(&[Action::Along, Action::Smoothing, Action::ZoomIn, Action::ZoomIn]);
        assert_eq!(lens.words(true), "by epoch, logarithmic, EMA 0.6, zoom ×4");
        assert!(!Lens::default().act(Action::Quit));
    }

    #[test]
    fn a_pointer_puts_the_cursor_and_zooms_around_itself() {
        let mut lens = after(&[Action::ZoomIn]);
        lens.point(0.5);
        assert_eq!(lens.cursor, Some(0.75));
        lens.zoom_at(0.5, 0.5);
        assert_eq!(lens.window, (0.625, 0.875));
        lens.zoom_at(4.0, 0.0);
        assert_eq!(lens.window, (0.0, 1.0));
    }

    #[test]
    fn the_window_stays_within_the_whole_and_follows_the_cursor() {
        assert_eq!(after(&[Action::ZoomIn]).window, (0.5, 1.0));
        assert_eq!(after(&[Action::ZoomOut]).window, (0.0, 1.0));
        let mut lens = after(&[Action::ZoomIn; 20]);
        for _ in 0..200 {
            lens.act(Action::CursorBack);
            let (from, to) = lens.window;
            let at = lens.cursor.unwrap();
            assert!(from >= -1e-9 && to <= 1.0 + 1e-9 && at >= from - 1e-9 && at <= to + 1e-9);
        }
        assert!(lens.reset() && lens.reset() && !lens.reset());
    }
}
