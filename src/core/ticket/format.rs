//! Tickets as bytes: the `state_dict()` of the official model under `torch.nn.utils.prune`, in safetensors.

use std::{collections::BTreeMap, convert::Infallible};

use crate::{
    blueprint::{Blueprint, Input, TensorPlan, UnknownModel, shared::Models},
    digest::{Digest, Summer},
    mask::Mask,
    quote::quote,
    safetensors::{self, Dtype, Header, Malformed, Outline},
    schedule::Step,
    state_dict,
    ticket::{About, Outside, Ticket, lineage::Lineage},
    weights::{Misfit, Values, Weights},
};

/// What `format` says in a ticket's metadata.
pub const FORMAT: &str = "elth-ticket";

/// Element types that masks are read from: elth writes the first, PyTorch's own `state_dict()` holds floats.
const MASKS: &[Dtype] = &[Dtype::BOOL, Dtype::F32, Dtype::U8, Dtype::I32, Dtype::I64];

/// Why bytes are no ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATicket {
    /// The container cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The metadata name another format, or none.
    #[error(
        "is no ticket (its metadata say `{0}`): choose a ticket (`elth tickets`); trained weights are for `elth eval`"
    )]
    Format(String),
    /// A version of the format that this program does not know.
    #[error("is a ticket of version `{0}`, which this elth does not read: update elth")]
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
    /// A mask value that is neither 0 nor 1.
    #[error("has a mask `{0}` with values other than 0 and 1: the file is damaged")]
    MaskByte(String),
}

/// Reads a whole ticket; nothing is allocated before sizes, offsets, names and shapes are checked.
///
/// # Errors
/// When the bytes are no complete, well-formed ticket of the model that they name.
pub fn decode(bytes: &[u8]) -> Result<Ticket, NotATicket> {
    let header = safetensors::read_header(bytes, bytes.len() as u64)?;
    let mut about = about(&header, &mut Models::default())?;
    check_tensors(&header, &about.blueprint)?;
    let data = &bytes[header.data_at..];
    let mut weights = Weights::default();
    let mut masks = BTreeMap::new();
    for tensor in &about.blueprint.tensors {
        let stored = state_dict::slice(&header, data, &stored_name(tensor));
        weights.0.insert(tensor.name.clone(), state_dict::values(tensor, stored));
        if tensor.role.is_prunable() {
            let mask = mask(&header, data, tensor)?;
            masks.insert(tensor.name.clone(), mask);
        }
    }
    // What the file says of its weights is believed only where they are so.
    if header.said("weights").is_none() || about.outside == Outside::Masked {
        about.outside = outside_of(&weights, &masks);
    }
    Ok(Ticket { about, weights, masks })
}

/// Reads what a header says, and checks that it announces exactly the model's tensors.
///
/// Tickets of one model share its blueprint: `models` keeps those that were built.
/// Where it does not say what the weights hold outside the mask, `masked` is assumed: only [`decode`] can look.
///
/// # Errors
/// As [`decode`], but for the masks' bytes, which are not looked at.
pub fn read_about(header: &Header, models: &mut Models) -> Result<About, NotATicket> {
    let about = about(header, models)?;
    check_tensors(header, &about.blueprint)?;
    Ok(about)
}

/// Writes a ticket; equal tickets give equal bytes.
#[must_use]
pub fn encode(ticket: &Ticket) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(()) = pour(ticket, &mut |part| -> Result<(), Infallible> {
        bytes.extend_from_slice(part);
        Ok(())
    });
    bytes
}

/// Writes a ticket part by part, so that no second copy of its weights is held.
///
/// # Errors
/// When the sink does not take a part.
pub fn pour<E>(ticket: &Ticket, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut parts = parts(ticket);
    let mut metadata = metadata(&ticket.about);
    // For whoever lists files by their headers; a reader of the tensors never trusts them.
    metadata.insert("kept".to_owned(), ticket.count().kept.to_string());
    metadata.insert("digest".to_owned(), digest(ticket).to_string());
    parts.sort_by(|one, two| one.0.before(&two.0));
    sink(&safetensors::preface(&metadata, parts.iter().map(|(outline, _)| outline)))?;
    parts.iter().try_for_each(|(_, content)| content.pour(sink))
}

/// SHA-256 of the tensors in the order of their names.
#[must_use]
pub fn digest(ticket: &Ticket) -> Digest {
    let mut parts = parts(ticket);
    parts.sort_by(|(one, _), (two, _)| one.name.cmp(&two.name));
    let mut summer = Summer::new();
    for (outline, content) in &parts {
        summer.tensor(&outline.name, outline.dtype.name(), &outline.shape, &[]);
        let Ok(()) = content.pour(&mut |part| -> Result<(), Infallible> {
            summer.bytes(part);
            Ok(())
        });
    }
    summer.finish()
}

