//! Runs beside one another: which of them differ by chance alone, and what they came to.

mod origin;

use std::collections::{BTreeMap, BTreeSet};

use elth_core::{
    mask::share,
    statistics::{Sample, sample},
    ticket::{About, Count},
};

use crate::{
    dataset::digest::shown_name,
    run::{
        dir::RunDir,
        event::Event,
        recipe::{Recipe, Task},
        said::Motion,
        standing::{Standing, State},
    },
    ticket_file,
};
pub use origin::{Origin, origin};

/// What is known of the ticket that a run retrained, from its header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// How it came to be, its model, its level.
    pub about: About,
    /// Its weights.
    pub count: Option<Count>,
}

/// What came of one run, or of one level of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The run.
    pub run: RunDir,
    /// The same for all that differ by chance alone, whatever their level.
    line: String,
    /// Where the ticket came from.
    pub origin: Origin,
    /// The network.
    pub model: String,
    /// The data set as people are shown it.
    pub dataset: String,
    /// The level of the ticket.
    pub level: Option<u32>,
    /// Share of weights that it kept.
    pub density: Option<f64>,
    /// Digest of the ticket; of a search, its seeds.
    ticket: String,
    /// Last test accuracy.
    pub accuracy: f64,
    /// Whether there is nothing more to come.
    pub is_final: bool,
}

/// Results that differ by chance alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// One of them: what all have in common is read from it.
    pub like: Outcome,
    /// The runs they come from.
    pub runs: Vec<RunDir>,
    /// Those of them that are not done: running, stopped, failed. They count for nothing below.
    pub not_done: Vec<RunDir>,
    /// Different tickets among those that are done.
    pub tickets: usize,
    /// The accuracies of those that are done.
    pub values: Vec<f64>,
    /// Those in sum; nothing where none is done.
    pub sample: Option<Sample>,
}

/// Reads the header of the ticket that a run retrained; nothing where it has none that can be read.
#[must_use]
pub fn header(dir: &RunDir) -> Option<Header> {
    let summary = ticket_file::read_summary(&dir.input_ticket()).ok()?;
    let count = summary.kept.map(|kept| Count { kept, weights: summary.weights });
    Some(Header { about: summary.about, count })
}

/// What each level of a search came to: kept weights and last accuracy.
#[must_use]
pub fn levels(
    events: impl IntoIterator<Item = Event>,
) -> BTreeMap<u32, (Option<usize>, Option<f64>)> {
    let mut levels: BTreeMap<u32, (Option<usize>, Option<f64>)> = BTreeMap::new();
    for event in events {
        match event {
            Event::Wrote { level: Some(level), kept: Some(kept), .. } => {
                levels.entry(level).or_default().0 = Some(kept);
            }
            Event::Evaluated { level: Some(level), test_accuracy, .. } => {
                levels.entry(level).or_default().1 = Some(test_accuracy);
            }
            _ => {}
        }
    }
    levels
}

/// What came of a run: one result of a retraining, one for each level of a search.
#[must_use]
pub fn outcomes(
    standing: &Standing,
    header: Option<&Header>,
    levels: &BTreeMap<u32, (Option<usize>, Option<f64>)>,
) -> Vec<Outcome> {
    let recipe = &standing.recipe;
    let (is_final, line) = (standing.state == State::Done, line(recipe, header));
    let dataset = shown_name(&recipe.dataset, &recipe.data_digest);
    let of = |level, density, ticket, accuracy, is_final| Outcome {
        run: standing.dir.clone(),
        line: line.clone(),
        origin: moved(recipe)
            .or_else(|| header.map(|header| origin(&header.about)))
            .unwrap_or(Origin::Search),
        model: recipe.model.clone(),
        dataset: dataset.clone(),
        level,
        density,
        ticket,
        accuracy,
        is_final,
    };
    if let Task::Train { ticket, .. } = &recipe.task {
        let density = header.and_then(|header| header.count).map(Count::density);
        let density = standing.said.motion.as_ref().and_then(moved_density).or(density);
        let level = header.and_then(|header| header.about.level);
        let accuracy = standing.said.test_accuracy;
        return accuracy
            .map(|accuracy| of(level, density, ticket.clone(), accuracy, is_final))
            .into_iter()
            .collect();
    }
    let weights = recipe.blueprint().map_or(0, |model| model.prunable_weights());
    let seeds = format!("{:?}", recipe.seeds);
    let last = standing.said.level;
    let ended = levels.iter().filter_map(|(level, (kept, accuracy))| {
        let density = kept.map(|kept| share(kept, weights));
        let is_over = is_final || last.is_some_and(|last| *level < last);
        Some(of(Some(*level), density, seeds.clone(), (*accuracy)?, is_over))
    });
    ended.collect()
}

