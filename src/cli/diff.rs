//! `elth diff`: what two tickets share, and what chance would let them share.

use std::path::PathBuf;

use anyhow::Result;
use elth_core::{
    compare::{self, Overlap},
    mask::share,
    ticket::Ticket,
};
use serde_json::{Value, json};

use crate::cli::{
    answer::answer,
    globals::Globals,
    paper::{Paper, number, percent},
    source,
    table::{Side, Table},
};

/// Compares two tickets of one model: kept by both, Jaccard index, signs, per stage
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  elth diff ticket.safetensors control.safetensors")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    a: PathBuf,

    /// Another of the same model
    b: PathBuf,
}

/// Prints what the tickets share.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let (a, b) = (source::ticket(globals, &args.a)?, source::ticket(globals, &args.b)?);
    let stages = compare::by_stage(&a.ticket, &b.ticket)?;
    let names = a.ticket.stages().map(|(_, stage)| stage.name.clone());
    let stages: Vec<(String, Overlap)> = names.zip(stages).collect();
    answer(
        globals,
        || document(&stages),
        || text(&a.ticket, &b.ticket, &stages, Paper::of_stdout()),
    )
}

fn total(stages: &[(String, Overlap)]) -> Overlap {
    let overlaps: Vec<Overlap> = stages.iter().map(|(_, overlap)| *overlap).collect();
    compare::total(&overlaps)
}

fn document(stages: &[(String, Overlap)]) -> Value {
    let mut document = overlap_document(&total(stages));
    let stage = |(name, overlap): &(String, Overlap)| {
        let mut stage = overlap_document(overlap);
        stage["name"] = name.as_str().into();
        stage
    };
    document["stages"] = stages.iter().map(stage).collect();
    document
}

fn overlap_document(overlap: &Overlap) -> Value {
    json!({
        "weights": overlap.weights,
        "kept_a": overlap.kept_a,
        "kept_b": overlap.kept_b,
        "both": overlap.both,
        "only_a": overlap.kept_a - overlap.both,
        "only_b": overlap.kept_b - overlap.both,
        "jaccard": overlap.jaccard(),
        "expected_jaccard": overlap.expected_jaccard(),
        "sign_agreement": agreement(overlap),
    })
}

/// Nothing in common agrees and disagrees in nothing.
fn agreement(overlap: &Overlap) -> Option<f64> {
    (overlap.both > 0).then(|| overlap.sign_agreement())
}

fn text(a: &Ticket, b: &Ticket, stages: &[(String, Overlap)], paper: Paper) -> String {
    let mut table = Table::new(&[
        ("stage", Side::Left),
        ("kept by A", Side::Right),
        ("kept by B", Side::Right),
        ("both", Side::Right),
        ("Jaccard", Side::Right),
        ("by chance", Side::Right),
        ("same sign", Side::Right),
    ]);
    let total = ("all".to_owned(), total(stages));
    for (name, overlap) in stages.iter().chain([&total]) {
        table.row([
            name.clone(),
            number(overlap.kept_a),
            number(overlap.kept_b),
            number(overlap.both),
            format!("{:.4}", overlap.jaccard()),
            format!("{:.4}", overlap.expected_jaccard()),
            agreement(overlap).map_or_else(|| "-".to_owned(), percent),
        ]);
    }
    let named = |letter, ticket: &Ticket| {
        let (model, digest) = (&ticket.blueprint().name, ticket.digest().short());
        format!(
            "{letter}  {model}  digest {digest}  density {}\n",
            percent(ticket.count().density())
        )
    };
    let (all, [either_a, either_b]) = (&total.1, [total.1.kept_a, total.1.kept_b]);
    let shared = format!(
        "B keeps {} of A's weights, A keeps {} of B's",
        percent(share(all.both, either_a)),
        percent(share(all.both, either_b))
    );
    format!("{}{}\n{}\n{shared}\n", named("A", a), named("B", b), table.draw(paper))
}
