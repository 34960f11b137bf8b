//! Dialogs that were left half filled in: they are there again when they are opened on the same thing.

use std::{collections::BTreeMap, path::PathBuf};

use elth_store::run::dir::RunDir;

use super::{Screen, launch::Launch, transform::Transform};

/// Dialogs that somebody has answered in and left.
#[derive(Debug, Clone, Default)]
pub struct Parked {
    transforms: BTreeMap<PathBuf, Box<Transform>>,
    launches: BTreeMap<(PathBuf, Option<RunDir>), Box<Launch>>,
}

impl Parked {
    /// Keeps a screen that is left, where it is a dialog that somebody has answered in.
    pub fn keep(&mut self, screen: Screen) {
        match screen {
            Screen::Transform(dialog) if dialog.changes().0 > 0 && dialog.asking.is_none() => {
                self.transforms.insert(dialog.source.clone(), dialog);
            }
            Screen::Launch(dialog) if dialog.is_answered() && dialog.asking.is_none() => {
                self.launches.insert((dialog.ticket.clone(), dialog.cloned.clone()), dialog);
            }
            _ => {}
        }
    }

    /// The transformation of that ticket.
    pub fn transform(&mut self, ticket: &std::path::Path) -> Option<Box<Transform>> {
        self.transforms.remove(ticket)
    }

    /// What was to be started from that ticket, or again of that run.
    pub fn launch(&mut self, ticket: PathBuf, cloned: Option<RunDir>) -> Option<Box<Launch>> {
        self.launches.remove(&(ticket, cloned))
    }
}
