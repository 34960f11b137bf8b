//! A model's `state_dict()` in a file: which tensors it must hold, and their values as bytes.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    blueprint::TensorPlan,
    digest::{Digest, Summer},
    quote::quote,
    safetensors::{self, Dtype, Header, Piece},
    slot::Role,
    weights::{Misfit, Values, Weights},
};

/// Element types and shape that a file may give each of its names.
pub(crate) type Expected<'a> = BTreeMap<String, (&'static [Dtype], &'a [usize])>;

/// The element types that a tensor's values may be read from.
pub(crate) fn readable(tensor: &TensorPlan) -> &'static [Dtype] {
    if tensor.role == Role::BatchesTracked { &[Dtype::I64] } else { &[Dtype::F32] }
}

/// The element type of a tensor's values as they are written.
fn dtype(tensor: &TensorPlan) -> Dtype {
    readable(tensor)[0]
}

/// Checks that a header announces what is expected and nothing else.
pub(crate) fn check(header: &Header, expected: &Expected<'_>) -> Result<(), Misfit> {
    for (name, (dtypes, shape)) in expected {
        let entry = header.tensors.get(name).ok_or_else(|| Misfit::Missing(name.clone()))?;
        if !dtypes.contains(&entry.dtype) || entry.shape != *shape {
            return Err(Misfit::Size(name.clone()));
        }
    }
    let foreign = header.tensors.keys().find(|name| !expected.contains_key(*name));
    foreign.map_or(Ok(()), |name| Err(Misfit::Foreign(quote(name))))
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
