//! `elth transform`: a ticket stretched, squeezed or re-ordered into one of another model.

mod balance;
mod chain;

use std::path::{Path, PathBuf};

use anyhow::Result;
use elth_core::{reshape::balance::Balanced, ticket::Ticket};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::warn,
    globals::Globals,
    map,
    mapping::MappingArgs,
    output::{self, OutputArgs},
    paper::{Paper, number, percent},
    seeds::SeedArgs,
    source,
    table::{Side, Table},
    transform::{
        balance::BalanceArgs,
        chain::{CopyArgs, Made, chain},
    },
};

/// Stretches, squeezes or re-orders a ticket
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth transform ticket.safetensors --to cifar_resnet_32 -o stretched.safetensors
  elth transform ticket.safetensors --to cifar_resnet_32 --strategy append --dry-run
  elth transform ticket.safetensors --to cifar_resnet_20 --map '0:0;1:1,2' -o stretched.safetensors
  elth transform ticket.safetensors --to cifar_resnet_20 --to cifar_resnet_32 -o two_hops.safetensors
  elth transform ticket.safetensors --to cifar_resnet_32 --density source --within stage -o exact.safetensors
  elth transform ticket.safetensors --to cifar_resnet_32 --copies perturbed:0.01 --residual-scale -o noisy.safetensors
  elth transform ticket.safetensors --to cifar_resnet_20_32 --experimental-width -o wide.safetensors")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// The target model; it gets the ticket's classes and input. Named several times, each is a hop on the way to the
    /// last, with the same result as one command for each
    #[arg(long, value_name = "MODEL", required = true)]
    to: Vec<String>,

    #[command(flatten)]
    mapping: MappingArgs,

    #[command(flatten)]
    copies: CopyArgs,

    #[command(flatten)]
    balance: BalanceArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// Writes the transformed ticket and shows what became of each stage.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    args.balance.check()?;
    let found = source::ticket(globals, &args.ticket)?;
    args.output.check(Some(&found.path))?;
    if let Err(unsound) =
        source::sound(&found.path, found.ticket.weights(), found.ticket.blueprint())
    {
        warn(unsound);
    }
    let given = &found.ticket;
    let hops = chain(given, &args.to, (&args.mapping, &args.copies, &args.seeds))?;
    let reached = hops.last().map_or(given, |hop| &hop.ticket);
    let balanced = args.balance.balance(given, reached, args.seeds.seeds().mask)?;
    let made = Transformed { given, hops: &hops, balanced: balanced.as_ref() };
    let output = args.output.save(made.ticket())?;
    let output = output.as_deref();
    answer(globals, || document(&made, output), || text(&made, output, Paper::of_stdout()))
}

/// A ticket, the hops it took, and what its count was brought to.
struct Transformed<'a> {
    given: &'a Ticket,
    hops: &'a [Made],
    balanced: Option<&'a Balanced>,
}

impl Transformed<'_> {
    /// What came out of all of it.
    fn ticket(&self) -> &Ticket {
        let reached = self.hops.last().map_or(self.given, |hop| &hop.ticket);
        self.balanced.map_or(reached, |balanced| &balanced.ticket)
    }
}

fn document(transformed: &Transformed<'_>, output: Option<&Path>) -> Value {
    let (given, made) = (transformed.given, transformed.ticket());
    let stages = made.stages().map(|(index, stage)| {
        let (count, from) = (made.count_in_stage(index), given.count_in_stage(index));
        json!({
            "name": stage.name,
            "kept": count.kept,
            "weights": count.weights,
            "density": count.density(),
            "source_density": from.density(),
        })
    });
    let hops: Vec<Value> = transformed.hops.iter().map(hop).collect();
    let (all, from) = (made.count(), given.count());
    json!({
        "source": given.blueprint().name,
        "target": made.blueprint().name,
        "mapping": transformed.hops.last().map(|hop| hop.map.official()),
        "hops": hops,
        "trimmed": transformed.balanced.map_or(0, |balanced| balanced.trimmed),
        "grown": transformed.balanced.map_or(0, |balanced| balanced.grown),
        "output": output.map(answer::path),
        "kept": all.kept,
        "weights": all.weights,
        "density": all.density(),
        "flops": made.blueprint().flops(),
        "kept_flops": made.flops(),
        "source_density": from.density(),
        "digest": made.digest().to_string(),
        "stages": stages.collect::<Value>(),
    })
}

fn hop(hop: &Made) -> Value {
    let count = hop.ticket.count();
    json!({
        "source": hop.from,
        "target": hop.ticket.blueprint().name,
        "mapping": hop.map.official(),
        "copies": hop.copies,
        "keeps_function": hop.keeps_function,
        "kept": count.kept,
        "weights": count.weights,
        "digest": hop.ticket.digest().to_string(),
    })
}

fn text(transformed: &Transformed<'_>, output: Option<&Path>, paper: Paper) -> String {
    let (given, made) = (transformed.given, transformed.ticket());
    let mut table = Table::new(&[
        ("stage", Side::Left),
        ("units", Side::Right),
        ("kept", Side::Right),
        ("of weights", Side::Right),
        ("density", Side::Right),
        ("source's", Side::Right),
    ]);
    let mut row = |name: &str, units: String, count: elth_core::ticket::Count, from: f64| {
        let (kept, weights) = (number(count.kept), number(count.weights));
        table.row([name.to_owned(), units, kept, weights, percent(count.density()), percent(from)]);
    };
    for ((index, stage), (_, before)) in made.stages().zip(given.stages()) {
        let units =
            format!("{}{}{}", before.units.len(), paper.pick(" → ", " -> "), stage.units.len());
        let from = given.count_in_stage(index).density();
        row(&stage.name, units, made.count_in_stage(index), from);
    }
    row("all", String::new(), made.count(), given.count().density());
    let names = |hop: &Made| [hop.from.clone(), hop.ticket.blueprint().name.clone()];
    let headings = transformed
        .hops
        .iter()
        .map(|hop| map::heading(&names(hop), &hop.map, paper) + function(hop.keeps_function));
    let headings = headings.collect::<Vec<_>>().join("\n");
    let flops = format!(
        "\nFLOPs    {} an image, of {}",
        number(made.flops()),
        number(made.blueprint().flops())
    );
    let balanced = transformed.balanced.map_or(String::new(), |balanced| {
        let (trimmed, grown) = (number(balanced.trimmed), number(balanced.grown));
        format!("\nbalanced {trimmed} weights trimmed, {grown} regrown")
    });
    let closing = output::closing(output);
    format!("{headings}{balanced}{flops}\n\n{}\n{closing}", table.draw(paper))
}

/// What changing a width does to what the network computes.
fn function(keeps: Option<bool>) -> &'static str {
    match keeps {
        None => "",
        Some(true) => "\nwidth    experimental: computes what the ticket computed, up to rounding",
        Some(false) => "\nwidth    experimental: computes something else than the ticket",
    }
}
