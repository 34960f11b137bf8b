//! How `elth prune` chooses: the criterion's options, and the trainer's scores where a network is needed.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};
use elth_core::{
    chance::Seeds,
    mask::Mask,
    prune::{
        self,
        allocation::{Allocation, Demand, Pruned, prune_weights},
        criterion::Criterion,
    },
    ticket::{Ticket, lineage::Act},
};
use elth_store::{dataset, run::plan, ticket_file};
use serde_json::json;

use crate::cli::{
    asking,
    failure::usage,
    globals::{Globals, as_text},
    launching::{PlaceArgs, refusal},
    rule::{self, RuleArgs},
    setup::{find_trainer, handshake},
};

/// What decides which weights go.
#[derive(Debug, clap::Args)]
pub struct CriterionArgs {
    /// Which weights go first: magnitude (the smallest), random, snip, grasp (signed, as published), graspabs, synflow
    #[arg(long, value_name = "NAME", value_parser = rule::criterion)]
    pub method: Criterion,

    #[command(flatten)]
    pub rule: RuleArgs,

    #[command(flatten)]
    place: PlaceArgs,
}

/// What is asked of a pruning, beside its criterion.
pub struct Asked<'a> {
    /// Where data and trainer are.
    pub globals: &'a Globals,
    /// Share of zeros over all prunable weights of the result.
    pub sparsity: f64,
    /// The images that gradients are taken from.
    pub dataset: Option<dataset::Name>,
    /// Chance.
    pub seeds: Seeds,
}

/// What the scores were computed from.
#[derive(Debug, Default)]
pub struct Looked {
    /// Images.
    pub examples: Option<u64>,
    /// Digest of their data set.
    pub data_digest: Option<String>,
}

impl CriterionArgs {
    /// Refuses options that the criterion does not use.
    pub fn check(&self) -> Result<()> {
        self.rule.check(self.method)
    }

    /// Whether training images are needed.
    pub fn looks_at_images(&self) -> bool {
        self.rule.looks_at_images(self.method)
    }

    /// Rounds of scoring and pruning.
    pub fn rounds(&self) -> u32 {
        self.rule.rounds(self.method)
    }

    /// The masks, and what was looked at for them.
    pub fn prune(
        &self,
        asked: &Asked<'_>,
        start: &Ticket,
        masks: &BTreeMap<String, Mask>,
    ) -> Result<(Pruned, Looked)> {
        let demand = Demand {
            sparsity: asked.sparsity,
            counting: self.rule.counting(),
            allocation: self.rule.allocation,
            ranking: self.rule.criterion(self.method).ranking(),
        };
        let blueprint = start.blueprint();
        let pruned = match self.method {
            Criterion::Magnitude => prune_weights(blueprint, start.weights(), masks, &demand)?,
            Criterion::Random => {
                let scores = prune::random(blueprint, asked.seeds.mask);
                prune::allocation::prune(blueprint, &scores, masks, &demand)?
            }
            _ => return self.scored(asked, start, masks, &demand),
        };
        Ok((pruned, Looked::default()))
    }

    /// Lets the trainer score and prune.
    fn scored(
        &self,
        asked: &Asked<'_>,
        start: &Ticket,
        masks: &BTreeMap<String, Mask>,
        demand: &Demand,
    ) -> Result<(Pruned, Looked)> {
        let Asked { globals, dataset, seeds, .. } = *asked;
        let images = self.looks_at_images();
        if images {
            let Some(dataset) = dataset else {
                let name = self.method.name();
                return Err(usage(format!("{name} looks at training images: give --dataset")));
            };
            plan::fits(start.blueprint(), dataset).map_err(refusal)?;
        }
        let trainer = find_trainer()?;
        handshake(&trainer)?;
        let desk = tempfile::tempdir()?;
        let (before, after): (PathBuf, PathBuf) =
            (desk.path().join("before.safetensors"), desk.path().join("after.safetensors"));
        let scored = start.clone().under(start.about.clone(), masks.clone())?;
        ticket_file::write(&before, &scored)?;
        let grant = asking::device(self.place.device)?;
        let request = json!({
            "ticket": as_text(&before)?, "output": as_text(&after)?,
            "criterion": self.rule.criterion(self.method).name(), "sparsity": demand.sparsity,
            "counting": demand.counting.name(), "allocation": demand.allocation.name(),
            "rounds": self.rounds(), "examples": self.rule.examples(self.method),
            "augmented": self.rule.is_augmented(), "bn": self.rule.norms(),
            "dataset": dataset.filter(|_| images).map(dataset::Name::as_str),
            "data_dir": as_text(&globals.data_dir()?)?,
            "seed_order": seeds.order, "seed_augment": seeds.augment,
            "compat": self.rule.is_official(), "threads": self.place.threads(), "device": grant.name(),
        });
        let answer = asking::ask(&trainer, "score", &request, "asked")?;
        let masks = ticket_file::read(&after)?.masks().clone();
        let asked: Option<BTreeMap<String, usize>> =
            serde_json::from_value(answer["asked"].clone())?;
        let looked = Looked {
            examples: answer["examples"].as_u64(),
            data_digest: answer["data_digest"].as_str().map(ToOwned::to_owned),
        };
        Ok((Pruned { masks, asked }, looked))
    }

    /// The act with the options that decided.
    pub fn told(&self, act: Act, dataset: Option<dataset::Name>, seeds: Seeds) -> Act {
        let mut act =
            act.with("method", self.method.name()).with("counting", self.rule.counting().name());
        if self.rule.allocation != Allocation::Global {
            act = act.with("allocation", self.rule.allocation.name());
        }
        if self.rule.is_official() {
            act = act.with("compat", "openlth");
        }
        if self.method.needs_network() {
            act = act.with("rounds", self.rounds().to_string());
        }
        if self.method == Criterion::Random {
            act = act.with("seed-mask", seeds.mask.to_string());
        }
        let Some(dataset) = dataset.filter(|_| self.looks_at_images()) else { return act };
        let examples = self.rule.examples(self.method);
        let examples = examples.map_or("all".to_owned(), |count| count.to_string());
        let act = act.with("dataset", dataset.as_str()).with("examples", examples);
        let act = act.with("bn", self.rule.norms()).with("seed-order", seeds.order.to_string());
        let augmented = self.rule.is_augmented();
        if augmented { act.with("seed-augment", seeds.augment.to_string()) } else { act }
    }
}

/// Refuses masks through which nothing passes; `None` where every tensor keeps something.
pub fn collapsed(masks: &BTreeMap<String, Mask>) -> Vec<&str> {
    let empty = masks.iter().filter(|(_, mask)| mask.kept() == 0);
    empty.map(|(name, _)| name.as_str()).collect()
}

/// A sparsity that a ticket has already, for pruning its weights afresh.
pub fn sparsity_of(ticket: &Ticket) -> Result<f64> {
    let count = ticket.count();
    if count.kept == 0 {
        bail!("the ticket keeps nothing: give --sparsity");
    }
    Ok(count.sparsity())
}
