//! Tickets as bytes: the `state_dict()` of the official model under `torch.nn.utils.prune`, in safetensors.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    blueprint::{Blueprint, Input, TensorPlan, UnknownModel},
    digest::{Digest, Summer},
    mask::Mask,
    safetensors::{self, Dtype, Header, Malformed, Piece},
    schedule::Step,
    slot::Role,
    ticket::{About, Outside, Ticket, lineage::Lineage},
    weights::{Misfit, Values, Weights},
};

/// What `format` says in a ticket's metadata.
pub const FORMAT: &str = "elth-ticket";

/// Why bytes are no ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATicket {
    /// The container cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The metadata name another format, or none.
    #[error(
        "is no ticket (its metadata say `{0}`): choose a file that elth or `elth import` wrote"
    )]
    Format(String),
    /// A newer version of the format.
    #[error("is a ticket of version {0}, newer than this elth: update elth")]
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
    #[error("is no ticket of `{model}`: {misfit}")]
    Misfit {
        /// The model its metadata name.
        model: String,
        /// What does not fit.
        misfit: Misfit,
    },
    /// A mask byte that is neither 0 nor 1.
    #[error("has a mask `{0}` with bytes other than 0 and 1: the file is damaged")]
    MaskByte(String),
}

/// Reads a whole ticket; nothing is allocated before sizes, offsets, names and shapes are checked.
///
/// # Errors
/// When the bytes are no complete, well-formed ticket of the model that they name.
pub fn decode(bytes: &[u8]) -> Result<Ticket, NotATicket> {
    let header = safetensors::read_header(bytes, bytes.len() as u64)?;
    let mut about = about(&header)?;
    check_tensors(&header, &about.blueprint)?;
    let data = &bytes[header.data_at..];
    let mut weights = Weights::default();
    let mut masks = BTreeMap::new();
    for tensor in &about.blueprint.tensors {
        let stored = slice(&header, data, &stored_name(tensor));
        weights.0.insert(tensor.name.clone(), values(tensor, stored));
        if tensor.role.is_prunable() {
            let mask = mask(&header, data, tensor)?;
            masks.insert(tensor.name.clone(), mask);
        }
    }
    if !header.metadata.contains_key("weights") {
        about.outside = outside_of(&weights, &masks);
    }
    Ok(Ticket { about, weights, masks })
}

/// Reads what a header says, and checks that it announces exactly the model's tensors.
///
/// # Errors
/// As [`decode`], but for the masks' bytes, which are not looked at.
pub fn read_about(header: &Header) -> Result<About, NotATicket> {
    let about = about(header)?;
    check_tensors(header, &about.blueprint)?;
    Ok(about)
}

/// Writes a ticket; equal tickets give equal bytes.
#[must_use]
pub fn encode(ticket: &Ticket) -> Vec<u8> {
    let mut metadata = metadata(&ticket.about);
    // For whoever lists files by their headers; a reader of the tensors never trusts them.
    metadata.insert("kept".to_owned(), ticket.count().kept.to_string());
    metadata.insert("digest".to_owned(), digest(ticket).to_string());
    safetensors::encode(&metadata, pieces(ticket))
}

/// SHA-256 of the tensors in the order of their names.
#[must_use]
pub fn digest(ticket: &Ticket) -> Digest {
    let mut pieces = pieces(ticket);
    pieces.sort_by(|one, two| one.name.cmp(&two.name));
    let mut summer = Summer::new();
    for piece in pieces {
        summer.tensor(&piece.name, piece.dtype.name(), &piece.shape, &piece.bytes);
    }
    summer.finish()
}

fn about(header: &Header) -> Result<About, NotATicket> {
    let get = |key: &str| header.metadata.get(key).map(String::as_str);
    match get("format") {
        Some(FORMAT) => {}
        other => return Err(NotATicket::Format(other.unwrap_or("nothing").to_owned())),
    }
    match get("version") {
        Some("1") => {}
        other => return Err(NotATicket::Version(other.unwrap_or("nothing").to_owned())),
    }
    let model = get("model").unwrap_or_default();
    let classes = field(header, "classes", "number of classes", |text| text.parse().ok())?;
    let input = field(header, "input", "shape such as 3x32x32", Input::parse)?;
    let outside = field(header, "weights", "`dense` or `masked`", |text| match text {
        "dense" => Some(Outside::Dense),
        "masked" => Some(Outside::Masked),
        _ => None,
    })?;
    let lineage = field(header, "lineage", "list of acts", |text| Lineage::parse(text).ok())?;
    Ok(About {
        blueprint: Blueprint::new(model, classes, input)?,
        dataset: get("dataset").filter(|text| !text.is_empty()).map(str::to_owned),
        data_digest: get("data_digest").filter(|text| !text.is_empty()).map(str::to_owned),
        level: field(header, "level", "level", |text| text.parse().ok())?,
        rewind: field(header, "rewind", "step such as 1000it", |text| Step::parse(text).ok())?,
        outside: outside.unwrap_or(Outside::Masked),
        lineage: lineage.unwrap_or_default(),
    })
}

