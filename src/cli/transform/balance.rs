//! How `elth transform` ends at exactly the count that is wanted.

use anyhow::Result;
use elth_core::{
    reshape::balance::{self, Balanced, Regrow, Within},
    ticket::Ticket,
};

use crate::cli::failure::usage;

/// The count that a ticket is to end with.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Exact density")]
pub struct BalanceArgs {
    /// Trims the smallest weights or regrows pruned ones until this share is kept, or the `source`'s own share
    #[arg(long, value_name = "D|source", value_parser = density, conflicts_with = "kept")]
    density: Option<Density>,

    /// The same, to exactly so many weights
    #[arg(long, value_name = "N")]
    kept: Option<usize>,

    /// Where the count is exact: all (anywhere), or each stage or tensor in proportion to what it keeps; with
    /// `--density source` at its own stage's density there [default: all]
    #[arg(long, value_name = "PART", value_parser = str::parse::<Within>)]
    within: Option<Within>,

    /// Which weights come back: magnitude (the largest rewind weights) or random [default: magnitude]
    #[arg(long, value_name = "SCORE", value_parser = str::parse::<Regrow>)]
    regrow: Option<Regrow>,
}

/// A share of weights, or that of the ticket one started from.
#[derive(Debug, Clone, Copy)]
enum Density {
    Share(f64),
    Source,
}

fn density(text: &str) -> Result<Density, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share <= 1.0);
    match share {
        _ if text == "source" => Ok(Density::Source),
        Some(share) => Ok(Density::Share(share)),
        None => {
            Err(format!("`{text}` is no density: give a number above 0 and up to 1, or source"))
        }
    }
}

impl BalanceArgs {
    /// Refuses options of a balancing that nobody asked for.
    pub fn check(&self) -> Result<()> {
        let is_asked = self.density.is_some() || self.kept.is_some();
        let words = [("--within", self.within.is_some()), ("--regrow", self.regrow.is_some())];
        match words.into_iter().find(|(_, given)| *given && !is_asked) {
            Some((option, _)) => {
                Err(usage(format!("{option} is for an exact count: give --density or --kept too")))
            }
            None => Ok(()),
        }
    }

    /// The ticket of that count, where one is asked for.
    pub fn balance(&self, source: &Ticket, made: &Ticket, seed: u64) -> Result<Option<Balanced>> {
        let within = self.within.unwrap_or_default();
        let goals = match (self.density, self.kept) {
            (None, None) => return Ok(None),
            (Some(Density::Source), _) => balance::like(made, source, within),
            (Some(Density::Share(share)), _) => {
                balance::in_proportion(made, within, balance::count_of(made, share))?
            }
            (None, Some(kept)) => balance::in_proportion(made, within, kept)?,
        };
        Ok(Some(balance::balance(made, &goals, self.regrow.unwrap_or_default(), seed)?))
    }
}
