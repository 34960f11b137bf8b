//! A mapping as a picture: source units on the left, target units on the right, a line for each copy.
//!
//! ```text
//! stage1  2 → 3           stage2  2 → 3
//!  0 ⠒⠒⠒⠒  0←0 ▄▅▄▄        0 ⠒⠒⠒⠒  0←0 ▃▄▃▃
//!  1 ⠒⠢⠒⠒ ›1←1 ▂▃▂▂        1 ⠒⠢⠒⠒  1←1 ▂▁▂▂
//!      ⠑⠒  2←1 ▂▃▂▂            ⠑⠒  2←1 ▂▁▂▂
//! ```

use elth_core::blueprint::Blueprint;
use ratatui::text::{Line, Span};

use super::{heatmap, text::fit};
use crate::{
    portrait::{Portrait, StagePortrait},
    theme::styles::Styles,
};

/// Columns of a source unit, of a target unit, and between two stages.
const SOURCE: usize = 3;
const TARGET: usize = 7;
const BETWEEN: usize = 1;
/// Least and most columns of the lines.
const LINES: std::ops::RangeInclusive<usize> = 3..=12;
/// Columns from which on a unit's density is drawn beside it.
const HEAT: usize = 26;

/// One elastic stage.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// Its name.
    pub name: &'a str,
    /// Source units.
    pub sources: usize,
    /// Units of the target model.
    pub depth: usize,
    /// What fills each target unit.
    pub filled: &'a [Vec<usize>],
    /// The source's picture, once it was read.
    pub heat: Option<&'a StagePortrait>,
}

/// The elastic stages of two models, side by side.
#[must_use]
pub fn stages<'a>(
    source: &'a Blueprint,
    target: &'a Blueprint,
    filled: &'a [Vec<Vec<usize>>],
    portrait: Option<&'a Portrait>,
) -> Vec<Stage<'a>> {
    let pairs = source.elastic_stages().zip(target.elastic_stages()).zip(filled);
    let stages = pairs.map(|(((at, from), (_, to)), filled)| Stage {
        name: &to.name,
        sources: from.units.len(),
        depth: to.units.len(),
        filled,
        heat: portrait.and_then(|portrait| portrait.stages.get(at)),
    });
    stages.collect()
}

/// Where one is in a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Stage and target unit, where keys go to the picture.
    pub at: Option<(usize, usize)>,
    /// The unit of that stage that is held.
    pub held: Option<usize>,
}

/// What is drawn, and the line that the cursor is on.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// The lines.
    pub lines: Vec<Line<'static>>,
    /// The line of the cursor.
    pub cursor: Option<usize>,
    /// Whether units are drawn with their densities.
    pub has_heat: bool,
}

