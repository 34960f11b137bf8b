//! What makes a weight worth keeping before any training: the criteria by name, and which of them look at images.

use super::Ranking;

/// A score of every weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// |w| (fact sheet 4.3, `sparse_global`).
    Magnitude,
    /// By lot.
    Random,
    /// |gradient · w| of the cross-entropy (SNIP; Lee et al.).
    Snip,
    /// w · Hg with its sign: what lets the gradient flow stays (GraSP; Wang et al.).
    Grasp,
    /// |w · Hg|, which the official code ranks by, and others call `graspabs`.
    GraspAbs,
    /// |w · ∂R/∂w| of R, the sum of the outputs of the network of absolute weights at images of ones (SynFlow; Tanaka et
    /// al.).
    Synflow,
}

impl Criterion {
    /// Every criterion.
    pub const ALL: [Self; 6] =
        [Self::Magnitude, Self::Random, Self::Snip, Self::Grasp, Self::GraspAbs, Self::Synflow];

    /// The name on the command line, in lineages and in recipes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Magnitude => "magnitude",
            Self::Random => "random",
            Self::Snip => "snip",
            Self::Grasp => "grasp",
            Self::GraspAbs => "graspabs",
            Self::Synflow => "synflow",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|criterion| criterion.name() == text)
    }

    /// Whether it is computed with a network, by the trainer.
    #[must_use]
    pub fn needs_network(self) -> bool {
        !matches!(self, Self::Magnitude | Self::Random)
    }

    /// Whether it looks at training images.
    #[must_use]
    pub fn needs_images(self) -> bool {
        matches!(self, Self::Snip | Self::Grasp | Self::GraspAbs)
    }

    /// Which of its scores are low.
    #[must_use]
    pub fn ranking(self) -> Ranking {
        if self == Self::Grasp { Ranking::Signed } else { Ranking::Absolute }
    }

    /// Images of each class that it looks at: 25 as GraSP was published; 10 make SNIP's one mini-batch.
    #[must_use]
    pub fn usual_examples(self) -> usize {
        if self == Self::Snip { 10 } else { 25 }
    }

    /// Rounds that it is usually taken in: 100 for SynFlow, which collapses layers in one.
    #[must_use]
    pub fn usual_rounds(self) -> u32 {
        if self == Self::Synflow { 100 } else { 1 }
    }
}
