//! Trained weights as bytes: a plain `state_dict()` under the official names, in safetensors.

use std::collections::BTreeMap;

use crate::{
    blueprint::{Blueprint, Input, UnknownModel},
    digest::Digest,
    quote::quote,
    safetensors::{self, Header, Malformed, Piece},
    state_dict,
    weights::{Misfit, Weights},
};

/// What `format` says in the metadata of trained weights.
pub const FORMAT: &str = "elth-weights";

/// The weights at the end of a training, and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The model.
    pub blueprint: Blueprint,
    /// The data set it was trained on.
    pub dataset: Option<String>,
    /// Digest of that data set.
    pub data_digest: Option<String>,
    /// Iterations behind them.
    pub step: Option<u64>,
    /// Share of test images classified rightly at that step.
    pub test_accuracy: Option<f64>,
    /// Digest of the ticket the training started from.
    pub ticket: Option<Digest>,
    /// Every tensor; they fit the blueprint.
    pub weights: Weights,
}

/// Why bytes are no trained weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTrained {
    /// The container cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The metadata name another format, or none.
    #[error("holds no trained weights (its metadata say `{0}`)")]
    Format(String),
    /// A version of the format that this program does not know.
    #[error("holds trained weights of version `{0}`, which this elth does not read: update elth")]
    Version(String),
    /// A metadata value cannot be read.
    #[error("has metadata `{key}` = `{value}`, which is no {wanted}: the file is damaged")]
    Metadata {
        /// The key.
        key: &'static str,
        /// What it says.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The model it names does not exist.
    #[error("names a model that cannot be built: {0}")]
    Model(#[from] UnknownModel),
    /// A tensor is missing, foreign or of another shape.
    #[error("does not hold the weights of `{model}`: {misfit}")]
    Misfit {
        /// The model its metadata name.
        model: String,
        /// What does not fit.
        misfit: Misfit,
    },
}

/// Reads trained weights; nothing is allocated before sizes, offsets, names and shapes are checked.
///
/// # Errors
/// When the bytes are no complete `state_dict()` of the model that they name.
pub fn decode(bytes: &[u8]) -> Result<Trained, NotTrained> {
    let header = safetensors::read_header(bytes, bytes.len() as u64)?;
    let empty = about(&header)?;
    check_tensors(&header, &empty.blueprint)?;
    let data = &bytes[header.data_at..];
    let values = empty.blueprint.tensors.iter().map(|tensor| {
        let stored = state_dict::slice(&header, data, &tensor.name);
        (tensor.name.clone(), state_dict::values(tensor, stored))
    });
    let weights = Weights(values.collect());
    Ok(Trained { weights, ..empty })
}

/// Writes trained weights; equal ones give equal bytes.
#[must_use]
pub fn encode(trained: &Trained) -> Vec<u8> {
    let blueprint = &trained.blueprint;
    let all = [
        ("format", Some(FORMAT.to_owned())),
        ("version", Some("1".to_owned())),
        ("model", Some(blueprint.name.clone())),
        ("classes", Some(blueprint.classes.to_string())),
        ("input", Some(blueprint.input.to_string())),
        ("dataset", trained.dataset.clone()),
        ("data_digest", trained.data_digest.clone()),
        ("step", trained.step.map(|step| step.to_string())),
        ("test_accuracy", trained.test_accuracy.map(|accuracy| accuracy.to_string())),
        ("ticket", trained.ticket.map(|digest| digest.to_string())),
    ];
    let metadata: BTreeMap<String, String> =
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    safetensors::encode(&metadata, pieces(blueprint, &trained.weights))
}

/// SHA-256 of the tensors in the order of their names.
#[must_use]
pub fn digest(blueprint: &Blueprint, weights: &Weights) -> Digest {
    state_dict::digest(&pieces(blueprint, weights))
}

/// What the header says, without a tensor yet.
fn about(header: &Header) -> Result<Trained, NotTrained> {
    match header.said("format") {
        Some(FORMAT) => {}
        other => return Err(NotTrained::Format(quote(other.unwrap_or("nothing")))),
    }
    match header.said("version") {
        None | Some("1") => {}
        Some(other) => return Err(NotTrained::Version(quote(other))),
    }
    let classes = field(header, "classes", "number of classes", |text| text.parse().ok())?;
    let input = field(header, "input", "shape such as 3x32x32", Input::parse)?;
    let model = header.said("model").unwrap_or_default();
    Ok(Trained {
        blueprint: Blueprint::new(model, classes, input)?,
        dataset: header.said("dataset").map(str::to_owned),
        data_digest: header.said("data_digest").map(str::to_owned),
        step: field(header, "step", "number of steps", |text| text.parse().ok())?,
        test_accuracy: field(header, "test_accuracy", "share", |text| text.parse().ok())?,
        ticket: field(header, "ticket", "digest of a ticket", Digest::parse)?,
        weights: Weights::default(),
    })
}

fn field<T>(
    header: &Header,
    key: &'static str,
    wanted: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, NotTrained> {
    header.field(key, read).map_err(|value| NotTrained::Metadata { key, value, wanted })
}

fn check_tensors(header: &Header, blueprint: &Blueprint) -> Result<(), NotTrained> {
    let tensors = blueprint.tensors.iter();
    let expected =
        tensors.map(|tensor| (tensor.name.clone(), state_dict::readable(tensor), &*tensor.shape));
    state_dict::check(header, expected)
        .map_err(|misfit| NotTrained::Misfit { model: blueprint.name.clone(), misfit })
}

fn pieces(blueprint: &Blueprint, weights: &Weights) -> Vec<Piece<'static>> {
    let tensors = blueprint.tensors.iter();
    tensors.map(|tensor| state_dict::piece(tensor, tensor.name.clone(), weights)).collect()
}
