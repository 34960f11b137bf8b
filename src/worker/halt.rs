//! Why a run ends before it is done.

/// An end that is no success.
#[derive(Debug)]
pub enum Halt {
    /// Somebody asked for it; a checkpoint is written.
    Stopped,
    /// It cannot go on.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
