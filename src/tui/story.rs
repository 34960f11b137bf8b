//! What a run has told so far: its curves, its levels, its health, and a line for each thing it said.
//!
//! A story is as large for a million events as for ten thousand. Of a long log its end is told first;
//! the past is put before it when it was read.

pub mod line;
pub mod trace;

use std::collections::{BTreeMap, VecDeque};

use elth_store::run::{curve::Metric, event::Event};

pub use line::{Line, Voice};
pub use trace::Trace;

/// Lines kept: more than anybody scrolls back here; the files hold all.
pub const LINES: usize = 10_000;

/// A followed run's story.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Story {
    /// Mean training loss by step.
    pub train_loss: Trace,
    /// Test loss by step.
    pub test_loss: Trace,
    /// Test accuracy by step.
    pub test_accuracy: Trace,
    /// Learning rate by step.
    pub lr: Trace,
    /// Norm of the gradient by step.
    pub gradient_norm: Trace,
    /// Steps per image and second summed: times the images of a step, the seconds of training until then.
    pub clock: Trace,
    /// What each level ended at so far.
    pub levels: BTreeMap<u32, Level>,
    /// How sound it was last.
    pub health: Option<Health>,
    /// Whether its masks move while it trains, as they are meant to.
    pub masks_move: bool,
    /// Everything said, the oldest first.
    pub lines: VecDeque<Line>,
    /// Lines said that are not kept any more.
    pub dropped: usize,
    /// The least step that a trainer went on from.
    resumed: Option<u64>,
}

/// A level of iterative magnitude pruning.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Level {
    /// Last test accuracy.
    pub accuracy: Option<f64>,
    /// Kept weights of its ticket.
    pub kept: Option<usize>,
}

/// How sound a training is, and whether its masks are what they were.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// The level, for `imp`.
    pub level: Option<u32>,
    /// Epoch that ended.
    pub epoch: u64,
    /// Norm of the last gradient; none where it is no number.
    pub gradient_norm: Option<f64>,
    /// Dead output channels, and all.
    pub dead_channels: Option<(u64, u64)>,
    /// Checksum of the masks.
    pub mask: Option<String>,
    /// The checksum that this level began with.
    pub first_mask: Option<String>,
}

impl Story {
    /// Takes in one more event, with its line.
    pub fn hear(&mut self, event: &Event) {
        self.take(event);
        if let Some(line) = line::of(event) {
            self.keep(line);
        }
    }

