//! From a story to the points of a chart: along steps, epochs or time.

use elth_store::run::standing::Standing;

use crate::{
    model::{
        lens::{Along, Lens},
        runs::duration,
    },
    story::{Story, Trace, trace::Bucket},
    widgets::chart::{Across, Chart, Point, Scale, Series, Stroke},
};

/// A run as curves are made of it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// How it stands.
    pub standing: &'a Standing,
    /// What it has told.
    pub story: &'a Story,
}

impl Source<'_> {
    /// Where a step lies.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    pub fn place(&self, step: u64, along: Along) -> f64 {
        match along {
            Along::Step => step as f64,
            Along::Epoch => {
                let epoch = self.standing.said.steps_per_epoch.unwrap_or(1).max(1);
                step as f64 / epoch as f64
            }
            Along::Time => {
                let seconds = self.story.clock.at(step).map_or(0.0, |(_, seconds)| seconds);
                seconds * self.standing.recipe.training.batch_size as f64
            }
        }
    }

    /// Where the run ends, or where it is as far as time goes.
    #[must_use]
    pub fn end(&self, along: Along) -> f64 {
        let known = self.story.train_loss.last().max_step(self.story.test_loss.last());
        let steps = self.standing.said.steps.unwrap_or(0);
        match along {
            Along::Time => self.place(known, along),
            _ => self.place(steps.max(known), along),
        }
    }

    /// The points of a trace.
    #[must_use]
    pub fn points(&self, trace: &Trace, along: Along) -> Vec<Point> {
        let point = |bucket: &Bucket| Point {
            x: self.place(bucket.last.0, along),
            value: bucket.last.1,
            low: bucket.low,
            high: bucket.high,
        };
        trace.buckets().map(point).collect()
    }
}

/// The later of two steps, 0 where there is none.
trait MaxStep {
    fn max_step(self, other: Self) -> u64;
}

impl MaxStep for Option<(u64, f64)> {
    fn max_step(self, other: Self) -> u64 {
        self.into_iter().chain(other).map(|(step, _)| step).max().unwrap_or(0)
    }
}

/// The horizontal axis of curves that end at the latest there.
#[must_use]
pub fn across(end: f64, lens: &Lens) -> Across {
    let end = if end > 0.0 { end } else { 1.0 };
    let (from, to) = (lens.window.0 * end, lens.window.1 * end);
    let cursor = lens.cursor.map(|share| share * end);
    let at = cursor.map_or(String::new(), |at| format!("at {}  ", written(at, lens.along)));
    Across {
        from,
        to,
        left: written(from, lens.along),
        right: format!("{at}{} {}", lens.along.name(), written(to, lens.along)),
        cursor,
    }
}

/// A place on the axis as it is written.
#[must_use]
pub fn written(place: f64, along: Along) -> String {
    match along {
        Along::Step => format!("{place:.0}"),
        Along::Epoch if place.fract().abs() < 0.05 => format!("{place:.0}"),
        Along::Epoch => format!("{place:.1}"),
        Along::Time => duration(place),
    }
}

/// A curve, and what it was before it was smoothed.
#[must_use]
pub fn series(named: Series, lens: &Lens) -> Vec<Series> {
    match lens.smoothing() {
        None => vec![named],
        Some(factor) => {
            let points = smoothed(&named.points, factor);
            vec![Series { stroke: Stroke::Faint, ..named.clone() }, Series { points, ..named }]
        }
    }
}

/// The points' exponential moving average with that weight of the past, unbiased at the beginning.
#[must_use]
pub fn smoothed(points: &[Point], factor: f64) -> Vec<Point> {
    let (mut mean, mut weight) = (0.0, 0.0);
    let finite = points.iter().filter(|point| point.value.is_finite());
    let smooth = finite.map(|point| {
        mean = factor * mean + (1.0 - factor) * point.value;
        weight = factor * weight + (1.0 - factor);
        Point::at(point.x, mean / weight)
    });
    smooth.collect()
}

/// The curves of one run over its whole length.
#[must_use]
pub fn chart(
    source: Source<'_>,
    traces: &[(&str, char, usize, &Trace)],
    lens: &Lens,
    scale: Scale,
) -> Chart {
    let all = traces.iter().flat_map(|(name, letter, color, trace)| {
        let points = source.points(trace, lens.along);
        let (name, letter, color) = ((*name).to_owned(), *letter, *color);
        series(Series { name, points, letter, color, stroke: Stroke::Line }, lens)
    });
    let mut series: Vec<Series> = all.collect();
    series.sort_by_key(|series| series.stroke == Stroke::Line);
    Chart { series, across: across(source.end(lens.along), lens), scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothed_constant_is_the_constant_and_gaps_are_left_out() {
        let values = [2.0, 2.0, f64::NAN, 2.0];
        let points: Vec<_> =
            (0_u8..).zip(values).map(|(x, value)| Point::at(f64::from(x), value)).collect();
        let smooth = smoothed(&points, 0.9);
        assert_eq!(smooth.len(), 3);
        assert!(smooth.iter().all(|point| (point.value - 2.0).abs() < 1e-12));
    }
}
