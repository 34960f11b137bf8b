//! The hops of a transformation: one model after another, each a ticket of its own.

use anyhow::Result;
use elth_core::{
    reshape::{
        copies::{Copies, Residual, Treatment, copied_units},
        treated,
    },
    ticket::Ticket,
    unit_map::UnitMap,
};

use crate::cli::{
    mapping::{Hop, MappingArgs},
    seeds::SeedArgs,
    source,
};

/// What becomes of the copies.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Copies")]
pub struct CopyArgs {
    /// What replicated units hold from their second copy on: copied, reinit (drawn anew under the same mask) or
    /// perturbed[:SIGMA], noise of SIGMA times the kept weights' root mean square
    #[arg(long, value_name = "HOW", default_value = "copied", value_parser = str::parse::<Copies>)]
    copies: Copies,

    /// Divides the last batch norm's scale and shift of all r blocks of one source by r, so that together they add what
    /// it added
    #[arg(long)]
    residual_scale: bool,
}

/// One hop that was made.
pub struct Made {
    /// The models before and after, and the ticket.
    pub from: String,
    /// What came out.
    pub ticket: Ticket,
    /// Which source unit each target unit came from.
    pub map: UnitMap,
    /// Target units that are second or later copies.
    pub copies: usize,
}

/// Takes the ticket from model to model, in that order.
pub fn chain(
    ticket: &Ticket,
    models: &[String],
    (mapping, copies, seeds): (&MappingArgs, &CopyArgs, &SeedArgs),
) -> Result<Vec<Made>> {
    let seeds = seeds.seeds();
    let residual = if copies.residual_scale { Residual::Shared } else { Residual::Kept };
    let treatment = Treatment { copies: copies.copies, residual, seed: seeds.init };
    let mut made: Vec<Made> = Vec::new();
    for (number, model) in models.iter().enumerate() {
        let given = made.last().map_or(ticket, |made| &made.ticket);
        let target = source::like(model, given.blueprint())?;
        let hop = Hop(number, models.len());
        let map = mapping.plan(given.blueprint(), &target, seeds.mask, hop)?;
        let after = treated(given, &target, &map, &treatment)?;
        let copies = copied_units(&target, &map).len();
        made.push(Made { from: given.blueprint().name.clone(), ticket: after, map, copies });
    }
    Ok(made)
}
