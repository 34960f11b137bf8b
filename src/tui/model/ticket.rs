//! A ticket's screen: where the cursor is, how close one looks, and what was read for it.

pub mod cursor;
pub mod kin;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use elth_store::ticket_file::Summary;
use ratatui::layout::Rect;

use self::cursor::Cursor;
use crate::{
    layout::{
        self, Size,
        ticket::{Asked, LABELS, Panes, Parts, panes, parts},
    },
    model::{Axis, shelf::Shelf},
    portrait::{Portrait, TensorPortrait},
    study::{
        Finding, Part, Signs, Study,
        change::Change,
        grid::{Grid, sides},
    },
};

/// The state of a ticket's screen.
#[derive(Debug, Clone)]
pub struct TicketView {
    /// The ticket's file.
    pub path: PathBuf,
    /// What the cursor is on.
    pub cursor: Cursor,
    /// How close one looks.
    pub zoom: Zoom,
    /// What the arrows move.
    pub focus: Focus,
    /// What was asked for beside the picture.
    pub side: Option<Side>,
    /// What the picture shows.
    pub measure: Measure,
    /// Whose weights are counted.
    pub scope: Scope,
    /// The ticket that it is compared with.
    pub other: Option<PathBuf>,
    /// The tickets whose densities stand beside one another; the chain of levels where empty.
    pub profiles: Vec<PathBuf>,
    /// How densities are drawn side by side.
    pub axis: Axis,
    /// Lines that the side pane is scrolled by.
    pub scrolled: usize,
    /// What was read, and what could not be.
    pub findings: BTreeMap<Study, Result<Finding, String>>,
    /// What is being read.
    pub asked: BTreeSet<Study>,
    /// The portrait that is being read.
    pub awaited: Option<PathBuf>,
    /// Answers of another one are not for this view.
    pub generation: u64,
}

/// How close one looks at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zoom {
    /// All stages side by side.
    Ticket,
    /// One stage.
    Stage,
    /// One unit: its tensors below one another.
    Unit,
    /// One tensor: outputs by inputs, several kernels a cell where there is no room for each.
    Tensor,
    /// A part of it, a kernel a cell.
    Kernels,
    /// The bits of kernels.
    Bits,
}

/// What the arrows move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The cursor on the picture.
    Picture,
    /// The level.
    Levels,
}

/// What stands beside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Density of every unit and tensor, as bars.
    Density,
    /// How weights are distributed.
    Weights,
    /// What it shares with another ticket.
    Difference,
    /// Densities of several tickets on one axis.
    Profiles,
    /// Where it came from and what became of it.
    Lineage,
}

/// What the picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Kept weights out of all.
    Kept,
    /// Weights pruned since the level before, out of those that it kept.
    Pruned,
    /// Weights that the other ticket keeps too, out of those that either keeps.
    Shared,
}

/// Whose weights are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of the tensor under the cursor.
    Tensor,
    /// Those of its stage.
    Stage,
    /// All.
    All,
}

impl TicketView {
    /// Opens a ticket's screen.
    #[must_use]
    pub fn open(path: &Path, generation: u64) -> Self {
        Self {
            path: path.to_owned(),
            cursor: Cursor::default(),
            zoom: Zoom::Ticket,
            focus: Focus::Picture,
            side: None,
            measure: Measure::Kept,
            scope: Scope::Tensor,
            other: None,
            profiles: Vec::new(),
            axis: Axis::Linear,
            scrolled: 0,
            findings: BTreeMap::new(),
            asked: BTreeSet::new(),
            awaited: None,
            generation,
        }
    }

