//! A ticket for another set of images: the head made anew where the classes are others, everything else kept.

use crate::{
    blueprint::{Blueprint, Input, TensorPlan, UnknownModel},
    digest::Digest,
    initialise::initialise,
    mask::Mask,
    ticket::{About, Ticket, lineage::Act},
    weights::Misfit,
};

/// Why a ticket does not go with other images.
#[derive(Debug, thiserror::Error)]
pub enum CannotRefit {
    /// The model cannot be built for them.
    #[error(transparent)]
    Model(#[from] UnknownModel),
    /// More than the head would have to be made anew.
    #[error(
        "`{tensor}` of `{model}` has another shape for images of {input}: only the head can be made anew, choose \
         images of {own}"
    )]
    Shape {
        /// The model.
        model: String,
        /// The first tensor that does not fit.
        tensor: String,
        /// The images.
        input: Input,
        /// What the ticket takes.
        own: Input,
    },
    /// The parts do not make a ticket.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

/// The network for so many classes and such images, where no more than the head changes its shape.
///
/// # Errors
/// When anything else would.
pub fn refitted(own: &Blueprint, classes: usize, input: Input) -> Result<Blueprint, CannotRefit> {
    let blueprint = Blueprint::new(&own.name, Some(classes), Some(input))?;
    let head = blueprint.stages.len() - 1;
    let fits = |tensor: &&TensorPlan| {
        let is_same = own.tensor(&tensor.name).is_some_and(|old| old.shape == tensor.shape);
        is_same || tensor.slot.stage == head
    };
    match blueprint.tensors.iter().find(|tensor| !fits(tensor)) {
        Some(tensor) => {
            let (model, tensor) = (own.name.clone(), tensor.name.clone());
            Err(CannotRefit::Shape { model, tensor, input, own: own.input })
        }
        None => Ok(blueprint),
    }
}

/// The ticket for so many classes and such images; a new head is drawn from the seed and keeps every weight.
///
/// # Errors
/// When anything but the head would change its shape.
pub fn refit(
    ticket: &Ticket,
    classes: usize,
    input: Input,
    seed: u64,
) -> Result<Ticket, CannotRefit> {
    let own = ticket.blueprint();
    let blueprint = refitted(own, classes, input)?;
    let head = blueprint.stages.len() - 1;
    let mut weights = initialise(&blueprint, seed);
    let mut masks = ticket.masks().clone();
    for tensor in &blueprint.tensors {
        let is_same = own.tensor(&tensor.name).is_some_and(|old| old.shape == tensor.shape);
        match ticket.weights().0.get(&tensor.name).filter(|_| is_same) {
            // The head's bias belongs to its weights, which are others.
            Some(values) if tensor.slot.stage != head || classes == own.classes => {
                weights.0.insert(tensor.name.clone(), values.clone());
            }
            _ => {
                let mask = || Mask::full(tensor.len());
                masks.entry(tensor.name.clone()).and_modify(|old| *old = mask());
            }
        }
    }
    let act = act(classes, input, seed, &ticket.digest());
    let lineage = ticket.about.lineage.then(act);
    let about = About { blueprint: blueprint.into(), lineage, ..ticket.about.clone() };
    Ok(Ticket::assemble(about, weights, masks)?)
}

fn act(classes: usize, input: Input, seed: u64, ticket: &Digest) -> Act {
    Act::new("head")
        .with("classes", classes.to_string())
        .with("input", input.to_string())
        .with("seed-init", seed.to_string())
        .of("ticket", ticket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        schedule::Step,
        ticket::{Outside, full_masks, lineage::Lineage},
    };

    fn ticket(model: &str, classes: usize, input: Input) -> Ticket {
        let blueprint = Blueprint::new(model, Some(classes), Some(input)).unwrap();
        let (weights, mut masks) = (initialise(&blueprint, 1), full_masks(&blueprint));
        for mask in masks.values_mut() {
            let bits: Vec<bool> = (0..mask.len()).map(|at| at % 3 == 0).collect();
            *mask = Mask::from_bits(&bits);
        }
        let about = About {
            blueprint: blueprint.into(),
            dataset: Some("cifar10".to_owned()),
            data_digest: None,
            level: Some(3),
            rewind: Some(Step::iterations(9)),
            outside: Outside::Dense,
            lineage: Lineage::default(),
        };
        Ticket::assemble(about, weights, masks).unwrap()
    }

    #[test]
    fn another_number_of_classes_makes_the_head_anew_and_keeps_the_rest() {
        let small = Input::new(3, 32, 32);
        for model in
            ["cifar_resnet_8_4", "cifar_vgg_11_4", "cifar_mobilenetv1_1", "imagenet_resnet_18_4"]
        {
            let before = ticket(model, 10, small);
            let after = refit(&before, 100, small, 5).unwrap();
            let head: Vec<_> = after
                .blueprint()
                .tensors
                .iter()
                .filter(|it| before.blueprint().tensor(&it.name).unwrap().shape != it.shape)
                .collect();
            assert_eq!(head.len(), 2, "{model}: weights and bias");
            for tensor in &after.blueprint().tensors {
                let is_new = head.contains(&tensor);
                let (old, new) = (before.weights(), after.weights());
                assert_eq!(old.0[&tensor.name] != new.0[&tensor.name], is_new, "{}", tensor.name);
                let masks = [before.masks().get(&tensor.name), after.masks().get(&tensor.name)];
                assert_eq!(masks[0] != masks[1], is_new && masks[1].is_some(), "{}", tensor.name);
            }
            let fresh = after.blueprint().prunable().last().unwrap();
            assert_eq!(after.count_of(&fresh.name).kept, fresh.len(), "the new head is dense");
            assert_eq!(after.about.lineage.acts()[0].act, "head");
            assert_ne!(refit(&before, 100, small, 6).unwrap().digest(), after.digest());
        }
    }

    #[test]
    fn larger_images_keep_every_weight_of_a_convolutional_network() {
        let before = ticket("cifar_resnet_8_4", 10, Input::new(3, 32, 32));
        let after = refit(&before, 10, Input::new(3, 64, 64), 5).unwrap();
        assert_eq!(after.digest(), before.digest(), "no tensor is another");
        assert_eq!(after.blueprint().input, Input::new(3, 64, 64));
    }

    #[test]
    fn images_that_change_more_than_the_head_are_refused_by_name() {
        let flat = ticket("mnist_lenet_8", 10, Input::new(1, 8, 8));
        let error = refit(&flat, 10, Input::new(1, 28, 28), 5).unwrap_err().to_string();
        assert!(
            error.starts_with("`fc_layers.0.weight` of `mnist_lenet_8` has another shape"),
            "{error}"
        );
        let tiny = ticket("cifar_resnet_8_4", 10, Input::new(3, 8, 8));
        assert!(refit(&tiny, 0, Input::new(3, 8, 8), 5).is_err());
    }
}
