//! Curves in braille: a column of dots spans the least and the greatest value that fall into it.
//!
//! ```text
//! train a 0.4321  test b 0.5102
//!  2.5 │⠢⡀
//!      │ ⠈⠒⠤⣀⡀
//!    0 │      ⠈⠉⠒⠒a
//!      0         840
//! ```

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::text::right;
use crate::{model::Axis, theme::styles::Styles};

/// Columns that the numbers of the vertical axis take.
const LABELS: u16 = 7;

/// A curve.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its values by step.
    pub points: &'a BTreeMap<u64, f64>,
    /// The letter at its latest point, so that curves differ without colours.
    pub letter: char,
    /// The number of its colour: the same thing has the same in every chart.
    pub color: usize,
}

/// Curves over the same steps.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// The curves; later ones are drawn over earlier ones.
    pub series: &'a [Series<'a>],
    /// The last step of the axis: known beforehand, so that nothing slides.
    pub steps: u64,
    /// How values become heights.
    pub scale: Scale,
}

/// How values become heights, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From 0, or to the logarithm.
    Loss(Axis),
    /// Shares up to 1, from where the later half of the values begins.
    Accuracy,
}

/// Draws curves with their axes and latest values.
pub fn draw(buffer: &mut Buffer, area: Rect, chart: &Chart<'_>, styles: Styles<'_>) {
    if area.height < 4 || area.width < LABELS + 8 {
        return;
    }
    let legend = chart.series.iter().flat_map(|series| {
        let value = series.points.values().last().map_or("-".to_owned(), |v| chart.scale.write(*v));
        let name = format!("{} {} ", series.name, series.letter);
        [
            Span::styled(name, styles.series(series.color)),
            Span::styled(value + "  ", styles.strong()),
        ]
    });
    buffer.set_line(area.x + 1, area.y, &legend.collect::<Line>(), area.width - 1);
    let plot = Rect::new(area.x + LABELS, area.y + 1, area.width - LABELS, area.height - 2);
    let range = chart.scale.range(chart.series);
    axes(buffer, plot, chart, range, styles);
    for series in chart.series {
        curve(buffer, plot, chart, range, series, styles.series(series.color));
    }
}

