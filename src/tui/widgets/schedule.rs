//! The learning rate over the steps of a training, drawn before it starts: logarithmic, with what happens where below.
//!
//! ```text
//!  0.1  │⡖⠒⠒⠒⠒⠒⠒⠒⠒⡆
//!       │⡇        ⠧⠤⠤⠤⠤⡄
//! 0.001 │              ⠧⠤⠤⠤
//!        w   r    m    m   840
//! ```

use elth_core::schedule::{Training, tidy};
use ratatui::text::{Line, Span};

use super::text::right;
use crate::theme::styles::Styles;

/// Columns of the numbers beside the curve.
const LABELS: usize = 8;
/// Rows of the curve.
const ROWS: usize = 4;

/// A training whose rate is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Schedule<'a> {
    /// Its numbers.
    pub training: &'a Training,
    /// Steps in an epoch.
    pub per_epoch: u64,
    /// The step that it starts at; what lies before is drawn faint.
    pub start: u64,
    /// The step that it ends at.
    pub end: u64,
}

/// Draws the curve and the marks below it in so many columns.
#[must_use]
pub fn lines(schedule: Schedule<'_>, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let columns = width.saturating_sub(LABELS).max(8);
    let rates = rates(schedule, columns * 2);
    let highest = rates.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let lowest = rates.iter().copied().filter(|rate| *rate > 0.0).fold(highest, f64::min);
    let cells = cells(&rates, columns, (lowest, highest));
    let begun = column(schedule, schedule.start, columns);
    let mut lines = Vec::new();
    for (row, signs) in cells.iter().enumerate() {
        let label = match row {
            0 => tidy(highest),
            _ if row + 1 == ROWS && lowest < highest => tidy(lowest),
            _ => String::new(),
        };
        let text = |range: std::ops::Range<usize>| signs[range].iter().collect::<String>();
        lines.push(Line::from_iter([
            Span::styled(format!("{} │", right(&label, LABELS - 2)), styles.faint()),
            Span::styled(text(0..begun), styles.faint()),
            Span::styled(text(begun..columns), styles.series(0)),
        ]));
    }
    lines.push(Line::styled(" ".repeat(LABELS) + &marks(schedule, columns), styles.strong()));
    lines
}

/// What the letters below the curve mean, as far as they are there.
#[must_use]
pub fn legend(schedule: Schedule<'_>) -> String {
    let training = schedule.training;
    let milestones: Vec<_> = training.milestone_steps.iter().map(ToString::to_string).collect();
    let mut words = Vec::new();
    if training.warmup_steps.at(schedule.per_epoch) > 0 {
        words.push(format!("w warm-up until {}", training.warmup_steps));
    }
    if schedule.start > 0 {
        words.push(format!("r starts at step {}", schedule.start));
    }
    words.push(if milestones.is_empty() {
        "no milestones".to_owned()
    } else {
        format!("m x {} at {}", tidy(training.gamma), milestones.join(", "))
    });
    words.join(" · ")
}

/// The rate at so many points from the first step to the last.
fn rates(schedule: Schedule<'_>, points: usize) -> Vec<f64> {
    let last = schedule.end.saturating_sub(1);
    let at = |point: usize| u128::from(last) * point as u128 / (points - 1).max(1) as u128;
    let step = |point: usize| u64::try_from(at(point)).unwrap_or(last);
    (0..points).map(|it| schedule.training.lr_at(step(it), schedule.per_epoch)).collect()
}

/// The cells of the curve, in dots of two columns and four rows a cell; a rate of 0 lies at the bottom.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of a few rows")]
#[expect(clippy::cast_precision_loss, reason = "dots of a few rows")]
fn cells(rates: &[f64], columns: usize, (lowest, highest): (f64, f64)) -> Vec<Vec<char>> {
    // Bits of a braille cell by column and row of dots.
    const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    let bottom = 4 * ROWS - 1;
    let height = |rate: f64| {
        let span = (highest / lowest).ln();
        let share = if span > 0.0 { (rate.max(lowest) / lowest).ln() / span } else { 1.0 };
        let share = if rate > 0.0 { share } else { 0.0 };
        bottom - (share * bottom as f64).round() as usize
    };
    let mut dots = vec![vec![0_u32; columns]; ROWS];
    let mut before = rates.first().map_or(bottom, |rate| height(*rate));
    for (x, rate) in rates.iter().enumerate() {
        let here = height(*rate);
        for y in before.min(here)..=before.max(here) {
            dots[y / 4][x / 2] |= BITS[x % 2][y % 4];
        }
        before = here;
    }
    let sign =
        |bits: u32| if bits == 0 { ' ' } else { char::from_u32(0x2800 + bits).unwrap_or(' ') };
    dots.into_iter().map(|row| row.into_iter().map(sign).collect()).collect()
}

/// The column of a step.
fn column(schedule: Schedule<'_>, step: u64, columns: usize) -> usize {
    let at = u128::from(step) * columns as u128 / u128::from(schedule.end.max(1));
    usize::try_from(at).unwrap_or(columns).min(columns)
}

/// The letters below the curve, and the last step where there is room after them.
fn marks(schedule: Schedule<'_>, columns: usize) -> String {
    let (training, per_epoch) = (schedule.training, schedule.per_epoch);
    let mut marks = vec![' '; columns];
    let mut mark = |step: u64, letter: char| {
        if let Some(place) = marks.get_mut(column(schedule, step, columns)) {
            *place = letter;
        }
    };
    let warmup = training.warmup_steps.at(per_epoch);
    if warmup > 0 {
        mark(warmup, 'w');
    }
    if schedule.start > 0 {
        mark(schedule.start, 'r');
    }
    for step in &training.milestone_steps {
        mark(step.at(per_epoch), 'm');
    }
    let end = schedule.end.to_string();
    let free = columns.saturating_sub(end.len() + 1);
    if marks.iter().skip(free).all(|sign| *sign == ' ') {
        marks.truncate(columns.saturating_sub(end.len()));
        marks.extend(end.chars());
    }
    marks.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use elth_core::schedule::Step;

    use super::*;
    use crate::theme::{BUILTIN, Theme};

    fn drawn(training: &Training, start: u64) -> Vec<String> {
        let schedule = Schedule { training, per_epoch: 20, start, end: 400 };
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let lines = lines(schedule, 28, Styles(&theme));
        lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    #[test]
    fn drops_and_marks_stand_where_they_happen() {
        let training = Training {
            milestone_steps: vec![Step::iterations(200), Step::epochs(15)],
            warmup_steps: Step::iterations(40),
            ..elth_core::family::default_training(elth_core::blueprint::Family::CifarResnet)
        };
        let lines = drawn(&training, 100);
        assert!(lines[0].starts_with("   0.1 │"), "{lines:?}");
        assert!(lines[3].starts_with(" 0.001 │"), "{lines:?}");
        assert_eq!(lines[4], "          w  r    m    m 400");
        let words = "w warm-up until 40it · r starts at step 100 · m x 0.1 at 200it, 15ep";
        assert_eq!(
            legend(Schedule { training: &training, per_epoch: 20, start: 100, end: 400 }),
            words
        );
    }

    #[test]
    fn a_rate_that_stays_is_a_line_at_the_top() {
        let training = Training {
            milestone_steps: Vec::new(),
            ..elth_core::family::default_training(elth_core::blueprint::Family::CifarResnet)
        };
        let lines = drawn(&training, 0);
        assert!(lines[0].ends_with('⠉') && lines[3].ends_with('│'), "{lines:?}");
    }
}
