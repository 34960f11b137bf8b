//! Blueprints that were built already: a thousand tickets of one model share one.

use std::{collections::BTreeMap, sync::Arc};

use crate::blueprint::{Blueprint, Input, UnknownModel};

/// What a blueprint is built from: the model's name, its classes and its input, as they were given.
type Asked = (String, Option<usize>, Option<Input>);

/// Every model that was asked for, built once.
#[derive(Debug, Default)]
pub struct Models(BTreeMap<Asked, Arc<Blueprint>>);

impl Models {
    /// The model of that name, as [`Blueprint::new`] builds it.
    ///
    /// # Errors
    /// When the name is not one of the known families' or its numbers make no network.
    pub fn get(
        &mut self,
        name: &str,
        classes: Option<usize>,
        input: Option<Input>,
    ) -> Result<Arc<Blueprint>, UnknownModel> {
        let asked = (name.to_owned(), classes, input);
        if let Some(blueprint) = self.0.get(&asked) {
            return Ok(Arc::clone(blueprint));
        }
        let blueprint = Arc::new(Blueprint::new(name, classes, input)?);
        self.0.insert(asked, Arc::clone(&blueprint));
        Ok(blueprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_built_once_and_is_the_same_as_one_built_alone() {
        let mut models = Models::default();
        let one = models.get("cifar_resnet_14_8", Some(10), Some(Input::new(3, 8, 8))).unwrap();
        let two = models.get("cifar_resnet_14_8", Some(10), Some(Input::new(3, 8, 8))).unwrap();
        assert!(Arc::ptr_eq(&one, &two));
        let alone = Blueprint::new("cifar_resnet_14_8", Some(10), Some(Input::new(3, 8, 8)));
        assert_eq!(*one, alone.unwrap());
        let other = models.get("cifar_resnet_14_8", Some(100), None).unwrap();
        assert_eq!((other.classes, one.classes), (100, 10));
        assert!(models.get("no_model", None, None).is_err());
    }
}