/// How the masks of a run move, as its origin.
fn moved(recipe: &Recipe) -> Option<Origin> {
    let Task::Train { moving: Some(table), .. } = &recipe.task else { return None };
    Some(Origin::Pruned(table.method.clone()))
}

fn moved_density(motion: &Motion) -> Option<f64> {
    motion.kept.map(|kept| share(kept, motion.weights))
}

/// Results put together that differ by chance alone, in the order in which they first come.
#[must_use]
pub fn groups(outcomes: &[Outcome]) -> Vec<Group> {
    let mut groups: Vec<(String, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        let key = outcome.key();
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, members)) => members.push(outcome),
            None => groups.push((key, vec![outcome])),
        }
    }
    groups.iter().filter_map(|(_, members)| Group::of(members)).collect()
}

/// The groups of one line of a figure: the same at several levels, the densest first; only what is done.
#[must_use]
pub fn lines(groups: &[Group]) -> Vec<Vec<&Group>> {
    let mut lines: Vec<Vec<&Group>> = Vec::new();
    let drawn = |group: &&Group| group.like.density.is_some() && group.sample.is_some();
    for group in groups.iter().filter(drawn) {
        match lines.iter_mut().find(|line| line[0].like.line == group.like.line) {
            Some(line) => line.push(group),
            None => lines.push(vec![group]),
        }
    }
    let density = |group: &&Group| group.like.density.unwrap_or(0.0);
    for line in &mut lines {
        line.sort_by(|one, other| density(other).total_cmp(&density(one)));
    }
    lines
}

impl Outcome {
    /// What it is, in words: `stretched cifar_resnet_20 L3`.
    #[must_use]
    pub fn label(&self) -> String {
        let level = self.level.map_or(String::new(), |level| format!(" L{level}"));
        format!("{} {}{level}", self.origin.words(), self.model)
    }

    fn key(&self) -> String {
        // Tickets of one level keep almost the same share: the counting may differ by a weight.
        let share = self.density.filter(|_| self.level.is_none());
        format!("{}|{:?}|{share:.4?}", self.line, self.level)
    }
}

impl Group {
    fn of(members: &[&Outcome]) -> Option<Self> {
        let done = || members.iter().filter(|result| result.is_final);
        let open = members.iter().filter(|result| !result.is_final);
        let values: Vec<f64> = done().map(|result| result.accuracy).collect();
        let tickets: BTreeSet<_> = done().map(|result| &result.ticket).collect();
        Some(Self {
            like: (*done().next().or(members.first())?).clone(),
            runs: members.iter().map(|result| result.run.clone()).collect(),
            not_done: open.map(|result| result.run.clone()).collect(),
            tickets: tickets.len(),
            sample: sample(&values),
            values,
        })
    }
}

/// The runs that are not done, each with how it stands: `train-3 stopped`.
#[must_use]
pub fn not_done(runs: &[&Standing]) -> Vec<String> {
    let open = runs.iter().filter(|run| run.state != State::Done);
    open.map(|run| format!("{} {}", run.dir.id(), run.state.name())).collect()
}

/// What a run was made of, without seeds, digests and the machine it ran on.
fn line(recipe: &Recipe, header: Option<&Header>) -> String {
    let task = match &recipe.task {
        // What the ticket is, its lineage says.
        Task::Train { start_at, moving: None, .. } => format!("train from {start_at}"),
        Task::Train { start_at, moving, .. } => format!("train from {start_at}, {moving:?}"),
        search @ Task::Imp { .. } => format!("{search:?}"),
    };
    let lineage = header.map_or(String::new(), |header| origin::without_chance(&header.about));
    let Recipe { model, classes, input, dataset, data_digest, precision, training, .. } = recipe;
    let choice = if recipe.choice.is_whole() { String::new() } else { recipe.choice.to_string() };
    format!(
        "{model}|{classes}|{input}|{dataset}|{data_digest}|{precision}|{training:?}|{task}|{lineage}|{choice}"
    )
}

/// The lines of recipes that are not the same in all of them: the key, and what each says.
#[must_use]
pub fn differences(recipes: &[&Recipe]) -> Vec<(String, Vec<String>)> {
    let tables: Vec<BTreeMap<String, String>> = recipes.iter().map(|recipe| flat(recipe)).collect();
    let keys: BTreeSet<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
    let rows = keys.into_iter().map(|key| {
        let said = tables.iter().map(|table| table.get(key).cloned().unwrap_or("-".to_owned()));
        (key.clone(), said.collect::<Vec<_>>())
    });
    rows.filter(|(_, said)| said.windows(2).any(|pair| pair[0] != pair[1])).collect()
}

/// A recipe as lines of key and value.
fn flat(recipe: &Recipe) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    let table = toml::Table::try_from(recipe).unwrap_or_default();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => lines.extend(
                inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), text(&value))),
            ),
            value => drop(lines.insert(key, text(&value))),
        }
    }
    lines
}

fn text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
