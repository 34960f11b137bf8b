//! Curves in braille: a column of dots spans the least and the greatest value that fall into it.
//!
//! ```text
//! train a 0.4321  test b 0.5102
//!  2.5 │⠢⡀    │
//!      │ ⠈⠒⠤⣀⡀│          │ is the cursor: the legend then says the values there
//!    0 │      ⠈⠉⠒⠒a
//!      0       step 840
//! ```

mod dots;
mod scale;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
};

use super::text::right;
use crate::theme::styles::Styles;
use dots::Dots;
pub use scale::Scale;

/// Columns that the numbers of the vertical axis take.
pub const LABELS: u16 = 7;

/// A value, or all values that were drawn together into one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where it lies on the horizontal axis.
    pub x: f64,
    /// The value.
    pub value: f64,
    /// The least of those it stands for.
    pub low: f64,
    /// The greatest of those.
    pub high: f64,
}

impl Point {
    /// A single value.
    #[must_use]
    pub fn at(x: f64, value: f64) -> Self {
        Self { x, value, low: value, high: value }
    }
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Joined, with its letter at the end.
    Line,
    /// Joined and quiet, without a letter or a place in the legend: what a smoothed curve came from.
    Faint,
    /// The edges of a spread, quiet, without a place in the legend.
    Band,
    /// Its letter at every point, joined.
    Marks,
}

/// A curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// Its values from left to right.
    pub points: Vec<Point>,
    /// The letter at its latest point, so that curves differ without colours.
    pub letter: char,
    /// The number of its colour: the same thing has the same in every chart.
    pub color: usize,
    /// How it is drawn.
    pub stroke: Stroke,
}

/// The horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// Its left end.
    pub from: f64,
    /// Its right end: known beforehand, so that nothing slides.
    pub to: f64,
    /// What is written at the left end.
    pub left: String,
    /// What is written at the right end.
    pub right: String,
    /// Where the cursor stands.
    pub cursor: Option<f64>,
}

impl Across {
    /// From 0 to a step.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    pub fn steps(steps: u64) -> Self {
        let (left, right) = ("0".to_owned(), format!("step {steps}"));
        Self { from: 0.0, to: steps.max(1) as f64, left, right, cursor: None }
    }

    /// Where on the width something lies, 0 to 1 from the left end.
    fn share(&self, x: f64) -> f64 {
        (x - self.from) / (self.to - self.from).max(f64::MIN_POSITIVE)
    }
}

/// Curves over the same axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The curves; later ones are drawn over earlier ones.
    pub series: Vec<Series>,
    /// The horizontal axis.
    pub across: Across,
    /// How values become heights.
    pub scale: Scale,
}

/// Where the curves lie in the area of a chart; nothing where it is too small to be drawn.
fn plot(area: Rect) -> Option<Rect> {
    let is_drawn = area.height >= 4 && area.width >= LABELS + 8;
    let plot = || Rect::new(area.x + LABELS, area.y + 1, area.width - LABELS, area.height - 2);
    is_drawn.then(plot)
}

/// Where on the width of the curves a place of the screen lies, 0 to 1 from the left end.
#[must_use]
pub fn share_at(area: Rect, at: Position) -> Option<f64> {
    let plot = plot(area).filter(|plot| plot.contains(at))?;
    Some(f64::from(at.x - plot.x) / f64::from((plot.width - 1).max(1)))
}

/// Draws curves with their axes and latest values, or those at the cursor.
pub fn draw(buffer: &mut Buffer, area: Rect, chart: &Chart, styles: Styles<'_>) {
    let Some(plot) = plot(area) else { return };
    buffer.set_line(area.x + 1, area.y, &legend(chart, styles), area.width - 1);
    let range = chart.scale.range(chart.series.iter().map(|series| in_sight(chart, series)));
    axes(buffer, plot, chart, range, styles);
    for series in &chart.series {
        let style = match series.stroke {
            Stroke::Line | Stroke::Marks => styles.series(series.color),
            Stroke::Faint | Stroke::Band => styles.faint(),
        };
        curve(buffer, plot, chart, range, series, style);
    }
}

