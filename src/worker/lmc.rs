//! The command behind `elth lmc`: loss and errors on the straight line between two networks. Nothing is trained there.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use elth_core::{
    blueprint::Blueprint,
    weights::{Values, Weights},
};
use elth_store::dataset::{self, Name};
use serde::Deserialize;

use crate::{
    dataset::Images,
    eval::{Statistics, read, request_text},
    evaluate::{Score, evaluate, recalibrate},
    run::check_fit,
    session::Session,
    state::State,
};

/// Which two, on what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The network at 0.
    one: PathBuf,
    /// The network at 1.
    other: PathBuf,
    dataset: String,
    data_dir: PathBuf,
    /// Points of the line, both ends among them.
    points: u32,
    /// The first so many training images; all, where there is no number.
    #[serde(default)]
    limit: Option<usize>,
    /// Which batch-norm statistics are used, each a line of its own.
    bn: Vec<Statistics>,
    threads: usize,
    device: String,
}

/// What the line is looked at on.
struct Sight {
    train: Images,
    test: Images,
    limit: usize,
    session: Session,
}

/// Answers the request in the argument, else the one on standard input, with one line of JSON.
pub fn print(argument: Option<&str>) -> Result<()> {
    let request: Request =
        serde_json::from_str(&request_text(argument)?).context("the request cannot be read")?;
    println!("{}", answer(&request, Session::open(&request.device, request.threads)?)?);
    Ok(())
}

fn answer(request: &Request, session: Session) -> Result<serde_json::Value> {
    ensure!(request.points >= 2, "a line has two ends: give at least 2 points");
    let (blueprint, one) = network(&request.one)?;
    let (theirs, other) = network(&request.other)?;
    ensure!(
        blueprint == theirs,
        "`{}` and `{}` are not of one shape: a line joins networks of one model",
        blueprint.name,
        theirs.name
    );
    let name: Name = request.dataset.parse()?;
    check_fit(name, &blueprint)?;
    let data = dataset::load(name, &request.data_dir)?;
    let images = |split| Images::new(name, split, blueprint.family, session.device);
    let (train, test) = (images(&data.train)?, images(&data.test)?);
    let limit = request.limit.unwrap_or(train.examples).min(train.examples);
    let sight = Sight { train, test, limit, session };
    let mut lines = serde_json::Map::new();
    for bn in &request.bn {
        let points = (0..request.points).map(|point| {
            let alpha = f64::from(point) / f64::from(request.points - 1);
            look(&blueprint, &between(&one, &other, alpha), alpha, *bn, &sight)
        });
        lines.insert(bn.name().to_owned(), points.collect::<Result<_>>()?);
    }
    Ok(serde_json::json!({
        "lines": lines,
        "data_digest": data.digest.to_string(),
        "train_examples": sight.limit,
        "test_examples": sight.test.examples,
    }))
}

/// The network in a file, its weights masked where it is a ticket.
fn network(file: &std::path::Path) -> Result<(Blueprint, Weights)> {
    let (blueprint, mut weights, masks) = read(file)?;
    for (name, mask) in &masks {
        if let Some(Values::Floats(values)) = weights.0.get_mut(name) {
            values
                .iter_mut()
                .zip(mask.bits())
                .filter(|(_, keep)| !keep)
                .for_each(|(it, _)| *it = 0.0);
        }
    }
    Ok((blueprint, weights))
}

/// The point of the line that is so far from one to the other: every number, running statistics too.
fn between(one: &Weights, other: &Weights, alpha: f64) -> Weights {
    #[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
    let point =
        |(a, b): (&f32, &f32)| ((1.0 - alpha) * f64::from(*a) + alpha * f64::from(*b)) as f32;
    let all = one.0.iter().map(|(name, values)| {
        let values = match (values, other.floats(name)) {
            (Values::Floats(ones), Some(others)) => {
                Values::Floats(ones.iter().zip(others).map(point).collect())
            }
            (values, _) => values.clone(),
        };
        (name.clone(), values)
    });
    Weights(all.collect())
}

