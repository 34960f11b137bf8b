//! How a search chooses what goes, on disk: left out of a recipe where it is the usual global magnitude.

use std::collections::BTreeSet;

use elth_core::prune::{allocation::Allocation, criterion::Criterion};
use serde::{Deserialize, Serialize};

use crate::run::recipe::{BadRecipe, bad};

/// A criterion other than global magnitude at the end of a level, with every number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionTable {
    /// Which weights go first.
    pub method: String,
    /// Where the kept ones lie.
    pub allocation: String,
    /// Rounds of scoring and pruning in each level.
    pub rounds: u32,
    /// `end`: scored as a level's training left them; `rewind`: as the next one begins.
    pub score_at: String,
    /// Images of each class that gradients are taken from; all where there is no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<usize>,
    /// Whether the images are cropped, shifted and mirrored.
    #[serde(default)]
    pub augmented: bool,
    /// Batch norms while scores are computed: `train` or `eval`.
    pub bn: String,
    /// Whether gradients are scored as the official code does.
    #[serde(default)]
    pub compat: bool,
    /// Tensors that no round touches (`pruning_layers_to_ignore`).
    #[serde(default)]
    pub layers_to_ignore: Vec<String>,
}

impl CriterionTable {
    /// Global magnitude: what is left out of a recipe.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            method: Criterion::Magnitude.name().to_owned(),
            allocation: Allocation::Global.name().to_owned(),
            rounds: 1,
            score_at: "end".to_owned(),
            examples: None,
            augmented: false,
            bn: "train".to_owned(),
            compat: false,
            layers_to_ignore: Vec::new(),
        }
    }

    /// The criterion.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn method(&self) -> Result<Criterion, BadRecipe> {
        Criterion::parse(&self.method)
            .ok_or_else(|| bad("method", &self.method, "criterion such as snip"))
    }

    /// The allocation.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn allocation(&self) -> Result<Allocation, BadRecipe> {
        Allocation::parse(&self.allocation)
            .ok_or_else(|| bad("allocation", &self.allocation, "allocation such as erk"))
    }

    /// The tensors that no round touches.
    #[must_use]
    pub fn ignored(&self) -> BTreeSet<String> {
        self.layers_to_ignore.iter().cloned().collect()
    }
}
