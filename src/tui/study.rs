//! What the ticket screen reads of tickets beyond their portraits, on demand and off the loop.

pub mod change;
pub mod grid;
pub mod histogram;

use std::path::PathBuf;

use self::{change::Change, grid::Grid, histogram::Histogram};
use elth_core::mask::Mask;

/// What is to be read: the question and the key of its answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Study {
    /// One tensor's mask, and the same of the level before where there is one.
    Tensor {
        /// The ticket.
        path: PathBuf,
        /// The tensor's official name.
        tensor: String,
        /// The ticket of the level before.
        before: Option<PathBuf>,
    },
    /// The rewind weights that lead to one output channel of a tensor.
    Channel {
        /// The ticket.
        path: PathBuf,
        /// The tensor's official name.
        tensor: String,
        /// The output channel.
        output: usize,
    },
    /// How the rewind weights of every tensor are distributed.
    Weights {
        /// The ticket.
        path: PathBuf,
    },
    /// What changed since another ticket of the same model.
    Change {
        /// The ticket.
        path: PathBuf,
        /// The other: the level before, or one to compare with.
        other: PathBuf,
        /// Whether the rewind weights are read too.
        signs: Signs,
    },
}

/// Whether two tickets' signs are compared, which takes their weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signs {
    /// They are.
    Compared,
    /// Masks are enough.
    LeftOut,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// Of [`Study::Tensor`].
    Tensor(Part),
    /// Of [`Study::Channel`].
    Channel(Vec<f32>),
    /// Of [`Study::Weights`]: stage by stage, unit by unit, tensor by tensor.
    Weights(Vec<Vec<Vec<Histogram>>>),
    /// Of [`Study::Change`].
    Change(Change),
}

/// One tensor's mask.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Counts over outputs and inputs.
    pub grid: Grid,
    /// Every bit.
    pub mask: Mask,
    /// Those pruned since the level before, where there is one.
    pub pruned: Option<Pruned>,
}

/// The weights that the level before kept and this one does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    /// Counts over outputs and inputs.
    pub grid: Grid,
    /// Every bit.
    pub mask: Mask,
}

impl Part {
    /// Puts a tensor's mask together with what was pruned since `before`.
    #[must_use]
    pub fn of(shape: &[usize], mask: Mask, before: Option<&Mask>) -> Self {
        let pruned = before.filter(|before| before.len() == mask.len()).map(|before| {
            let lost = Mask::from_fn(mask.len(), |at| before.keeps(at) && !mask.keeps(at));
            Pruned { grid: Grid::of(shape, &lost), mask: lost }
        });
        Self { grid: Grid::of(shape, &mask), mask, pruned }
    }
}
