//! `elth` without a command: opens the workbench on this terminal.

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, Result};
use elth_tui::{DemoWatch, Left, Options, model::Access};

use crate::cli::{config, failure, globals::Globals, samples, themes};

/// Opens on the shelf, or on the demo, and returns when the user leaves; runs go on.
pub fn open(globals: &Globals, demo: Option<DemoWatch>) -> Result<()> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(failure::no_terminal());
    }
    let config = globals.effective()?;
    let (home, access) = (globals.home()?, globals.access());
    // Another's home is left as it is: without samples that are not there, and without what is remembered of it.
    let (samples, remembered) = match access {
        Access::ReadOnly => (home.samples(), None),
        Access::Full => (samples::folder(globals)?, globals.remembered()),
    };
    let options = Options {
        home,
        samples: vec![samples],
        remembered,
        data_dir: globals.data_dir()?,
        elth: std::env::current_exe().context("cannot find this program: start it by its path")?,
        state: config::state(),
        is_fresh: globals.is_fresh(),
        themes: themes::folder(),
        config,
        access,
        demo,
    };
    match elth_tui::run(options)? {
        Left::Quit | Left::Signalled(_) => Ok(()),
        Left::Interrupted => Err(failure::interrupted()),
    }
}