impl Scale {
    /// A value as it is written.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Loss(_) if value >= 100.0 => format!("{value:.0}"),
            Self::Loss(_) => format!("{value:.3}"),
            Self::Accuracy => format!("{:.2} %", 100.0 * value),
        }
    }

    /// The lowest and the highest height, in the axis's own measure.
    fn range(self, series: &[Series<'_>]) -> (f64, f64) {
        let values = || series.iter().flat_map(|series| series.points.values()).copied();
        let finite = || values().filter(|value| value.is_finite());
        match self {
            Self::Loss(Axis::Linear) => (0.0, round_up(finite().fold(0.0, f64::max))),
            Self::Loss(Axis::Logarithmic) => {
                let positive = || finite().filter(|value| *value > 0.0).map(f64::log10);
                let (low, high) = (positive().fold(0.0, f64::min), positive().fold(0.0, f64::max));
                (low.floor(), high.ceil().max(low.floor() + 1.0))
            }
            Self::Accuracy => {
                let later = series.iter().flat_map(|s| s.points.values().skip(s.points.len() / 3));
                let least = later.copied().reduce(f64::min).unwrap_or(0.0);
                let starts = [0.98, 0.95, 0.9, 0.8, 0.5];
                (starts.into_iter().find(|start| *start <= least).unwrap_or(0.0), 1.0)
            }
        }
    }

    fn height(self, value: f64) -> f64 {
        match self {
            Self::Loss(Axis::Logarithmic) => value.max(1e-12).log10(),
            _ => value,
        }
    }

    fn label(self, height: f64) -> String {
        match self {
            Self::Loss(Axis::Logarithmic) => format!("{:.1e}", 10_f64.powf(height)),
            Self::Loss(Axis::Linear) if height == 0.0 => "0".to_owned(),
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

fn axes(buffer: &mut Buffer, plot: Rect, chart: &Chart<'_>, range: (f64, f64), styles: Styles<'_>) {
    let (low, high) = range;
    let last = plot.height - 1;
    for row in 0..plot.height {
        let share = f64::from(last - row) / f64::from(last.max(1));
        let is_labelled = row == 0 || row == last || (row == last / 2 && last > 4);
        let label =
            if is_labelled { chart.scale.label(low + share * (high - low)) } else { String::new() };
        let text = format!("{} │", right(&label, usize::from(LABELS) - 2));
        buffer.set_stringn(plot.x - LABELS, plot.y + row, text, LABELS.into(), styles.faint());
    }
    let end = chart.steps.to_string();
    let below = plot.y + plot.height;
    buffer.set_stringn(plot.x, below, "0", 1, styles.faint());
    let steps = right(&format!("step {end}"), usize::from(plot.width).saturating_sub(2));
    buffer.set_stringn(plot.x + 2, below, steps, usize::from(plot.width) - 2, styles.faint());
}

/// What falls into one column of dots, as rows of dots from the top.
#[derive(Debug, Clone, Copy)]
struct Column {
    first: i32,
    top: i32,
    bottom: i32,
    last: i32,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "dots of a screen"
)]
fn curve(
    buffer: &mut Buffer,
    plot: Rect,
    chart: &Chart<'_>,
    (low, high): (f64, f64),
    series: &Series<'_>,
    style: Style,
) {
    let (columns, rows) = (i32::from(plot.width) * 2, i32::from(plot.height) * 4);
    let mut dots: Vec<Option<Column>> = vec![None; columns as usize];
    let mut latest = None;
    for (step, value) in series.points.iter().filter(|(_, value)| value.is_finite()) {
        let along = *step as f64 / chart.steps.max(1) as f64;
        let x = ((along * f64::from(columns - 1)).round() as i32).clamp(0, columns - 1);
        let share = (chart.scale.height(*value) - low) / (high - low);
        let y =
            ((1.0 - share) * f64::from(rows - 1)).round().clamp(0.0, f64::from(rows - 1)) as i32;
        let column =
            dots[x as usize].get_or_insert(Column { first: y, top: y, bottom: y, last: y });
        (column.top, column.bottom, column.last) = (column.top.min(y), column.bottom.max(y), y);
        latest = Some((x, y));
    }
    let mut before: Option<(i32, i32)> = None;
    for (x, column) in (0..).zip(&dots) {
        let Some(column) = column else { continue };
        if let Some((from, level)) = before {
            join(buffer, plot, (from, level), (x, column.first), style);
        }
        (column.top..=column.bottom).for_each(|y| dot(buffer, plot, x, y, style));
        before = Some((x, column.last));
    }
    if let Some((x, y)) = latest {
        let cell = &mut buffer[(plot.x + (x / 2) as u16, plot.y + (y / 4) as u16)];
        cell.set_char(series.letter).set_style(style);
    }
}

/// Dots on the straight line between two points.
#[expect(clippy::cast_possible_truncation, reason = "dots of a screen")]
fn join(buffer: &mut Buffer, plot: Rect, from: (i32, i32), to: (i32, i32), style: Style) {
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).max(1);
    for step in 0..=steps {
        let share = f64::from(step) / f64::from(steps);
        let along =
            |from: i32, to: i32| (f64::from(from) + share * f64::from(to - from)).round() as i32;
        dot(buffer, plot, along(from.0, to.0), along(from.1, to.1), style);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of a screen")]
fn dot(buffer: &mut Buffer, plot: Rect, x: i32, y: i32, style: Style) {
    // Bits of a braille cell by column and row of dots.
    const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    let cell = &mut buffer[(plot.x + (x / 2) as u16, plot.y + (y / 4) as u16)];
    let there = cell.symbol().chars().next().map_or(0, u32::from);
    let there = if (0x2800..=0x28ff).contains(&there) { there - 0x2800 } else { 0 };
    let bit = BITS[(x % 2) as usize][(y % 4) as usize];
    if let Some(sign) = char::from_u32(0x2800 + (there | bit)) {
        cell.set_char(sign).set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BUILTIN, Theme};

    fn drawn(values: &[(u64, f64)], scale: Scale) -> Vec<String> {
        let points = values.iter().copied().collect();
        let series = [Series { name: "train", points: &points, letter: 'a', color: 0 }];
        let chart = Chart { series: &series, steps: 100, scale };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 6));
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let area = buffer.area;
        draw(&mut buffer, area, &chart, Styles(&theme));
        let rows = buffer.content.chunks(30);
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
    }

    #[test]
    fn a_curve_falls_from_the_top_to_its_letter() {
        let rows = drawn(&[(0, 2.0), (50, 1.0), (100, 0.0)], Scale::Loss(Axis::Linear));
        assert!(rows[0].contains("train a 0.000"), "{rows:?}");
        assert!(rows[1].starts_with(" 2.00 │") && rows[4].ends_with('a'), "{rows:?}");
        assert!(rows[5].trim_end().ends_with("step 100"), "{rows:?}");
    }

    #[test]
    fn spikes_gaps_and_odd_values_are_drawn_without_harm() {
        for values in [
            &[(1, f64::NAN), (2, f64::INFINITY)][..],
            &[],
            &[(0, 0.0)],
            &[(0, 1e-9), (1_000_000, 1e9)],
        ] {
            for scale in
                [Scale::Loss(Axis::Linear), Scale::Loss(Axis::Logarithmic), Scale::Accuracy]
            {
                assert_eq!(drawn(values, scale).len(), 6);
            }
        }
    }
}