/// Draws stages side by side as far as there is room; `wrong` says which target units cannot stay so.
#[must_use]
pub fn picture(
    stages: &[Stage<'_>],
    cursor: Cursor,
    wrong: &[(usize, usize)],
    width: usize,
    styles: Styles<'_>,
) -> Picture {
    let (beside, column) = columns(stages, width);
    let mut picture = Picture { has_heat: column >= HEAT, ..Picture::default() };
    for (group, chunk) in stages.chunks(beside).enumerate() {
        let heads = chunk.iter().map(|stage| {
            let head = format!(" {}  {} → {}", stage.name, stage.sources, stage.depth);
            Span::styled(fit(&head, column + BETWEEN), styles.faint())
        });
        picture.lines.push(heads.collect::<Line>());
        let drawn: Vec<Vec<Line>> = (group * beside..)
            .zip(chunk)
            .map(|(at, stage)| rows(stage, at, cursor, wrong, column, styles))
            .collect();
        let rows = drawn.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..rows {
            if cursor.at.is_some_and(|(at, unit)| at / beside == group && unit == row) {
                picture.cursor = Some(picture.lines.len());
            }
            let mut spans = Vec::new();
            for stage in &drawn {
                let line = stage.get(row).cloned().unwrap_or_default();
                let gap = (column + BETWEEN).saturating_sub(line.width());
                spans.extend(line.spans);
                spans.push(Span::raw(" ".repeat(gap)));
            }
            picture.lines.push(Line::from(spans));
        }
    }
    picture
}

/// How many stages lie side by side, and how wide each is.
fn columns(stages: &[Stage<'_>], width: usize) -> (usize, usize) {
    let least = SOURCE + LINES.start() + TARGET + BETWEEN;
    let beside = ((width + BETWEEN) / least).clamp(1, stages.len().max(1));
    (beside, ((width + BETWEEN) / beside).saturating_sub(BETWEEN).min(72))
}

/// Rows of a stage: its source or its target units, whichever are more.
fn height(stage: &Stage<'_>) -> usize {
    stage.sources.max(stage.filled.len())
}

/// The line of the picture that a unit of a stage is drawn in.
#[must_use]
pub fn line_of(stages: &[Stage<'_>], width: usize, (stage, unit): (usize, usize)) -> Option<usize> {
    let (beside, _) = columns(stages, width);
    let groups = stages.chunks(beside).take(stage / beside);
    let above = groups.map(|chunk| 1 + chunk.iter().map(height).max().unwrap_or(0));
    (stage < stages.len()).then(|| above.sum::<usize>() + 1 + unit)
}

/// The stage and the target unit that lie in that line and column of the picture.
#[must_use]
pub fn unit_at(
    stages: &[Stage<'_>],
    width: usize,
    line: usize,
    column: usize,
) -> Option<(usize, usize)> {
    let (beside, wide) = columns(stages, width);
    let mut top = 1;
    for (group, chunk) in stages.chunks(beside).enumerate() {
        let rows = chunk.iter().map(height).max().unwrap_or(0);
        let at = column / (wide + BETWEEN);
        let (stage, unit) = (chunk.get(at), line.checked_sub(top)?);
        if unit < rows {
            let is_there = stage.is_some_and(|stage| unit < stage.filled.len());
            return is_there.then_some((group * beside + at, unit));
        }
        top += rows + 1;
    }
    None
}

fn rows(
    stage: &Stage<'_>,
    at: usize,
    cursor: Cursor,
    wrong: &[(usize, usize)],
    column: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let room = column.saturating_sub(SOURCE + TARGET);
    let lines = if column >= HEAT { room / 3 } else { room }.clamp(*LINES.start(), *LINES.end());
    let count = height(stage);
    let drawn = threads(stage, count, lines);
    let rows = (0..count).map(|row| {
        let mut spans = vec![source(stage, row, styles)];
        spans.extend(drawn[row].iter().map(|cell| match cell.from {
            Some(from) => Span::styled(cell.sign().to_string(), styles.series(from)),
            None => Span::raw(" "),
        }));
        if row < stage.filled.len() {
            spans.push(target(stage, (at, row), cursor, wrong.contains(&(at, row)), styles));
            if column >= HEAT {
                let heat = room.saturating_sub(lines + 1);
                spans.extend(density(stage, row, heat, styles));
            }
        }
        Line::from(spans)
    });
    rows.collect()
}

/// A source unit; one that nothing comes of is marked.
fn source(stage: &Stage<'_>, unit: usize, styles: Styles<'_>) -> Span<'static> {
    let is_used = stage.filled.iter().any(|filled| filled.contains(&unit));
    match unit < stage.sources {
        false => Span::raw(" ".repeat(SOURCE)),
        true if is_used => Span::styled(fit(&format!("{unit:>2}"), SOURCE), styles.series(unit)),
        true => Span::styled(fit(&format!("{unit:>2}✗"), SOURCE), styles.faint()),
    }
}

/// A target unit with what fills it: `2←1`, `3←?`, `4←1+✗`.
fn target(
    stage: &Stage<'_>,
    (at, unit): (usize, usize),
    cursor: Cursor,
    is_wrong: bool,
    styles: Styles<'_>,
) -> Span<'static> {
    let filled = match stage.filled[unit].as_slice() {
        [] => "?".to_owned(),
        [from] => from.to_string(),
        [first, ..] => format!("{first}+"),
    };
    let is_here = cursor.at == Some((at, unit));
    let is_held = cursor.at.is_some_and(|(here, _)| here == at) && cursor.held == Some(unit);
    let sign = match (is_here, is_held) {
        (_, true) => "■",
        (true, false) => "›",
        (false, false) => " ",
    };
    let flaw = if is_wrong { "✗" } else { "" };
    let text = fit(&format!("{sign}{unit:>2}←{filled}{flaw}"), TARGET);
    let style = match (is_here, is_wrong) {
        (true, _) => styles.selected(),
        (false, true) => styles.bad(),
        (false, false) if unit >= stage.depth => styles.bad(),
        (false, false) => styles.text(),
    };
    Span::styled(text, style)
}

fn density(stage: &Stage<'_>, unit: usize, room: usize, styles: Styles<'_>) -> Vec<Span<'static>> {
    let &[from] = stage.filled[unit].as_slice() else { return Vec::new() };
    stage.heat.map_or(Vec::new(), |portrait| heatmap::unit(portrait, from, room, styles))
}

/// A cell of the lines: dots, and the source unit whose line came last.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    dots: u32,
    from: Option<usize>,
}