/// What each curve is called and what it says: last, or at the cursor.
fn legend<'a>(chart: &Chart, styles: Styles<'_>) -> Line<'a> {
    let named = |series: &&Series| matches!(series.stroke, Stroke::Line | Stroke::Marks);
    if chart.series.iter().all(|series| series.points.is_empty()) {
        return Line::styled("nothing measured yet", styles.faint());
    }
    let spans = chart.series.iter().filter(named).flat_map(|series| {
        let points = &series.points;
        let point = match chart.across.cursor {
            Some(cursor) => points.iter().take_while(|point| point.x <= cursor).last(),
            None => points.last(),
        };
        let value = point.map_or("-".to_owned(), |point| chart.scale.write(point.value));
        let name = if series.name.is_empty() { String::new() } else { format!("{} ", series.name) };
        [
            Span::styled(format!("{name}{} ", series.letter), styles.series(series.color)),
            Span::styled(value + "  ", styles.strong()),
        ]
    });
    spans.collect()
}

/// The points that lie between the ends of the axis.
fn in_sight<'a>(chart: &Chart, series: &'a Series) -> &'a [Point] {
    let (from, to) = (chart.across.from, chart.across.to);
    let first = series.points.partition_point(|point| point.x < from);
    let end = series.points.partition_point(|point| point.x <= to);
    &series.points[first.min(end)..end]
}

fn axes(buffer: &mut Buffer, plot: Rect, chart: &Chart, range: (f64, f64), styles: Styles<'_>) {
    let (low, high) = range;
    let last = plot.height - 1;
    let across = &chart.across;
    let cursor = across.cursor.map(|x| across.share(x)).filter(|share| (0.0..=1.0).contains(share));
    let cursor = cursor.map(|share| {
        let dots = Dots::of(plot);
        dots.cell(dots.column(share), 0).0
    });
    for row in 0..plot.height {
        let share = f64::from(last - row) / f64::from(last.max(1));
        let is_labelled = row == 0 || row == last || (row == last / 2 && last > 4);
        let label =
            if is_labelled { chart.scale.label(low + share * (high - low)) } else { String::new() };
        let text = format!("{} │", right(&label, usize::from(LABELS) - 2));
        buffer.set_stringn(plot.x - LABELS, plot.y + row, text, LABELS.into(), styles.faint());
        if let Some(column) = cursor {
            buffer.set_stringn(column, plot.y + row, "│", 1, styles.focus());
        }
    }
    let below = plot.y + plot.height;
    let width = usize::from(plot.width);
    buffer.set_stringn(plot.x, below, &across.left, width, styles.faint());
    let left = u16::try_from(across.left.chars().count() + 1).unwrap_or(plot.width);
    let room = plot.width.saturating_sub(left);
    let text = right(&across.right, room.into());
    buffer.set_stringn(plot.x + left.min(plot.width), below, text, room.into(), styles.faint());
}

/// What falls into one column of dots, as rows of dots from the top.
#[derive(Debug, Clone, Copy)]
struct Column {
    first: i32,
    top: i32,
    bottom: i32,
    last: i32,
}

