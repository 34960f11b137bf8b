//! The paper's figure: accuracy against the share of weights that is kept, a line for each kind of ticket.

use elth_store::run::compare::{Group, lines};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
};

use crate::{
    model::{Model, compare::Compare},
    theme::styles::Styles,
    widgets::{
        chart::{self, Across, Chart, Point, Scale, Series, Stroke},
        pane,
        text::{brief, percent},
    },
};

/// Draws the figure, and below it which line is which.
pub fn draw(model: &Model, compare: &Compare, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let groups = compare.groups(&model.runs);
    let lines = lines(&groups);
    if lines.is_empty() {
        let text = " no run is done that has an accuracy of a ticket whose density is known";
        buffer.set_stringn(area.x, area.y, text, area.width.into(), styles.faint());
        return;
    }
    let left_out = super::tables::left_out(model, compare, usize::from(area.width), styles);
    let rows = lines.len() + left_out.len();
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(area.height / 2);
    let parts = Layout::vertical([Constraint::Min(6), Constraint::Length(rows)]);
    let [above, below] = parts.areas(area);
    chart::draw(buffer, above, &chart(&lines), styles);
    let told = lines.iter().enumerate().map(|(number, line)| legend(number, line, styles));
    let told: Vec<_> = told.chain(left_out).collect();
    pane::text(buffer, below, &told);
}

/// From the densest at the left to the sparsest at the right, each level as wide as the next.
fn chart(lines: &[Vec<&Group>]) -> Chart {
    let places = lines.iter().flatten().filter_map(|group| group.like.density).map(place);
    let end = places.fold(0.0, f64::max).max(0.1);
    let drawn = lines.iter().enumerate().flat_map(|(number, line)| {
        let points: Vec<Point> = line.iter().filter_map(|group| point(group)).collect();
        let has_spread = points.iter().any(|point| point.high > point.low);
        let marks = Series {
            name: String::new(),
            points: points.iter().map(|point| Point::at(point.x, point.value)).collect(),
            letter: digit(number),
            color: number,
            stroke: Stroke::Marks,
        };
        let band = Series { points, stroke: Stroke::Band, ..marks.clone() };
        has_spread.then_some(band).into_iter().chain([marks])
    });
    let mut series: Vec<Series> = drawn.collect();
    series.sort_by_key(|series| series.stroke == Stroke::Marks);
    let right = format!("kept {}, each level as wide", brief(0.8_f64.powf(end)));
    let across = Across { from: 0.0, to: end, left: "100%".to_owned(), right, cursor: None };
    Chart { series, across, scale: Scale::Accuracy }
}

/// The sign of a line by its number: letters are those of runs.
fn digit(number: usize) -> char {
    char::from_digit(u32::try_from(number % 9).unwrap_or(0) + 1, 10).unwrap_or('1')
}

/// How many rounds of 20 % give that density.
fn place(density: f64) -> f64 {
    density.max(1e-9).ln() / 0.8_f64.ln()
}

/// The mean with its 95 % interval.
fn point(group: &Group) -> Option<Point> {
    let sample = group.sample?;
    let mean = sample.mean;
    let [low, high] = sample.interval_of_shares().unwrap_or([mean; 2]);
    let kept = place(group.like.density?);
    Some(Point { x: kept, value: mean, low, high })
}

fn legend(number: usize, groups: &[&Group], styles: Styles<'_>) -> Line<'static> {
    let like = &groups[0].like;
    let last = groups[groups.len() - 1];
    let density = last.like.density.map_or(String::new(), brief);
    let (mean, count) =
        last.sample.map_or(("-".to_owned(), 0), |sample| (percent(sample.mean), sample.count));
    Line::from(vec![
        Span::styled(format!(" {} ", digit(number)), styles.series(number)),
        Span::raw(format!("{} {} on {}", like.origin.words(), like.model, like.dataset)),
        Span::styled(format!("  at {density}: "), styles.faint()),
        Span::styled(mean, styles.strong()),
        Span::styled(format!("  of {count}"), styles.faint()),
    ])
}
