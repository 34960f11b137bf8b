//! The numbers of a run that was, proposed for another.

use elth_core::{chance::Seeds, schedule::tidy};
use elth_store::{
    dataset::choice::Choice,
    run::recipe::{Recipe, Task},
};

use super::{Launch, label};

/// Seeds that are tried: four streams come from one number, and nobody types large ones.
const SEEDS: u64 = 10_000;

impl Launch {
    /// Proposes what a run was made with; every number can still be changed.
    pub fn adopt(&mut self, recipe: &Recipe) {
        let training = &recipe.training;
        let milestones = match training.milestone_steps.join(",") {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        };
        let mut lines = vec![
            (label::DATASET, recipe.dataset.clone()),
            ("training steps", training.training_steps.clone()),
            ("batch size", training.batch_size.to_string()),
            ("lr", tidy(training.lr)),
            ("milestone steps", milestones),
            ("gamma", tidy(training.gamma)),
            ("warmup steps", training.warmup_steps.clone()),
            ("momentum", tidy(training.momentum)),
            ("weight decay", tidy(training.weight_decay)),
            (label::DEVICE, recipe.device.clone()),
            (label::THREADS, recipe.threads.to_string()),
        ];
        match &recipe.task {
            Task::Train { start_at, .. } => {
                let start = if start_at.starts_with('0') { "zero" } else { "rewind" };
                lines.push((label::START, start.to_owned()));
            }
            Task::Imp { levels, pruning_fraction, .. } => lines.extend([
                (label::LEVELS, levels.to_string()),
                (label::REWIND, training.rewinding_steps.clone()),
                (label::FRACTION, tidy(*pruning_fraction)),
            ]),
        }
        let seed = seed(recipe.seeds());
        lines.extend(seed.map(|seed| (label::SEED, seed.to_string())));
        for (name, value) in lines {
            self.form.propose(name, &value);
        }
        self.choice = recipe.choice;
        self.rule.extend(chosen(recipe.choice));
        self.origin = match seed {
            Some(_) => "those of the run",
            None => "those of the run, but for its four seeds, which come from no one number",
        };
    }
}

/// The options that make the same of the training images; none where they are taken as they are.
fn chosen(choice: Choice) -> Vec<String> {
    if choice.is_whole() {
        return Vec::new();
    }
    let Choice { validation, subsample, label_noise, seed } = choice;
    let said = [
        (validation > 0).then(|| ("validation", validation.to_string())),
        subsample.map(|part| ("subsample", part.to_string())),
        (label_noise > 0.0).then(|| ("label-noise", label_noise.to_string())),
        Some(("data-seed", seed.to_string())),
    ];
    said.into_iter().flatten().flat_map(|(name, value)| [format!("--{name}"), value]).collect()
}

/// The number that all four streams come from, where there is one.
fn seed(seeds: Seeds) -> Option<u64> {
    (0..SEEDS).find(|seed| Seeds::derive(*seed) == seeds)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use elth_store::{dataset::choice::Amount, run::standing::State};

    use super::*;
    use crate::trying::{shelf_of, standing, ticket};

    #[test]
    fn a_clone_proposes_what_the_run_was_made_with() {
        let mut recipe = standing("train-1", State::Done, 10).recipe;
        recipe.training.lr = 0.1 * 0.1;
        recipe.training.milestone_steps.clear();
        let about = ticket("cifar_resnet_14_8", 0.9, 3).about;
        let mut launch =
            Launch::open(Path::new("/a.safetensors"), &about, &shelf_of(1).model.shelf);
        launch.adopt(&recipe);
        for (name, value) in [
            ("lr", "0.01"),
            ("milestone steps", "none"),
            (label::DEVICE, "cpu"),
            (label::THREADS, "2"),
            (label::SEED, "1"),
            (label::START, "rewind"),
            (label::DATASET, "digits"),
        ] {
            assert_eq!(launch.form.answer(name), value, "{name}");
        }
        assert!(launch.form.lines.iter().all(|line| !line.is_changed()));
        assert!(launch.rule.is_empty());
    }

    #[test]
    fn a_clone_learns_from_the_same_images_and_labels() {
        let mut recipe = standing("train-1", State::Done, 10).recipe;
        recipe.choice = Choice {
            validation: 50,
            subsample: Some(Amount::OfEachClass(20)),
            label_noise: 0.25,
            seed: 7,
        };
        let about = ticket("cifar_resnet_14_8", 0.9, 3).about;
        let model = shelf_of(1).model;
        let mut launch = Launch::open(Path::new("/a.safetensors"), &about, &model.shelf);
        launch.adopt(&recipe);
        let plan = launch.plan(&model.shelf, &model.places).unwrap();
        assert_eq!((plan.images, plan.per_epoch), (200, 200_u64.div_ceil(128)));
        let said = "--validation 50 --subsample 20 --label-noise 0.25 --data-seed 7";
        assert!(plan.commands[0][0] == "train" && plan.commands[0].join(" ").contains(said));
    }
}
