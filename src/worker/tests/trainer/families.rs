//! A search, a retraining and their evaluation in every family that the digits are large enough for.

use elth_core::{schedule::Step, ticket::format, trained};
use elth_store::{
    dataset::Name,
    run::{
        plan,
        recipe::{Recipe, Task},
    },
};

use crate::running::{Run, pruning, retraining};

/// A few steps of a small model.
fn check(model: &str) {
    let blueprint = plan::model(model, Name::Digits).unwrap();
    let short = |mut recipe: Recipe| {
        recipe.model.clone_from(&blueprint.name);
        recipe.input = blueprint.input.to_string();
        recipe.training.training_steps = Step::iterations(8).to_string();
        recipe.training.lr = 0.01;
        recipe
    };
    let mut search = pruning();
    let Task::Imp { levels, .. } = &mut search.task else { unreachable!() };
    *levels = 1;
    let found = Run::new(&short(search), None);
    found.go_well();
    let ticket = format::decode(&found.tickets()["level_1.safetensors"]).unwrap();
    let kept = ticket.count();
    assert!(kept.kept * 10 < kept.weights * 9, "{model}: {kept:?}");
    let again = Run::new(&short(retraining(&ticket)), Some(&ticket));
    again.go_well();
    let weights = |run: &Run, name: &str| trained::decode(&run.tickets()[name]).unwrap().weights;
    let (one, other) =
        (weights(&found, "level_1.trained.safetensors"), weights(&again, "trained.safetensors"));
    assert!(one == other, "{model}: its level and its retraining differ");
    one.sound(&blueprint).unwrap();
}

#[test]
fn every_family_is_searched_and_retrained_to_the_same_weights() {
    for model in
        ["cifarhe_resnet_18_2", "cifarhe_resnet_50_1", "imagenet_resnet_18_4", "mnist_lenet_20_20"]
    {
        check(model);
    }
}
