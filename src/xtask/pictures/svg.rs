//! A terminal's screen as an SVG: letters as text, frames, blocks and dots as shapes, so that no font spoils them.

use std::{collections::BTreeMap, fmt::Write as _};

use vt100::{Cell, Color, Screen};

/// A cell in units of the picture.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;

/// Where letters stand in a cell, from its top.
const BASE: f64 = 13.5;

/// Around the screen.
const MARGIN: f64 = 10.0;

/// The sixteen colours where a screen asks for one of them.
const ANSI: [&str; 16] = [
    "#1c1c1c", "#d75f5f", "#5faf5f", "#d7af5f", "#5f87d7", "#af87d7", "#5fafaf", "#d0d0d0",
    "#808080", "#ff8787", "#87d787", "#ffd787", "#87afff", "#d7afff", "#87d7d7", "#ffffff",
];

/// A terminal's own colours where nothing is said.
const TEXT: &str = "#d0d0d0";
const BACKGROUND: &str = "#161616";

/// How a cell looks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    text: String,
    background: String,
    bold: bool,
    dim: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (text, background) = (colour(cell.fgcolor(), TEXT), colour(cell.bgcolor(), BACKGROUND));
        let (text, background) =
            if cell.inverse() { (background, text) } else { (text, background) };
        Self { text, background, bold: cell.bold(), dim: cell.dim() }
    }
}

/// Draws the screen.
pub fn of(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f64::from(columns) * WIDTH, f64::from(rows) * HEIGHT);
    let paper =
        screen.cell(0, columns - 1).map_or(BACKGROUND.to_owned(), |c| Look::of(c).background);
    let (all_wide, all_high) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {all_wide:.0} {all_high:.0}\" width=\"{all_wide:.0}\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{paper}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\">\n"
    );
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    let mut letters = String::new();
    for row in 0..rows {
        draw_row(screen, row, &paper, &mut shapes, &mut letters);
    }
    for (fill, path) in shapes {
        // Writing to a string cannot fail.
        let _ = writeln!(svg, "<path {fill} d=\"{path}\"/>");
    }
    svg + &letters + "</g>\n</svg>\n"
}

/// Backgrounds and shapes cell by cell, letters in pieces that look the same.
fn draw_row(
    screen: &Screen,
    row: u16,
    paper: &str,
    shapes: &mut BTreeMap<String, String>,
    letters: &mut String,
) {
    let y = f64::from(row) * HEIGHT;
    let mut piece: Option<(u16, Look, String)> = None;
    for column in 0..screen.size().1 {
        let Some(cell) = screen.cell(row, column) else { continue };
        let (look, x) = (Look::of(cell), f64::from(column) * WIDTH);
        if look.background != paper {
            let key = format!("fill=\"{}\" shape-rendering=\"crispEdges\"", look.background);
            // Backgrounds sort before shapes: `0` is no letter of a colour's name.
            shapes
                .entry(format!("data-layer=\"0\" {key}"))
                .or_default()
                .push_str(&rect(x, y, WIDTH, HEIGHT));
        }
        let sign = cell.contents();
        if let Some(path) = sign.chars().next().and_then(|sign| shape(sign, x, y)) {
            let opacity = if look.dim { " opacity=\".6\"" } else { "" };
            let key = format!("data-layer=\"1\" fill=\"{}\"{opacity}", look.text);
            shapes.entry(key).or_default().push_str(&path);
            finish(&mut piece, y, letters);
        } else if sign.trim().is_empty() {
            finish(&mut piece, y, letters);
        } else if let Some((_, _, text)) = piece.as_mut().filter(|(_, other, _)| *other == look) {
            text.push_str(sign);
        } else {
            finish(&mut piece, y, letters);
            piece = Some((column, look, sign.to_owned()));
        }
    }
    finish(&mut piece, y, letters);
}

