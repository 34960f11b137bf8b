//! Everything that the workbench asks of the world, as data.

use std::path::PathBuf;

use elth_store::run::{control::Wanted, dir::RunDir};

use crate::study::Study;

/// A wish: `update` returns it, `perform` carries it out and answers with a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Read the headers of the shelf.
    ListShelf {
        /// Answered with it, so that an older answer is known as such.
        generation: u64,
    },
    /// Count what a ticket's masks keep, for its portrait.
    Portray {
        /// The ticket's file.
        path: PathBuf,
        /// Which asking this is: of many in a row only the last ones are carried out.
        asking: u64,
        /// The listing that named the file.
        generation: u64,
    },
    /// Read a part of a ticket, or compare two.
    Study {
        /// What is to be read.
        study: Study,
        /// Which asking this is: of many in a row only the last ones are carried out.
        asking: u64,
        /// The view that asked.
        generation: u64,
    },
    /// Transform a ticket and save what comes out, unless the file is there; the dialog that asked is answered by its number.
    SaveTransformed(u64, Transformation),
    /// Run these commands of `elth`, one after the other, until one fails; the dialog is answered by its number.
    Command(u64, Vec<Vec<String>>),
    /// Ask a living run for a state.
    Ask(RunDir, Wanted),
    /// Let a run go on that was told to pause, or start its supervisor again.
    Resume(RunDir),
    /// Delete a run that nobody works on.
    Delete(RunDir),
    /// Report every event of a run from its start on.
    Follow(RunDir),
    /// Report no more than how that run stands.
    Unfollow(RunDir),
    /// Read which ticket a run retrained, to do it again with other numbers.
    ReadTicketOf(RunDir),
    /// Read the headers of the tickets that runs retrained.
    ReadHeaders(Vec<RunDir>),
    /// Ring the terminal's bell, and say why where it can.
    Ring(String),
    /// Look at what the machine has to give: processors, graphics processors, disk.
    LookAtMachine,
    /// Look at the runs now.
    LookAtRuns,
    /// Put a text into the clipboard of whoever looks at the terminal.
    Copy(String),
    /// Give the terminal back and stop until the shell lets us go on.
    Suspend,
    /// Forget what the terminal shows and draw everything.
    Redraw,
}

impl Effect {
    /// The number of the asking, where a dialog waits for the answer.
    #[must_use]
    pub fn waited_for(&self) -> Option<u64> {
        match self {
            Self::SaveTransformed(asking, _) | Self::Command(asking, _) => Some(*asking),
            _ => None,
        }
    }

    /// Whether the home is changed by it.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(
            self,
            Self::SaveTransformed(..)
                | Self::Command(..)
                | Self::Ask(..)
                | Self::Resume(_)
                | Self::Delete(_)
        )
    }
}

/// A transformation that was checked and previewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformation {
    /// The source ticket's file.
    pub source: PathBuf,
    /// The target model.
    pub target: String,
    /// The source unit of each target unit, stage by stage.
    pub map: Vec<Vec<usize>>,
    /// Where the new ticket goes.
    pub output: PathBuf,
}
