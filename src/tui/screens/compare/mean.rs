//! Runs that differ by chance alone as one curve: their mean, and how far they spread.

use elth_core::statistics::sample;

use crate::{
    curves::Source,
    widgets::chart::{Point, Series, Stroke},
};

/// Places at which means are taken: more than most screens have columns.
const PLACES: u32 = 240;

/// A mean with its spread for each group of more than one run, and the other runs as they are.
pub fn over_groups(
    sources: &[Source<'_>],
    group: impl Fn(&Source<'_>) -> Option<usize>,
    single: impl Fn(&Source<'_>) -> Series,
    end: f64,
) -> Vec<Series> {
    let mut together: Vec<(Option<usize>, Vec<Series>)> = Vec::new();
    for source in sources {
        let (at, series) = (group(source), single(source));
        match together.iter_mut().find(|(other, _)| at.is_some() && *other == at) {
            Some((_, members)) => members.push(series),
            None => together.push((at, vec![series])),
        }
    }
    let drawn = together.into_iter().flat_map(|(_, members)| match members.as_slice() {
        [_] => members,
        _ => merged(&members, end),
    });
    drawn.collect()
}

/// The mean in the letter of the first, and one standard deviation around it.
fn merged(members: &[Series], end: f64) -> Vec<Series> {
    let grid = (0..=PLACES).map(|at| end * f64::from(at) / f64::from(PLACES));
    // Where the shortest of them ends lies between two places, and is the value that counts.
    let ends = members.iter().filter_map(|series| series.points.last());
    let last = ends.map(|point| point.x).fold(f64::INFINITY, f64::min);
    let places = grid.filter(|x| *x < last).chain(last.is_finite().then_some(last));
    let points = places.filter_map(|x| {
        let values: Option<Vec<f64>> = members.iter().map(|series| at(&series.points, x)).collect();
        let sample = sample(&values?)?;
        let spread = sample.deviation.unwrap_or(0.0);
        let (low, high) = (sample.mean - spread, sample.mean + spread);
        Some(Point { x, value: sample.mean, low, high })
    });
    let band: Vec<Point> = points.collect();
    let mean = band.iter().map(|point| Point::at(point.x, point.value)).collect();
    let Some(first) = members.first() else { return Vec::new() };
    let letters: String = members.iter().map(|series| series.letter).collect();
    vec![
        Series { points: band, stroke: Stroke::Band, ..first.clone() },
        Series { points: mean, name: format!("mean of {letters}"), ..first.clone() },
    ]
}

/// The value at a place within a curve: its last one there, so that nothing is made up in between.
fn at(points: &[Point], x: f64) -> Option<f64> {
    let after = points.partition_point(|point| point.x <= x);
    let is_over = after == points.len() && points.last().is_some_and(|last| last.x < x);
    if is_over { None } else { points.get(after.checked_sub(1)?).map(|point| point.value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_told_where_all_runs_have_values_and_spreads_by_one_deviation() {
        let series = |values: &[(f64, f64)], letter| Series {
            name: String::new(),
            points: values.iter().map(|(x, value)| Point::at(*x, *value)).collect(),
            letter,
            color: 0,
            stroke: Stroke::Line,
        };
        let one = series(&[(0.0, 1.0), (50.0, 3.0), (100.0, 5.0)], 'a');
        // Its end lies between two places at which means are taken.
        let other = series(&[(10.0, 3.0), (49.9, 4.0), (50.0, 5.0)], 'b');
        let [band, mean] = merged(&[one, other], 100.0).try_into().unwrap();
        assert_eq!((band.stroke, mean.name.as_str()), (Stroke::Band, "mean of ab"));
        let (first, last) = (mean.points[0], mean.points[mean.points.len() - 1]);
        assert!((10.0..11.0).contains(&first.x) && (first.value - 2.0).abs() < 1e-12, "{first:?}");
        assert!((last.x - 50.0).abs() < 1e-12 && (last.value - 4.0).abs() < 1e-12, "{last:?}");
        let spread = band.points[0].high - band.points[0].value;
        assert!((spread - 2.0_f64.sqrt()).abs() < 1e-12);
    }
}