    /// Takes in one more event that nobody will read the line of.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Started { step, .. } => self.go_on_from(*step),
            Event::Progress { step, train_loss, lr, images_per_second, .. } => {
                self.hear_clock(*step, *images_per_second);
                self.train_loss.hear(*step, *train_loss);
                self.lr.hear(*step, *lr);
            }
            Event::Evaluated { step, level, test_loss, test_accuracy, .. } => {
                self.test_loss.hear(*step, *test_loss);
                self.test_accuracy.hear(*step, *test_accuracy);
                if let Some(level) = level {
                    self.levels.entry(*level).or_default().accuracy = Some(*test_accuracy);
                }
            }
            Event::Wrote { level: Some(level), kept: Some(kept), .. } => {
                self.levels.entry(*level).or_default().kept = Some(*kept);
            }
            Event::Health { .. } => self.hear_health(event),
            Event::Moving { .. } | Event::Moved { .. } => self.masks_move = true,
            _ => {}
        }
    }

    /// Whether the masks are other ones than at the beginning, which must not be unless they are meant to move.
    #[must_use]
    pub fn mask_changed(&self) -> bool {
        let differs = |health: &Health| health.mask != health.first_mask;
        !self.masks_move && self.health.as_ref().is_some_and(differs)
    }

    /// Adds a line.
    pub fn say(&mut self, voice: Voice, text: String) {
        self.keep(Line { voice, text });
    }

    /// The trace of a metric.
    #[must_use]
    pub fn trace(&self, metric: Metric) -> &Trace {
        match metric {
            Metric::TrainLoss => &self.train_loss,
            Metric::TestLoss => &self.test_loss,
            Metric::TestAccuracy => &self.test_accuracy,
            Metric::Lr => &self.lr,
        }
    }

    /// Puts what was told earlier before this.
    pub fn prepend(&mut self, mut past: Self) {
        if let Some(step) = self.resumed {
            past.go_on_from(step);
        }
        self.clock.raise(past.clock.last().map_or(0.0, |(_, seconds)| seconds));
        let earlier = past.traces_mut().map(std::mem::take);
        for (ours, theirs) in self.traces_mut().into_iter().zip(earlier) {
            ours.prepend(theirs);
        }
        for (level, ended) in past.levels {
            let ours = self.levels.entry(level).or_default();
            ours.accuracy = ours.accuracy.or(ended.accuracy);
            ours.kept = ours.kept.or(ended.kept);
        }
        self.adopt_health(past.health);
        self.masks_move |= past.masks_move;
        self.resumed = self.resumed.min(past.resumed).or(past.resumed);
        self.dropped += past.dropped;
        let room = LINES.saturating_sub(self.lines.len());
        self.dropped += past.lines.len().saturating_sub(room);
        past.lines.into_iter().rev().take(room).for_each(|line| self.lines.push_front(line));
    }

    fn go_on_from(&mut self, step: u64) {
        self.resumed = Some(self.resumed.map_or(step, |before| before.min(step)));
        self.traces_mut().into_iter().for_each(|trace| trace.cut(step));
    }

    fn hear_health(&mut self, event: &Event) {
        let Event::Health {
            step, level, epoch, gradient_norm, dead_channels, channels, mask, ..
        } = event
        else {
            return;
        };
        if let Some(norm) = gradient_norm {
            self.gradient_norm.hear(*step, *norm);
        }
        let before = self.health.take().filter(|before| before.level == *level);
        let first_mask = before.map_or_else(|| mask.clone(), |before| before.first_mask);
        self.health = Some(Health {
            level: *level,
            epoch: *epoch,
            gradient_norm: *gradient_norm,
            dead_channels: dead_channels.zip(*channels),
            mask: mask.clone(),
            first_mask,
        });
    }

    fn adopt_health(&mut self, past: Option<Health>) {
        match (&mut self.health, past) {
            (Some(ours), Some(past)) if ours.level == past.level => {
                ours.first_mask = past.first_mask;
            }
            (Some(_), _) => {}
            (none, past) => *none = past,
        }
    }

    /// The clock of an end that is told first begins at 0; its past raises it.
    fn hear_clock(&mut self, step: u64, images_per_second: f64) {
        let begun = self.resumed.map(|step| (step, 0.0));
        let (before, seconds) = self.clock.last().or(begun).unwrap_or((step, 0.0));
        #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
        let share = step.saturating_sub(before) as f64 / images_per_second.max(1e-9);
        self.clock.hear(step, seconds + share);
    }

    fn traces_mut(&mut self) -> [&mut Trace; 6] {
        [
            &mut self.train_loss,
            &mut self.test_loss,
            &mut self.test_accuracy,
            &mut self.lr,
            &mut self.gradient_norm,
            &mut self.clock,
        ]
    }

    fn keep(&mut self, line: Line) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::{evaluated, progress};

    fn started(step: u64) -> Event {
        Event::Started {
            at: String::new(),
            device: String::new(),
            device_uuid: None,
            threads: 1,
            steps: 100,
            steps_per_epoch: 10,
            step,
        }
    }

    fn told(events: &[Event]) -> Story {
        let mut story = Story::default();
        for event in events {
            story.hear(event);
        }
        story
    }

    #[test]
    fn a_story_holds_curves_levels_and_lines() {
        let story = told(&[progress(10, 2.5), evaluated(20, 0.75), progress(30, 1.5)]);
        assert_eq!(story.train_loss.len(), 2);
        assert_eq!(story.test_accuracy.last(), Some((20, 0.75)));
        assert!(story.lines[1].text.contains("75.00 %"), "{:?}", story.lines);
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut story = Story::default();
        for number in 0..LINES + 10 {
            story.say(Voice::Printed, number.to_string());
        }
        assert_eq!((story.lines.len(), story.lines[0].text.as_str()), (LINES, "10"));
        assert_eq!(story.dropped, 10);
    }

    #[test]
    fn an_end_that_was_told_first_and_its_past_are_the_whole() {
        let events = [
            started(0),
            progress(10, 2.5),
            evaluated(20, 0.75),
            progress(30, 1.5),
            progress(40, 1.25),
            started(30),
            progress(40, 1.2),
            evaluated(40, 0.8),
            progress(50, 1.0),
        ];
        let whole = told(&events);
        for split in 0..=events.len() {
            let (past, mut end) = (told(&events[..split]), told(&events[split..]));
            end.prepend(past);
            for metric in Metric::ALL {
                let values = |story: &Story| -> Vec<_> {
                    story.trace(metric).buckets().map(|bucket| bucket.last).collect()
                };
                assert_eq!(values(&end), values(&whole), "{metric:?} split at {split}");
            }
            assert_eq!(end.lines, whole.lines, "split at {split}");
            let (end, whole) = (end.clock.last().unwrap(), whole.clock.last().unwrap());
            assert!(end.0 == whole.0 && (end.1 - whole.1).abs() < 0.03, "{end:?} {whole:?}");
        }
    }
}
