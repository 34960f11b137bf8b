//! `elth themes`: the colours that the workbench can wear.

use std::path::PathBuf;

use anyhow::{Result, bail};
use directories::ProjectDirs;
use elth_tui::theme::{self, Named};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    globals::Globals,
    paper::{self, Paper},
    table::{Side, Table},
};

/// Lists the workbench's themes, and says what is wrong with those that cannot be read
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth themes
  ELTH_THEME=light elth")]
pub struct Args {}

/// Where a user's own themes lie, `NAME.toml`.
pub fn folder() -> Option<PathBuf> {
    ProjectDirs::from("", "", "elth").map(|folders| folders.config_dir().join("themes"))
}

/// Prints the themes' names and where they come from.
pub fn run(_args: &Args, globals: &Globals) -> Result<()> {
    let (themes, problems) = theme::all(folder().as_deref());
    answer(
        globals,
        || themes.iter().map(document).collect(),
        || text(&themes, Paper::of_stdout()),
    )?;
    if problems.is_empty() { Ok(()) } else { bail!("{}", problems.join("\n")) }
}

/// The user's own file of a theme; none where it came with elth.
fn own(theme: &Named) -> Option<PathBuf> {
    let path = folder()?.join(&theme.name).with_added_extension("toml");
    path.is_file().then_some(path)
}

fn document(theme: &Named) -> Value {
    json!({ "name": theme.name, "path": own(theme).as_deref().map(answer::path) })
}

fn text(themes: &[Named], paper: Paper) -> String {
    let mut table = Table::new(&[("theme", Side::Left), ("from", Side::Left)]);
    for theme in themes {
        let from = own(theme).map_or_else(|| "elth".into(), |path| paper::path(&path));
        table.row([theme.name.clone(), from]);
    }
    let place =
        folder().map(|folder| format!("\nyour own: {}\n", paper::path(&folder.join("NAME.toml"))));
    table.draw(paper) + &place.unwrap_or_default()
}
