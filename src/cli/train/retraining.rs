//! What a retraining starts with: rewind weights, or those at the end of a training.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use elth_core::{
    retraining::{Retraining, from_trained},
    ticket::Ticket,
};
use elth_store::ticket_file;

use crate::cli::{failure::usage, source};

/// What is trained again, and at which rate.
#[derive(Debug, clap::Args)]
pub struct RetrainingArgs {
    /// weight-rewinding (from the ticket's rewind weights), lr-rewinding (from trained weights, by the same schedule from
    /// the rewind step on) or fine-tuning (from trained weights, at the schedule's last rate)
    #[arg(long, value_name = "WAY", default_value = "weight-rewinding", value_parser = way)]
    pub retraining: Retraining,

    /// Trained weights for the other two [default: those that the ticket was pruned from, else those beside it]
    #[arg(long, value_name = "FILE")]
    trained: Option<PathBuf>,
}

fn way(text: &str) -> Result<Retraining, String> {
    let names = Retraining::ALL.map(Retraining::name).join(", ");
    Retraining::parse(text)
        .ok_or_else(|| format!("`{text}` is no way to retrain: choose one of {names}"))
}

impl RetrainingArgs {
    /// The ticket that training starts from.
    pub fn start(&self, path: &Path, ticket: Ticket) -> Result<Ticket> {
        if self.retraining == Retraining::WeightRewinding {
            return match self.trained {
                Some(_) => {
                    Err(usage("--trained is for lr-rewinding and fine-tuning: leave it out"))
                }
                None => Ok(ticket),
            };
        }
        let file = self.file(path, &ticket)?;
        let trained = ticket_file::read_trained(&file)?;
        source::sound(&file, &trained.weights, &trained.blueprint)?;
        Ok(from_trained(&ticket, &trained, self.retraining)?)
    }

    /// A search leaves the weights at the end of each level's training beside its ticket.
    fn file(&self, path: &Path, ticket: &Ticket) -> Result<PathBuf> {
        if let Some(file) = &self.trained {
            return Ok(file.clone());
        }
        let before = ticket.about.level.and_then(|level| level.checked_sub(1));
        let pruned_from =
            before.map(|level| path.with_file_name(format!("level_{level}.trained.safetensors")));
        let beside = path.with_extension("trained.safetensors");
        let mut there = pruned_from.into_iter().chain([beside.clone()]);
        match there.find(|file| file.is_file()) {
            Some(file) => Ok(file),
            None => bail!(
                "{} goes on from trained weights, and there is no `{}`: give --trained",
                self.retraining.name(),
                beside.display()
            ),
        }
    }
}
