//! What was made of the tickets on the shelf: the runs that retrain them, and the accuracies that were reached.

use std::collections::{HashMap, HashSet};

use elth_store::run::{
    dir::RunDir,
    standing::{Standing, State},
};

/// Runs and accuracies by the digests of tickets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Offspring {
    runs: HashMap<String, Vec<Child>>,
    levels: HashMap<String, f64>,
    models: HashSet<String>,
}

/// A run that retrains a ticket, in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Which.
    pub dir: RunDir,
    /// How it stands.
    pub state: State,
    /// Its data set.
    pub dataset: String,
    /// Its last accuracy on the test images.
    pub accuracy: Option<f64>,
}

impl Offspring {
    /// What the runs say, the youngest first as they come.
    #[must_use]
    pub fn of(runs: &[Standing]) -> Self {
        let mut offspring = Self::default();
        for run in runs {
            offspring.models.insert(run.recipe.model.clone());
            if let Some(digest) = run.ticket() {
                let child = Child {
                    dir: run.dir.clone(),
                    state: run.state,
                    dataset: run.recipe.dataset.clone(),
                    accuracy: run.said.test_accuracy,
                };
                offspring.runs.entry(digest.to_owned()).or_default().push(child);
            }
            for level in run.said.levels.values() {
                if let (Some(digest), Some(accuracy)) = (&level.ticket, level.accuracy) {
                    offspring.levels.insert(digest.clone(), accuracy);
                }
            }
        }
        offspring
    }

    /// Whether a run trains or trained that model.
    #[must_use]
    pub fn has_run(&self, model: &str) -> bool {
        self.models.contains(model)
    }

    /// The runs that retrain the ticket of that digest.
    #[must_use]
    pub fn runs(&self, digest: Option<&str>) -> &[Child] {
        digest.and_then(|digest| self.runs.get(digest)).map_or(&[], Vec::as_slice)
    }

    /// The last accuracy of a ticket: of the youngest run that retrained it to its end, else of the search that found it.
    #[must_use]
    pub fn accuracy(&self, digest: Option<&str>) -> Option<f64> {
        let mut done = self.runs(digest).iter().filter(|child| child.state == State::Done);
        let retrained = done.find_map(|child| child.accuracy);
        retrained.or_else(|| self.levels.get(digest?).copied())
    }
}
