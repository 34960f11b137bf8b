//! Which weights a level loses: the recipe's criterion, as often as it says, by the weights it names.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use elth_core::{
    mask::Mask,
    prune::{
        self, Counting, Scores,
        allocation::{Pruned, Rule, in_rounds, prune_more},
        criterion::Criterion,
    },
    ticket::Ticket,
    weights::Weights,
};
use elth_store::run::recipe::CriterionTable;

use crate::{
    run::Run,
    score::{Look, Norms, Sample, Scorer},
};

/// The masks of the next level: of the weights at the end of this one, or of those it began with.
pub fn next_masks(
    run: &Run,
    table: &CriterionTable,
    (fraction, counting): (f64, Counting),
    before: &Ticket,
    end: &Weights,
) -> Result<Pruned> {
    let weights = match table.score_at.as_str() {
        "end" => end,
        "rewind" => before.weights(),
        other => bail!("the recipe says score_at = `{other}`: give end or rewind"),
    };
    ensure!(table.rounds > 0, "the recipe says rounds = 0: give at least 1");
    let method = table.method()?;
    let (ranking, ignored) = (method.ranking(), table.ignored());
    let rule = Rule { counting, allocation: table.allocation()?, ranking, ignored: &ignored };
    let counts = in_rounds(before.count().kept, fraction, table.rounds);
    let scorer = scorer(run, table, method)?;
    let mut pruned = Pruned { masks: before.masks().clone(), asked: None };
    for (round, count) in (1..).zip(counts) {
        let found = scores(run, scorer.as_ref(), method, weights, &pruned.masks)?;
        // The official code's one weight more is taken once.
        let counting = if round == table.rounds { counting } else { Counting::Exact };
        let rule = Rule { counting, ..rule };
        pruned = prune_more(&run.blueprint, &found, &pruned.masks, count, &rule)?;
    }
    Ok(pruned)
}

fn scores(
    run: &Run,
    scorer: Option<&Scorer<'_>>,
    method: Criterion,
    weights: &Weights,
    masks: &BTreeMap<String, Mask>,
) -> Result<Scores> {
    match (scorer, method) {
        (Some(scorer), _) => scorer.scores(&run.blueprint, weights, masks),
        (None, Criterion::Random) => Ok(prune::random(&run.blueprint, run.seeds.mask)),
        (None, _) => Ok(prune::magnitude(&run.blueprint, weights)),
    }
}

/// What scores with a network; nothing where weights alone say enough.
fn scorer<'a>(
    run: &'a Run,
    table: &CriterionTable,
    method: Criterion,
) -> Result<Option<Scorer<'a>>> {
    if !method.needs_network() {
        return Ok(None);
    }
    let bn = match table.bn.as_str() {
        "train" => Norms::Train,
        "eval" => Norms::Eval,
        other => bail!("the recipe says bn = `{other}`: give train or eval"),
    };
    let looks = method.needs_images() || table.compat;
    let look = Look {
        order: run.seeds.order,
        augment: run.seeds.augment,
        examples: table.examples,
        augmented: table.augmented,
        twice: table.compat,
    };
    let sample = looks.then(|| Sample::new(&run.train, &run.classes, &look));
    let compat = table.compat;
    Ok(Some(Scorer { criterion: method, compat, bn, sample, session: run.session }))
}

/// Says which tensors have nothing left, if there are any: no signal passes them.
pub fn collapse(pruned: &Pruned) -> Option<String> {
    let empty: Vec<&str> = pruned.collapsed().collect();
    (!empty.is_empty())
        .then(|| format!("no weight is left of {} (layer collapse)", empty.join(", ")))
}

/// The recipe's criterion.
pub fn table(run: &Run) -> Result<CriterionTable> {
    let elth_store::run::recipe::Task::Imp { criterion, .. } = &run.recipe.task else {
        return None.context("only a search has a criterion");
    };
    Ok(criterion.clone().unwrap_or_else(CriterionTable::usual))
}
