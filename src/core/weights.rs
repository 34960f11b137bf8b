//! The values of a model's tensors, by official name.

use std::collections::BTreeMap;

use crate::{blueprint::Blueprint, slot::Role};

/// The values of one tensor, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Weights, biases, statistics.
    Floats(Vec<f32>),
    /// `num_batches_tracked`.
    Count(i64),
}

/// Every tensor of a model by official name; what is complete is said by [`Weights::fits`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights(pub BTreeMap<String, Values>);

impl Weights {
    /// The floats of that name.
    #[must_use]
    pub fn floats(&self, name: &str) -> Option<&[f32]> {
        match self.0.get(name) {
            Some(Values::Floats(values)) => Some(values),
            _ => None,
        }
    }

    /// Checks that every tensor of the model is there with its length and kind, and nothing else.
    ///
    /// # Errors
    /// When a tensor is missing, is not the model's or has another size.
    pub fn fits(&self, blueprint: &Blueprint) -> Result<(), Misfit> {
        for tensor in &blueprint.tensors {
            let values = self.0.get(&tensor.name);
            let right = match (values, tensor.role) {
                (None, _) => return Err(Misfit::Missing(tensor.name.clone())),
                (Some(Values::Count(_)), role) => role == Role::BatchesTracked,
                (Some(Values::Floats(floats)), role) => {
                    role != Role::BatchesTracked && floats.len() == tensor.len()
                }
            };
            if !right {
                return Err(Misfit::Size(tensor.name.clone()));
            }
        }
        // All of the model's are there, so another is there only where there are more.
        if self.0.len() > blueprint.tensors.len() {
            let foreign = self.0.keys().find(|name| blueprint.tensor(name).is_none());
            return Err(Misfit::Foreign(foreign.cloned().unwrap_or_default()));
        }
        Ok(())
    }
}

/// Weights that are not the model's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A tensor of the model is not there.
    #[error("tensor `{0}` is missing")]
    Missing(String),
    /// A tensor has another size or kind than the model's.
    #[error("tensor `{0}` has another shape than the model's")]
    Size(String),
    /// A tensor is none of the model's.
    #[error("tensor `{0}` is none of the model's")]
    Foreign(String),
}