fn finish(piece: &mut Option<(u16, Look, String)>, y: f64, letters: &mut String) {
    let Some((column, look, text)) = piece.take() else { return };
    let (x, y) = (f64::from(column) * WIDTH, y + BASE);
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let opacity = if look.dim { " opacity=\".6\"" } else { "" };
    let signs = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let long = f64::from(signs) * WIDTH;
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Writing to a string cannot fail.
    let _ = writeln!(
        letters,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{long:.1}\" fill=\"{}\"{weight}{opacity}>{text}</text>",
        look.text
    );
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("M{x:.1} {y:.1}h{width:.1}v{height:.1}h{:.1}z", -width)
}

/// A sign that is drawn rather than written.
fn shape(sign: char, x: f64, y: f64) -> Option<String> {
    let code = u32::from(sign);
    match sign {
        // Lower blocks of one to eight eighths.
        '▁'..='█' => {
            let part = f64::from(code - 0x2580) / 8.0 * HEIGHT;
            Some(rect(x, y + HEIGHT - part, WIDTH, part))
        }
        // Left blocks of seven eighths to one.
        '▉'..='▏' => Some(rect(x, y, f64::from(0x2590 - code) / 8.0 * WIDTH, HEIGHT)),
        '▀' => Some(rect(x, y, WIDTH, HEIGHT / 2.0)),
        '\u{2801}'..='\u{28ff}' => Some(dots(code - 0x2800, x, y)),
        _ => frame(sign).map(|sides| lines(sides, x, y)),
    }
}

/// The eight dots of a braille sign.
fn dots(bits: u32, x: f64, y: f64) -> String {
    let places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
    let set = places.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    let dot = |(_, (column, row)): (usize, &(u8, u8))| {
        let (column, row) = (f64::from(*column), f64::from(*row));
        rect(x + column * WIDTH / 2.0 + 1.2, y + row * HEIGHT / 4.0 + 1.2, 1.9, 1.9)
    };
    set.map(dot).collect()
}

/// Which sides of its cell a frame's sign touches: left, right, up, down.
fn frame(sign: char) -> Option<[bool; 4]> {
    let touched = match sign {
        '─' | '━' => "lr",
        '│' | '┃' => "ud",
        '┌' | '╭' => "rd",
        '┐' | '╮' => "ld",
        '└' | '╰' => "ru",
        '┘' | '╯' => "lu",
        '├' => "rud",
        '┤' => "lud",
        '┬' => "lrd",
        '┴' => "lru",
        '┼' => "lrud",
        _ => return None,
    };
    Some(['l', 'r', 'u', 'd'].map(|side| touched.contains(side)))
}

fn lines([left, right, up, down]: [bool; 4], x: f64, y: f64) -> String {
    let (middle, centre) = (x + WIDTH / 2.0 - 0.5, y + HEIGHT / 2.0 - 0.5);
    let sides = [
        (left, rect(x, centre, WIDTH / 2.0 + 0.5, 1.0)),
        (right, rect(middle, centre, WIDTH / 2.0 + 0.5, 1.0)),
        (up, rect(middle, y, 1.0, HEIGHT / 2.0 + 0.5)),
        (down, rect(middle, centre, 1.0, HEIGHT / 2.0 + 0.5)),
    ];
    sides.into_iter().filter(|(is_there, _)| *is_there).map(|(_, path)| path).collect()
}

fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Idx(index @ 0..16) => ANSI[usize::from(index)].to_owned(),
        Color::Idx(index @ 16..232) => {
            let at = index - 16;
            let part = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let [red, green, blue] = [at / 36, at / 6 % 6, at % 6].map(part);
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        Color::Idx(grey) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (grey - 232)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_becomes_text_and_shapes() {
        let mut parser = vt100::Parser::new(2, 10, 0);
        parser.process("a<b \x1b[31m█\x1b[0m┌⠁\r\n\x1b[7mon\x1b[0m".as_bytes());
        let svg = of(parser.screen());
        for piece in [">a&lt;b</text>", "fill=\"#d75f5f\"", "fill=\"#d0d0d0\" shape", ">on</text>"]
        {
            assert!(svg.contains(piece), "no {piece} in\n{svg}");
        }
        assert_eq!(svg.matches("<text").count(), 2, "{svg}");
    }
}
