//! How `elth prune` chooses: the criterion's options, and the trainer's scores where a network is needed.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};
use elth_core::{
    chance::Seeds,
    mask::Mask,
    prune::{
        self, Counting,
        allocation::{Allocation, Demand, Pruned},
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
    setup::{find_trainer, handshake},
};

/// What decides which weights go.
#[derive(Debug, clap::Args)]
pub struct CriterionArgs {
    /// Which weights go first: magnitude (the smallest), random, snip, grasp (signed, as published), graspabs, synflow
    #[arg(long, value_name = "NAME", value_parser = criterion)]
    pub method: Criterion,

    /// Where the kept weights lie: global (one threshold), layerwise (each tensor loses the same share), uniform
    /// (equal densities), erk (Erdős-Rényi-Kernel)
    #[arg(long, value_name = "NAME", default_value = "global", value_parser = allocation)]
    allocation: Allocation,

    /// exact, or openlth: the official code's, which prunes one weight more [default: exact]
    #[arg(long, value_name = "NAME", value_parser = counting)]
    counting: Option<Counting>,

    /// Scores and prunes in so many rounds [default: 100 for synflow, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,

    /// Images of each class that gradients are taken from, or all [default: 10 for snip, 25 for grasp]
    #[arg(long, value_name = "N|all", value_parser = examples)]
    examples: Option<Examples>,

    /// Batch norms while scores are computed: train (by the batch) or eval (running statistics) [default: train]
    #[arg(long, value_name = "MODE", value_parser = ["train", "eval"])]
    bn: Option<String>,

    /// Crops, shifts and flips the images as training does
    #[arg(long)]
    augment: bool,

    /// openlth: scores as the official code does, on all augmented training images in eval mode; its GraSP
    /// ranks without the sign, its SynFlow is SNIP, and it prunes one weight more
    #[arg(long, value_name = "CODE", value_parser = ["openlth"])]
    compat: Option<String>,

    #[command(flatten)]
    place: PlaceArgs,
}

/// Images of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Examples {
    Some(usize),
    All,
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
        let name = self.method.name();
        let images = self.looks_at_images();
        let unused = [
            ("--examples", self.examples.is_some() && !images),
            ("--bn", self.bn.is_some() && !images),
            ("--augment", self.augment && !images),
            ("--rounds", self.rounds.is_some() && !self.method.needs_network()),
        ];
        match unused.into_iter().find(|(_, unused)| *unused) {
            Some((option, _)) => {
                Err(usage(format!("`{option}` means nothing to {name}: leave it out")))
            }
            None => Ok(()),
        }
    }

    fn is_official(&self) -> bool {
        self.compat.is_some()
    }

    /// Whether training images are needed: the official SynFlow looks at them too.
    pub fn looks_at_images(&self) -> bool {
        self.method.needs_images() || (self.is_official() && self.method == Criterion::Synflow)
    }

    /// What the scores do where the official code ranks otherwise.
    fn criterion(&self) -> Criterion {
        match self.method {
            Criterion::Grasp if self.is_official() => Criterion::GraspAbs,
            other => other,
        }
    }

    /// How zeros are counted.
    pub fn counting(&self) -> Counting {
        let usual = if self.is_official() { Counting::OpenLth } else { Counting::Exact };
        self.counting.unwrap_or(usual)
    }

    /// Where the kept weights lie.
    pub fn allocation(&self) -> Allocation {
        self.allocation
    }

    /// Rounds of scoring and pruning.
    pub fn rounds(&self) -> u32 {
        let usual = if self.is_official() { 1 } else { self.method.usual_rounds() };
        self.rounds.unwrap_or(usual)
    }

    fn examples(&self) -> Option<usize> {
        match self.examples {
            Some(Examples::All) => None,
            Some(Examples::Some(count)) => Some(count),
            None if self.is_official() => None,
            None => Some(self.method.usual_examples()),
        }
    }

    fn norms(&self) -> &str {
        let usual = if self.is_official() { "eval" } else { "train" };
        self.bn.as_deref().unwrap_or(usual)
    }

    /// The masks, and what was looked at for them.
    pub fn prune(
        &self,
        globals: &Globals,
        start: &Ticket,
        sparsity: f64,
        dataset: Option<dataset::Name>,
        seeds: Seeds,
    ) -> Result<(Pruned, Looked)> {
        let demand = Demand {
            sparsity,
            counting: self.counting(),
            allocation: self.allocation,
            ranking: self.criterion().ranking(),
        };
        let blueprint = start.blueprint();
        let scores = match self.method {
            Criterion::Magnitude => prune::magnitude(blueprint, start.weights()),
            Criterion::Random => prune::random(blueprint, seeds.mask),
            _ => return self.scored(globals, start, &demand, dataset, seeds),
        };
        let pruned = prune::allocation::prune(blueprint, &scores, start.masks(), &demand)?;
        Ok((pruned, Looked::default()))
    }

    /// Lets the trainer score and prune.
    fn scored(
        &self,
        globals: &Globals,
        start: &Ticket,
        demand: &Demand,
        dataset: Option<dataset::Name>,
        seeds: Seeds,
    ) -> Result<(Pruned, Looked)> {
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
        ticket_file::write(&before, start)?;
        let grant = asking::device(self.place.device)?;
        let request = json!({
            "ticket": as_text(&before)?, "output": as_text(&after)?,
            "criterion": self.criterion().name(), "sparsity": demand.sparsity,
            "counting": demand.counting.name(), "allocation": demand.allocation.name(),
            "rounds": self.rounds(), "examples": self.examples(),
            "augmented": self.augment || self.is_official(), "bn": self.norms(),
            "dataset": dataset.filter(|_| images).map(dataset::Name::as_str),
            "data_dir": as_text(&globals.data_dir()?)?,
            "seed_order": seeds.order, "seed_augment": seeds.augment,
            "compat": self.is_official(), "threads": self.place.threads(), "device": grant.name(),
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
            act.with("method", self.method.name()).with("counting", self.counting().name());
        if self.allocation != Allocation::Global {
            act = act.with("allocation", self.allocation.name());
        }
        if self.is_official() {
            act = act.with("compat", "openlth");
        }
        if self.method.needs_network() {
            act = act.with("rounds", self.rounds().to_string());
        }
        if self.method == Criterion::Random {
            act = act.with("seed-mask", seeds.mask.to_string());
        }
        let Some(dataset) = dataset.filter(|_| self.looks_at_images()) else { return act };
        let examples = self.examples().map_or("all".to_owned(), |count| count.to_string());
        let act = act.with("dataset", dataset.as_str()).with("examples", examples);
        let act = act.with("bn", self.norms()).with("seed-order", seeds.order.to_string());
        let augmented = self.augment || self.is_official();
        if augmented { act.with("seed-augment", seeds.augment.to_string()) } else { act }
    }
}

/// Refuses masks through which nothing passes; `None` where every tensor keeps something.
pub fn collapsed(masks: &BTreeMap<String, Mask>) -> Vec<&str> {
    let empty = masks.iter().filter(|(_, mask)| mask.kept() == 0);
    empty.map(|(name, _)| name.as_str()).collect()
}

/// Criteria that are spoken for: this version says so instead of calling them unknown.
const NOT_YET: [&str; 2] = ["gradual", "distill"];

fn criterion(text: &str) -> Result<Criterion, String> {
    Criterion::parse(text).ok_or_else(|| {
        let known = Criterion::ALL.map(Criterion::name).join(", ");
        let what = if NOT_YET.contains(&text) {
            "is not in this version yet"
        } else {
            "is no way to prune"
        };
        format!("`{text}` {what}: choose one of {known}")
    })
}

fn allocation(text: &str) -> Result<Allocation, String> {
    let known = Allocation::ALL.map(Allocation::name).join(", ");
    Allocation::parse(text)
        .ok_or_else(|| format!("`{text}` is no allocation: choose one of {known}"))
}

fn counting(text: &str) -> Result<Counting, String> {
    Counting::parse(text).ok_or_else(|| format!("`{text}` is no counting: exact or openlth"))
}

fn examples(text: &str) -> Result<Examples, String> {
    match text.parse() {
        _ if text == "all" => Ok(Examples::All),
        Ok(count) if count > 0 => Ok(Examples::Some(count)),
        _ => Err(format!("`{text}` is no number of images of each class: give 1 or more, or all")),
    }
}

/// A sparsity that a ticket has already, for pruning its weights afresh.
pub fn sparsity_of(ticket: &Ticket) -> Result<f64> {
    let count = ticket.count();
    if count.kept == 0 {
        bail!("the ticket keeps nothing: give --sparsity");
    }
    Ok(count.sparsity())
}
