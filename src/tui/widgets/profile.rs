//! Densities of several tickets on one axis: a row for each unit, a letter for each ticket.
//!
//! ```text
//!           0 %                    20 %                  40 %
//! stage1 0  │      c         b                        a
//! stage1 1  │   c     b                     a
//! ```

use elth_core::ticket::Count;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    spread::round_up,
    text::{brief, fit, right},
};
use crate::{model::Axis, theme::styles::Styles};

/// Columns that the names of units take.
const NAMES: usize = 10;

/// The least density that a logarithmic axis shows: less is drawn at its left end.
const LEAST: f64 = 1e-4;

/// One ticket's densities.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// Its letter.
    pub letter: char,
    /// Kept and all weights of every row's unit, where it has such a unit.
    pub counts: Vec<Option<Count>>,
}

/// The letter of the ticket with that number.
#[must_use]
pub fn letter(number: usize) -> char {
    let letters = ('a'..='z').chain('A'..='Z');
    letters.clone().nth(number % letters.count()).unwrap_or('a')
}

/// Draws the profiles; `rows` names the units, the chosen one is marked.
#[must_use]
pub fn profiles(
    profiles: &[Profile],
    rows: &[String],
    chosen: usize,
    columns: usize,
    axis: Axis,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let room = columns.saturating_sub(NAMES + 3).max(1);
    let counts = profiles.iter().flat_map(|profile| &profile.counts).flatten();
    let most = counts.map(|count| count.density()).fold(0.0, f64::max);
    let end = if axis == Axis::Logarithmic { 1.0 } else { round_up(most).min(1.0) };
    let mut lines = vec![scale(end, room, axis, styles)];
    for (at, name) in rows.iter().enumerate() {
        let marker = if at == chosen { "›" } else { " " };
        let style = if at == chosen { styles.strong() } else { styles.faint() };
        let mut spans = vec![
            Span::styled(format!("{marker}{} ", fit(name, NAMES)), style),
            Span::styled("│", styles.border()),
        ];
        spans.extend(letters(profiles, at, end, room, axis, styles));
        lines.push(Line::from(spans));
    }
    lines
}

/// Where densities lie on the axis.
fn scale(end: f64, room: usize, axis: Axis, styles: Styles<'_>) -> Line<'static> {
    let ticks = match axis {
        Axis::Linear => [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| share * end),
        Axis::Logarithmic => [1e-4, 1e-3, 1e-2, 1e-1, 1.0],
    };
    let mut text = " ".repeat(NAMES + 3);
    for tick in ticks {
        let label = if tick > 0.0 && tick < 1e-3 { "0.01%".to_owned() } else { brief(tick) };
        let at = NAMES + 3 + place(tick, end, room, axis);
        let start = at.min((NAMES + 3 + room).saturating_sub(label.len()));
        if text.chars().count() <= start {
            text = fit(&text, start) + &label + " ";
        }
    }
    Line::styled(text, styles.faint())
}

/// The column of a density.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few columns"
)]
fn place(density: f64, end: f64, room: usize, axis: Axis) -> usize {
    let share = match axis {
        Axis::Linear => density / end,
        Axis::Logarithmic => 1.0 - density.max(LEAST).log10() / LEAST.log10(),
    };
    (share.clamp(0.0, 1.0) * (room - 1) as f64).round() as usize
}

/// A row's letters; where several fall into one cell, a `*`.
fn letters(
    profiles: &[Profile],
    row: usize,
    end: f64,
    room: usize,
    axis: Axis,
    styles: Styles<'_>,
) -> Vec<Span<'static>> {
    let mut cells: Vec<Option<(char, Style)>> = vec![None; room];
    for (number, profile) in profiles.iter().enumerate() {
        let Some(Some(count)) = profile.counts.get(row) else { continue };
        let cell = &mut cells[place(count.density(), end, room, axis)];
        *cell = Some(match cell {
            Some(_) => ('*', styles.strong()),
            None => (profile.letter, styles.series(number)),
        });
    }
    let span = |cell: Option<(char, Style)>| match cell {
        Some((letter, style)) => Span::styled(letter.to_string(), style),
        None => Span::raw(" "),
    };
    cells.into_iter().map(span).collect()
}

/// What the letters stand for, with the density of the chosen row and of all.
#[must_use]
pub fn legend(
    profiles: &[Profile],
    totals: &[Count],
    chosen: usize,
    columns: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let names = columns.saturating_sub(20);
    let head = format!("  {}{}{}", fit("ticket", names), right("here", 8), right("all", 8));
    let mut lines = vec![Line::styled(head, styles.faint())];
    for (number, (profile, total)) in profiles.iter().zip(totals).enumerate() {
        let here = profile.counts.get(chosen).copied().flatten();
        let here = here.map_or("-".to_owned(), |count| brief(count.density()));
        lines.push(Line::from_iter([
            Span::styled(format!("{} ", profile.letter), styles.series(number)),
            Span::raw(fit(&profile.name, names)),
            Span::raw(right(&here, 8)),
            Span::raw(right(&brief(total.density()), 8)),
        ]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BUILTIN, Theme};

    #[test]
    fn letters_lie_where_their_densities_are() {
        let count = |kept| Some(Count { kept, weights: 100 });
        let named = |letter, counts| Profile { name: "x".to_owned(), letter, counts };
        let all = [
            named('a', vec![count(50), count(10), None]),
            named('b', vec![count(25), count(10), count(0)]),
        ];
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let rows = ["one", "two", "three"].map(str::to_owned);
        let lines = profiles(&all, &rows, 1, NAMES + 3 + 41, Axis::Linear, Styles(&theme));
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let place = |row: usize, letter| text[row].chars().position(|l| l == letter).unwrap();
        assert_eq!(place(1, 'a') - place(1, '│'), 41);
        assert_eq!(place(1, 'b') - place(1, '│'), 21);
        assert!(text[2].contains('*') && text[2].starts_with("›two"), "{text:?}");
        assert_eq!(place(3, 'b') - place(3, '│'), 1);
        assert_eq!([0, 25, 26, 52].map(letter), ['a', 'z', 'A', 'a']);
    }
}