fn field<T>(
    header: &Header,
    key: &'static str,
    wanted: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, NotATicket> {
    match header.metadata.get(key).map(String::as_str) {
        None | Some("") => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| {
            // A hostile value may be megabytes long; a line holds its beginning.
            let value = value.chars().take(60).collect();
            NotATicket::Metadata { key, value, wanted }
        }),
    }
}

fn metadata(about: &About) -> BTreeMap<String, String> {
    let outside = match about.outside {
        Outside::Dense => "dense",
        Outside::Masked => "masked",
    };
    let blueprint = &about.blueprint;
    let all = [
        ("format", Some(FORMAT.to_owned())),
        ("version", Some("1".to_owned())),
        ("model", Some(blueprint.name.clone())),
        ("classes", Some(blueprint.classes.to_string())),
        ("input", Some(blueprint.input.to_string())),
        ("dataset", about.dataset.clone()),
        ("data_digest", about.data_digest.clone()),
        ("level", about.level.map(|level| level.to_string())),
        ("rewind", about.rewind.map(|step| step.to_string())),
        ("weights", Some(outside.to_owned())),
        ("lineage", Some(about.lineage.to_json())),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// `T_orig` for a prunable tensor `T`, else its own name.
fn stored_name(tensor: &TensorPlan) -> String {
    if tensor.role.is_prunable() { format!("{}_orig", tensor.name) } else { tensor.name.clone() }
}

fn mask_name(tensor: &TensorPlan) -> String {
    format!("{}_mask", tensor.name)
}

fn dtype(tensor: &TensorPlan) -> Dtype {
    if tensor.role == Role::BatchesTracked { Dtype::I64 } else { Dtype::F32 }
}

fn check_tensors(header: &Header, blueprint: &Blueprint) -> Result<(), NotATicket> {
    let misfit = |misfit| Err(NotATicket::Misfit { model: blueprint.name.clone(), misfit });
    let mut expected = BTreeMap::new();
    for tensor in &blueprint.tensors {
        expected.insert(stored_name(tensor), (dtype(tensor), &tensor.shape));
        if tensor.role.is_prunable() {
            expected.insert(mask_name(tensor), (Dtype::BOOL, &tensor.shape));
        }
    }
    for (name, (dtype, shape)) in &expected {
        match header.tensors.get(name) {
            None => return misfit(Misfit::Missing(name.clone())),
            Some(entry) if entry.dtype != *dtype || &entry.shape != *shape => {
                return misfit(Misfit::Size(name.clone()));
            }
            Some(_) => {}
        }
    }
    match header.tensors.keys().find(|name| !expected.contains_key(*name)) {
        Some(name) => misfit(Misfit::Foreign(name.chars().take(80).collect())),
        None => Ok(()),
    }
}

/// The bytes of a tensor that [`check_tensors`] has seen.
fn slice<'a>(header: &Header, data: &'a [u8], name: &str) -> &'a [u8] {
    header.tensors.get(name).map_or(&[], |entry| &data[entry.start..entry.end])
}

fn values(tensor: &TensorPlan, bytes: &[u8]) -> Values {
    match (tensor.role, bytes.first_chunk::<8>()) {
        (Role::BatchesTracked, Some(eight)) => Values::Count(i64::from_le_bytes(*eight)),
        _ => Values::Floats(safetensors::floats_of_bytes(bytes)),
    }
}

fn mask(header: &Header, data: &[u8], tensor: &TensorPlan) -> Result<Mask, NotATicket> {
    let bytes = slice(header, data, &mask_name(tensor));
    if bytes.iter().any(|byte| *byte > 1) {
        return Err(NotATicket::MaskByte(mask_name(tensor)));
    }
    Ok(Mask::from_fn(bytes.len(), |at| bytes[at] == 1))
}

fn outside_of(weights: &Weights, masks: &BTreeMap<String, Mask>) -> Outside {
    let clean = masks.iter().all(|(name, mask)| {
        let values = weights.floats(name).unwrap_or_default();
        mask.bits().zip(values).all(|(keep, value)| keep || *value == 0.0)
    });
    if clean { Outside::Masked } else { Outside::Dense }
}

fn pieces(ticket: &Ticket) -> Vec<Piece<'static>> {
    let mut pieces = Vec::new();
    for tensor in &ticket.about.blueprint.tensors {
        pieces.push(Piece {
            name: stored_name(tensor),
            dtype: dtype(tensor),
            shape: tensor.shape.clone(),
            bytes: Cow::Owned(bytes(ticket.weights.0.get(&tensor.name))),
        });
        if let Some(mask) = ticket.masks.get(&tensor.name) {
            pieces.push(Piece {
                name: mask_name(tensor),
                dtype: Dtype::BOOL,
                shape: tensor.shape.clone(),
                bytes: Cow::Owned(mask.bits().map(u8::from).collect()),
            });
        }
    }
    pieces
}

fn bytes(values: Option<&Values>) -> Vec<u8> {
    match values {
        Some(Values::Floats(floats)) => safetensors::bytes_of_floats(floats),
        Some(Values::Count(count)) => count.to_le_bytes().to_vec(),
        None => Vec::new(),
    }
}
