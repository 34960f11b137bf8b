//! How curves are looked at: along what, how smoothed, which part, and where the cursor stands.
//!
//! Places are shares of the whole plan, so that nothing moves while a run goes on. How far there is anything to see
//! is its reach: without a zoom the axis ends a little beyond it, and the cursor never leaves it.

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

/// The least part of what there is that can be zoomed to.
const LEAST: f64 = 1.0 / 256.0;

/// How curves are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// What lies on the horizontal axis.
    pub along: Along,
    smoothing: usize,
    /// Where the cursor stands, as a share of the whole.
    pub cursor: Option<f64>,
    /// The visible part, as shares of the whole; none: all that there is.
    window: Option<(f64, f64)>,
}

impl Default for Lens {
    fn default() -> Self {
        Self { along: Along::Step, smoothing: 0, cursor: None, window: None }
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

    /// The visible part, as shares of the whole, of curves that reach that far.
    #[must_use]
    pub fn seen(&self, reach: f64) -> (f64, f64) {
        self.window.unwrap_or((0.0, fitting(reach)))
    }

    /// Does what is asked for, with curves that reach that far; says whether it was meant.
    pub fn act(&mut self, action: Action, reach: f64) -> bool {
        match action {
            Action::Along => self.turn(),
            Action::Smoothing => self.smoothing = (self.smoothing + 1) % SMOOTHINGS.len(),
            Action::CursorBack => self.move_cursor(-STRIDE, reach),
            Action::CursorOn => self.move_cursor(STRIDE, reach),
            Action::ZoomIn => self.zoom(0.5, reach),
            Action::ZoomOut => self.zoom(2.0, reach),
            _ => return false,
        }
        true
    }

    /// Puts the cursor at that share of the visible part.
    pub fn point(&mut self, share: f64, reach: f64) {
        let (from, to) = self.seen(reach);
        self.cursor = Some((from + share.clamp(0.0, 1.0) * (to - from)).clamp(0.0, reach));
    }

    /// Makes the window so many times as wide, around that share of the visible part.
    pub fn zoom_at(&mut self, times: f64, share: f64, reach: f64) {
        let (from, to) = self.seen(reach);
        let (at, share) = (from + share * (to - from), share.clamp(0.0, 1.0));
        self.widen(times, at, share, reach);
    }

    /// Axis and smoothing alone: over the whole, without a cursor.
    #[must_use]
    pub fn settings(&self) -> Self {
        Self { cursor: None, window: None, ..*self }
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

    /// Takes the cursor away, then shows all that there is; says whether there was anything to undo.
    pub fn reset(&mut self) -> bool {
        if self.cursor.take().is_some() {
            return true;
        }
        self.window.take().is_some()
    }

    /// What a smoothed curve is called, after its name.
    #[must_use]
    pub fn words(&self, is_logarithmic: bool, reach: f64) -> String {
        let mut words = vec![format!("by {}", self.along.name())];
        words.extend(is_logarithmic.then(|| "logarithmic".to_owned()));
        words.extend(self.smoothing().map(|factor| format!("EMA {factor}")));
        let (from, to) = self.seen(reach);
        let times = fitting(reach) / (to - from);
        words.extend((times >= 1.5).then(|| format!("zoom ×{times:.0}")));
        words.join(", ")
    }

    /// The next axis; a place in time is another share of the whole.
    fn turn(&mut self) {
        let before = self.along;
        self.along = match before {
            Along::Step => Along::Epoch,
            Along::Epoch => Along::Time,
            Along::Time => Along::Step,
        };
        if self.along == Along::Time || before == Along::Time {
            (self.cursor, self.window) = (None, None);
        }
    }

    /// Moves the cursor, which comes in at an end of what is seen, and what is seen with it.
    fn move_cursor(&mut self, by: f64, reach: f64) {
        let (from, to) = self.seen(reach);
        let at = match self.cursor {
            None if by < 0.0 => to,
            None => from,
            Some(at) => at + by * (to - from),
        };
        let at = at.clamp(0.0, reach);
        self.cursor = Some(at);
        let shift = (at - to).max(0.0) + (at - from).min(0.0);
        if shift != 0.0 {
            self.window = Some((from + shift, to + shift));
        }
    }

    /// Makes the window so many times as wide, around the cursor or the last point there is.
    fn zoom(&mut self, times: f64, reach: f64) {
        let (from, to) = self.seen(reach);
        let cursor = self.cursor.filter(|at| (from..=to).contains(at));
        let at = cursor.unwrap_or_else(|| to.min(reach.max(from)));
        self.widen(times, at, (at - from) / (to - from), reach);
    }

    /// Another width of the window, in which a place lies at that share.
    fn widen(&mut self, times: f64, at: f64, share: f64, reach: f64) {
        let (from, to) = self.seen(reach);
        let all = fitting(reach);
        let wide = ((to - from) * times).clamp(LEAST * all, 1.0);
        let from = (at - share * wide).clamp(0.0, 1.0 - wide);
        let is_all = from <= 0.0 && (wide - all).abs() < 1e-9;
        self.window = (!is_all).then_some((from, from + wide));
    }
}

/// Where the axis ends that shows all of curves that reach that far: the end of the plan, or the nearest of few places,
/// each a seventh further than the one before, so that the axis rarely changes while a run goes on.
fn fitting(reach: f64) -> f64 {
    const FURTHER: f64 = 1.15;
    if reach <= 0.0 || reach >= 1.0 {
        return 1.0;
    }
    FURTHER.powf(-(reach.recip().ln() / FURTHER.ln()).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: &[Action]) -> Lens {
        let mut lens = Lens::default();
        for action in actions {
            assert!(lens.act(*action, 1.0));
        }
        lens
    }

    #[test]
    fn the_axis_and_the_smoothing_go_round() {
        assert_eq!(after(&[Action::Along; 3]), Lens::default());
        assert_eq!(after(&[Action::Smoothing; 4]), Lens::default());
        let lens = after(&[Action::Along, Action::Smoothing, Action::ZoomIn, Action::ZoomIn]);
        assert_eq!(lens.words(true, 1.0), "by epoch, logarithmic, EMA 0.6, zoom ×4");
        assert!(!Lens::default().act(Action::Quit, 1.0));
    }

    #[test]
    fn a_pointer_puts_the_cursor_and_zooms_around_itself() {
        let mut lens = after(&[Action::ZoomIn]);
        lens.point(0.5, 1.0);
        assert_eq!(lens.cursor, Some(0.75));
        lens.zoom_at(0.5, 0.5, 1.0);
        assert_eq!(lens.seen(1.0), (0.625, 0.875));
        lens.zoom_at(4.0, 0.0, 1.0);
        assert_eq!(lens.seen(1.0), (0.0, 1.0));
    }

    #[test]
    fn the_window_stays_within_the_whole_and_follows_the_cursor() {
        assert_eq!(after(&[Action::ZoomIn]).seen(1.0), (0.5, 1.0));
        assert_eq!(after(&[Action::ZoomOut]).seen(1.0), (0.0, 1.0));
        let mut lens = after(&[Action::ZoomIn; 20]);
        for _ in 0..200 {
            lens.act(Action::CursorBack, 1.0);
            let (from, to) = lens.seen(1.0);
            let at = lens.cursor.unwrap();
            assert!(from >= -1e-9 && to <= 1.0 + 1e-9 && at >= from - 1e-9 && at <= to + 1e-9);
        }
        assert!(lens.reset() && lens.reset() && !lens.reset());
    }

    #[test]
    fn of_a_run_that_goes_on_what_there_is_is_seen_and_gone_through() {
        for reach in [0.001, 0.03, 0.11, 0.5, 0.99] {
            let (from, to) = Lens::default().seen(reach);
            assert!(from == 0.0 && to >= reach && to < 1.16 * reach, "{reach}: {to}");
            let mut lens = Lens::default();
            lens.act(Action::CursorBack, reach);
            assert_eq!(lens.cursor, Some(reach));
            lens.act(Action::CursorOn, reach);
            assert_eq!(lens.cursor, Some(reach), "it stays where there is something");
            lens.act(Action::ZoomIn, reach);
            let (from, to) = lens.seen(reach);
            assert!(from < reach && reach <= to, "{reach}: {from} to {to}");
            assert_eq!(lens.words(false, reach), "by step, zoom ×2");
        }
    }

    #[test]
    fn zooming_out_shows_the_whole_plan_and_back_what_there_is() {
        let mut lens = Lens::default();
        for _ in 0..5 {
            lens.act(Action::ZoomOut, 0.11);
        }
        assert_eq!(lens.seen(0.11), (0.0, 1.0));
        assert!(lens.reset() && !lens.reset());
        assert!(lens.seen(0.11).1 < 0.13);
    }
}
