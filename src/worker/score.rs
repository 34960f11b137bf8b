//! The command behind `elth prune` where a criterion needs a network: scores, prunes, scores again.

mod saliency;
mod synflow;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::PathBuf,
};

use anyhow::{Context, Result, bail, ensure};
use elth_core::{
    chance::Seeds,
    mask::Mask,
    prune::{
        Counting, Scores,
        allocation::{Allocation, Demand, Pruned, prune, sparsity_after},
        criterion::Criterion,
    },
    ticket::Ticket,
};
use elth_store::{
    dataset::{self, Name, Split},
    ticket_file,
};
use serde::Deserialize;
use tch::Tensor;

use crate::{
    dataset::{Course, Images},
    network::on_host,
    run::check_fit,
    session::Session,
    state::State,
};

/// Images at a time: all 25 of each of 10 classes, so that batch norm sees them together, as published.
const AT_ONCE: usize = 250;

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
    /// Scores gradients as the official code does (fact sheet 4.3).
    #[serde(default)]
    compat: bool,
    threads: usize,
    device: String,
}

/// What batch norms do while scores are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norms {
    /// Normalise by the batch, as in training.
    #[default]
    Train,
    /// Normalise by the running statistics.
    Eval,
}

/// Images that scores are computed from.
pub struct Sample {
    images: Images,
    courses: [Course; 2],
}

impl Sample {
    /// Batches; the second pass of the official GraSP sees them in another order.
    fn batches(&self, pass: usize) -> impl Iterator<Item = crate::dataset::Batch> {
        let course = &self.courses[pass];
        (0..course.len()).step_by(AT_ONCE).map(|at| self.images.batch(course, at, AT_ONCE))
    }

    /// Examples in a pass.
    fn len(&self) -> usize {
        self.courses[0].len()
    }
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
    let (sample, digest) = if criterion.needs_images() || request.compat {
        let (sample, digest) = sample(request, &ticket, session)?;
        (Some(sample), Some(digest))
    } else {
        (None, None)
    };
    let pruned = rounds(request, criterion, &ticket, sample.as_ref(), session)?;
    let asked = pruned.asked;
    let made = Ticket::assemble(ticket.about.clone(), ticket.weights().clone(), pruned.masks)?;
    ticket_file::write(&request.output, &made)?;
    let examples = sample.map(|sample| sample.len());
    Ok(serde_json::json!({ "asked": asked, "examples": examples, "data_digest": digest }))
}

fn rounds(
    request: &Request,
    criterion: Criterion,
    ticket: &Ticket,
    sample: Option<&Sample>,
    session: Session,
) -> Result<Pruned> {
    let counting = Counting::parse(&request.counting).context("no such counting")?;
    let allocation = Allocation::parse(&request.allocation).context("no such allocation")?;
    ensure!(request.rounds > 0, "0 rounds prune nothing: give at least 1");
    let ranking = criterion.ranking();
    let mut pruned = Pruned { masks: ticket.masks().clone(), asked: None };
    // What is zero already is the first part of the way.
    let (before, after) = (ticket.count().density(), 1.0 - request.sparsity);
    for round in 1..=request.rounds {
        let share = sparsity_after(1.0 - (after / before).min(1.0), round, request.rounds);
        let is_last = round == request.rounds;
        let sparsity = if is_last { request.sparsity } else { 1.0 - before * (1.0 - share) };
        let scores = scores(request, criterion, ticket, &pruned.masks, sample, session)?;
        let demand = Demand { sparsity, counting, allocation, ranking };
        pruned = prune(ticket.blueprint(), &scores, &pruned.masks, &demand)?;
    }
    Ok(pruned)
}

/// Scores of the ticket's weights under masks that may be sparser than its own.
fn scores(
    request: &Request,
    criterion: Criterion,
    ticket: &Ticket,
    masks: &BTreeMap<String, Mask>,
    sample: Option<&Sample>,
    session: Session,
) -> Result<Scores> {
    let (blueprint, weights) = (ticket.blueprint(), ticket.weights());
    if criterion == Criterion::Synflow && !request.compat {
        return synflow::scores(blueprint, weights, masks, session);
    }
    let Some(sample) = sample else { bail!("`{}` needs images", criterion.name()) };
    let mut network = State::start(blueprint, weights, masks, 0, session)?.network;
    let values = match criterion {
        // The official code calls this SynFlow too (fact sheet 5.1, point 6).
        Criterion::Snip | Criterion::Synflow => saliency::snip(&mut network, sample, request.bn),
        _ => saliency::grasp(&mut network, masks, sample, request.bn, request.compat)?,
    };
    named(&network, &values)
}

/// Scores by the name of their tensor, on the host.
fn named(network: &crate::network::Network, values: &[Tensor]) -> Result<Scores> {
    let plans = network.blueprint.prunable().zip(values);
    plans.map(|(plan, values)| Ok((plan.name.clone(), on_host(values)?))).collect()
}

/// The images of the request, of the training half.
fn sample(request: &Request, ticket: &Ticket, session: Session) -> Result<(Sample, String)> {
    let blueprint = ticket.blueprint();
    let name = request.dataset.as_deref().context("a data set is needed: give --dataset")?;
    let name: Name = name.parse()?;
    check_fit(name, blueprint)?;
    let data = dataset::load(name, &request.data_dir)?;
    let images = Images::new(name, &data.train, blueprint.family, session.device)?;
    let seeds = |pass| Seeds {
        order: request.seed_order.wrapping_add(pass),
        augment: request.seed_augment.wrapping_add(pass),
        init: 0,
        mask: 0,
    };
    let course = |pass| {
        let seeds = seeds(pass);
        let chosen = chosen(&data.train, &seeds, request.examples);
        if request.augmented { images.augmented(&seeds, 0, &chosen) } else { images.plain(&chosen) }
    };
    // Only the official GraSP looks a second time in another order.
    let courses = [course(0), course(u64::from(request.compat))];
    Ok((Sample { images, courses }, data.digest.to_string()))
}

/// The first so many of each class in the order of chance, or all.
fn chosen(split: &Split, seeds: &Seeds, of_each_class: Option<usize>) -> Vec<usize> {
    let order = elth_core::chance::order(seeds.order, 0, split.len()).into_iter();
    let mut seen = BTreeMap::new();
    let taken = |example: &usize| {
        let count = seen.entry(split.labels[*example]).or_insert(0_usize);
        *count += 1;
        of_each_class.is_none_or(|most| *count <= most)
    };
    order.map(|example| example as usize).filter(taken).collect()
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
            lineage: Lineage(Vec::new()),
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
