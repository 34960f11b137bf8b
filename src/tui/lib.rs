//! The workbench: one model, one message type, one update, one view.
//!
//! `update` and `view` are pure; `perform` is the only place that touches the world, `runtime` the only loop.
//! Nothing here trains: runs are other processes, and closing the workbench ends none of them.

pub mod clipboard;
pub mod config;
pub mod key;
pub mod keymap;
pub mod pointer;

pub mod effect;
pub mod message;
pub mod model;
pub mod state;
pub mod update;

pub mod curves;
pub mod fuzzy;
pub mod gpus;
pub mod portrait;
pub mod story;
pub mod study;

pub mod footer;
pub mod header;
pub mod layout;
pub mod notice;
pub mod overlays;
pub mod screens;
pub mod sight;
pub mod view;
pub mod widgets;

pub mod theme;

mod perform;
mod runtime;
mod terminal;

#[cfg(test)]
mod looks;
#[cfg(test)]
mod monkey;
#[cfg(test)]
mod trying;

use std::path::PathBuf;

use elth_store::{home::Home, remembered::Place, run::dir::RunDir};

use config::Config;
pub use perform::gpus::read as read_gpus;
pub use runtime::run;

/// Where things are, and what the workbench opens with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Tickets, runs and experiments.
    pub home: Home,
    /// More folders whose tickets are on the shelf.
    pub samples: Vec<PathBuf>,
    /// Where is remembered what was learnt of the home the last time.
    pub remembered: Option<Place>,
    /// Data sets.
    pub data_dir: PathBuf,
    /// The program that starts runs: `elth` itself.
    pub elth: PathBuf,
    /// Settings and keys.
    pub config: Config,
    /// Where the workbench keeps what it remembers; none where the platform names no such folder.
    pub state: Option<PathBuf>,
    /// Whether to open as if for the first time.
    pub is_fresh: bool,
    /// The user's own themes, `*.toml`.
    pub themes: Option<PathBuf>,
    /// Whether anything may be written.
    pub access: model::Access,
    /// Opens on the demo instead of the shelf.
    pub demo: Option<DemoWatch>,
}

/// What the demo shows: a ticket, what it was stretched to, and the runs that retrain that beside its control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWatch {
    /// The ticket that was stretched.
    pub source: PathBuf,
    /// What it became.
    pub stretched: PathBuf,
    /// The runs with what each is called: the stretched ticket's first, its control's second.
    pub runs: Vec<(String, RunDir)>,
}

/// How the workbench was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// By its own key.
    Quit,
    /// By Ctrl-C: exit status 130.
    Interrupted,
    /// By a signal of this number, which ends the process once the terminal is as it was.
    Signalled(i32),
}
