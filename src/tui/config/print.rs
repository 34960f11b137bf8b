//! A configuration as the text of a file that says the same.

use std::fmt::Write as _;

use strum::IntoEnumIterator as _;

use super::{Config, SETTINGS};
use crate::keymap::{Context, Keymap};

/// The file that says everything that holds, defaults too.
#[must_use]
pub fn text(config: &Config) -> String {
    let mut text = String::new();
    for setting in &SETTINGS {
        let line = match value(config, setting.name) {
            Some(value) => format!("{} = {value}\n", setting.name),
            None => format!("# {} =\n", setting.name),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "# {}\n{line}", setting.help);
    }
    let _ = write!(text, "\n[keys]\npreset = {}\n", quoted(config.preset));
    for context in Context::iter() {
        let _ = write!(text, "\n[keys.{}]\n{}", context.name(), bindings(&config.keys, context));
    }
    text
}

/// The value of a setting as TOML; nothing where it is not said.
#[must_use]
pub fn value(config: &Config, name: &str) -> Option<String> {
    let path =
        |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| quoted(&p.display().to_string()));
    match name {
        "theme" => config.theme.as_deref().map(quoted),
        "home" => path(&config.home),
        "data_dir" => path(&config.data_dir),
        "mouse" => Some(config.mouse.to_string()),
        "ascii" => Some(config.ascii.to_string()),
        "low_bandwidth" => Some(config.low_bandwidth.to_string()),
        _ => Some(config.updates.to_string()),
    }
}

fn bindings(keymap: &Keymap, context: Context) -> String {
    let line = |bound: &crate::keymap::bindings::Bound| {
        let keys: Vec<_> = bound.keys.iter().map(|key| quoted(key)).collect();
        format!("{} = [{}]\n", bound.entry.action.name(), keys.join(", "))
    };
    keymap.entries(context).map(line).collect()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_says_the_same_when_it_is_read() {
        for preset in ["default", "vim", "arrows"] {
            let said = format!("theme = \"dark\"\nupdates = 0.5\n[keys]\npreset = \"{preset}\"");
            let config = Config::parse("c.toml", &said).unwrap();
            assert_eq!(Config::parse("printed.toml", &text(&config)), Ok(config));
        }
    }
}
