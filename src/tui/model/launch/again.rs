//! A search that is started again: the dialog with the run's own numbers, and the options that it has no line for.

use elth_core::{
    blueprint::{Blueprint, Input},
    prune::criterion::Criterion,
    schedule::Step,
    ticket::{About, Outside, lineage::Lineage},
};
use elth_store::run::{
    dir::RunDir,
    recipe::{CriterionTable, Recipe, Task},
};

use super::{Launch, kinds, label};
use crate::model::{form::Field, shelf::Shelf};

impl Launch {
    /// Opens the dialog on a search, with its numbers.
    ///
    /// # Errors
    /// When its recipe speaks of a model that there is not.
    pub fn search_again(dir: &RunDir, recipe: &Recipe, on: &Shelf) -> Result<Self, String> {
        let input = Input::parse(&recipe.input);
        let blueprint = Blueprint::new(&recipe.model, Some(recipe.classes), input);
        let about = About {
            dataset: Some(recipe.dataset.clone()),
            data_digest: Some(recipe.data_digest.clone()),
            level: None,
            rewind: Step::parse(&recipe.training.rewinding_steps).ok(),
            outside: Outside::Dense,
            lineage: Lineage::default(),
            blueprint: blueprint.map_err(|error| error.to_string())?.into(),
        };
        let mut launch = Self::open(dir.path(), &about, on);
        let meaning = "the same search; its ticket can be started from the shelf";
        let lines = launch.form.lines.iter_mut();
        for line in lines.filter(|line| line.label == label::CONTROL) {
            *line = Field::choice(label::CONTROL, &[kinds::SEARCH], meaning);
        }
        launch.rule = rule(&recipe.task);
        launch.adopt(recipe);
        launch.refresh(on);
        Ok(launch)
    }
}

/// The words of `elth imp` for what decides beside the dialog's numbers.
fn rule(task: &Task) -> Vec<String> {
    let Task::Imp { counting, snapshot_steps, criterion, .. } = task else { return Vec::new() };
    let mut words = Vec::new();
    let mut say = |name: &str, value: &str| words.extend([format!("--{name}"), value.to_owned()]);
    if counting != "exact" || criterion.as_ref().is_some_and(|table| table.compat) {
        say("counting", counting);
    }
    if !snapshot_steps.is_empty() {
        say("snapshot-steps", &snapshot_steps.join(","));
    }
    if let Some(table) = criterion {
        chosen(table, &mut say);
        if table.augmented && !table.compat {
            words.push("--augment".to_owned());
        }
    }
    words
}

fn chosen(table: &CriterionTable, say: &mut impl FnMut(&str, &str)) {
    let method = Criterion::parse(&table.method);
    let scores_network = method.is_some_and(Criterion::needs_network);
    let looks_at_images = method.is_some_and(Criterion::needs_images) || table.compat;
    say("method", &table.method);
    say("allocation", &table.allocation);
    say("score-at", &table.score_at);
    let layers = table.layers_to_ignore.join(",");
    say("pruning-layers-to-ignore", if layers.is_empty() { "none" } else { &layers });
    if scores_network {
        say("rounds", &table.rounds.to_string());
    }
    if looks_at_images {
        let all = || "all".to_owned();
        say("examples", &table.examples.map_or_else(all, |count| count.to_string()));
        say("bn", &table.bn);
    }
    if table.compat {
        say("compat", "openlth");
    }
}

#[cfg(test)]
mod tests {
    use elth_store::run::standing::State;

    use super::*;
    use crate::trying::{dir, shelf_of, standing};

    fn again(counting: &str, criterion: Option<CriterionTable>) -> Launch {
        let mut recipe = standing("imp-1", State::Done, 10).recipe;
        recipe.task = Task::Imp {
            levels: 7,
            pruning_fraction: 0.3,
            counting: counting.to_owned(),
            snapshot_steps: Vec::new(),
            criterion,
        };
        Launch::search_again(&dir("imp-1"), &recipe, &shelf_of(1).model.shelf).unwrap()
    }

    #[test]
    fn a_search_is_proposed_with_its_own_numbers() {
        let launch = again("exact", None);
        for (name, value) in [
            (label::CONTROL, "search"),
            (label::LEVELS, "7"),
            (label::FRACTION, "0.3"),
            (label::DATASET, "digits"),
            (label::SEED, "1"),
        ] {
            assert_eq!(launch.form.answer(name), value, "{name}");
        }
        assert!(launch.rule.is_empty() && !launch.is_answered() && launch.is_search());
    }

    #[test]
    fn what_decides_which_weights_go_is_said_too() {
        let snip = CriterionTable {
            method: "snip".to_owned(),
            examples: Some(10),
            ..CriterionTable::usual()
        };
        let said = "--counting openlth --method snip --allocation global --score-at end \
                    --pruning-layers-to-ignore none --rounds 1 --examples 10 --bn train";
        assert_eq!(again("openlth", Some(snip)).rule.join(" "), said);
    }
}
