//! Everything that the screen shows, as plain data.

pub mod compare;
pub mod form;

pub mod launch;
pub mod lens;
pub mod natural;
pub mod palette;
pub mod parked;
pub mod run;
pub mod runs;
pub mod shelf;
pub mod ticket;
pub mod transform;

use std::{collections::BTreeMap, path::PathBuf};

use elth_store::{device::machine::Machine, home::Home, run::dir::RunDir};
use tui_input::Input;

use crate::{
    DemoWatch, Left,
    keymap::{Action, Context, Entry, Keymap, TABLE, Touch},
    layout::Size,
    model::{
        compare::Compare, launch::Launch, lens::Lens, parked::Parked, run::RunView, runs::Runs,
        shelf::Shelf, ticket::TicketView, transform::Transform,
    },
    portrait::Portrait,
};

/// The whole state of the workbench.
#[derive(Debug, Clone)]
pub struct Model {
    /// The terminal's size.
    pub size: Size,
    /// Where things are.
    pub places: Places,
    /// Screens one came through, the visible one last; never empty.
    pub screens: Vec<Screen>,
    /// Which keys ask for what.
    pub keys: Keymap,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// What is to be said.
    pub notice: Option<Notice>,
    /// Models and tickets.
    pub shelf: Shelf,
    /// Tickets that were looked at, by file; those that could not be read with the reason.
    pub portraits: BTreeMap<PathBuf, Result<Box<Portrait>, String>>,
    /// What runs and ran.
    pub runs: Runs,
    /// Columns of the list beside a pane, where the user has chosen.
    pub split: Option<u16>,
    /// The first row that is shown of the visible list, where a click has fixed it.
    pub pinned: Option<usize>,
    /// Whether the border between them is being dragged.
    pub is_dragging: bool,
    /// Whether there is a mouse to speak of.
    pub has_mouse: bool,
    /// Names of the themes.
    pub themes: Vec<String>,
    /// The one that is used.
    pub theme: usize,
    /// What the machine had to give at the last look.
    pub machine: Option<Machine>,
    /// Dialogs that were left half filled in.
    pub parked: Parked,
    /// How curves are looked at where a screen of them is opened.
    pub lens: Lens,
    /// How losses are drawn.
    pub axis: Axis,
    /// Whether nothing may be written.
    pub access: Access,
    /// The demo, where it was asked for.
    pub demo: Option<DemoWatch>,
    /// Set when the loop is to end.
    pub left: Option<Left>,
    /// Counts askings for slow work.
    pub asked: u64,
}

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Tickets, runs and experiments.
    pub home: Home,
    /// Data sets.
    pub data_dir: PathBuf,
}

/// A screen with what it holds.
#[derive(Debug, Clone)]
pub enum Screen {
    /// Models and tickets.
    Shelf,
    /// One ticket.
    Ticket(Box<TicketView>),
    /// What runs and ran.
    Runs,
    /// One run.
    Run(Box<RunView>),
    /// Runs over one another.
    Compare(Box<Compare>),
    /// Two runs beside one another.
    Demo,
    /// The dialog that transforms a ticket.
    Transform(Box<Transform>),
    /// The dialog that retrains a ticket.
    Launch(Box<Launch>),
}

/// What lies over a screen and takes its keys.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of the screen below.
    Help {
        /// Whose keys.
        context: Context,
        /// What is searched for.
        search: Input,
        /// The chosen line.
        selected: usize,
    },
    /// Everything that can be asked for, and every thing to go to.
    Palette {
        /// Whose keys.
        context: Context,
        /// What is searched for.
        search: Input,
        /// The chosen line.
        selected: usize,
    },
    /// The choice of themes.
    Themes {
        /// The one to go back to.
        before: usize,
    },
    /// The choice of a ticket to compare with.
    Others {
        /// What is searched for.
        search: Input,
        /// The chosen line.
        selected: usize,
    },
    /// A question before something that cannot be taken back.
    Confirm(Question),
}

/// What is asked before it is done; the run is named here, so that a list that moves cannot change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Checkpoint and end this run?
    Stop(RunDir),
    /// Delete this run?
    Delete(RunDir),
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How grave it is.
    pub grade: Grade,
    /// The words.
    pub text: String,
}

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Something was done.
    Done,
    /// Something went wrong.
    Wrong,
}

/// How losses are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// In proportion.
    Linear,
    /// In proportion to the logarithm.
    Logarithmic,
}

impl Axis {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Linear => Self::Logarithmic,
            Self::Logarithmic => Self::Linear,
        }
    }
}

