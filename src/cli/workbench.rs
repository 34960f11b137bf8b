//! `elth` without a command: opens the workbench on this terminal.

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, Result};
use elth_tui::{DemoWatch, Left, Options};

use crate::cli::{config, failure, globals::Globals, samples, themes};

/// Opens on the shelf, or on the demo, and returns when the user leaves; runs go on.
pub fn open(globals: &Globals, demo: Option<DemoWatch>) -> Result<()> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(failure::no_terminal());
    }
    let config = globals.effective()?;
    let options = Options {
        home: globals.home()?,
        samples: vec![samples::folder(globals)?],
        index: globals.shelf_index(),
        data_dir: globals.data_dir()?,
        elth: std::env::current_exe().context("cannot find this program: start it by its path")?,
        state: config::state(),
        is_fresh: globals.is_fresh(),
        themes: themes::folder(),
        config,
        demo,
    };
    match elth_tui::run(options)? {
        Left::Quit | Left::Signalled(_) => Ok(()),
        Left::Interrupted => Err(failure::interrupted()),
    }
}
