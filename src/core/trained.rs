//! Trained weights as bytes: a plain `state_dict()` under the official names, in safetensors.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    blueprint::{Blueprint, Input, UnknownModel},
    digest::{Digest, Summer},
    safetensors::{self, Dtype, Malformed, Piece},
    slot::Role,
    weights::{Misfit, Values, Weights},
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

/// Reads trained weights.
///
/// # Errors
/// When the bytes are no complete `state_dict()` of the model that they name.
pub fn decode(bytes: &[u8]) -> Result<Trained, NotTrained> {
    let header = safetensors::read_header(bytes, bytes.len() as u64)?;
    let get = |key: &str| header.metadata.get(key).filter(|text| !text.is_empty());
    let format = get("format").map_or("nothing", String::as_str);
    if format != FORMAT {
        return Err(NotTrained::Format(format.to_owned()));
    }
    let classes = get("classes").and_then(|text| text.parse().ok());
    let input = get("input").and_then(|text| Input::parse(text));
    let model = get("model").map_or("", String::as_str);
    let blueprint = Blueprint::new(model, classes, input)?;
    let weights = read_weights(&header, &bytes[header.data_at..]);
    weights
        .fits(&blueprint)
        .map_err(|misfit| NotTrained::Misfit { model: model.to_owned(), misfit })?;
    Ok(Trained {
        blueprint,
        dataset: get("dataset").cloned(),
        data_digest: get("data_digest").cloned(),
        step: get("step").and_then(|text| text.parse().ok()),
        test_accuracy: get("test_accuracy").and_then(|text| text.parse().ok()),
        ticket: get("ticket").and_then(|text| Digest::parse(text)),
        weights,
    })
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
    let mut pieces = pieces(blueprint, weights);
    pieces.sort_by(|one, two| one.name.cmp(&two.name));
    let mut summer = Summer::new();
    for piece in pieces {
        summer.tensor(&piece.name, piece.dtype.name(), &piece.shape, &piece.bytes);
    }
    summer.finish()
}

fn read_weights(header: &safetensors::Header, data: &[u8]) -> Weights {
    let mut weights = Weights::default();
    for (name, entry) in &header.tensors {
        let bytes = &data[entry.start..entry.end];
        let values = match (entry.dtype, bytes.first_chunk::<8>()) {
            (Dtype::I64, Some(eight)) if entry.shape.is_empty() => {
                Values::Count(i64::from_le_bytes(*eight))
            }
            (Dtype::F32, _) => Values::Floats(safetensors::floats_of_bytes(bytes)),
            _ => Values::Floats(Vec::new()),
        };
        weights.0.insert(name.clone(), values);
    }
    weights
}

fn pieces(blueprint: &Blueprint, weights: &Weights) -> Vec<Piece<'static>> {
    let piece = |tensor: &crate::blueprint::TensorPlan| {
        let (dtype, bytes) = match weights.0.get(&tensor.name)? {
            Values::Floats(floats) => (Dtype::F32, safetensors::bytes_of_floats(floats)),
            Values::Count(count) => (Dtype::I64, count.to_le_bytes().to_vec()),
        };
        debug_assert_eq!(dtype == Dtype::I64, tensor.role == Role::BatchesTracked);
        let (name, shape) = (tensor.name.clone(), tensor.shape.clone());
        Some(Piece { name, dtype, shape, bytes: Cow::Owned(bytes) })
    };
    blueprint.tensors.iter().filter_map(piece).collect()
}
