//! Everything that can happen.

use std::path::PathBuf;

use elth_core::ticket::About;
use elth_store::device::machine::Machine;
use elth_store::run::{compare::Header, dir::RunDir, event::Event, standing::Standing};

use crate::{
    Left,
    gpus::Gpu,
    key::Key,
    keymap::Action,
    layout::Size,
    model::shelf::Listing,
    pointer::Pointer,
    portrait::Portrait,
    story::Story,
    study::{Finding, Study},
};

/// A closed list: what is not here cannot change the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A key was pressed.
    Pressed(Key),
    /// The mouse did something.
    Pointed(Pointer),
    /// Text was pasted.
    Pasted(String),
    /// The terminal has another size.
    Resized(Size),
    /// Something was asked for by other means than its key.
    Asked(Action),
    /// The shelf was read.
    Shelved {
        /// As asked.
        generation: u64,
        /// What is there.
        listing: Listing,
    },
    /// A ticket was read, or could not be; nothing where newer askings have overtaken it.
    Portrayed {
        /// Its file.
        path: PathBuf,
        /// As asked.
        generation: u64,
        /// What it looks like.
        outcome: Option<Result<Box<Portrait>, String>>,
    },
    /// A part of a ticket was read, or could not be; nothing where newer askings have overtaken it.
    Studied {
        /// What was to be read.
        study: Study,
        /// As asked.
        generation: u64,
        /// What was read.
        outcome: Option<Result<Box<Finding>, String>>,
    },
    /// A ticket was saved, as asked by that number.
    Saved(u64, PathBuf),
    /// Commands were carried out, as asked by that number; the ids of the runs that they started.
    Started(u64, Vec<String>),
    /// What a dialog asked for by that number went wrong: the thing, the act, the way out.
    Refused(u64, String),
    /// The machine was looked at.
    Machine(Box<Machine>),
    /// Runs are there or stand otherwise than before; the first such message names all.
    Stood {
        /// Those that changed, the oldest first.
        standings: Vec<Standing>,
        /// Runs whose recipe cannot be read, all of them, with the reason.
        broken: Vec<(String, String)>,
    },
    /// Runs are not there any more.
    Vanished(Vec<RunDir>),
    /// A followed run said these.
    Heard(RunDir, Vec<Event>),
    /// The past of a followed run was read: it goes before what was heard.
    Recalled(RunDir, Box<Story>),
    /// A run has been silent for so many seconds, much longer than usual; or it speaks again.
    Silent(RunDir, Option<u64>),
    /// The ticket that a run retrained: its file and what its header says.
    TicketOf(RunDir, PathBuf, Box<About>),
    /// The headers of the tickets that runs retrained, those that could be read.
    Headers(Vec<(RunDir, Header)>),
    /// The GPUs do something else than before.
    Gpus(Vec<Gpu>),
    /// A followed run's trainer printed these lines.
    Printed(RunDir, Vec<String>),
    /// A text was sent to the clipboard, and is kept in this file as well.
    Copied {
        /// The text.
        text: String,
        /// The file, where it could be written.
        file: Option<PathBuf>,
        /// Whether the terminal may have a clipboard.
        is_sent: bool,
    },
    /// Something was done that has no message of its own, in words.
    Done(String),
    /// An effect went wrong: the thing, the act, the way out.
    Failed(String),
    /// Somebody wants us gone.
    Dismissed(Left),
}

impl Message {
    /// Whether it came by itself; such news are drawn a few times a second, answers at once.
    #[must_use]
    pub fn is_news(&self) -> bool {
        matches!(
            self,
            Self::Stood { .. }
                | Self::Vanished(_)
                | Self::Heard(..)
                | Self::Silent(..)
                | Self::Gpus(_)
                | Self::Printed(..)
        )
    }
}
