//! What the answer is written on: whether colours and other signs than ASCII may be used.

use std::{
    env,
    io::{self, IsTerminal as _},
    path::Path,
};

/// What may be used in an answer.
#[derive(Debug, Clone, Copy)]
pub struct Paper {
    /// Bold and dim letters: on a terminal only, and not with `NO_COLOR`.
    pub styled: bool,
    /// Signs outside ASCII: where the locale says UTF-8.
    pub unicode: bool,
}

impl Paper {
    /// Looks at standard output and the locale.
    pub fn of_stdout() -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let styled = io::stdout().is_terminal() && !set("NO_COLOR") && !dumb;
        Self { styled, unicode: locale_is_utf8() }
    }

    /// The text in bold letters, where there are any.
    pub fn bold(self, text: &str) -> String {
        if self.styled { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The first text on UTF-8 paper, the second elsewhere.
    pub fn pick<'a>(self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.unicode { unicode } else { ascii }
    }
}

/// The first variable that is set decides, as in C.
fn locale_is_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// The line with control signs spelt out, and those that turn the direction of what follows: it commands no terminal.
pub fn printable(line: &str) -> String {
    let is_unsafe = |sign: char| {
        sign.is_control() || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let spelt = |sign: char| {
        if is_unsafe(sign) { sign.escape_default().to_string() } else { sign.to_string() }
    };
    line.chars().map(spelt).collect()
}

/// A path as it may stand in an answer.
pub fn path(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// A whole number with commas: `270,896`.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as percent: `10.74 %`.
pub fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn control_signs_are_spelt_out() {
        assert_eq!(printable("as it is: größer"), "as it is: größer");
        assert_eq!(printable("a\x1b[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
    }
}
