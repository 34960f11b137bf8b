//! The command behind `elth eval`: a ticket's or trained weights' loss and accuracy.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::PathBuf,
};

use anyhow::{Context, Result, ensure};
use elth_core::{blueprint::Blueprint, mask::Mask, ticket::full_masks, weights::Weights};
use elth_store::{
    dataset::{
        self, Name,
        choice::{Choice, Chosen},
    },
    ticket_file::{self, Loaded},
};
use serde::Deserialize;

use crate::{
    dataset::Images,
    evaluate::{evaluate, recalibrate},
    run::check_fit,
    session::Session,
    state::State,
};

/// What is to be evaluated on what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    file: PathBuf,
    dataset: String,
    data_dir: PathBuf,
    #[serde(default)]
    split: Half,
    #[serde(default)]
    choice: Choice,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    bn: Statistics,
    #[serde(default = "one")]
    threads: usize,
    #[serde(default = "cpu")]
    device: String,
}

/// Half of a data set.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Half {
    #[default]
    Test,
    Train,
    /// What was set aside of the training half.
    Validation,
}

/// Which batch-norm statistics are used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// Those in the file.
    #[default]
    Stored,
    /// Those of the training images as they are.
    Recalibrate,
}

impl Statistics {
    /// The name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Recalibrate => "recalibrate",
        }
    }
}

fn one() -> usize {
    1
}

fn cpu() -> String {
    "cpu".to_owned()
}

/// Answers the request in the argument, else the one on standard input, with one line of JSON.
pub fn print(argument: Option<&str>) -> Result<()> {
    let request: Request =
        serde_json::from_str(&request_text(argument)?).context("the request cannot be read")?;
    println!("{}", answer(&request)?);
    Ok(())
}

/// The request in the argument, else the one on standard input.
pub fn request_text(argument: Option<&str>) -> Result<String> {
    match argument {
        Some(text) if text != "-" => Ok(text.to_owned()),
        _ => Ok(io::read_to_string(io::stdin().lock().take(1 << 20))?),
    }
}

fn answer(request: &Request) -> Result<serde_json::Value> {
    ensure!(request.limit != Some(0), "a limit of 0 images leaves none: give at least 1");
    let (blueprint, weights, masks) = read(&request.file)?;
    let name: Name = request.dataset.parse()?;
    check_fit(name, &blueprint)?;
    let session = Session::open(&request.device, request.threads)?;
    let Chosen { set: data, validation } =
        request.choice.apply(dataset::load(name, &request.data_dir)?)?;
    let mut network = State::start(&blueprint, &weights, &masks, 0, session)?.network;
    let images = |split| Images::new(name, split, blueprint.family, session.device);
    if request.bn == Statistics::Recalibrate {
        recalibrate(&mut network, &images(&data.train)?)?;
    }
    let images = match request.split {
        Half::Test => images(&data.test)?,
        Half::Train => images(&data.train)?,
        Half::Validation => {
            ensure!(!validation.is_empty(), "nothing was set aside: give --validation N");
            images(&validation)?
        }
    };
    let limit = request.limit.unwrap_or(images.examples);
    let score = evaluate(&mut network, &images, limit, || true)?;
    let score = score.context("the evaluation was broken off")?;
    Ok(serde_json::json!({
        "loss": score.loss, "accuracy": score.accuracy(),
        "examples": score.examples, "correct": score.correct,
        "data_digest": data.digest.to_string(),
    }))
}

/// The network in a file; only a ticket has masks.
pub fn read(file: &std::path::Path) -> Result<(Blueprint, Weights, BTreeMap<String, Mask>)> {
    Ok(match ticket_file::read_either(file)? {
        Loaded::Ticket(ticket) => {
            let parts = (ticket.blueprint().clone(), ticket.weights().clone());
            (parts.0, parts.1, ticket.masks().clone())
        }
        Loaded::Trained(trained) => {
            let masks = full_masks(&trained.blueprint);
            (trained.blueprint, trained.weights, masks)
        }
    })
}