fn look(
    blueprint: &Blueprint,
    weights: &Weights,
    alpha: f64,
    bn: Statistics,
    sight: &Sight,
) -> Result<serde_json::Value> {
    let full = elth_core::ticket::full_masks(blueprint);
    let mut network = State::start(blueprint, weights, &full, 0, sight.session)?.network;
    if bn == Statistics::Recalibrate {
        recalibrate(&mut network, &sight.train)?;
    }
    let mut score = |images: &Images, limit| -> Result<Score> {
        let score = evaluate(&mut network, images, limit, || true)?;
        score.context("the evaluation was broken off")
    };
    let train = score(&sight.train, sight.limit)?;
    let test = score(&sight.test, sight.test.examples)?;
    Ok(serde_json::json!({
        "alpha": alpha,
        "train_loss": train.loss, "train_error": 1.0 - train.accuracy(),
        "test_loss": test.loss, "test_error": 1.0 - test.accuracy(),
    }))
}

#[cfg(test)]
mod tests {
    use elth_core::{blueprint::Input, initialise::initialise, trained::Trained};
    use elth_store::ticket_file;

    use super::*;

    fn file(desk: &std::path::Path, name: &str, seed: u64) -> PathBuf {
        tch::set_num_threads(1);
        let blueprint =
            Blueprint::new("cifar_resnet_8_2", None, Some(Input::new(3, 8, 8))).unwrap();
        let weights = initialise(&blueprint, seed);
        let trained = Trained {
            blueprint,
            dataset: None,
            data_digest: None,
            step: None,
            test_accuracy: None,
            ticket: None,
            weights,
        };
        let path = desk.join(name);
        ticket_file::write_trained(&path, &trained).unwrap();
        path
    }

    fn asked(one: PathBuf, other: PathBuf, bn: Statistics) -> serde_json::Value {
        let request = Request {
            one,
            other,
            dataset: "digits".to_owned(),
            data_dir: "/nowhere".into(),
            points: 5,
            limit: Some(100),
            bn: vec![bn],
            threads: 1,
            device: "cpu".to_owned(),
        };
        let session = Session { device: tch::Device::Cpu, threads: 1 };
        answer(&request, session).unwrap()["lines"][bn.name()].clone()
    }

    #[test]
    fn a_line_from_a_network_to_itself_is_level_and_one_between_two_meets_both_ends() {
        let desk = tempfile::tempdir().unwrap();
        let (one, other) = (file(desk.path(), "one", 1), file(desk.path(), "other", 2));
        for bn in [Statistics::Stored, Statistics::Recalibrate] {
            let level = asked(one.clone(), one.clone(), bn);
            for point in level.as_array().unwrap() {
                assert_eq!(point["test_loss"], level[0]["test_loss"]);
            }
            let line = asked(one.clone(), other.clone(), bn);
            let back = asked(other.clone(), one.clone(), bn);
            let alphas: Vec<_> =
                line.as_array().unwrap().iter().map(|it| it["alpha"].clone()).collect();
            assert_eq!(alphas, [0.0, 0.25, 0.5, 0.75, 1.0]);
            assert_eq!(line[0]["test_loss"], level[0]["test_loss"]);
            for key in ["train_loss", "train_error", "test_loss", "test_error"] {
                assert_eq!(line[4][key], back[0][key], "{key}");
            }
        }
    }

    #[test]
    fn the_middle_is_the_mean_of_every_number() {
        let desk = tempfile::tempdir().unwrap();
        let (_, one) = network(&file(desk.path(), "one", 1)).unwrap();
        let (_, other) = network(&file(desk.path(), "other", 2)).unwrap();
        let middle = between(&one, &other, 0.5);
        assert_eq!(
            (between(&one, &other, 0.0), between(&one, &other, 1.0)),
            (one.clone(), other.clone())
        );
        for name in ["conv.weight", "fc.bias", "bn.running_var"] {
            let [a, b, c] = [&one, &other, &middle].map(|it| it.floats(name).unwrap()[0]);
            assert!(
                (f64::from(a) / 2.0 + f64::from(b) / 2.0 - f64::from(c)).abs() < 1e-7,
                "{name}"
            );
        }
    }
}
