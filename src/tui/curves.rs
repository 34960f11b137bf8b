//! From a story to the points of a chart: along steps, epochs or time.

use elth_store::run::standing::Standing;

use crate::{
    model::{
        Model, Screen,
        compare::{Compare, Panel},
        lens::{Along, Lens},
        run::RunView,
        runs::{Runs, duration},
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
        let steps = self.standing.said.steps.unwrap_or(0);
        match along {
            Along::Time => self.known(along),
            _ => self.place(steps, along).max(self.known(along)),
        }
    }

    /// Where the last of its points lies.
    #[must_use]
    pub fn known(&self, along: Along) -> f64 {
        let last = self.story.train_loss.last().max_step(self.story.test_loss.last());
        self.place(last, along)
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

/// Where the longest of these runs ends, and how far their points reach, as a share of that.
#[must_use]
pub fn extent(sources: &[Source<'_>], along: Along) -> (f64, f64) {
    let ends = sources.iter().map(|source| source.end(along));
    let known = sources.iter().map(|source| source.known(along));
    let (end, known) = (ends.fold(0.0, f64::max), known.fold(0.0, f64::max));
    (end, if end > 0.0 { (known / end).clamp(0.0, 1.0) } else { 1.0 })
}

/// What is shown of a run: what it is now, or was when its screen was frozen.
#[must_use]
pub fn shown<'a>(runs: &'a Runs, view: &'a RunView) -> Option<Source<'a>> {
    if let Some((standing, story)) = view.frozen.as_deref() {
        return Some(Source { standing, story });
    }
    let standing = runs.standing(&view.dir)?;
    let story = runs.stories.get(&view.dir)?;
    Some(Source { standing, story })
}

/// The runs that are compared, but for those whose curves are left out.
#[must_use]
pub fn compared<'a>(runs: &'a Runs, compare: &Compare) -> Vec<Source<'a>> {
    let standings = compare.standings(runs).into_iter();
    let drawn = standings.filter(|run| !compare.hidden.contains(&run.dir));
    drawn
        .filter_map(|run| Some(Source { standing: run, story: runs.stories.get(&run.dir)? }))
        .collect()
}

/// The lens of the visible screen where curves are looked at, and how far the curves there reach.
pub fn lens(model: &mut Model) -> Option<(&mut Lens, f64)> {
    match model.screens.last_mut()? {
        Screen::Run(view) => {
            let source = shown(&model.runs, view);
            let reach = extent(source.as_slice(), view.lens.along).1;
            Some((&mut view.lens, reach))
        }
        Screen::Compare(compare) if compare.panel == Panel::Curves => {
            let sources = compared(&model.runs, compare);
            let reach = extent(&sources, compare.lens.along).1;
            Some((&mut compare.lens, reach))
        }
        _ => None,
    }
}

/// The horizontal axis of curves that end there at the latest and reach a share of that.
#[must_use]
pub fn across((end, reach): (f64, f64), lens: &Lens) -> Across {
    let end = if end > 0.0 { end } else { 1.0 };
    let seen = lens.seen(reach);
    let (from, to) = (seen.0 * end, seen.1 * end);
    let plan = written(end, lens.along);
    let plan = if seen.1 < 1.0 { format!(" of {plan}") } else { String::new() };
    // Rounding must not put it before the point that it stands at.
    let cursor = lens.cursor.map(|share| {
        let at = share * end;
        if at < to { (at * (1.0 + 4.0 * f64::EPSILON)).min(to) } else { at }
    });
    let at = cursor.map_or(String::new(), |at| format!("at {}  ", written(at, lens.along)));
    Across {
        from,
        to,
        left: written(from, lens.along),
        right: format!("{at}{} {}{plan}", lens.along.name(), written(to, lens.along)),
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

/// The curves of one run.
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
    Chart { series, across: across(extent(&[source], lens.along), lens), scale }
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
