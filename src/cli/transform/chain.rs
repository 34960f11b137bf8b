//! The hops of a transformation: one model after another, each a ticket of its own.

use anyhow::Result;
use elth_core::{
    blueprint::Blueprint,
    reshape::{
        copies::{Copies, Residual, Treatment, copied_units},
        treated,
        width::{Replicated, Widening, is_other_width, rewidth},
    },
    ticket::Ticket,
    unit_map::UnitMap,
};

use crate::cli::{
    failure::usage,
    mapping::{Hop, MappingArgs},
    seeds::SeedArgs,
    source,
};

/// What becomes of the copies.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Copies")]
pub struct CopyArgs {
    /// What replicated units hold from their second copy on: copied, reinit (drawn anew under the same mask) or
    /// perturbed:SIGMA, noise of SIGMA times the kept weights' root mean square
    #[arg(long, value_name = "HOW", default_value = "copied", value_parser = str::parse::<Copies>)]
    copies: Copies,

    /// Divides the last batch norm's scale and shift of all r blocks of one source by r, so that together they add what
    /// it added
    #[arg(long)]
    residual_scale: bool,

    /// An experiment: lets a hop change the width alone. Channels are replicated in-turn or at random wherever they pass
    /// and their readers divided among them, so that a wider network computes the same (in training too); a narrower
    /// one keeps the strongest channels and computes something else
    #[arg(long, value_name = "CHANNELS", num_args = 0..=1, default_missing_value = "in-turn",
          value_parser = str::parse::<Replicated>)]
    experimental_width: Option<Replicated>,
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
    /// Whether it computes what the ticket before computed, where the width was changed.
    pub keeps_function: Option<bool>,
}

/// Takes the ticket from model to model, in that order.
pub fn chain(
    ticket: &Ticket,
    models: &[String],
    (mapping, copies, seeds): (&MappingArgs, &CopyArgs, &SeedArgs),
) -> Result<Vec<Made>> {
    let mut made: Vec<Made> = Vec::new();
    for (number, model) in models.iter().enumerate() {
        let given = made.last().map_or(ticket, |made| &made.ticket);
        let target = source::like(model, given.blueprint())?;
        let hop = if is_other_width(given.blueprint(), &target) && !mapping.is_given() {
            copies.widen(given, &target, seeds)?
        } else {
            let (source, seed) = (given.blueprint(), seeds.seeds().mask);
            let map = mapping.plan(source, &target, seed, Hop(number, models.len()))?;
            copies.reshape(given, &target, map, seeds)?
        };
        made.push(hop);
    }
    if copies.experimental_width.is_some() && made.iter().all(|hop| hop.keeps_function.is_none()) {
        return Err(usage(
            "no hop changes the width alone: leave --experimental-width out, or name a model of the same depth between",
        ));
    }
    Ok(made)
}

impl CopyArgs {
    fn reshape(
        &self,
        given: &Ticket,
        target: &Blueprint,
        map: UnitMap,
        seeds: &SeedArgs,
    ) -> Result<Made> {
        let residual = if self.residual_scale { Residual::Shared } else { Residual::Kept };
        let treatment = Treatment { copies: self.copies, residual, seed: seeds.seeds().init };
        let ticket = treated(given, target, &map, &treatment)?;
        let (from, copies) = (given.blueprint().name.clone(), copied_units(target, &map).len());
        Ok(Made { from, ticket, map, copies, keeps_function: None })
    }

    fn widen(&self, given: &Ticket, target: &Blueprint, seeds: &SeedArgs) -> Result<Made> {
        let Some(replicated) = self.experimental_width else {
            let (from, to) = (&given.blueprint().name, &target.name);
            return Err(usage(format!(
                "`{from}` and `{to}` differ in width, which is an experiment: add --experimental-width"
            )));
        };
        let widening = Widening { replicated, copies: self.copies, seed: seeds.seeds().init };
        let made = rewidth(given, target, &widening)?;
        let (from, map) = (given.blueprint().name.clone(), UnitMap::identity(target));
        let keeps_function = Some(made.keeps_function);
        Ok(Made { from, ticket: made.ticket, map, copies: 0, keeps_function })
    }
}
