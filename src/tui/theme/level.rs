//! What the terminal can show: colours and signs are brought down to it at the edge, after drawing.

use ratatui::{buffer::Buffer, style::Color};

use crate::widgets::plain;

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// None: weight and inversion only.
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All.
    True,
}

/// Which signs there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// All of Unicode.
    Unicode,
    /// ASCII only.
    Ascii,
}

/// How finely curves are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Dot by dot.
    Fine,
    /// By halves of a cell: fewer cells change from one frame to the next.
    Coarse,
}

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ability {
    /// Its colours.
    pub level: Level,
    /// Its signs.
    pub signs: Signs,
    /// How fine its pictures are to be.
    pub detail: Detail,
}

impl Ability {
    /// Judges by the environment alone: no terminal is asked, because some never answer.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = said("LC_ALL").or(said("LC_CTYPE")).or(said("LANG")).unwrap_or_default();
        let locale = locale.to_lowercase().replace('-', "");
        let signs = if locale.contains("utf8") { Signs::Unicode } else { Signs::Ascii };
        let term = said("TERM").unwrap_or_default();
        let colors = said("COLORTERM").unwrap_or_default();
        let level = if said("NO_COLOR").is_some() || term == "dumb" || term.is_empty() {
            Level::None
        } else if ["truecolor", "24bit"].contains(&colors.as_str()) || term.ends_with("-direct") {
            Level::True
        } else if term.contains("256color") || is_modern(&term) {
            Level::Indexed
        } else {
            Level::Sixteen
        };
        Self { level, signs, detail: Detail::Fine }
    }

    /// Brings what was drawn down to what the terminal can show.
    pub fn apply(self, buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            cell.fg = nearest(cell.fg, self.level);
            cell.bg = nearest(cell.bg, self.level);
            if let Some(coarse) =
                plain::coarse(cell.symbol()).filter(|_| self.detail == Detail::Coarse)
            {
                cell.set_char(coarse);
            }
            if self.signs == Signs::Ascii && !cell.symbol().is_ascii() {
                let plain = plain::ascii(cell.symbol());
                cell.set_char(plain);
            }
        }
    }
}

/// Terminals that know 256 colours without saying so in their name.
fn is_modern(term: &str) -> bool {
    ["kitty", "alacritty", "foot", "ghostty", "wezterm", "tmux", "screen"]
        .iter()
        .any(|name| term.contains(name))
}

/// The nearest colour that there is.
#[must_use]
pub fn nearest(color: Color, level: Level) -> Color {
    match (level, color) {
        (Level::None, _) => Color::Reset,
        (Level::Sixteen, Color::Rgb(..) | Color::Indexed(16..)) => sixteen(rgb(color)),
        (Level::Indexed, Color::Rgb(..)) => Color::Indexed(indexed(rgb(color))),
        _ => color,
    }
}

/// The sixteen in their usual values, which terminals vary.
const ANSI: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// Steps of the colour cube among the 256.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn sixteen(wanted: [u8; 3]) -> Color {
    let by_distance = ANSI.iter().min_by_key(|(_, value)| distance(*value, wanted));
    by_distance.map_or(Color::Reset, |(color, _)| *color)
}

fn indexed(wanted: [u8; 3]) -> u8 {
    let choices = (16..=255_u8).min_by_key(|index| distance(rgb(Color::Indexed(*index)), wanted));
    choices.unwrap_or(15)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn rgb(color: Color) -> [u8; 3] {
    match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index @ 16..=231) => {
            let at = usize::from(index - 16);
            [CUBE[at / 36], CUBE[at / 6 % 6], CUBE[at % 6]]
        }
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3],
        Color::Indexed(index) => ANSI[usize::from(index)].1,
        named => ANSI.iter().find(|(name, _)| *name == named).map_or([0; 3], |(_, value)| *value),
    }
}

/// Contrast of two colours as the web's accessibility guidelines count it, 1 to 21.
#[must_use]
pub fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: Color) -> f64 {
    let linear = rgb(color).map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], level: Level, signs: Signs) {
        let read = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(
            Ability::read(read),
            Ability { level, signs, detail: Detail::Fine },
            "{variables:?}"
        );
    }

    #[test]
    fn the_environment_says_what_a_terminal_can_show() {
        let xterm = ("TERM", "xterm-256color");
        let utf8 = ("LANG", "de_DE.UTF-8");
        check(&[xterm, utf8], Level::Indexed, Signs::Unicode);
        check(&[xterm, utf8, ("COLORTERM", "truecolor")], Level::True, Signs::Unicode);
        check(&[xterm, utf8, ("NO_COLOR", "1")], Level::None, Signs::Unicode);
        check(&[xterm, utf8, ("NO_COLOR", "")], Level::Indexed, Signs::Unicode);
        check(&[xterm, utf8, ("LC_ALL", "C")], Level::Indexed, Signs::Ascii);
        check(&[("TERM", "linux"), ("LC_CTYPE", "C.utf8")], Level::Sixteen, Signs::Unicode);
        check(&[("TERM", "dumb"), utf8], Level::None, Signs::Unicode);
        check(&[], Level::None, Signs::Ascii);
    }

    #[test]
    fn colours_become_the_nearest_that_there_are() {
        for (color, level, there) in [
            (Color::Rgb(255, 0, 10), Level::True, Color::Rgb(255, 0, 10)),
            (Color::Rgb(255, 0, 10), Level::Indexed, Color::Indexed(196)),
            (Color::Rgb(250, 10, 10), Level::Sixteen, Color::LightRed),
            (Color::Indexed(231), Level::Sixteen, Color::White),
            (Color::Cyan, Level::Sixteen, Color::Cyan),
            (Color::Reset, Level::Sixteen, Color::Reset),
            (Color::Cyan, Level::None, Color::Reset),
        ] {
            assert_eq!(nearest(color, level), there);
        }
    }
}
