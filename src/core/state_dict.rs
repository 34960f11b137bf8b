//! A model's `state_dict()` in a file: which tensors it must hold, and their values as bytes.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{
    blueprint::TensorPlan,
    digest::{Digest, Summer},
    quote::quote,
    safetensors::{self, Dtype, Header, Piece},
    slot::Role,
    weights::{Misfit, Values, Weights},
};

/// The element types that a tensor's values may be read from.
pub(crate) fn readable(tensor: &TensorPlan) -> &'static [Dtype] {
    if tensor.role == Role::BatchesTracked { &[Dtype::I64] } else { &[Dtype::F32] }
}

/// The element type of a tensor's values as they are written.
fn dtype(tensor: &TensorPlan) -> Dtype {
    readable(tensor)[0]
}

/// What a file must hold under one of its names: element types to choose from, and the shape.
pub(crate) type Expected<'a> = (String, &'static [Dtype], &'a [usize]);

/// Checks that a header announces what is expected and nothing else.
pub(crate) fn check<'a>(
    header: &Header,
    expected: impl Iterator<Item = Expected<'a>> + Clone,
) -> Result<(), Misfit> {
    let mut count = 0;
    for (name, dtypes, shape) in expected.clone() {
        let Some(entry) = header.tensors.get(&name) else { return Err(Misfit::Missing(name)) };
        if !dtypes.contains(&entry.dtype) || entry.shape != shape {
            return Err(Misfit::Size(name));
        }
        count += 1;
    }
    // All that is expected is there, so another is there only where there are more.
    if header.tensors.len() > count {
        let known: BTreeSet<_> = expected.map(|(name, ..)| name).collect();
        let foreign = header.tensors.keys().find(|name| !known.contains(*name));
        return Err(Misfit::Foreign(foreign.map(|name| quote(name)).unwrap_or_default()));
    }
    Ok(())
}

/// The bytes of a tensor of the header; none where the name is not there.
pub(crate) fn slice<'a>(header: &Header, data: &'a [u8], name: &str) -> &'a [u8] {
    header.tensors.get(name).map_or(&[], |entry| &data[entry.start..entry.end])
}

/// The values of a tensor whose bytes were checked against its shape.
pub(crate) fn values(tensor: &TensorPlan, bytes: &[u8]) -> Values {
    match (tensor.role, bytes.first_chunk::<8>()) {
        (Role::BatchesTracked, Some(eight)) => Values::Count(i64::from_le_bytes(*eight)),
        _ => Values::Floats(safetensors::floats_of_bytes(bytes)),
    }
}

/// A tensor's values under the name that the file gives them.
pub(crate) fn piece(tensor: &TensorPlan, name: String, weights: &Weights) -> Piece<'static> {
    let bytes = match weights.0.get(&tensor.name) {
        Some(Values::Floats(floats)) => safetensors::bytes_of_floats(floats),
        Some(Values::Count(count)) => count.to_le_bytes().to_vec(),
        None => Vec::new(),
    };
    let (dtype, shape) = (dtype(tensor), tensor.shape.clone());
    Piece { name, dtype, shape, bytes: Cow::Owned(bytes) }
}

/// SHA-256 of tensors in the order of their names.
pub(crate) fn digest(pieces: &[Piece<'_>]) -> Digest {
    let mut sorted: Vec<_> = pieces.iter().collect();
    sorted.sort_by(|one, two| one.name.cmp(&two.name));
    let mut summer = Summer::new();
    for piece in sorted {
        summer.tensor(&piece.name, piece.dtype.name(), &piece.shape, &piece.bytes);
    }
    summer.finish()
}
