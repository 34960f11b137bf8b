//! Training steps and the learning rate at each of them.

use std::fmt;

/// A point of a training as the official code writes it: `160ep`, `1000it`, `2ep218it`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Whole epochs.
    pub epochs: u64,
    /// Iterations after them.
    pub iterations: u64,
}

impl Step {
    /// So many epochs.
    #[must_use]
    pub const fn epochs(epochs: u64) -> Self {
        Self { epochs, iterations: 0 }
    }

    /// So many iterations.
    #[must_use]
    pub const fn iterations(iterations: u64) -> Self {
        Self { epochs: 0, iterations }
    }

    /// Reads `160ep`, `1000it` or `2ep218it`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, BadStep> {
        let bad = || BadStep(text.to_owned());
        let (epochs, rest) = match text.split_once("ep") {
            Some((epochs, rest)) => (Some(whole(epochs).ok_or_else(bad)?), rest),
            None => (None, text),
        };
        let iterations = match rest.strip_suffix("it") {
            Some(iterations) => Some(whole(iterations).ok_or_else(bad)?),
            None if rest.is_empty() => None,
            None => return Err(bad()),
        };
        if epochs.is_none() && iterations.is_none() {
            return Err(bad());
        }
        Ok(Self { epochs: epochs.unwrap_or(0), iterations: iterations.unwrap_or(0) })
    }

    /// So many times as far.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        let (epochs, iterations) = (self.epochs, self.iterations);
        Self {
            epochs: epochs.saturating_mul(factor),
            iterations: iterations.saturating_mul(factor),
        }
    }

    /// The number of iterations since the start, with so many iterations an epoch.
    #[must_use]
    pub fn at(self, iterations_per_epoch: u64) -> u64 {
        self.epochs.saturating_mul(iterations_per_epoch).saturating_add(self.iterations)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.epochs, self.iterations) {
            (0, iterations) => write!(formatter, "{iterations}it"),
            (epochs, 0) => write!(formatter, "{epochs}ep"),
            (epochs, iterations) => write!(formatter, "{epochs}ep{iterations}it"),
        }
    }
}

/// What is written where the learning rate never drops.
pub const NO_MILESTONES: &str = "none";

/// Reads points with commas between, or `none`; nothing at all is none too.
///
/// # Errors
/// At the first that is no step.
pub fn milestones(text: &str) -> Result<Vec<Step>, BadStep> {
    match text.trim() {
        "" | NO_MILESTONES => Ok(Vec::new()),
        steps => steps.split(',').map(|step| Step::parse(step.trim())).collect(),
    }
}

/// A rate as people write it: products such as 0.1 · 0.1 · 0.1 carry digits that nobody meant.
#[must_use]
pub fn tidy(rate: f64) -> String {
    // Twelve digits are more than anybody types, and fewer than rounding disturbs.
    let rounded: f64 = format!("{rate:.11e}").parse().unwrap_or(rate);
    let is_plain = rounded == 0.0 || (1e-5..1e6).contains(&rounded.abs());
    if is_plain { rounded.to_string() } else { format!("{rounded:e}") }
}

fn whole(digits: &str) -> Option<u64> {
    let plain =
        !digits.is_empty() && digits.len() < 16 && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// A text that is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no step: write epochs and iterations as `160ep`, `1000it` or `2ep218it`")]
pub struct BadStep(pub String);

/// How a network is trained: the official hyper-parameters under their official names.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Images a step; the last batch of an epoch holds what is left.
    pub batch_size: usize,
    /// Where training ends.
    pub training_steps: Step,
    /// Where tickets are rewound to.
    pub rewinding_steps: Step,
    /// Where the learning rate is multiplied by `gamma`; points past the end are accepted.
    pub milestone_steps: Vec<Step>,
    /// Over how many steps the learning rate rises from 0, linearly.
    pub warmup_steps: Step,
    /// Learning rate before milestones and warm-up.
    pub lr: f64,
    /// Factor at each milestone.
    pub gamma: f64,
    /// Momentum of SGD.
    pub momentum: f64,
    /// L2 penalty on every parameter, batch norms and biases too.
    pub weight_decay: f64,
}

impl Training {
    /// The learning rate of the step after `iteration` iterations.
    ///
    /// `lr · gamma^(milestones passed) · min(1, iteration / warm-up)`, so 0 at step 0 of a warm-up
    /// (official code, `training/optimizers.py`).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "iterations are far below 2^53")]
    pub fn lr_at(&self, iteration: u64, iterations_per_epoch: u64) -> f64 {
        let passed = self
            .milestone_steps
            .iter()
            .filter(|milestone| milestone.at(iterations_per_epoch) <= iteration)
            .count();
        let warmup = self.warmup_steps.at(iterations_per_epoch);
        let warm = if warmup == 0 { 1.0 } else { (iteration as f64 / warmup as f64).min(1.0) };
        self.lr * self.gamma.powi(i32::try_from(passed).unwrap_or(i32::MAX)) * warm
    }
}

/// Steps in one epoch: the last, smaller batch counts.
#[must_use]
pub fn iterations_per_epoch(examples: usize, batch_size: usize) -> u64 {
    examples.div_ceil(batch_size.max(1)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_and_print_as_the_official_code_writes_them() {
        for (text, epochs, iterations) in [
            ("160ep", 160, 0),
            ("1000it", 0, 1000),
            ("2ep218it", 2, 218),
            ("0ep", 0, 0),
            ("0it", 0, 0),
        ] {
            let step = Step::parse(text).unwrap();
            assert_eq!((step.epochs, step.iterations), (epochs, iterations));
            assert_eq!(Step::parse(&step.to_string()).unwrap(), step);
        }
        assert_eq!(Step::parse("2ep218it").unwrap().at(391), 1000);
    }

    #[test]
    fn what_is_no_step_is_refused_by_name() {
        for text in
            ["", "ep", "it", "160", "1.5ep", "-1it", "2it3ep", "2ep3", "99999999999999999999it"]
        {
            assert_eq!(Step::parse(text), Err(BadStep(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn milestones_are_steps_or_none() {
        assert_eq!(milestones("80ep, 120ep"), Ok(vec![Step::epochs(80), Step::epochs(120)]));
        for text in ["none", "", " "] {
            assert_eq!(milestones(text), Ok(vec![]), "{text}");
        }
        assert_eq!(milestones("80ep,none"), Err(BadStep("none".to_owned())));
    }

    #[test]
    fn rates_read_as_people_write_them() {
        for (rate, text) in [
            (0.1 * 0.1 * 0.1, "0.001"),
            (0.1 * 0.1_f64.powi(2), "0.001"),
            (1e-4, "0.0001"),
            (3e-7, "3e-7"),
            (0.0, "0"),
            (0.012_345_678, "0.012345678"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(tidy(rate), text);
        }
    }

    #[test]
    fn the_rate_drops_at_milestones_and_rises_in_the_warm_up() {
        let training = Training {
            milestone_steps: vec![Step::iterations(420), Step::iterations(630)],
            warmup_steps: Step::iterations(10),
            ..crate::family::default_training(crate::blueprint::Family::CifarResnet)
        };
        for (at, rate) in [(0, 0.0), (5, 0.05), (10, 0.1), (419, 0.1), (420, 0.01), (630, 0.001)] {
            assert!((training.lr_at(at, 22) - rate).abs() < 1e-12, "{at}");
        }
    }
}
