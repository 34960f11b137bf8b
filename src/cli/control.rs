//! `elth control`: a ticket's matched control, which must fail where the ticket works.

use std::path::{Path, PathBuf};

use anyhow::Result;
use elth_core::{
    control::{Compat, ControlSeeds, Kind, control, copies},
    ticket::Ticket,
};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    globals::Globals,
    output::{self, OutputArgs},
    paper::{Paper, number, percent},
    seeds::SeedArgs,
    source,
};

/// Makes a ticket's matched control
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth control ticket.safetensors --kind permuted --seed 7 -o permuted.safetensors
  elth control ticket.safetensors --kind reinit -o reinit.safetensors")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// What changes: permuted (masks shuffled), permuted-copies (masks of a stretch's copies shuffled),
    /// reinit (weights drawn anew), random (both), dense (every weight kept)
    #[arg(long, value_name = "KIND", value_parser = change)]
    kind: Change,

    /// Makes the official code's weaker control of a ticket without dense weights: what is newly kept starts at zero
    #[arg(long)]
    compat: bool,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// What a control changes.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Something that every ticket has.
    Kind(Kind),
    /// The copies that a stretch made.
    Copies,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Copies => copies::NAME,
        }
    }
}

fn change(text: &str) -> Result<Change, String> {
    if text == copies::NAME {
        return Ok(Change::Copies);
    }
    let kinds = "permuted, permuted-copies, reinit, random or dense";
    let unknown = |_| format!("`{text}` is no control elth makes: {kinds}");
    text.parse().map(Change::Kind).map_err(unknown)
}

/// Writes the control and says what it holds.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let found = source::ticket(globals, &args.ticket)?;
    args.output.check(Some(&found.path))?;
    let seeds = args.seeds.seeds();
    let seeds = ControlSeeds { mask: seeds.mask, init: seeds.init };
    let compat = if args.compat { Compat::OpenLth } else { Compat::Refuse };
    let made = match args.kind {
        Change::Kind(kind) => control(&found.ticket, kind, seeds, compat)?,
        Change::Copies => copies::permuted_copies(&found.ticket, seeds.mask, compat)?,
    };
    let output = args.output.save(&made)?;
    let output = output.as_deref();
    let method = args.kind.name();
    answer(
        globals,
        || document(&made, method, output),
        || text(&made, method, output, Paper::of_stdout()),
    )
}

/// What `control` and `prune` answer.
pub fn document(made: &Ticket, method: &str, output: Option<&Path>) -> Value {
    let count = made.count();
    json!({
        "output": output.map(answer::path),
        "model": made.blueprint().name,
        "kept": count.kept,
        "weights": count.weights,
        "density": count.density(),
        "sparsity": count.sparsity(),
        "method": method,
        "digest": made.digest().to_string(),
    })
}

/// The same as text.
pub fn text(made: &Ticket, method: &str, output: Option<&Path>, paper: Paper) -> String {
    let count = made.count();
    format!(
        "{}  {method}\nkept     {} of {} weights\ndensity  {}, sparsity {}\n{}",
        paper.bold(&made.blueprint().name),
        number(count.kept),
        number(count.weights),
        percent(count.density()),
        percent(count.sparsity()),
        output::closing(output)
    )
}