    /// The tickets of its chain of levels, itself too, the lowest level first; it alone where it is of no chain.
    #[must_use]
    pub fn chain<'a>(&self, tickets: &'a Shelf) -> Vec<&'a Summary> {
        kin::chain(tickets, &self.path)
    }

    /// The ticket of the level before.
    #[must_use]
    pub fn before(&self, tickets: &Shelf) -> Option<PathBuf> {
        let chain = self.chain(tickets);
        let at = chain.iter().position(|ticket| ticket.path == self.path)?;
        Some(chain.get(at.checked_sub(1)?)?.path.clone())
    }

    /// The tickets whose densities are drawn on one axis: itself first, unless they are its chain.
    #[must_use]
    pub fn profiled(&self, tickets: &Shelf) -> Vec<PathBuf> {
        if self.profiles.is_empty() {
            return self.chain(tickets).into_iter().map(|ticket| ticket.path.clone()).collect();
        }
        let others = self.profiles.iter().filter(|path| **path != self.path).cloned();
        [self.path.clone()].into_iter().chain(others).collect()
    }

    /// The panes of its screen.
    #[must_use]
    pub fn panes(&self, size: Size) -> Panes {
        self.panes_in(layout::frame(size, 0).body)
    }

    /// The panes of its screen in that body.
    #[must_use]
    pub fn panes_in(&self, body: Rect) -> Panes {
        panes(body, if self.side.is_some() { Asked::Side } else { Asked::Nothing })
    }

    /// The parts of the picture's pane.
    #[must_use]
    pub fn parts(&self, pane: Rect, portrait: &Portrait) -> Parts {
        let kernel = self.tensor(portrait).map_or(1, |tensor| sides(&tensor.shape).2.0);
        let lines = if self.zoom == Zoom::Bits { kernel.clamp(3, 7) + 2 } else { 4 };
        parts(pane, u16::try_from(lines + 1).unwrap_or(5))
    }

    /// Columns and rows that the picture has; a usual screen's where it is not seen.
    #[must_use]
    pub fn room(&self, size: Size, portrait: &Portrait) -> (usize, usize) {
        let picture = self.panes(size).picture.map(|pane| self.parts(pane, portrait).picture);
        let (columns, rows) =
            picture.map_or((76, 14), |area| (area.width.into(), area.height.into()));
        // The numbers of the channels stand beside a grid and above it.
        let labels = if self.zoom >= Zoom::Tensor { (LABELS, 1) } else { (0, 0) };
        (
            usize::saturating_sub(columns, labels.0).max(1),
            usize::saturating_sub(rows, labels.1).max(1),
        )
    }

    /// What stands beside the picture: what was asked for, else what there is room for.
    #[must_use]
    pub fn shown_side(&self, size: Size) -> Option<Side> {
        self.side_of(self.panes(size))
    }

    /// What stands in the side pane, where there is one.
    #[must_use]
    pub fn side_of(&self, panes: Panes) -> Option<Side> {
        panes.side?;
        let other = if panes.below.is_some() { Side::Weights } else { Side::Density };
        Some(self.side.unwrap_or(other))
    }

    /// The tensor under the cursor.
    #[must_use]
    pub fn tensor<'a>(&self, portrait: &'a Portrait) -> Option<&'a TensorPortrait> {
        let Cursor { stage, unit, tensor, .. } = self.cursor;
        portrait.stages.get(stage)?.units.get(unit)?.tensors.get(tensor)
    }

    /// What is read of the tensor under the cursor.
    #[must_use]
    pub fn tensor_study(&self, portrait: &Portrait, tickets: &Shelf) -> Option<Study> {
        let tensor = self.tensor(portrait)?.name.clone();
        Some(Study::Tensor { path: self.path.clone(), tensor, before: self.before(tickets) })
    }

    /// What is read of the output channel under the cursor.
    #[must_use]
    pub fn channel_study(&self, portrait: &Portrait) -> Option<Study> {
        let tensor = self.tensor(portrait)?.name.clone();
        Some(Study::Channel { path: self.path.clone(), tensor, output: self.cursor.output })
    }

    /// What is read of the other ticket that it is compared with.
    #[must_use]
    pub fn difference_study(&self) -> Option<Study> {
        let (path, other) = (self.path.clone(), self.other.clone()?);
        Some(Study::Change { path, other, signs: Signs::Compared })
    }

    /// What is read of the level before.
    #[must_use]
    pub fn pruned_study(&self, tickets: &Shelf) -> Option<Study> {
        let (path, other) = (self.path.clone(), self.before(tickets)?);
        Some(Study::Change { path, other, signs: Signs::LeftOut })
    }

    /// The mask of the tensor under the cursor, once it was read.
    #[must_use]
    pub fn part(&self, portrait: &Portrait, tickets: &Shelf) -> Option<Result<&Part, &str>> {
        match self.finding(&self.tensor_study(portrait, tickets)?)? {
            Ok(Finding::Tensor(part)) => Some(Ok(part)),
            Ok(_) => None,
            Err(reason) => Some(Err(reason)),
        }
    }

    /// What changed, once it was read.
    #[must_use]
    pub fn change(&self, study: Option<&Study>) -> Option<Result<&Change, &str>> {
        match self.finding(study?)? {
            Ok(Finding::Change(change)) => Some(Ok(change)),
            Ok(_) => None,
            Err(reason) => Some(Err(reason)),
        }
    }

    /// What was read, or why it could not be.
    #[must_use]
    pub fn finding(&self, study: &Study) -> Option<Result<&Finding, &str>> {
        self.findings.get(study).map(|outcome| outcome.as_ref().map_err(String::as_str))
    }

    /// Takes in what was read. Masks are large: one tensor's and one channel's at a time are kept.
    pub fn keep(&mut self, study: Study, outcome: Result<Finding, String>) {
        self.asked.remove(&study);
        let kind = std::mem::discriminant(&study);
        if matches!(study, Study::Tensor { .. } | Study::Channel { .. }) {
            self.findings.retain(|old, _| std::mem::discriminant(old) != kind);
        }
        self.findings.insert(study, outcome);
    }

    /// Whether the picture of a tensor has room for a cell a kernel.
    #[must_use]
    pub fn fits(grid: &Grid, (columns, rows): (usize, usize)) -> bool {
        grid.outputs <= rows && grid.inputs <= columns
    }
}

impl Side {
    /// Its title.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Density => "density",
            Self::Weights => "weights",
            Self::Difference => "difference",
            Self::Profiles => "profiles",
            Self::Lineage => "lineage",
        }
    }
}
