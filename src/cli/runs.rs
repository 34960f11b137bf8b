//! `elth runs`: what runs and ran.

mod compare;

use anyhow::Result;
use elth_store::{dataset::digest::shown_name, run::launch};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    globals::Globals,
    paper::{Paper, percent, printable},
    run::seen::Seen,
    table::{Side, Table},
};

/// Lists what runs and ran
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth runs
  elth runs --json
  elth runs compare train-1 train-2")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    Compare(compare::Args),
}

/// Lists every run of the home, damaged ones too.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    if let Some(Act::Compare(args)) = &args.act {
        return compare::run(args, globals);
    }
    let runs = globals.home()?.runs();
    let all: Vec<Seen> = launch::list(&runs).iter().map(Seen::of).collect();
    answer(
        globals,
        || all.iter().map(item).collect::<Value>(),
        || match all.as_slice() {
            [] => format!("no runs in {}: `elth imp` and `elth train` start some", runs.display()),
            all => table(all).draw(Paper::of_stdout()),
        },
    )
}

fn item(seen: &Seen) -> Value {
    let mut item = seen.summary();
    let said = seen.sound().map(|standing| &standing.said);
    item["step"] = json!(said.and_then(|said| said.step));
    item["steps"] = json!(said.and_then(|said| said.steps));
    item["test_accuracy"] = json!(said.and_then(|said| said.test_accuracy));
    item
}

fn table(all: &[Seen]) -> Table {
    let mut table = Table::new(&[
        ("run", Side::Left),
        ("state", Side::Left),
        ("model", Side::Left),
        ("data", Side::Left),
        ("device", Side::Left),
        ("step", Side::Right),
        ("accuracy", Side::Right),
        ("", Side::Left),
    ]);
    for seen in all {
        table.row(cells(seen));
    }
    table
}

fn cells(seen: &Seen) -> [String; 8] {
    let reason = printable(seen.reason().unwrap_or_default());
    let (id, state) = (seen.dir().id(), seen.state().to_string());
    let Some(standing) = seen.sound() else {
        return [
            id,
            state,
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            reason,
        ];
    };
    let (recipe, said) = (&standing.recipe, &standing.said);
    let step = match (said.step, said.steps) {
        (Some(step), Some(steps)) => format!("{step}/{steps}"),
        _ => String::new(),
    };
    [
        id,
        state,
        printable(&recipe.model),
        printable(&shown_name(&recipe.dataset, &recipe.data_digest)),
        printable(&seen.device().unwrap_or_default()),
        step,
        said.test_accuracy.map(percent).unwrap_or_default(),
        reason,
    ]
}
