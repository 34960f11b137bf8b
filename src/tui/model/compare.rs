//! Runs over one another: which, in which colours, and what of them is looked at.

use std::collections::{BTreeMap, BTreeSet};

use elth_store::run::{
    compare::{self, Group, Header, Outcome},
    curve::Metric,
    dir::RunDir,
    standing::Standing,
};

use super::{lens::Lens, runs::Runs};

/// What is shown of the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// Their curves over one another.
    Curves,
    /// Accuracy against the share of weights that is kept.
    Figure,
    /// Means and intervals over seeds.
    Table,
    /// What differs between their recipes.
    Recipes,
}

/// What is drawn of each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// A metric.
    Metric(Metric),
    /// The norm of the gradient.
    Gradient,
}

/// Whether runs that differ by chance alone are drawn one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// A curve for each run.
    Apart,
    /// Their mean, and how far they spread.
    Together,
}

/// The screen that compares runs.
#[derive(Debug, Clone)]
pub struct Compare {
    /// Which, the oldest first.
    pub runs: Vec<RunDir>,
    /// What the headers of their tickets say, those that were read.
    pub headers: BTreeMap<RunDir, Header>,
    /// What is shown.
    pub panel: Panel,
    /// What is drawn.
    pub drawn: Drawn,
    /// How runs of one recipe are drawn.
    pub seeds: Seeds,
    /// How curves are looked at.
    pub lens: Lens,
    /// Runs whose curves are left out.
    pub hidden: BTreeSet<RunDir>,
    /// The selected run, or the first line that is shown.
    pub at: usize,
}

impl Panel {
    /// Every panel.
    pub const ALL: [Self; 4] = [Self::Curves, Self::Figure, Self::Table, Self::Recipes];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Curves => "curves",
            Self::Figure => "accuracy by kept weights",
            Self::Table => "over seeds",
            Self::Recipes => "recipes",
        }
    }

    /// So many panels on, round at the ends.
    #[must_use]
    pub fn moved(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|panel| *panel == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}

impl Drawn {
    /// Everything that can be drawn.
    pub const ALL: [Self; 5] = [
        Self::Metric(Metric::TestAccuracy),
        Self::Metric(Metric::TrainLoss),
        Self::Metric(Metric::TestLoss),
        Self::Metric(Metric::Lr),
        Self::Gradient,
    ];

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|drawn| *drawn == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metric(Metric::TestAccuracy) => "test accuracy",
            Self::Metric(Metric::TrainLoss) => "train loss",
            Self::Metric(Metric::TestLoss) => "test loss",
            Self::Metric(Metric::Lr) => "learning rate",
            Self::Gradient => "gradient norm",
        }
    }
}

impl Compare {
    /// Opens on the curves, looked at like that.
    #[must_use]
    pub fn open(runs: Vec<RunDir>, lens: Lens) -> Self {
        Self {
            runs,
            headers: BTreeMap::new(),
            panel: Panel::Curves,
            drawn: Drawn::ALL[0],
            seeds: Seeds::Apart,
            lens,
            hidden: BTreeSet::new(),
            at: 0,
        }
    }

    /// The run that the cursor is on, where runs are what is gone through.
    #[must_use]
    pub fn selected(&self) -> Option<&RunDir> {
        match self.panel {
            Panel::Curves | Panel::Figure => self.runs.get(self.at),
            Panel::Table | Panel::Recipes => None,
        }
    }

    /// The runs that are still there.
    #[must_use]
    pub fn standings<'a>(&self, all: &'a Runs) -> Vec<&'a Standing> {
        self.runs.iter().filter_map(|dir| all.standing(dir)).collect()
    }

    /// What came of them so far.
    #[must_use]
    pub fn outcomes(&self, all: &Runs) -> Vec<Outcome> {
        let standings = self.standings(all).into_iter();
        let outcomes = standings.flat_map(|standing| {
            let story = all.stories.get(&standing.dir);
            let levels = story.iter().flat_map(|story| &story.levels);
            let levels = levels.map(|(level, ended)| (*level, (ended.kept, ended.accuracy)));
            compare::outcomes(standing, self.headers.get(&standing.dir), &levels.collect())
        });
        outcomes.collect()
    }

    /// Those that differ by chance alone, together.
    #[must_use]
    pub fn groups(&self, all: &Runs) -> Vec<Group> {
        compare::groups(&self.outcomes(all))
    }
}
