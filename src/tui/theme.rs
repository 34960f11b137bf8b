//! Themes: about twenty named colours in a file; styles are derived, never configured.

pub mod level;
pub mod styles;

use std::path::Path;

use elth_store::regular::{self, SMALL};
use ratatui::style::Color;
use serde::Deserialize;

/// The themes that come with elth; the first is the default.
pub const BUILTIN: [(&str, &str); 5] = [
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../themes/colour-blind.toml")),
];

/// The colours that a theme file names: `#rrggbb`, a number of the 256, one of the sixteen names, or `reset`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Words and numbers.
    pub text: Color,
    /// What lies behind everything.
    pub background: Color,
    /// What matters less.
    pub faint: Color,
    /// Headings.
    pub accent: Color,
    /// Frames.
    pub border: Color,
    /// The frame that keys go to.
    pub focus: Color,
    /// Names of keys.
    pub key: Color,
    /// What went well.
    pub good: Color,
    /// What to look at.
    pub warn: Color,
    /// What went wrong.
    pub bad: Color,
    /// Curves, in order.
    pub series: [Color; 4],
    /// Densities, from the lowest to the highest.
    pub heat: [Color; 8],
}

impl Theme {
    /// Reads a theme file; `name` is what an error calls it.
    ///
    /// # Errors
    /// When a colour is missing, misspelt or unknown: one line that names file, line and key.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = 1 + text[..at].matches('\n').count();
            let found = text.lines().nth(line - 1).unwrap_or_default();
            let key = found.split('=').next().unwrap_or_default().trim();
            let reason = match error.message().lines().next().unwrap_or_default() {
                "Failed to parse Colors" => {
                    format!("`{key}` is no colour: write #rrggbb, 0 to 255, a name, or reset")
                }
                other => format!("`{key}`: {other}"),
            };
            format!("theme `{name}` line {line}: {reason}")
        })
    }
}

/// A theme under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The file's stem.
    pub name: String,
    /// Its colours.
    pub theme: Theme,
}

/// The themes that come with elth, then those in the user's folder; what could not be read is said beside them.
#[must_use]
pub fn all(folder: Option<&Path>) -> (Vec<Named>, Vec<String>) {
    let (mut themes, mut problems) = (Vec::new(), Vec::new());
    let embedded = BUILTIN.map(|(name, text)| (name.to_owned(), name.to_owned(), text.to_owned()));
    for (name, called, text) in embedded.into_iter().chain(own(folder, &mut problems)) {
        match Theme::parse(&called, &text) {
            Ok(theme) => {
                // One's own theme of a shipped name takes its place.
                themes.retain(|named: &Named| named.name != name);
                themes.push(Named { name, theme });
            }
            Err(problem) => problems.push(problem),
        }
    }
    (themes, problems)
}

/// The number of the theme of that name.
///
/// # Errors
/// When there is none: what is wrong with its file where that cannot be read, else which there are.
pub fn named(themes: &[Named], problems: &[String], wanted: &str) -> Result<usize, String> {
    if let Some(at) = themes.iter().position(|named| named.name == wanted) {
        return Ok(at);
    }
    let its_file = format!("{wanted}.toml`");
    let broken = problems.iter().find(|problem| problem.contains(&its_file)).cloned();
    let names = || themes.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join(", ");
    let why = broken.unwrap_or_else(|| format!("choose {}", names()));
    Err(format!("there is no theme `{wanted}`: {why}"))
}

fn own(folder: Option<&Path>, problems: &mut Vec<String>) -> Vec<(String, String, String)> {
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match regular::read_text(&path, SMALL) {
            Ok(text) => found.push((name, path.display().to_string(), text)),
            Err(error) => problems.push(format!("cannot read theme `{}`: {error}", path.display())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(from: &str, to: &str) -> Result<Theme, String> {
        Theme::parse("mine", &BUILTIN[0].1.replace(from, to))
    }

    #[test]
    fn every_shipped_theme_parses() {
        let (themes, problems) = all(None);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(themes.len(), BUILTIN.len());
    }

    #[test]
    fn a_wrong_theme_is_one_line_that_names_file_line_and_key() {
        for (from, to, said) in [
            ("key = \"yellow\"", "kee = \"yellow\"", "theme `mine` line 9: `kee`: unknown field"),
            ("\"yellow\"\ngood", "\"yelow\"\ngood", "line 9: `key` is no colour"),
            ("good = \"green\"\n", "", "missing field `good`"),
            ("good = \"green\"\n", "good = \n", "line 10: `good`"),
        ] {
            let problem = edited(from, to).unwrap_err();
            assert!(problem.contains(said) && !problem.contains('\n'), "{problem}");
        }
    }

    #[test]
    fn ones_own_theme_takes_the_place_of_a_shipped_one_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("dark.toml"), BUILTIN[2].1).unwrap();
        std::fs::write(folder.path().join("broken.toml"), "text = 1\nred = 2").unwrap();
        let (themes, problems) = all(Some(folder.path()));
        let dark = themes.iter().find(|named| named.name == "dark").unwrap();
        assert_eq!(dark.theme, Theme::parse("light", BUILTIN[2].1).unwrap());
        assert!(problems.len() == 1 && problems[0].contains("broken.toml"), "{problems:?}");
        for (wanted, said) in [("broken", "broken.toml"), ("plaid", "choose terminal, light")] {
            let reason = named(&themes, &problems, wanted).unwrap_err();
            assert!(reason.contains(said), "{reason}");
        }
    }

    #[test]
    fn shipped_colours_can_be_read_on_their_background() {
        for named in all(None).0.iter().filter(|named| named.name != "terminal") {
            let theme = &named.theme;
            let words = [theme.text, theme.accent, theme.key, theme.good, theme.warn, theme.bad];
            for color in words.iter().chain(&theme.series) {
                let contrast = level::contrast(*color, theme.background);
                assert!(contrast >= 4.5, "{} {color}: {contrast:.1}", named.name);
            }
            for color in theme.heat.iter().chain([&theme.faint, &theme.focus]) {
                let contrast = level::contrast(*color, theme.background);
                assert!(contrast >= 3.0, "{} {color}: {contrast:.1}", named.name);
            }
        }
    }
}