/// What may be done in the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Everything.
    #[default]
    Full,
    /// Looking alone: it may be somebody else's.
    ReadOnly,
}

impl Access {
    /// Whether something that writes is refused.
    #[must_use]
    pub fn refuses(self, action: Action) -> bool {
        let writes = |entry: &Entry| entry.action == action && entry.touch == Touch::Writes;
        self == Self::ReadOnly && TABLE.iter().any(writes)
    }
}

impl Overlay {
    /// What is searched for and the chosen line, of a list that is searched.
    pub fn searched(&mut self) -> Option<(&mut Input, &mut usize)> {
        match self {
            Self::Help { search, selected, .. }
            | Self::Palette { search, selected, .. }
            | Self::Others { search, selected } => Some((search, selected)),
            Self::Themes { .. } | Self::Confirm(_) => None,
        }
    }
}

impl Model {
    /// The workbench before anything is known.
    #[must_use]
    pub fn new(size: Size, places: Places, themes: Vec<String>, demo: Option<DemoWatch>) -> Self {
        let first = if demo.is_some() { Screen::Demo } else { Screen::Shelf };
        Self {
            size,
            places,
            screens: vec![first],
            keys: Keymap::default(),
            overlay: None,
            notice: None,
            shelf: Shelf::default(),
            portraits: BTreeMap::new(),
            runs: Runs::default(),
            split: None,
            pinned: None,
            is_dragging: false,
            has_mouse: true,
            themes,
            theme: 0,
            machine: None,
            parked: Parked::default(),
            lens: Lens::default(),
            axis: Axis::Linear,
            access: Access::Full,
            demo,
            left: None,
            asked: 0,
        }
    }

    /// The screen that is seen.
    ///
    /// # Panics
    /// Never: the first screen is never taken away.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        self.screens.last().expect("the first screen is never taken away")
    }

    /// Where keys are pressed now.
    #[must_use]
    pub fn context(&self) -> Context {
        match (&self.overlay, self.screen()) {
            (Some(Overlay::Help { .. }), _) => Context::Help,
            (Some(Overlay::Palette { .. }), _) => Context::Palette,
            (Some(Overlay::Themes { .. }), _) => Context::Themes,
            (Some(Overlay::Others { .. }), _) => Context::Others,
            (Some(Overlay::Confirm(_)), _) => Context::Confirm,
            (None, Screen::Shelf) if self.shelf.is_filtering => Context::Filter,
            (None, Screen::Runs) if self.runs.is_filtering => Context::Filter,
            (None, Screen::Run(view)) if view.log.is_searching => Context::Filter,
            (None, screen) => screen.context(),
        }
    }

    /// Says that something was done.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { grade: Grade::Done, text: text.into() });
    }

    /// Says that something went wrong.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { grade: Grade::Wrong, text: text.into() });
    }

    /// The portrait of the ticket in that file, if it was read.
    #[must_use]
    pub fn portrait(&self, path: &std::path::Path) -> Option<&Portrait> {
        self.portraits.get(path)?.as_deref().ok()
    }

    /// Whether something that can be asked for would do anything now; the footer dims it where not.
    #[must_use]
    pub fn can(&self, action: Action) -> bool {
        if self.access.refuses(action) {
            return false;
        }
        match (action, self.screen()) {
            (Action::Retrain | Action::Transform, Screen::Shelf) => self.shelf.ticket().is_some(),
            (
                Action::Show
                | Action::Pause
                | Action::Stop
                | Action::Delete
                | Action::Clone
                | Action::Mark
                | Action::Compare,
                Screen::Runs,
            ) => self.runs.selected.is_some(),
            (Action::Save, Screen::Transform(dialog)) => {
                dialog.asking.is_none() && dialog.preview.is_ok()
            }
            (Action::Launch, Screen::Launch(dialog)) => {
                dialog.asking.is_none() && dialog.plan(&self.shelf, &self.places).is_ok()
            }
            _ => true,
        }
    }
}

impl Screen {
    /// Where its keys are looked up.
    #[must_use]
    pub fn context(&self) -> Context {
        match self {
            Self::Shelf => Context::Shelf,
            Self::Ticket(_) => Context::Ticket,
            Self::Runs => Context::Runs,
            Self::Run(_) => Context::Run,
            Self::Compare(_) => Context::Compare,
            Self::Demo => Context::Demo,
            Self::Transform(dialog) if dialog.picture.has_focus => Context::Mapping,
            Self::Transform(_) => Context::Transform,
            Self::Launch(_) => Context::Launch,
        }
    }
}
