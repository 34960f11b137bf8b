//! `elth config`: the one file of settings and keys, what it says, and what is wrong with it.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use directories::ProjectDirs;
use elth_store::regular::{self, SMALL};
use elth_tui::{
    config::{Config, SETTINGS, print, schema},
    keymap::{Context as Place, Keymap, bindings::Bound},
    theme,
};
use serde_json::{Map, Value, json};
use strum::IntoEnumIterator as _;

use crate::cli::{
    answer::{self, answer},
    globals::Globals,
    paper::{self, Paper},
    table::{Side, Table},
    themes,
};

/// Shows the settings and keys that hold, and checks the file that changes them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth config path                     the file, `config.toml`
  elth config print                    everything that holds, as such a file
  elth config keys                     which key does what, where
  elth config check
  elth config schema > elth.schema.json

The file, every line optional:
  theme = \"light\"
  home = \"~/tickets\"
  mouse = false
  [keys]
  preset = \"vim\"                       or default, or arrows
  quit = \"Q\"                           on every screen
  [keys.shelf]
  transform = [\"t\", \"ctrl-t\"]          there only")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum What {
    /// Where the file lies, or would lie
    Path,
    /// What holds, defaults too, as a file that says the same
    Print,
    /// Which key does what, place by place
    Keys,
    /// Whether the file can be read; else what is wrong in which line
    Check,
    /// The file's JSON schema, for editors
    Schema,
}

/// The file of settings and keys; none where the platform names no folder for it.
pub fn file() -> Option<PathBuf> {
    ProjectDirs::from("", "", "elth").map(|folders| folders.config_dir().join("config.toml"))
}

/// Where the workbench keeps what it remembers; none where the platform names no such folder.
pub fn state() -> Option<PathBuf> {
    let folders = ProjectDirs::from("", "", "elth")?;
    Some(folders.state_dir().unwrap_or(folders.data_local_dir()).to_owned())
}

/// What the file says; what holds without one where there is none.
pub fn read() -> Result<Config> {
    let Some(path) = file().filter(|path| path.exists()) else { return Ok(Config::default()) };
    let text = regular::read_text(&path, SMALL)
        .with_context(|| format!("cannot read `{}`: mend or move it", path.display()))?;
    match Config::parse(&path.display().to_string(), &text) {
        Ok(config) => Ok(config),
        Err(reason) => bail!("{reason}"),
    }
}

/// Prints what was asked for.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    match args.what {
        What::Path => {
            let path = file().context("this platform names no folder for settings: set HOME")?;
            answer(globals, || json!({ "path": answer::path(&path) }), || paper::path(&path))
        }
        What::Print => {
            let config = globals.effective()?;
            answer(globals, || document(&config), || print::text(&config))
        }
        What::Keys => {
            let keys = read()?.keys;
            answer(globals, || keys_document(&keys), || keys_text(&keys, Paper::of_stdout()))
        }
        What::Check => check(globals),
        What::Schema => answer::print(&format!("{:#}\n", schema::document())),
    }
}

fn check(globals: &Globals) -> Result<()> {
    let config = read()?;
    let (themes, problems) = theme::all(themes::folder().as_deref());
    if let Some(wanted) = &config.theme {
        theme::named(&themes, &problems, wanted).map_err(anyhow::Error::msg)?;
    }
    let path = file();
    let shown = path.as_deref().map_or_else(|| "no file".to_owned(), paper::path);
    let is_there = path.as_deref().is_some_and(std::path::Path::exists);
    let said = if is_there { "can be read" } else { "is not there: the defaults hold" };
    answer(globals, || json!({ "ok": true, "there": is_there }), || format!("{shown} {said}"))
}

fn document(config: &Config) -> Value {
    let value = |name| {
        let text = print::value(config, name)?;
        let table: toml::Table = format!("value = {text}").parse().ok()?;
        serde_json::to_value(&table["value"]).ok()
    };
    let settings = SETTINGS
        .iter()
        .map(|setting| (setting.name.to_owned(), value(setting.name).unwrap_or_default()));
    let mut document: Map<String, Value> = settings.collect();
    document.insert("preset".to_owned(), config.preset.into());
    document.insert("keys".to_owned(), keys_document(&config.keys));
    document.into()
}

fn all(keys: &Keymap) -> impl Iterator<Item = &Bound> {
    Place::iter().flat_map(|place| keys.entries(place))
}

fn keys_document(keys: &Keymap) -> Value {
    let line = |bound: &Bound| {
        json!({
            "place": bound.context.name(),
            "action": bound.entry.action.name(),
            "keys": bound.keys,
            "help": bound.entry.help,
        })
    };
    all(keys).map(line).collect()
}

fn keys_text(keys: &Keymap, paper: Paper) -> String {
    let mut table = Table::new(&[
        ("place", Side::Left),
        ("action", Side::Left),
        ("keys", Side::Left),
        ("does", Side::Left),
    ]);
    for Bound { context, entry, keys } in all(keys) {
        let keys = if keys.is_empty() { "-".to_owned() } else { keys.join(" ") };
        table.row([context.name().into(), entry.action.name().into(), keys, entry.help.into()]);
    }
    table.draw(paper)
}
