//! `elth runs compare`: runs beside one another, those that differ by chance alone put together.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use elth_core::statistics::Sample;
use elth_store::run::{
    compare::{self, Group, Outcome},
    dir::RunDir,
    event_log, launch,
    recipe::{Recipe, Task},
    standing::{self, Standing},
};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    globals::Globals,
    paper::{Paper, percent, printable},
    table::{Side, Table},
};

/// Puts runs beside one another: means and 95 % intervals over seeds, and how their recipes differ
///
/// Runs with equal recipes but seeds are one line; tickets and retrainings are counted apart.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth runs compare train-1 train-2 train-3
  elth runs compare imp-1 train-4 --json")]
pub struct Args {
    /// The runs' ids, or the starts of them; none: all runs that have an accuracy
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

/// Prints the table.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let home = globals.home()?.runs();
    let dirs = match args.ids.as_slice() {
        [] => launch::list(&home),
        ids => ids.iter().map(|id| Ok(launch::find(&home, id)?)).collect::<Result<_>>()?,
    };
    let read = dirs.iter().map(|dir| {
        standing::read(dir).with_context(|| format!("cannot compare run `{}`", dir.id()))
    });
    // A damaged run among all is left out; one that was asked for is an error.
    let runs: Vec<Standing> = if args.ids.is_empty() {
        read.filter_map(Result::ok).collect()
    } else {
        read.collect::<Result<_>>()?
    };
    let outcomes: Vec<Outcome> = runs.iter().flat_map(outcomes).collect();
    let groups = compare::groups(&outcomes);
    let recipes: Vec<&Recipe> = runs.iter().map(|run| &run.recipe).collect();
    let differences = compare::differences(&recipes);
    answer(
        globals,
        || document(&runs, &groups, &differences),
        || match groups.as_slice() {
            [] => "no accuracy yet: nothing to compare".to_owned(),
            groups => printed(&runs, groups, &differences),
        },
    )
}

fn outcomes(run: &Standing) -> Vec<Outcome> {
    let levels = match run.recipe.task {
        Task::Imp { .. } => compare::levels(event_log::read(&run.dir.events()).unwrap_or_default()),
        Task::Train { .. } => BTreeMap::default(),
    };
    compare::outcomes(run, compare::header(&run.dir).as_ref(), &levels)
}

fn document(runs: &[Standing], groups: &[Group], differences: &[(String, Vec<String>)]) -> Value {
    let ids: Vec<String> = runs.iter().map(|run| run.dir.id()).collect();
    let differences = differences.iter().map(|(key, said)| {
        let by_run = ids.iter().cloned().zip(said.iter().map(|text| Value::from(text.as_str())));
        (key.clone(), by_run.collect::<Value>())
    });
    json!({
        "runs": ids,
        "groups": groups.iter().map(item).collect::<Value>(),
        "differences": differences.collect::<serde_json::Map<_, _>>(),
    })
}

fn item(group: &Group) -> Value {
    let (like, sample) = (&group.like, group.sample.as_ref());
    let ids = |dirs: &[RunDir]| dirs.iter().map(RunDir::id).collect::<Vec<_>>();
    json!({
        "origin": like.origin.words(),
        "model": like.model,
        "dataset": like.dataset,
        "level": like.level,
        "density": like.density,
        "tickets": group.tickets,
        "retrainings": group.values.len(),
        "runs": ids(&group.runs),
        "not_done": ids(&group.not_done),
        "accuracies": group.values,
        "mean": sample.map(|sample| sample.mean),
        "standard_deviation": sample.and_then(|sample| sample.deviation),
        "interval": sample.and_then(Sample::interval_of_shares),
        "done": group.not_done.is_empty(),
    })
}

fn printed(runs: &[Standing], groups: &[Group], differences: &[(String, Vec<String>)]) -> String {
    let mut text = table(groups).draw(Paper::of_stdout());
    let open = compare::not_done(&runs.iter().collect::<Vec<_>>());
    if !open.is_empty() {
        text.extend(["not done, so not counted: ", &printable(&open.join(", ")), "\n"]);
    }
    // Beside more than a few runs nobody reads what each says.
    if (2..=4).contains(&runs.len()) && !differences.is_empty() {
        let shorten = |text: &String| printable(&text.chars().take(24).collect::<String>());
        let columns =
            [("recipe", Side::Left), ("", Side::Left), ("", Side::Left), ("", Side::Left)];
        let mut table =
            Table::new(&[columns.as_slice(), &[("", Side::Left)]].concat()[..=runs.len()]);
        table.row(std::iter::once(String::new()).chain(runs.iter().map(|run| run.dir.id())));
        for (key, said) in differences {
            table.row(std::iter::once(key.clone()).chain(said.iter().map(shorten)));
        }
        text += "\n";
        text += &table.draw(Paper::of_stdout());
    }
    text
}

fn table(groups: &[Group]) -> Table {
    let mut table = Table::new(&[
        ("what", Side::Left),
        ("data", Side::Left),
        ("kept", Side::Right),
        ("tickets", Side::Right),
        ("retrainings", Side::Right),
        ("mean", Side::Right),
        ("sd", Side::Right),
        ("95 % interval", Side::Left),
        ("", Side::Left),
    ]);
    for group in groups {
        let sample = group.sample.as_ref();
        let interval = sample.and_then(Sample::interval_of_shares);
        let interval = interval.map(|[low, high]| format!("{} to {}", percent(low), percent(high)));
        table.row([
            printable(&group.like.label()),
            printable(&group.like.dataset),
            group.like.density.map(percent).unwrap_or_default(),
            group.tickets.to_string(),
            group.values.len().to_string(),
            sample.map(|sample| percent(sample.mean)).unwrap_or_default(),
            sample.and_then(|sample| sample.deviation).map(percent).unwrap_or_default(),
            interval.unwrap_or_default(),
            match group.not_done.len() {
                0 => String::new(),
                open => format!("and {open} not done"),
            },
        ]);
    }
    table
}
