//! What came of the demo, in images, and what that is worth.

use anyhow::{Result, bail};
use elth_store::run::standing::{self, Standing, State};
use serde_json::{Value, json};

use super::{Contender, tickets::Pair};
use crate::cli::{
    answer::{self, answer},
    globals::Globals,
};

/// What one comparison of two trainings is worth.
const CAUTION: &str = "One seed is no evidence: another order of the images moves each by a few.";

/// Says how many test images each got right, and how many lie between them.
pub fn print(globals: &Globals, pair: &Pair, contenders: &[Contender; 2]) -> Result<()> {
    let [ticket, control] = [read(&contenders[0])?, read(&contenders[1])?];
    let unfinished = [&ticket, &control].into_iter().find(|run| run.state != State::Done);
    if let Some(run) = unfinished {
        let (id, reason) = (run.dir.id(), run.reason.clone().unwrap_or_default());
        bail!("run `{id}` is {}, not done ({reason}): `elth run show {id}` tells more", run.state);
    }
    let document = || {
        json!({
            "source": pair.source.blueprint().name,
            "target": pair.stretched.ticket.blueprint().name,
            "mapping": pair.map.official(),
            "runs": [entry("stretched", &ticket), entry("permuted", &control)],
            "images_apart": apart(&ticket, &control),
            "caution": CAUTION,
        })
    };
    answer(globals, document, || text(&ticket, &control))
}

fn read(contender: &Contender) -> Result<Standing> {
    Ok(standing::read(&contender.dir)?)
}

fn entry(kind: &str, run: &Standing) -> Value {
    let (correct, examples) = run.said.correct.unwrap_or_default();
    json!({
        "kind": kind, "run": run.dir.id(), "dir": answer::path(run.dir.path()),
        "correct": correct, "examples": examples, "test_accuracy": run.said.test_accuracy,
    })
}

/// Images that the ticket got right more than its control; fewer where negative.
fn apart(ticket: &Standing, control: &Standing) -> i64 {
    let right = |run: &Standing| run.said.correct.map_or(0, |(right, _)| right);
    right(ticket).cast_signed() - right(control).cast_signed()
}

fn text(ticket: &Standing, control: &Standing) -> String {
    let line = |label: &str, run: &Standing| {
        let (right, all) = run.said.correct.unwrap_or_default();
        let share = 100.0 * run.said.test_accuracy.unwrap_or_default();
        format!(
            "{label}  {right} of {all} test images right ({share:.1} %)  run {}\n",
            run.dir.id()
        )
    };
    let apart = match apart(ticket, control) {
        0 => "Both got the same number of images right.".to_owned(),
        more @ 1.. => format!("The ticket got {more} more right than its control."),
        fewer => format!("The ticket got {} fewer right than its control.", -fewer),
    };
    format!(
        "\n{}{}{apart} {CAUTION}\n",
        line("stretched ticket", ticket),
        line("permuted control", control)
    )
}
