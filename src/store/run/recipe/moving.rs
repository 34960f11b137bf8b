//! How masks move while a ticket is retrained, on disk: left out of a recipe where they stay.

use elth_core::{
    moving::{Growth, Method, Moving},
    prune::allocation::Allocation,
};
use serde::{Deserialize, Serialize};

use crate::run::recipe::{BadRecipe, bad, step};

/// [`Moving`] on disk; what the method does not use is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovingTable {
    /// `set`, `rigl`, `itop`, `dpf` or `gradual`.
    pub method: String,
    /// The first step at which masks move.
    pub update_from: String,
    /// Steps between two moves.
    pub update_every: String,
    /// The step from which on they stay.
    pub update_until: String,
    /// Share of the kept weights that an exchange begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_fraction: Option<f64>,
    /// How an exchange grows: `gradient` or `random`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grow: Option<String>,
    /// Share of zeros that pruning comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sparsity: Option<f64>,
    /// The step at which it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp_until: Option<String>,
    /// How pruning shares zeros out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<String>,
    /// Tensors that stay as they are.
    #[serde(default)]
    pub keep_dense: Vec<String>,
}

impl MovingTable {
    /// The method.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn method(&self) -> Result<Method, BadRecipe> {
        Method::parse(&self.method)
            .ok_or_else(|| bad("method", &self.method, "way of moving masks such as rigl"))
    }

    /// The plan, with so many iterations an epoch.
    ///
    /// # Errors
    /// When a step or a name cannot be read.
    pub fn plan(&self, per_epoch: u64) -> Result<Moving, BadRecipe> {
        let method = self.method()?;
        let at = |key, text: &str| step(key, text).map(|step| step.at(per_epoch));
        let growth = self.grow.as_deref().map(|text| {
            Growth::parse(text).ok_or_else(|| bad("grow", text, "growth (gradient or random)"))
        });
        let allocation = self.allocation.as_deref().map(|text| {
            Allocation::parse(text).ok_or_else(|| bad("allocation", text, "allocation such as erk"))
        });
        let ramp_until = self.ramp_until.as_deref().map(|text| at("ramp_until", text));
        Ok(Moving {
            method,
            from: at("update_from", &self.update_from)?,
            every: at("update_every", &self.update_every)?.max(1),
            until: at("update_until", &self.update_until)?,
            growth: growth.transpose()?.unwrap_or(method.usual_growth()),
            fraction: self.drop_fraction.unwrap_or(method.usual_fraction()),
            sparsity: self.sparsity.unwrap_or(0.0),
            ramp_until: ramp_until.transpose()?.unwrap_or(u64::MAX),
            allocation: allocation.transpose()?.unwrap_or_default(),
            keep_dense: self.keep_dense.iter().cloned().collect(),
        })
    }
}