#[expect(clippy::cast_sign_loss, reason = "dots of a screen")]
fn curve(
    buffer: &mut Buffer,
    plot: Rect,
    chart: &Chart,
    (low, high): (f64, f64),
    series: &Series,
    style: Style,
) {
    let dots = Dots::of(plot);
    let mut columns: Vec<Option<Column>> = vec![None; dots.columns as usize];
    let height = |value: f64| dots.row((chart.scale.height(value) - low) / (high - low));
    let mut marks = Vec::new();
    for point in in_sight(chart, series).iter().filter(|point| point.value.is_finite()) {
        let x = dots.column(chart.across.share(point.x));
        let (y, top, bottom) = (height(point.value), height(point.high), height(point.low));
        let column = columns[x as usize].get_or_insert(Column { first: y, top, bottom, last: y });
        *column = Column {
            first: column.first,
            top: column.top.min(top),
            bottom: column.bottom.max(bottom),
            last: y,
        };
        marks.push((x, y));
    }
    if series.stroke == Stroke::Band {
        return band(buffer, dots, &columns, style);
    }
    let mut before: Option<(i32, i32)> = None;
    for (x, column) in (0..).zip(&columns) {
        let Some(column) = column else { continue };
        if let Some(from) = before {
            dots.join(buffer, from, (x, column.first), style);
        }
        (column.top..=column.bottom).for_each(|y| dots.set(buffer, x, y, style));
        before = Some((x, column.last));
    }
    let lettered = match series.stroke {
        Stroke::Marks => &marks[..],
        Stroke::Line => &marks[marks.len().saturating_sub(1)..],
        Stroke::Faint | Stroke::Band => &[],
    };
    for (x, y) in lettered {
        buffer[dots.cell(*x, *y)].set_char(series.letter).set_style(style);
    }
}

/// The edges of a spread, joined.
fn band(buffer: &mut Buffer, dots: Dots, columns: &[Option<Column>], style: Style) {
    for edge in [|column: &Column| column.top, |column: &Column| column.bottom] {
        let mut before: Option<(i32, i32)> = None;
        for (x, column) in (0..).zip(columns) {
            let Some(column) = column else { continue };
            let here = (x, edge(column));
            dots.join(buffer, before.unwrap_or(here), here, style);
            before = Some(here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Axis,
        theme::{BUILTIN, Theme},
    };

    fn drawn(values: &[(f64, f64)], scale: Scale, cursor: Option<f64>) -> Vec<String> {
        let points = values.iter().map(|(x, value)| Point::at(*x, *value)).collect();
        let (name, letter, color, stroke) = ("train".to_owned(), 'a', 0, Stroke::Line);
        let series = vec![Series { name, points, letter, color, stroke }];
        let across = Across { cursor, ..Across::steps(100) };
        let chart = Chart { series, across, scale };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 6));
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let area = buffer.area;
        draw(&mut buffer, area, &chart, Styles(&theme));
        let rows = buffer.content.chunks(30);
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
    }

    #[test]
    fn a_curve_falls_from_the_top_to_its_letter() {
        let values = [(0.0, 2.0), (50.0, 1.0), (100.0, 0.0)];
        let rows = drawn(&values, Scale::Loss(Axis::Linear), None);
        assert!(rows[0].contains("train a 0.000"), "{rows:?}");
        assert!(rows[1].starts_with(" 2.00 │") && rows[4].ends_with('a'), "{rows:?}");
        assert!(rows[5].trim_end().ends_with("step 100"), "{rows:?}");
    }

    #[test]
    fn the_cursor_says_the_values_where_it_stands() {
        let values = [(0.0, 2.0), (50.0, 1.0), (100.0, 0.0)];
        let rows = drawn(&values, Scale::Loss(Axis::Linear), Some(60.0));
        assert!(rows[0].contains("train a 1.000"), "{rows:?}");
        assert!(rows[1].chars().skip(8).any(|sign| sign == '│'), "{rows:?}");
    }

    #[test]
    fn spikes_gaps_and_odd_values_are_drawn_without_harm() {
        for values in [
            &[(1.0, f64::NAN), (2.0, f64::INFINITY)][..],
            &[],
            &[(0.0, 0.0)],
            &[(0.0, 1e-9), (1e6, 1e9)],
            &[(-5.0, 1.0), (200.0, 2.0)],
        ] {
            for scale in
                [Scale::Loss(Axis::Linear), Scale::Loss(Axis::Logarithmic), Scale::Accuracy]
            {
                assert_eq!(drawn(values, scale, Some(7.0)).len(), 6);
            }
        }
    }
}
