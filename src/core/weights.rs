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

    /// Checks that every value is a finite number, and no variance negative.
    ///
    /// # Errors
    /// At the first tensor, in the model's order, where one is not.
    pub fn sound(&self, blueprint: &Blueprint) -> Result<(), Unsound> {
        for plan in &blueprint.tensors {
            let values = self.floats(&plan.name).unwrap_or_default();
            let (tensor, is_variance) = (plan.name.clone(), plan.role == Role::RunningVar);
            if let Some(place) = values.iter().position(|value| !value.is_finite()) {
                let value = values[place].to_string();
                return Err(Unsound::NotFinite { tensor, value, place });
            }
            if let Some(place) = values.iter().position(|value| is_variance && *value < 0.0) {
                let value = values[place].to_string();
                return Err(Unsound::Variance { tensor, value, place });
            }
        }
        Ok(())
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

/// Values that no network can be trained from, though their tensors fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A value that is not a number, or infinite.
    #[error("tensor `{tensor}` holds {value} at place {place}: {HARM}")]
    NotFinite {
        /// The tensor.
        tensor: String,
        /// `NaN` or `inf`.
        value: String,
        /// The first such place, from 0.
        place: usize,
    },
    /// A variance below 0.
    #[error("tensor `{tensor}` holds the variance {value} at place {place}: {HARM}")]
    Variance {
        /// The tensor.
        tensor: String,
        /// The variance.
        value: String,
        /// The first such place, from 0.
        place: usize,
    },
}

/// What such values come from, and what to do.
const HARM: &str = "the file is damaged or its training diverged, take another";

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initialise::initialise;

    #[test]
    fn values_that_nothing_can_be_trained_from_are_named_with_their_tensor() {
        let blueprint = Blueprint::new("cifar_resnet_8_2", None, None).unwrap();
        let check = |name: &str, value: f32, expected: &str| {
            let mut weights = initialise(&blueprint, 1);
            if let Some(Values::Floats(floats)) = weights.0.get_mut(name) {
                floats[3] = value;
            }
            let said = weights.sound(&blueprint).map_err(|error| error.to_string());
            let said = said.err().unwrap_or_default();
            assert!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{said}");
        };
        check("conv.weight", 0.5, "");
        check("conv.weight", f32::NAN, "tensor `conv.weight` holds NaN at place 3: ");
        check("fc.weight", f32::NEG_INFINITY, "tensor `fc.weight` holds -inf at place 3: ");
        check("blocks.2.bn1.running_mean", -1.0, "");
        let variance = "blocks.2.bn1.running_var";
        check(variance, -1.0, "tensor `blocks.2.bn1.running_var` holds the variance -1 at place 3");
    }
}
