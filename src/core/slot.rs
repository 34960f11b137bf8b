//! Where a tensor sits in a model: stage, unit, part.

use std::fmt;

/// The place of a tensor, the same in every model of a family: transformations speak only of slots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Index into the blueprint's stages.
    pub stage: usize,
    /// Local number of the unit within its stage.
    pub unit: usize,
    /// Name within the unit, such as `conv1.weight`.
    pub part: String,
}

/// What a tensor of a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Weight of a convolution (out, in, height, width) or of a linear layer (out, in); prunable.
    Weight,
    /// Bias of a convolution or of a linear layer.
    Bias,
    /// Scale of a batch norm.
    NormWeight,
    /// Shift of a batch norm.
    NormBias,
    /// Running mean of a batch norm.
    RunningMean,
    /// Running variance of a batch norm.
    RunningVar,
    /// Number of batches a batch norm has seen; a 64-bit integer without a shape.
    BatchesTracked,
}

impl Role {
    /// Whether a mask lies over tensors of this role: every convolution and linear weight (`prunable_layer_names` of the official code).
    #[must_use]
    pub fn is_prunable(self) -> bool {
        self == Self::Weight
    }

    /// Whether training changes it by gradient; the others are buffers.
    #[must_use]
    pub fn is_parameter(self) -> bool {
        matches!(self, Self::Weight | Self::Bias | Self::NormWeight | Self::NormBias)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "stage {} unit {} {}", self.stage, self.unit, self.part)
    }
}
