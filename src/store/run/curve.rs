//! One metric over the steps of a run.

use std::{collections::BTreeMap, str::FromStr};

use crate::run::event::Event;

/// What can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Mean cross-entropy on the training batches.
    TrainLoss,
    /// Mean cross-entropy on the test set.
    TestLoss,
    /// Share of test images classified rightly.
    TestAccuracy,
    /// Learning rate.
    Lr,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::TrainLoss, Self::TestLoss, Self::TestAccuracy, Self::Lr];

    /// The name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainLoss => "train_loss",
            Self::TestLoss => "test_loss",
            Self::TestAccuracy => "test_accuracy",
            Self::Lr => "lr",
        }
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let metric = Self::ALL.into_iter().find(|metric| metric.name() == text);
        metric.ok_or_else(|| {
            format!("`{text}` is no metric: train_loss, test_loss, test_accuracy or lr")
        })
    }
}

/// Values by step, so steps strictly increase.
///
/// Where one level ends and the next begins at the same step of the whole run, the end counts.
/// The second field is how many steps of the whole run lie before the level's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve(pub BTreeMap<u64, f64>, u64);

impl Curve {
    /// Takes in one more event, if it holds the metric; with a level, only that level's, by its own steps.
    ///
    /// A trainer that goes on from an earlier checkpoint starts over from there: later values are dropped.
    pub fn hear(&mut self, event: &Event, metric: Metric, level: Option<u32>) {
        if let Event::Started { step, .. } = event {
            self.0.split_off(&(step.saturating_sub(self.1) + 1));
        }
        let Some((step, at_level, level_step, value)) = reading(event, metric) else { return };
        if level.is_none() {
            self.0.entry(step).or_insert(value);
        } else if at_level == level {
            self.1 = step.saturating_sub(level_step);
            self.0.insert(level_step, value);
        }
    }
}

/// The curve of a whole log.
#[must_use]
pub fn of(events: &[Event], metric: Metric, level: Option<u32>) -> Curve {
    let mut curve = Curve::default();
    for event in events {
        curve.hear(event, metric, level);
    }
    curve
}

fn reading(event: &Event, metric: Metric) -> Option<(u64, Option<u32>, u64, f64)> {
    match event {
        Event::Progress { step, level, level_step, train_loss, lr, .. } => match metric {
            Metric::TrainLoss => Some((*step, *level, *level_step, *train_loss)),
            Metric::Lr => Some((*step, *level, *level_step, *lr)),
            _ => None,
        },
        Event::Evaluated { step, level, level_step, test_loss, test_accuracy, .. } => {
            match metric {
                Metric::TestLoss => Some((*step, *level, *level_step, *test_loss)),
                Metric::TestAccuracy => Some((*step, *level, *level_step, *test_accuracy)),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn progress(step: u64, level: u32, level_step: u64, train_loss: f64) -> Event {
        let (level, epoch, lr, images_per_second) = (Some(level), 0, 0.1, 1.0);
        Event::Progress { step, level, level_step, epoch, train_loss, lr, images_per_second }
    }

    fn check(level: Option<u32>, expected: &[(u64, f64)]) {
        let events = [
            started(0),
            progress(10, 0, 10, 1.0),
            progress(20, 1, 10, 0.5),
            progress(28, 1, 18, 0.42),
            progress(30, 1, 20, 0.4),
            // Killed; it goes on from the checkpoint at 20.
            started(20),
            progress(25, 1, 15, 0.45),
            progress(30, 1, 20, 0.41),
        ];
        let curve = of(&events, Metric::TrainLoss, level);
        assert_eq!(curve.0.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn later_values_replace_earlier_ones_after_a_resume() {
        check(None, &[(10, 1.0), (20, 0.5), (25, 0.45), (30, 0.41)]);
    }

    #[test]
    fn the_end_of_a_level_outlasts_the_beginning_of_the_next() {
        let evaluated = |level, level_step, test_accuracy| Event::Evaluated {
            step: 40,
            level: Some(level),
            level_step,
            test_loss: 1.0,
            test_accuracy,
            correct: 0,
            examples: 0,
        };
        let events = [evaluated(0, 40, 0.9), evaluated(1, 2, 0.1)];
        let whole = of(&events, Metric::TestAccuracy, None);
        assert_eq!(whole.0.into_iter().collect::<Vec<_>>(), [(40, 0.9)]);
        let level = of(&events, Metric::TestAccuracy, Some(1));
        assert_eq!(level.0.into_iter().collect::<Vec<_>>(), [(2, 0.1)]);
    }

    #[test]
    fn a_level_is_drawn_by_its_own_steps() {
        check(Some(0), &[(10, 1.0)]);
        check(Some(1), &[(10, 0.5), (15, 0.45), (20, 0.41)]);
        check(Some(2), &[]);
    }
}