fn about(header: &Header, models: &mut Models) -> Result<About, NotATicket> {
    match header.said("format") {
        Some(FORMAT) => {}
        other => return Err(NotATicket::Format(quote(other.unwrap_or("nothing")))),
    }
    match header.said("version") {
        None | Some("1") => {}
        Some(other) => return Err(NotATicket::Version(quote(other))),
    }
    let model = header.said("model").unwrap_or_default();
    let classes = field(header, "classes", "number of classes", |text| text.parse().ok())?;
    let input = field(header, "input", "shape such as 3x32x32", Input::parse)?;
    let outside = field(header, "weights", "`dense` or `masked`", |text| match text {
        "dense" => Some(Outside::Dense),
        "masked" => Some(Outside::Masked),
        _ => None,
    })?;
    let lineage = field(header, "lineage", "list of acts", |text| Lineage::parse(text).ok())?;
    Ok(About {
        blueprint: models.get(model, classes, input)?,
        dataset: header.said("dataset").map(str::to_owned),
        data_digest: header.said("data_digest").map(str::to_owned),
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
    header.field(key, read).map_err(|value| NotATicket::Metadata { key, value, wanted })
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

/// What a file calls a tensor's values: `T_orig` for a prunable tensor `T`, else its own name.
#[must_use]
pub fn stored_name(tensor: &TensorPlan) -> String {
    if tensor.role.is_prunable() { format!("{}_orig", tensor.name) } else { tensor.name.clone() }
}

/// What a file calls the mask over a prunable tensor: `T_mask`.
#[must_use]
pub fn mask_name(tensor: &TensorPlan) -> String {
    format!("{}_mask", tensor.name)
}

fn check_tensors(header: &Header, blueprint: &Blueprint) -> Result<(), NotATicket> {
    let values = blueprint
        .tensors
        .iter()
        .map(|tensor| (stored_name(tensor), state_dict::readable(tensor), tensor.shape.as_slice()));
    let masks = blueprint.prunable();
    let masks = masks.map(|tensor| (mask_name(tensor), MASKS, tensor.shape.as_slice()));
    state_dict::check(header, values.chain(masks))
        .map_err(|misfit| NotATicket::Misfit { model: blueprint.name.clone(), misfit })
}

fn mask(header: &Header, data: &[u8], tensor: &TensorPlan) -> Result<Mask, NotATicket> {
    let name = mask_name(tensor);
    let dtype = header.tensors.get(&name).map_or(Dtype::BOOL, |entry| entry.dtype);
    let mask = mask_of_bytes(dtype, state_dict::slice(header, data, &name));
    mask.ok_or(NotATicket::MaskByte(name))
}

/// A mask from its bytes in a file; nothing where a value is neither 0 nor 1.
#[must_use]
pub fn mask_of_bytes(dtype: Dtype, bytes: &[u8]) -> Option<Mask> {
    let one: &[u8] = match dtype {
        Dtype::BOOL | Dtype::U8 => return Mask::from_bytes(bytes),
        Dtype::I32 => &1_i32.to_le_bytes(),
        Dtype::I64 => &1_i64.to_le_bytes(),
        Dtype::F32 => &1_f32.to_le_bytes(),
    };
    let elements: Vec<&[u8]> = bytes.chunks_exact(dtype.size()).collect();
    let sound = |element: &&[u8]| *element == one || element.iter().all(|byte| *byte == 0);
    let bits = || Mask::from_fn(elements.len(), |at| elements[at] == one);
    elements.iter().all(sound).then(bits)
}

fn outside_of(weights: &Weights, masks: &BTreeMap<String, Mask>) -> Outside {
    let clean = masks.iter().all(|(name, mask)| {
        let values = weights.floats(name).unwrap_or_default();
        mask.bits().zip(values).all(|(keep, value)| keep || *value == 0.0)
    });
    if clean { Outside::Masked } else { Outside::Dense }
}

/// What a tensor of the file holds.
enum Content<'a> {
    Values(&'a Values),
    Mask(&'a Mask),
}

/// 64 KiB of floats at a time: they stay in a processor's nearest caches.
const AT_ONCE: usize = 16 << 10;

impl Content<'_> {
    fn pour<E>(&self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Values(Values::Count(count)) => sink(&count.to_le_bytes()),
            Self::Values(Values::Floats(floats)) => floats
                .chunks(AT_ONCE)
                .try_for_each(|floats| sink(&safetensors::bytes_of_floats(floats))),
            Self::Mask(mask) => sink(&mask.to_bytes()),
        }
    }
}

fn parts(ticket: &Ticket) -> Vec<(Outline, Content<'_>)> {
    let mut parts = Vec::new();
    for tensor in &ticket.about.blueprint.tensors {
        let outline = |name, dtype| Outline { name, dtype, shape: tensor.shape.clone() };
        if let Some(values) = ticket.weights.0.get(&tensor.name) {
            let dtype = state_dict::readable(tensor)[0];
            parts.push((outline(stored_name(tensor), dtype), Content::Values(values)));
        }
        if let Some(mask) = ticket.masks.get(&tensor.name) {
            parts.push((outline(mask_name(tensor), Dtype::BOOL), Content::Mask(mask)));
        }
    }
    parts
}
