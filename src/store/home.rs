//! Where tickets, runs and experiments lie.

use std::path::{Path, PathBuf};

/// The folder that `--home` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// Names a home; touches nothing. The path is made absolute, because runs outlive the working directory.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Tickets that were saved or found.
    #[must_use]
    pub fn tickets(&self) -> PathBuf {
        self.0.join("tickets")
    }

    /// One folder a run.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    /// Grids of runs.
    #[must_use]
    pub fn experiments(&self) -> PathBuf {
        self.0.join("experiments")
    }

    /// Sample tickets, unpacked where the checkout's are not at hand.
    #[must_use]
    pub fn samples(&self) -> PathBuf {
        self.0.join("samples")
    }
}
