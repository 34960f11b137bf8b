//! `elth run curve`: one metric over the steps of a run.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use elth_core::schedule::tidy;
use elth_store::run::{
    curve::{self, Metric},
    event::Event,
    event_log,
};
use serde_json::json;

use crate::cli::{answer::answer, globals::Globals, run::find};

/// Which metric of which run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth run curve imp-1 --metric test_accuracy
  elth run curve imp-1 --metric train_loss --level 3 --json")]
pub struct Args {
    /// The run's id, or the start of it
    id: String,

    /// Loss, accuracy or learning rate
    #[arg(long, value_name = NAMES, value_parser = str::parse::<Metric>)]
    metric: Metric,

    /// One level of iterative magnitude pruning, by its own steps
    #[arg(long, value_name = "L")]
    level: Option<u32>,
}

/// What `--metric` takes.
const NAMES: &str = "train_loss|test_loss|test_accuracy|lr";

/// Prints steps and values.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let path = find(&args.id, globals)?.events();
    let events = event_log::read(&path);
    let events = events.with_context(|| format!("cannot read `{}`", path.display()))?;
    let points = curve::of(&events, args.metric, args.level).0;
    if let Some(level) = args.level {
        check_level(&args.id, level, &events)?;
    }
    let name = args.metric.name();
    answer(
        globals,
        || {
            let (steps, values): (Vec<u64>, Vec<f64>) = points.iter().unzip();
            json!({"metric": name, "steps": steps, "values": values})
        },
        || {
            let lines = points.iter().map(|(step, value)| format!("{step:>8}  {}\n", tidy(*value)));
            [format!("{:>8}  {name}\n", "step")].into_iter().chain(lines).collect()
        },
    )
}

/// Refuses a level that the run has said nothing of, naming those there are.
fn check_level(id: &str, level: u32, events: &[Event]) -> Result<()> {
    let levels = events.iter().filter_map(|event| match event {
        Event::Progress { level, .. } | Event::Evaluated { level, .. } => *level,
        _ => None,
    });
    let levels: BTreeSet<u32> = levels.collect();
    match (levels.first(), levels.last()) {
        _ if levels.contains(&level) => Ok(()),
        (Some(first), Some(last)) if first < last => {
            bail!("run `{id}` has no level {level} yet: it has {first} to {last}")
        }
        (Some(only), _) => bail!("run `{id}` has no level {level} yet: it has {only} alone"),
        _ => bail!("run `{id}` has no levels: leave --level out"),
    }
}
