//! SNIP's masks for the copies of a stretch, which the trainer scores.

use anyhow::Result;
use elth_core::{
    chance::Seeds,
    control::snip::{closed, opened},
    prune::criterion::Criterion,
    ticket::{Ticket, lineage::Act},
};
use elth_store::{dataset::Name, run::plan, ticket_file};
use serde_json::json;

use crate::cli::{
    asking,
    failure::usage,
    globals::{Globals, as_text},
    launching::{PlaceArgs, refusal},
    setup::{find_trainer, handshake},
};

/// What the trainer looks at.
#[derive(Debug, clap::Args)]
pub struct SnipArgs {
    /// Data set that snip-copies takes gradients from
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Name>)]
    pub dataset: Option<Name>,

    /// Images of each class that they are taken from [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub examples: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,
}

/// The ticket whose copies keep what SNIP scores highest in them, exactly as many of each tensor as before.
pub fn snip_copies(
    ticket: &Ticket,
    args: &SnipArgs,
    seeds: Seeds,
    globals: &Globals,
) -> Result<Ticket> {
    let opened = opened(ticket)?;
    let Some(dataset) = args.dataset else {
        return Err(usage("snip-copies looks at training images: give --dataset"));
    };
    plan::fits(ticket.blueprint(), dataset).map_err(refusal)?;
    let trainer = find_trainer()?;
    handshake(&trainer)?;
    let desk = tempfile::tempdir()?;
    let [before, after] =
        ["before.safetensors", "after.safetensors"].map(|it| desk.path().join(it));
    ticket_file::write(&before, &opened.ticket)?;
    let grant = asking::device(args.place.device)?;
    let examples = args.examples.unwrap_or(Criterion::Snip.usual_examples() as u64);
    let request = json!({
        "ticket": as_text(&before)?, "output": as_text(&after)?, "counts": opened.counts,
        "criterion": Criterion::Snip.name(), "sparsity": 0.0, "counting": "exact",
        "allocation": "global", "rounds": 1, "examples": examples,
        "dataset": dataset.as_str(), "data_dir": as_text(&globals.data_dir()?)?,
        "seed_order": seeds.order, "threads": args.place.threads(), "device": grant.name(),
    });
    let answer = asking::ask(&trainer, "score", &request, "asked")?;
    let act = Act::new("control")
        .with("dataset", dataset.as_str())
        .with("examples", examples.to_string())
        .with("seed-order", seeds.order.to_string())
        .with("data-digest", answer["data_digest"].as_str().unwrap_or_default());
    Ok(closed(ticket, ticket_file::read(&after)?.masks().clone(), act)?)
}