impl Cell {
    fn sign(self) -> char {
        char::from_u32(0x2800 + self.dots).unwrap_or(' ')
    }
}

/// The lines from source to target units, in dots of two columns and four rows a cell.
fn threads(stage: &Stage<'_>, rows: usize, columns: usize) -> Vec<Vec<Cell>> {
    // Bits of a braille cell by column and row of dots.
    const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    let mut cells = vec![vec![Cell::default(); columns]; rows];
    let last = (2 * columns - 1).max(1);
    for (to, filled) in stage.filled.iter().enumerate() {
        for from in filled.iter().copied().filter(|from| *from < stage.sources) {
            for x in 0..=last {
                // Second row of dots of each, halves rounded down.
                let y = 1 + (4 * from * (last - x) + 4 * to * x + last / 2) / last;
                let cell = &mut cells[y / 4][x / 2];
                cell.dots |= BITS[x % 2][y % 4];
                cell.from = Some(from);
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BUILTIN, Theme};

    fn check(
        sources: usize,
        filled: &[Vec<usize>],
        cursor: Cursor,
        wrong: &[(usize, usize)],
        expected: &[&str],
    ) {
        let depth = filled.len();
        let stage = Stage { name: "s", sources, depth, filled, heat: None };
        let theme = Theme::parse("terminal", BUILTIN[0].1).unwrap();
        let picture = picture(&[stage], cursor, wrong, 16, Styles(&theme));
        let lines: Vec<_> =
            picture.lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect();
        assert_eq!(lines[1..], *expected);
    }

    #[test]
    fn every_copy_has_a_line_and_every_flaw_a_sign() {
        let one = |units: &[usize]| units.iter().map(|unit| vec![*unit]).collect::<Vec<_>>();
        let straight = [" 0 ⠒⠒⠒⠒⠒⠒  0←0", " 1 ⠒⠒⠒⠒⠒⠒  1←1"];
        check(2, &one(&[0, 1]), Cursor::default(), &[], &straight);
        let crossed = [" 0 ⠒⠤⢄⡠⠤⠒  0←1", " 1 ⠒⠉⠁⠈⠉⠒  1←0"];
        check(2, &one(&[1, 0]), Cursor::default(), &[], &crossed);
        let here = Cursor { at: Some((0, 1)), held: Some(0) };
        let wrong = [(0, 1), (0, 2)];
        let drawn = [" 0 ⠒⠒⠒⠒⠒⠒■ 0←0", " 1✗      › 1←?✗", "           2←7✗"];
        check(2, &[vec![0], vec![], vec![7]], here, &wrong, &drawn);
    }
}
