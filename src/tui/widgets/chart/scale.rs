//! How values become heights, and how they are written.

use elth_core::schedule::tidy;

use super::Point;
use crate::model::Axis;

/// How values become heights, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From 0, or to the logarithm.
    Loss(Axis),
    /// Shares up to 1, from where the later half of the values begins.
    Accuracy,
}

impl Scale {
    /// A value as it is written.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            _ if !value.is_finite() => "no number".to_owned(),
            Self::Loss(_) if value >= 100.0 => format!("{value:.0}"),
            Self::Loss(_) if value != 0.0 && value.abs() < 0.01 => {
                tidy(format!("{value:.2e}").parse().unwrap_or(value))
            }
            Self::Loss(_) => format!("{value:.3}"),
            Self::Accuracy => format!("{:.2} %", 100.0 * value),
        }
    }

    /// The lowest and the highest height, in the axis's own measure.
    pub(super) fn range<'a>(self, curves: impl Iterator<Item = &'a [Point]> + Clone) -> (f64, f64) {
        let points = || curves.clone().flatten();
        let high = || points().map(|point| point.high).filter(|value| value.is_finite());
        match self {
            Self::Loss(Axis::Linear) => (0.0, round_up(high().fold(0.0, f64::max))),
            Self::Loss(Axis::Logarithmic) => {
                let low = points().map(|point| point.low).filter(|value| *value > 0.0);
                let low = low.map(f64::log10).reduce(f64::min).unwrap_or(0.0);
                let top = high().filter(|value| *value > 0.0).map(f64::log10);
                let top = top.reduce(f64::max).unwrap_or(0.0);
                (low.floor(), top.ceil().max(low.floor() + 1.0))
            }
            Self::Accuracy => {
                let later = curves.flat_map(|points| points.iter().skip(points.len() / 3));
                let least = later.map(|point| point.low).reduce(f64::min).unwrap_or(0.0);
                let starts = [0.98, 0.95, 0.9, 0.8, 0.5];
                (starts.into_iter().find(|start| *start <= least).unwrap_or(0.0), 1.0)
            }
        }
    }

    pub(super) fn height(self, value: f64) -> f64 {
        match self {
            Self::Loss(Axis::Logarithmic) => value.max(1e-12).log10(),
            _ => value,
        }
    }

    pub(super) fn label(self, height: f64) -> String {
        match self {
            Self::Loss(Axis::Logarithmic) => format!("{:.1e}", 10_f64.powf(height)),
            Self::Loss(Axis::Linear) if height == 0.0 => "0".to_owned(),
            Self::Loss(Axis::Linear) if height < 0.095 => format!("{height:.0e}"),
            Self::Loss(Axis::Linear) => format!("{height:.2}"),
            Self::Accuracy if (1000.0 * height).round() % 10.0 == 0.0 => {
                format!("{:.0} %", 100.0 * height)
            }
            Self::Accuracy => format!("{:.1}%", 100.0 * height),
        }
    }
}

/// The next of 1, 2, 3, 5 times a power of ten, so that the axis rarely changes.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(10.0 * power)
}
