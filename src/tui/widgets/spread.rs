//! How weights are distributed: kept ones above, pruned ones below, over one axis of values.
//!
//! ```text
//! kept, 37 in the highest column
//!      ▁▂▅█▇▃▁   ▂▅▇▅▂
//! ──────────────┼──────────────
//! -0.4          0          0.4
//! ```

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text::{fit, number, right};
use crate::{study::histogram::Histogram, theme::styles::Styles};

/// Eighths of a cell, from below.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws both distributions in so many columns, each so many rows high.
#[must_use]
pub fn spread(
    histogram: &Histogram,
    columns: usize,
    rows: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    // An odd number of columns has one in the middle, for zero.
    let columns = columns - usize::from(columns.is_multiple_of(2));
    let reach = round_up(histogram.reach());
    let bins = histogram.columns(columns, reach);
    let kept: Vec<usize> = bins.iter().map(|bin| bin.kept).collect();
    let pruned: Vec<usize> = bins.iter().map(|bin| bin.pruned).collect();
    let mut lines = Vec::new();
    for (name, counts, style) in
        [("kept", kept, styles.series(0)), ("pruned", pruned, styles.series(1))]
    {
        let most = counts.iter().copied().max().unwrap_or(0);
        let head = format!("{name}: the highest column stands for {} weights", number(most));
        lines.push(Line::styled(head, styles.faint()));
        lines.extend(bars(&counts, most, rows, style));
        lines.push(axis(columns, styles));
    }
    let end = if (1e-3..1e4).contains(&reach) { reach.to_string() } else { format!("{reach:.0e}") };
    let half = columns / 2;
    let zero = format!("{}0", fit(&format!("-{end}"), half));
    lines.push(Line::styled(zero + &right(&end, columns - half - 1), styles.faint()));
    lines
}

fn axis(columns: usize, styles: Styles<'_>) -> Line<'static> {
    let half = "─".repeat(columns / 2);
    Line::styled(format!("{half}┼{half}"), styles.border())
}

/// Counts as bars; whatever is there at all shows at least a little.
fn bars(counts: &[usize], most: usize, rows: usize, style: Style) -> Vec<Line<'static>> {
    let height = |count: usize| match count {
        0 => 0,
        count => (count * rows * 8).div_ceil(most.max(1)),
    };
    let row = |row: usize| {
        let below = (rows - 1 - row) * 8;
        let text: String = counts
            .iter()
            .map(|count| EIGHTHS[height(*count).saturating_sub(below).min(8)])
            .collect();
        Line::from(Span::styled(text, style))
    };
    (0..rows).map(row).collect()
}

/// The next of 1, 2, 5 times a power of ten, so that axes of like tensors are equal.
#[must_use]
pub fn round_up(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= value)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BUILTIN, Theme};
    use elth_core::mask::Mask;

    #[test]
    fn the_highest_column_is_full_and_a_single_weight_is_seen() {
        let weights: Vec<f32> = [0.9; 100].into_iter().chain([-0.9]).collect();
        let histogram = Histogram::of(&Mask::full(101), &weights);
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let lines = spread(&histogram, 20, 2, Styles(&theme));
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text[0], "kept: the highest column stands for 100 weights");
        assert_eq!((text[1].trim(), text[2].trim().chars().next()), ("█", Some('▁')));
        assert!(text.last().unwrap().starts_with("-1       0"), "{text:?}");
    }

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, end) in [(0.0, 1.0), (0.3, 0.5), (0.51, 1.0), (7.0, 10.0), (1.0, 1.0)] {
            assert!((round_up(value) - end).abs() < 1e-9, "{value}");
        }
    }
}
