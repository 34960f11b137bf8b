//! The user's one file: where things are, how the workbench looks, and which keys ask for what.

pub mod keys;
pub mod print;
pub mod schema;

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use crate::keymap::Keymap;

/// What the file says, with what holds where it is silent.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The theme to open with.
    pub theme: Option<String>,
    /// Folder of tickets, runs and experiments.
    pub home: Option<PathBuf>,
    /// Folder of data sets.
    pub data_dir: Option<PathBuf>,
    /// How often a second news are drawn, at the most.
    pub updates: f64,
    /// Whether the workbench listens to the mouse.
    pub mouse: bool,
    /// Whether only ASCII is drawn, whatever the locale says.
    pub ascii: bool,
    /// Whether few bytes matter more than smooth pictures.
    pub low_bandwidth: bool,
    /// The name of the keys to begin with.
    pub preset: &'static str,
    /// Which keys ask for what.
    pub keys: Keymap,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: None,
            home: None,
            data_dir: None,
            // Fast enough to feel live, slow enough for a thin line.
            updates: 4.0,
            mouse: true,
            ascii: false,
            low_bandwidth: false,
            preset: keys::PRESETS[0].0,
            keys: Keymap::default(),
        }
    }
}

/// How often a second news may be drawn.
pub const UPDATES: std::ops::RangeInclusive<f64> = 0.1..=20.0;

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A path from the root on, or from the home folder with `~/`.
    Folder,
    /// `true` or `false`.
    Switch,
    /// A number of [`UPDATES`].
    Rate,
}

/// A setting outside `[keys]`.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in the file.
    pub name: &'static str,
    /// What it has to be.
    pub kind: Kind,
    /// What it does, in a line.
    pub help: &'static str,
}

/// Every setting outside `[keys]`.
pub const SETTINGS: [Setting; 7] = [
    setting("theme", Kind::Text, "colours of the workbench; `elth themes` lists them"),
    setting("home", Kind::Folder, "folder of tickets, runs and experiments"),
    setting("data_dir", Kind::Folder, "folder of data sets"),
    setting("updates", Kind::Rate, "how often a second news are drawn, at the most"),
    setting("mouse", Kind::Switch, "select, scroll, click and drag with the mouse"),
    setting("ascii", Kind::Switch, "draw with ASCII only: for fonts without braille and blocks"),
    setting("low_bandwidth", Kind::Switch, "fewer bytes: a frame a second, coarser curves"),
];

const fn setting(name: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting { name, kind, help }
}

impl Config {
    /// Reads a configuration; `file` is what an error calls it.
    ///
    /// # Errors
    /// One line that names the file, the line, what is wrong there and the way out.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let told = |Mistake { at, reason }| {
            format!("`{file}` line {}: {reason}", 1 + text[..at].matches('\n').count())
        };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let reason = error.message().lines().next().unwrap_or("not TOML").to_owned();
            told(Mistake { at, reason: format!("{reason}: mend what stands there") })
        })?;
        let mut config = Self::default();
        config.read(table.get_ref()).map_err(told)?;
        Ok(config)
    }

    fn read(&mut self, table: &DeTable<'_>) -> Result<(), Mistake> {
        for (name, value) in table {
            let at = name.span().start;
            if name.get_ref() == "keys" {
                let bindings = value.get_ref().as_table();
                let keys =
                    bindings.ok_or_else(|| mistake(at, "`keys` is no table: write [keys]"))?;
                (self.preset, self.keys) = keys::read(keys)?;
                continue;
            }
            let known = SETTINGS.iter().find(|setting| setting.name == name.get_ref());
            let Some(setting) = known else {
                let names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
                let names = names.join(", ");
                return Err(mistake(
                    at,
                    format!("`{}` is no setting: choose {names} or keys", name.get_ref()),
                ));
            };
            self.set(*setting, value.get_ref()).map_err(|reason| mistake(at, reason))?;
        }
        Ok(())
    }

    fn set(&mut self, setting: Setting, value: &DeValue<'_>) -> Result<(), String> {
        let name = setting.name;
        let text =
            || value.as_str().ok_or_else(|| format!("`{name}` is no text: write it in quotes"));
        let switch = || {
            value.as_bool().ok_or_else(|| format!("`{name}` is neither true nor false: write one"))
        };
        match name {
            "theme" => self.theme = Some(text()?.to_owned()),
            "home" => self.home = Some(folder(name, text()?)?),
            "data_dir" => self.data_dir = Some(folder(name, text()?)?),
            "mouse" => self.mouse = switch()?,
            "ascii" => self.ascii = switch()?,
            "low_bandwidth" => self.low_bandwidth = switch()?,
            _ => self.updates = rate(name, value)?,
        }
        Ok(())
    }
}

/// A path that means the same wherever elth is started; `~/` stays for whoever knows the home folder.
fn folder(name: &str, text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() || path.starts_with("~") {
        return Ok(path);
    }
    Err(format!("`{name}` is no path from the root on: begin with / or ~/"))
}

fn rate(name: &str, value: &DeValue<'_>) -> Result<f64, String> {
    let written = value.as_float().map(toml::de::DeFloat::as_str);
    let written = written.or(value.as_integer().map(toml::de::DeInteger::as_str));
    let rate = written.and_then(|text| text.parse().ok()).filter(|rate| UPDATES.contains(rate));
    rate.ok_or_else(|| {
        format!("`{name}` is no number of {} to {}: write one", UPDATES.start(), UPDATES.end())
    })
}

/// Something that cannot be, and where in the file it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    at: usize,
    reason: String,
}

fn mistake(at: usize, reason: impl Into<String>) -> Mistake {
    Mistake { at, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_says_holds_and_the_rest_is_as_it_was() {
        let text = "theme = \"light\"\nhome = \"~/tickets\"\nupdates = 2\nmouse = false\n";
        let config = Config::parse("config.toml", text).unwrap();
        let expected = Config {
            theme: Some("light".to_owned()),
            home: Some(PathBuf::from("~/tickets")),
            updates: 2.0,
            mouse: false,
            ..Config::default()
        };
        assert_eq!(config, expected);
        assert_eq!(Config::parse("config.toml", ""), Ok(Config::default()));
    }

    #[test]
    fn a_mistake_is_one_line_that_names_file_line_and_the_way_out() {
        for (text, said) in [
            ("\nthema = 1", "`c.toml` line 2: `thema` is no setting: choose theme, home"),
            ("mouse = 1", "line 1: `mouse` is neither true nor false"),
            ("theme = 1", "`theme` is no text"),
            ("home = \"here\"", "begin with / or ~/"),
            ("updates = 0", "`updates` is no number of 0.1 to 20"),
            ("updates = nan", "`updates` is no number"),
            ("mouse = = 1", "line 1: "),
            ("keys = 1", "`keys` is no table"),
        ] {
            let reason = Config::parse("c.toml", text).unwrap_err();
            assert!(reason.contains(said) && !reason.contains('\n'), "{reason}");
        }
    }
}
