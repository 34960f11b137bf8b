//! The errors along a line, and what they come to.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::{
    paper::{Paper, percent},
    table::{Side, Table},
};

/// A line with one choice of batch-norm statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// `stored` or `recalibrate`.
    pub bn: String,
    points: Vec<Point>,
}

/// A point of it; a loss beyond all numbers is none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Point {
    alpha: f64,
    train_loss: Option<f64>,
    train_error: f64,
    test_loss: Option<f64>,
    test_error: f64,
}

/// Reads the trainer's answer.
pub fn read(told: &Value) -> Result<Vec<Line>> {
    let lines = ["stored", "recalibrate"].into_iter().filter_map(|bn| {
        let points = told["lines"].get(bn)?;
        let points = serde_json::from_value(points.clone()).context("the answer cannot be read");
        Some(points.map(|points| Line { bn: bn.to_owned(), points }))
    });
    lines.collect()
}

/// One row a point, the errors of each line beside one another.
pub fn table(lines: &[Line], paper: Paper) -> String {
    let titles = lines.iter().flat_map(|line| match line.bn.as_str() {
        "stored" => [("train error", Side::Right), ("test error", Side::Right)],
        _ => [("train (bn anew)", Side::Right), ("test (bn anew)", Side::Right)],
    });
    let mut table =
        Table::new(&[("alpha", Side::Right)].into_iter().chain(titles).collect::<Vec<_>>());
    let count = lines.first().map_or(0, |line| line.points.len());
    for at in 0..count {
        let errors = lines.iter().flat_map(|line| {
            [percent(line.points[at].train_error), percent(line.points[at].test_error)]
        });
        let alpha = format!("{:.3}", lines[0].points[at].alpha);
        table.row([alpha].into_iter().chain(errors));
    }
    table.draw(paper)
}

impl Line {
    /// The points, and what they come to.
    pub fn document(&self) -> Value {
        let points = self.points.iter().map(|point| {
            json!({
                "alpha": point.alpha,
                "train_loss": point.train_loss, "train_error": point.train_error,
                "test_loss": point.test_loss, "test_error": point.test_error,
            })
        });
        let [train, test] = [self.train(), self.test()];
        json!({
            "points": points.collect::<Value>(),
            "instability": { "train": instability(&train), "test": instability(&test) },
            "largest_drop": { "train": largest_drop(&train), "test": largest_drop(&test) },
        })
    }

    /// What the points come to, in words.
    pub fn verdict(&self) -> String {
        let statistics = match self.bn.as_str() {
            "stored" => "interpolated batch-norm statistics",
            _ => "statistics of the training images at each point",
        };
        let [train, test] = [self.train(), self.test()];
        format!(
            "{statistics}:\n  instability   train {}, test {}\n  largest drop  train {}, test {}\n",
            percent(instability(&train)),
            percent(instability(&test)),
            percent(largest_drop(&train)),
            percent(largest_drop(&test)),
        )
    }

    fn train(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.train_error).collect()
    }

    fn test(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.test_error).collect()
    }
}

/// The largest error on the line less the mean of its ends (Frankle et al., 2020; stable below 0.02).
fn instability(errors: &[f64]) -> f64 {
    let (first, last) = (errors[0], errors[errors.len() - 1]);
    largest(errors) - f64::midpoint(first, last)
}

/// The largest error on the line less that of the better end: the fall of accuracy that the paper names (3.8 of the fact
/// sheet).
fn largest_drop(errors: &[f64]) -> f64 {
    largest(errors) - errors[0].min(errors[errors.len() - 1])
}

fn largest(errors: &[f64]) -> f64 {
    errors.iter().copied().fold(f64::MIN, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instability_is_over_the_mean_of_the_ends_and_a_drop_from_the_better_one() {
        for (errors, unstable, drop) in [
            (&[0.1, 0.1, 0.1][..], 0.0, 0.0),
            (&[0.1, 0.5, 0.3], 0.3, 0.4),
            (&[0.3, 0.2, 0.1], 0.1, 0.2),
            (&[0.2, 0.4], 0.1, 0.2),
        ] {
            assert!((instability(errors) - unstable).abs() < 1e-12, "{errors:?}");
            assert!((largest_drop(errors) - drop).abs() < 1e-12, "{errors:?}");
        }
    }
}
