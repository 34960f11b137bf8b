//! The command behind `elth prune` where a criterion needs a network: scores, prunes, scores again.

mod saliency;
mod scorer;
mod synflow;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::PathBuf,
};

use anyhow::{Context, Result, ensure};
use elth_core::{
    blueprint::Blueprint,
    prune::{
        Counting,
        allocation::{Allocation, Demand, Pruned, prune, sparsity_after, to_counts},
        criterion::Criterion,
    },
    ticket::Ticket,
};
use elth_store::{
    dataset::{self, Dataset, Name},
    ticket_file,
};
use serde::Deserialize;

pub use scorer::{Look, Norms, Sample, Scorer};

use crate::{dataset::Images, run::check_fit, session::Session};

/// What is to be pruned and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// A ticket: its weights are scored, under its masks.
    ticket: PathBuf,
    /// Where the ticket with the new masks goes.
    output: PathBuf,
    criterion: String,
    sparsity: f64,
    counting: String,
    allocation: String,
    rounds: u32,
    /// Images of each class; all, where there is no number.
    #[serde(default)]
    examples: Option<usize>,
    /// Crops, shifts and flips, as training sees the images.
    #[serde(default)]
    augmented: bool,
    #[serde(default)]
    bn: Norms,
    #[serde(default)]
    dataset: Option<String>,
    #[serde(default)]
    data_dir: PathBuf,
    #[serde(default)]
    seed_order: u64,
    #[serde(default)]
    seed_augment: u64,
    /// Prunes these tensors alone, each to its count, whatever the sparsity says.
    #[serde(default)]
    counts: Option<BTreeMap<String, usize>>,
    /// Scores gradients as the official code does (fact sheet 4.3).
    #[serde(default)]
    compat: bool,
    threads: usize,
    device: String,
}

/// Answers the request in the argument, else the one on standard input, with one line of JSON.
pub fn print(argument: Option<&str>) -> Result<()> {
    let text = match argument {
        Some(text) if text != "-" => text.to_owned(),
        _ => io::read_to_string(io::stdin().lock().take(1 << 20))?,
    };
    let request: Request = serde_json::from_str(&text).context("the request cannot be read")?;
    let session = Session::open(&request.device, request.threads)?;
    println!("{}", answer(&request, session)?);
    Ok(())
}

fn answer(request: &Request, session: Session) -> Result<serde_json::Value> {
    let criterion = Criterion::parse(&request.criterion).filter(|it| it.needs_network());
    let criterion =
        criterion.with_context(|| format!("`{}` is no such score", request.criterion))?;
    let ticket = ticket_file::read(&request.ticket)?;
    let needs_data = criterion.needs_images() || request.compat;
    let data = if needs_data { Some(data(request, ticket.blueprint())?) } else { None };
    let images = data
        .as_ref()
        .map(|data| Images::new(data.name, &data.train, ticket.blueprint().family, session.device));
    let images = images.transpose()?;
    let sample = images.as_ref().zip(data.as_ref()).map(|(images, data)| {
        let classes: Vec<usize> = data.train.labels.iter().map(|it| usize::from(*it)).collect();
        Sample::new(images, &classes, &request.look())
    });
    let scorer = Scorer { criterion, compat: request.compat, bn: request.bn, sample, session };
    let pruned = rounds(request, &scorer, &ticket)?;
    let asked = pruned.asked;
    let made = Ticket::assemble(ticket.about.clone(), ticket.weights().clone(), pruned.masks)?;
    ticket_file::write(&request.output, &made)?;
    let examples = scorer.sample.as_ref().map(Sample::len);
    let digest = data.map(|data| data.digest.to_string());
    Ok(serde_json::json!({ "asked": asked, "examples": examples, "data_digest": digest }))
}

impl Request {
    fn look(&self) -> Look {
        let (order, augment) = (self.seed_order, self.seed_augment);
        let (examples, augmented) = (self.examples, self.augmented);
        Look { order, augment, examples, augmented, twice: self.compat }
    }
}

fn rounds(request: &Request, scorer: &Scorer<'_>, ticket: &Ticket) -> Result<Pruned> {
    let counting = Counting::parse(&request.counting).context("no such counting")?;
    let allocation = Allocation::parse(&request.allocation).context("no such allocation")?;
    ensure!(request.rounds > 0, "0 rounds prune nothing: give at least 1");
    let ranking = scorer.criterion.ranking();
    let (blueprint, weights) = (ticket.blueprint(), ticket.weights());
    if let Some(counts) = &request.counts {
        let found = scorer.scores(blueprint, weights, ticket.masks())?;
        let masks = to_counts(&found, ticket.masks(), counts, ranking)?;
        return Ok(Pruned { masks, asked: Some(counts.clone()) });
    }
    let mut pruned = Pruned { masks: ticket.masks().clone(), asked: None };
    // What is zero already is the first part of the way.
    let (before, after) = (ticket.count().density(), 1.0 - request.sparsity);
    for round in 1..=request.rounds {
        let share = sparsity_after(1.0 - (after / before).min(1.0), round, request.rounds);
        let is_last = round == request.rounds;
        let sparsity = if is_last { request.sparsity } else { 1.0 - before * (1.0 - share) };
        let found = scorer.scores(blueprint, weights, &pruned.masks)?;
        let demand = Demand { sparsity, counting, allocation, ranking };
        pruned = prune(blueprint, &found, &pruned.masks, &demand)?;
    }
    Ok(pruned)
}

