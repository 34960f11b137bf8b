//! A screen as other terminals show it: in ASCII, in a theme's colours, and without colours.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Modifier, Style},
};

use crate::{
    theme::{
        BUILTIN, Theme,
        level::{Ability, Detail, Level, Signs},
        styles::Styles,
    },
    trying::Bench,
    view::view,
};

/// The screen in ASCII, then what stands out in the dark theme's colours, then without any.
pub fn of(bench: &Bench) -> String {
    let plain = drawn(bench, Level::None, Signs::Ascii);
    let colours = drawn(bench, Level::True, Signs::Unicode);
    format!(
        "{}\n\ncolours\n{}\nno colours\n{}",
        letters(&plain),
        standing_out(&colours),
        standing_out(&plain)
    )
}

fn drawn(bench: &Bench, level: Level, signs: Signs) -> Buffer {
    let mut buffer = Buffer::empty(bench.model.size.area());
    let theme = Theme::parse("dark", BUILTIN[1].1).unwrap();
    view(&bench.model, Styles(&theme), &mut buffer);
    Ability { level, signs, detail: Detail::Fine }.apply(&mut buffer);
    buffer
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width))
}

fn letters(buffer: &Buffer) -> String {
    let row = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
    rows(buffer).map(row).collect::<Vec<_>>().join("\n")
}

/// Row by row, the columns whose look is not that of plain text.
fn standing_out(buffer: &Buffer) -> String {
    let plain = buffer.content.last().map_or(Style::new(), Cell::style);
    let mut text = String::new();
    for (at, row) in rows(buffer).enumerate() {
        let mut line = String::new();
        let mut from = 0;
        for piece in row.chunk_by(|one, other| one.style() == other.style()) {
            let to = from + piece.len() - 1;
            if piece[0].style() != plain {
                let _ = write!(line, " {from}-{to} {}", look(&piece[0]));
            }
            from = to + 1;
        }
        if !line.is_empty() {
            let _ = writeln!(text, "{at}:{line}");
        }
    }
    text
}

fn look(cell: &Cell) -> String {
    let words = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::REVERSED, "inverse"),
        (Modifier::UNDERLINED, "underlined"),
    ];
    let words = words.into_iter().filter(|(modifier, _)| cell.modifier.contains(*modifier));
    let colour = (Style::reset().fg != Some(cell.fg)).then(|| cell.fg.to_string());
    let words = colour.into_iter().chain(words.map(|(_, word)| word.to_owned()));
    words.collect::<Vec<_>>().join("+")
}
