//! What a run has told so far: its curves, its levels, and a line for each thing it said.

use std::collections::{BTreeMap, VecDeque};

use elth_core::schedule::tidy;
use elth_store::run::{
    curve::{Curve, Metric},
    event::Event,
};

/// Lines kept: more than anybody scrolls back here; the files hold all.
const LINES: usize = 5_000;

/// A followed run's story.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Story {
    /// Mean training loss by step.
    pub train_loss: Curve,
    /// Test loss by step.
    pub test_loss: Curve,
    /// Test accuracy by step.
    pub test_accuracy: Curve,
    /// Learning rate by step.
    pub lr: Curve,
    /// What each level ended at so far.
    pub levels: BTreeMap<u32, Level>,
    /// Everything said, the oldest first.
    pub lines: VecDeque<Line>,
}

/// A level of iterative magnitude pruning.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Level {
    /// Last test accuracy.
    pub accuracy: Option<f64>,
    /// Kept weights of its ticket.
    pub kept: Option<usize>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it comes from.
    pub voice: Voice,
    /// What it says.
    pub text: String,
}

/// Where a line of the log comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// A step of the training.
    Step,
    /// An evaluation on the test set.
    Test,
    /// A beginning, an end, a file written.
    Mark,
    /// What went wrong.
    Trouble,
    /// What the trainer printed.
    Printed,
}

impl Voice {
    /// The word before the line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Test => "test",
            Self::Mark => "run",
            Self::Trouble => "error",
            Self::Printed => "out",
        }
    }
}

impl Story {
    /// Takes in one more event.
    pub fn hear(&mut self, event: &Event) {
        self.train_loss.hear(event, Metric::TrainLoss, None);
        self.test_loss.hear(event, Metric::TestLoss, None);
        self.test_accuracy.hear(event, Metric::TestAccuracy, None);
        self.lr.hear(event, Metric::Lr, None);
        match event {
            Event::Evaluated { level: Some(level), test_accuracy, .. } => {
                self.levels.entry(*level).or_default().accuracy = Some(*test_accuracy);
            }
            Event::Wrote { level: Some(level), kept: Some(kept), .. } => {
                self.levels.entry(*level).or_default().kept = Some(*kept);
            }
            _ => {}
        }
        if let Some((voice, text)) = line(event) {
            self.say(voice, text);
        }
    }

    /// Adds a line.
    pub fn say(&mut self, voice: Voice, text: String) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { voice, text });
    }
}

fn line(event: &Event) -> Option<(Voice, String)> {
    let of_level = |level: &Option<u32>| level.map_or(String::new(), |l| format!("level {l}  "));
    Some(match event {
        Event::Started { at, device, threads, step, .. } => {
            let word = if *threads == 1 { "thread" } else { "threads" };
            (Voice::Mark, format!("started at step {step} on {device}, {threads} {word}, {at}"))
        }
        Event::Phase { name, level } => (Voice::Mark, format!("{}{name}", of_level(level))),
        Event::Progress { step, level, train_loss, lr, images_per_second, .. } => {
            let level = of_level(level);
            let text = format!(
                "{level}{step:>6}  loss {train_loss:.4}  lr {}  {images_per_second:.0} img/s",
                tidy(*lr)
            );
            (Voice::Step, text)
        }
        Event::Evaluated { step, level, test_loss, test_accuracy, correct, examples, .. } => {
            let (level, percent) = (of_level(level), 100.0 * test_accuracy);
            let text = format!(
                "{level}{step:>6}  loss {test_loss:.4}  {percent:.2} % = {correct} of {examples} right"
            );
            (Voice::Test, text)
        }
        Event::Wrote { path, kept, .. } => {
            let kept = kept.map_or(String::new(), |kept| format!(", {kept} weights kept"));
            (Voice::Mark, format!("wrote {path}{kept}"))
        }
        Event::Answered { state, .. } => (Voice::Mark, format!("asked to be {state}")),
        Event::Note { text } => (Voice::Mark, text.clone()),
        Event::Stopped { at } => (Voice::Mark, format!("stopped, {at}")),
        Event::Failed { at, reason } => (Voice::Trouble, format!("failed: {reason}, {at}")),
        Event::Done { at } => (Voice::Mark, format!("done, {at}")),
        Event::Schema { .. } | Event::Unknown => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trying::{evaluated, progress};

    #[test]
    fn a_story_holds_curves_levels_and_lines() {
        let mut story = Story::default();
        for event in [progress(10, 2.5), evaluated(20, 0.75), progress(30, 1.5)] {
            story.hear(&event);
        }
        assert_eq!(story.train_loss.0.len(), 2);
        assert_eq!(story.test_accuracy.0.get(&20), Some(&0.75));
        assert!(story.lines[1].text.contains("75.00 %"), "{:?}", story.lines);
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut story = Story::default();
        for number in 0..LINES + 10 {
            story.say(Voice::Printed, number.to_string());
        }
        assert_eq!((story.lines.len(), story.lines[0].text.as_str()), (LINES, "10"));
    }
}