/// The data set of the request.
fn data(request: &Request, blueprint: &Blueprint) -> Result<Dataset> {
    let name = request.dataset.as_deref().context("a data set is needed: give --dataset")?;
    let name: Name = name.parse()?;
    check_fit(name, blueprint)?;
    Ok(dataset::load(name, &request.data_dir)?)
}

#[cfg(test)]
mod tests {
    use elth_core::{
        blueprint::{Blueprint, Input},
        initialise::initialise,
        schedule::Step,
        ticket::{About, Outside, full_masks, lineage::Lineage},
    };

    use super::*;

    pub fn ticket(model: &str, shape: Input) -> Ticket {
        tch::set_num_threads(1);
        let blueprint = Blueprint::new(model, None, Some(shape)).unwrap();
        let (weights, masks) = (initialise(&blueprint, 3), full_masks(&blueprint));
        let about = About {
            blueprint: blueprint.into(),
            dataset: None,
            data_digest: None,
            level: None,
            rewind: Some(Step::iterations(0)),
            outside: Outside::Dense,
            lineage: Lineage::new(Vec::new()),
        };
        Ticket::assemble(about, weights, masks).unwrap()
    }

    fn prune_by(changes: &serde_json::Value) -> Result<(Ticket, serde_json::Value)> {
        let desk = tempfile::tempdir().unwrap();
        let (before, after) = (desk.path().join("before"), desk.path().join("after"));
        ticket_file::write(&before, &ticket("cifar_resnet_8_4", Input::new(3, 8, 8))).unwrap();
        let mut request = serde_json::json!({
            "ticket": before, "output": after, "criterion": "snip", "sparsity": 0.8,
            "counting": "exact", "allocation": "global", "rounds": 1, "examples": 5,
            "dataset": "digits", "threads": 1, "device": "cpu",
        });
        for (key, value) in changes.as_object().unwrap() {
            request[key] = value.clone();
        }
        let session = Session { device: tch::Device::Cpu, threads: 1 };
        let answer = answer(&serde_json::from_value(request).unwrap(), session)?;
        Ok((ticket_file::read(&after)?, answer))
    }

    #[test]
    fn every_criterion_keeps_exactly_what_was_asked_for() {
        let cases = [
            serde_json::json!({}),
            serde_json::json!({ "rounds": 4, "bn": "eval" }),
            serde_json::json!({ "criterion": "grasp" }),
            serde_json::json!({ "criterion": "graspabs", "rounds": 2, "augmented": true }),
            serde_json::json!({ "criterion": "synflow", "rounds": 20, "dataset": null }),
            serde_json::json!({ "allocation": "erk" }),
        ];
        let mut masks = Vec::new();
        for case in cases {
            let (made, _) = prune_by(&case).unwrap();
            let count = made.count();
            assert_eq!(count.kept, (count.weights + 2) / 5, "{case}");
            assert!(!masks.contains(made.masks()), "{case} chose what another chose");
            masks.push(made.masks().clone());
        }
    }

    #[test]
    fn the_official_variant_looks_at_every_image_and_takes_one_weight_more() {
        let official = serde_json::json!({
            "compat": true, "counting": "openlth", "examples": null, "augmented": true, "bn": "eval",
        });
        let (made, answer) = prune_by(&official).unwrap();
        let count = made.count();
        assert_eq!(answer["examples"], 1347);
        assert_eq!(count.weights - count.kept, (count.weights * 4).div_ceil(5) + 1);
    }

    #[test]
    fn named_tensors_keep_their_counts_and_the_others_everything() {
        let counts = serde_json::json!({ "blocks.1.conv1.weight": 17, "blocks.2.conv2.weight": 0 });
        let (made, answer) = prune_by(&serde_json::json!({ "counts": counts })).unwrap();
        assert_eq!(answer["asked"], counts);
        for (name, mask) in made.masks() {
            let kept =
                counts[name].as_u64().map_or(mask.len(), |kept| usize::try_from(kept).unwrap());
            assert_eq!(mask.kept(), kept, "{name}");
        }
    }

    #[test]
    fn the_same_request_gives_the_same_masks() {
        for criterion in ["snip", "grasp", "synflow"] {
            let masks = || {
                let (made, _) = prune_by(&serde_json::json!({ "criterion": criterion })).unwrap();
                made.masks().clone()
            };
            assert_eq!(masks(), masks(), "{criterion}");
        }
    }

    #[test]
    fn what_cannot_be_scored_is_refused_by_name() {
        for (case, reason) in [
            (serde_json::json!({ "criterion": "magnitude" }), "magnitude"),
            (serde_json::json!({ "dataset": null }), "--dataset"),
            (serde_json::json!({ "dataset": "cifar10" }), "cifar10"),
            (serde_json::json!({ "rounds": 0 }), "0 rounds"),
            (serde_json::json!({ "sparsity": 1.0 }), "cannot prune a share of 1"),
        ] {
            let error = prune_by(&case).unwrap_err().to_string();
            assert!(error.contains(reason), "{case}: {error}");
        }
    }
}
