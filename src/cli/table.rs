//! Tables of plain text: columns as wide as their cells, numbers on the right.

use crate::cli::paper::Paper;

/// Where a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table under construction.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

/// Blanks between two columns.
const GAP: &str = "  ";

impl Table {
    /// A table of these columns, without rows.
    pub fn new(columns: &[(&'static str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row: one cell a column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Draws title line and rows, each ending with a line break and no blanks before it.
    pub fn draw(&self, paper: Paper) -> String {
        let widths = self.widths();
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| (*title).into()).collect();
        let mut text = paper.bold(&self.line(&titles, &widths)) + "\n";
        for row in &self.rows {
            text += &self.line(row, &widths);
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let column = |(at, (title, _)): (usize, &(&str, Side))| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| width(cell)).chain([width(title)]).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(column).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let columns = cells.iter().zip(widths).zip(&self.columns);
        let padded = columns.map(|((cell, width), (_, side))| pad(cell, *width, *side));
        let line = padded.collect::<Vec<_>>().join(GAP);
        line.trim_end().to_owned()
    }
}

fn pad(cell: &str, wanted: usize, side: Side) -> String {
    let blanks = " ".repeat(wanted.saturating_sub(width(cell)));
    match side {
        Side::Left => format!("{cell}{blanks}"),
        Side::Right => format!("{blanks}{cell}"),
    }
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_left_numbers_right_and_no_line_ends_in_blanks() {
        let mut table =
            Table::new(&[("name", Side::Left), ("kept", Side::Right), ("", Side::Left)]);
        table.row(["stem".into(), "7".into(), String::new()]);
        table.row(["stage1".into(), "1,234".into(), "*".into()]);
        let plain = Paper { styled: false, unicode: true };
        assert_eq!(table.draw(plain), "name     kept\nstem        7\nstage1  1,234  *\n");
    }
}
