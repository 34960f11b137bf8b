//! Options that every command knows: where things are, and how answers look.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use directories::{BaseDirs, ProjectDirs};
use elth_core::digest;
use elth_store::{home::Home, remembered::Place, run::launch};
use elth_tui::{config::Config, model::Access};

use crate::cli::{
    config,
    failure::{self, usage},
    samples,
};

/// Options before or after any command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// Folder of tickets, runs and experiments [default: `$ELTH_HOME`, else the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,

    /// Folder of data sets, one folder each [default: `$ELTH_DATA`, else `data` in the home]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Colours of the workbench: terminal, dark, light, high-contrast, colour-blind or one of your own
    /// [default: `$ELTH_THEME`, else terminal]
    #[arg(long, global = true, value_name = "NAME")]
    theme: Option<String>,

    #[command(flatten)]
    comfort: Comfort,

    /// Answers with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
}

/// How the workbench behaves on this terminal; said before a command, and of no meaning to most.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "The workbench")]
#[expect(clippy::struct_excessive_bools, reason = "options that are there or not")]
pub struct Comfort {
    /// Looks without changing anything: for somebody else's home
    #[arg(long)]
    read_only: bool,

    /// Leaves the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,

    /// Draws with ASCII only: for fonts without braille and blocks
    #[arg(long)]
    ascii: bool,

    /// Sends fewer bytes: one frame a second for news, coarser curves
    #[arg(long)]
    low_bandwidth: bool,

    /// Opens as if for the first time, not as it was left
    #[arg(long)]
    pub fresh: bool,
}

impl Globals {
    /// What the workbench may do in the home.
    pub fn access(&self) -> Access {
        if self.comfort.read_only { Access::ReadOnly } else { Access::Full }
    }

    /// What holds for the workbench: the command line before the variables before the file.
    pub fn effective(&self) -> Result<Config> {
        let mut config = config::read()?;
        config.home = Some(self.home()?.path().to_owned());
        config.data_dir = Some(self.data_dir()?);
        config.theme = self.theme.clone().or_else(theme_variable).or(config.theme);
        config.mouse &= !self.comfort.no_mouse;
        config.ascii |= self.comfort.ascii;
        config.low_bandwidth |= self.comfort.low_bandwidth;
        Ok(config)
    }

    /// Whether the workbench opens as if for the first time.
    pub fn is_fresh(&self) -> bool {
        self.comfort.fresh
    }

    /// The folder of tickets, runs and experiments; it need not exist yet.
    pub fn home(&self) -> Result<Home> {
        if let Some(folder) = self.home.clone().or_else(|| variable("ELTH_HOME")) {
            return at(&folder);
        }
        if let Some(folder) = config::read()?.home {
            return at(&at_home(&folder));
        }
        let folders = ProjectDirs::from("", "", "elth");
        let folders =
            folders.context("there is no home folder to keep tickets in: name one with --home")?;
        at(folders.data_dir())
    }

    /// The folder of data sets; it need not exist.
    pub fn data_dir(&self) -> Result<PathBuf> {
        let named = self.data_dir.clone().or_else(|| variable("ELTH_DATA"));
        let named = match named {
            Some(folder) => Some(folder),
            None => config::read()?.data_dir.map(|folder| at_home(&folder)),
        };
        match named {
            Some(folder) => {
                let folder = absolute(&folder)?;
                as_text(&folder).map_err(usage)?;
                Ok(folder)
            }
            None => Ok(self.home()?.path().join("data")),
        }
    }

    /// The folders whose tickets are offered by name: the home's, the samples', then those of runs.
    pub fn shelf(&self) -> Result<Vec<PathBuf>> {
        let home = self.home()?;
        let samples = samples::folder(self).unwrap_or_else(|error| {
            // A home that cannot be written still has tickets to show.
            failure::warn(error);
            home.samples()
        });
        let found = launch::ticket_folders(&home.runs());
        Ok([home.tickets(), samples].into_iter().chain(found).collect())
    }

    /// Where this build remembers what it learnt of the home: in the platform's cache folder; none where there is none.
    pub fn remembered(&self) -> Option<Place> {
        let home = digest::of_bytes(self.home().ok()?.path().as_os_str().as_encoded_bytes());
        let folder = ProjectDirs::from("", "", "elth")?.cache_dir().to_owned();
        Some(Place { folder, home: home.short(), build: env!("ELTH_BUILD").to_owned() })
    }
}

/// The path from the root on; links stay as they are.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .with_context(|| format!("`{}` is no path: name another", path.display()))
}

/// The path as recipes, requests and answers hold it: as text.
pub fn as_text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| {
        format!("`{}` is not UTF-8, which recipes and answers are: name another", path.display())
    })
}

fn theme_variable() -> Option<String> {
    env::var("ELTH_THEME").ok().filter(|name| !name.is_empty())
}

/// The path with `~` at its beginning as the user's own folder.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), BaseDirs::new()) {
        (Ok(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

fn at(folder: &Path) -> Result<Home> {
    if folder.exists() && !folder.is_dir() {
        let shown = folder.display();
        return Err(usage(format!("`{shown}` is a file, where --home needs a folder: name one")));
    }
    let home = Home::at(folder);
    as_text(home.path()).map_err(usage)?;
    Ok(home)
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
