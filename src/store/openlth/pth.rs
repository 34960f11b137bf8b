//! Official `.pth` files: zip archives and the older streams, read without running anything of them.

use std::{borrow::Cow, collections::BTreeMap, fs, io, path::Path};

use elth_core::{
    mask::Mask,
    quote::quote,
    safetensors::floats_of_bytes,
    weights::{Values, Weights},
};

use crate::{
    openlth::archive::{Archive, NotAnArchive},
    pickle::{
        Reader,
        machine::{self, Graph, Id, Refused, Value},
    },
};

/// How files of `torch.save` before version 1.6 begin.
const OLD: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// Why a file gives no tensors.
#[derive(Debug, thiserror::Error)]
pub enum CannotRead {
    /// The system refuses.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is neither kind of file.
    #[error("is no file of `torch.save`")]
    Foreign,
    /// The archive is not torch's.
    #[error(transparent)]
    Archive(#[from] NotAnArchive),
    /// The pickle is not torch's.
    #[error(transparent)]
    Pickle(#[from] Refused),
    /// A tensor is described wrongly, or lies outside the file.
    #[error("describes `{0}` as no tensor that lies in the file: copy it again")]
    Tensor(String),
    /// A tensor has an element type that no model of elth's has.
    #[error("holds `{name}` as {found}, not as {wanted}: save it in single precision")]
    Dtype {
        /// The tensor.
        name: String,
        /// Its element type.
        found: &'static str,
        /// What is read.
        wanted: &'static str,
    },
    /// Tensors claim more than the file has.
    #[error("claims tensors of more bytes than it has: nothing of it was used")]
    Huge,
    /// A mask value that is neither 0 nor 1.
    #[error("has a mask `{0}` with values other than 0 and 1")]
    MaskValue(String),
}

/// Element types of torch that can lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Long,
    Int,
    Byte,
    Other(&'static str),
}

impl Kind {
    fn of(storage: &str) -> Option<(Self, usize)> {
        Some(match storage {
            "FloatStorage" => (Self::Single, 4),
            "LongStorage" => (Self::Long, 8),
            "IntStorage" => (Self::Int, 4),
            "ByteStorage" | "BoolStorage" => (Self::Byte, 1),
            "DoubleStorage" => (Self::Other("double precision"), 8),
            "HalfStorage" => (Self::Other("half precision"), 2),
            "BFloat16Storage" => (Self::Other("bfloat16"), 2),
            "ShortStorage" => (Self::Other("16-bit integers"), 2),
            "CharStorage" => (Self::Other("8-bit integers"), 1),
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Single => "single precision",
            Self::Long => "64-bit integers",
            Self::Int => "32-bit integers",
            Self::Byte => "bytes",
            Self::Other(name) => name,
        }
    }
}

/// One tensor of a file: its elements in their own order.
#[derive(Debug)]
struct Tensor<'a> {
    shape: Vec<usize>,
    kind: Kind,
    bytes: Cow<'a, [u8]>,
}

/// The tensors of a file by name.
#[derive(Debug)]
pub struct Tensors<'a>(BTreeMap<String, Tensor<'a>>);

/// Reads the file.
///
/// # Errors
/// When the system refuses.
pub fn bytes(path: &Path) -> Result<Vec<u8>, CannotRead> {
    let is_file = fs::metadata(path)?.is_file();
    if is_file { Ok(fs::read(path)?) } else { Err(CannotRead::Foreign) }
}

/// Reads the tensors of a `state_dict()`, of a mask, or of the network in a checkpoint.
///
/// # Errors
/// When the bytes are no such file, or hold anything that such files do not.
pub fn read(bytes: &[u8]) -> Result<Tensors<'_>, CannotRead> {
    if bytes.starts_with(b"PK\x03\x04") {
        let archive = Archive::open(bytes)?;
        let folder = archive.folder().ok_or(CannotRead::Foreign)?.to_owned();
        let pickle = archive.member(&format!("{folder}/data.pkl"))?.ok_or(CannotRead::Foreign)?;
        let graph = machine::read(&mut Reader { rest: pickle })?;
        return tensors(&graph, bytes.len(), |key| {
            Ok(archive.member(&format!("{folder}/data/{key}"))?)
        });
    }
    let rest = bytes.strip_prefix(OLD).ok_or(CannotRead::Foreign)?;
    let mut reader = Reader { rest };
    // The protocol's version and facts about the machine.
    for _ in 0..2 {
        machine::read(&mut reader)?;
    }
    let graph = machine::read(&mut reader)?;
    let storages = old_storages(&graph, &mut reader)?;
    tensors(&graph, bytes.len(), |key| Ok(storages.get(key).copied()))
}

/// The storages at the end of an old file: their keys, then each with its number of elements before it.
fn old_storages<'a>(
    graph: &Graph<'a>,
    reader: &mut Reader<'a>,
) -> Result<BTreeMap<String, &'a [u8]>, CannotRead> {
    let keys = machine::read(reader)?;
    let Value::List(keys_listed) = keys.value(keys.root) else {
        return Err(Refused::Damaged.into());
    };
    let sizes = element_sizes(graph);
    let mut storages = BTreeMap::new();
    for key in keys_listed.iter().filter_map(|key| keys.text(*key)) {
        let count = reader.number(8).ok_or(Refused::Damaged)?;
        let size = sizes.get(key).ok_or(Refused::Damaged)?;
        let bytes = count.checked_mul(*size).and_then(|len| reader.take(len));
        storages.insert(key.to_owned(), bytes.ok_or(Refused::Damaged)?);
    }
    Ok(storages)
}

fn element_sizes<'a>(graph: &Graph<'a>) -> BTreeMap<&'a str, usize> {
    let all = graph.outside().filter_map(|id| storage(graph, id));
    all.map(|storage| (storage.key, storage.size)).collect()
}

/// What a pickle says of a storage.
struct Storage<'a> {
    key: &'a str,
    kind: Kind,
    size: usize,
}

fn storage<'a>(graph: &Graph<'a>, id: Id) -> Option<Storage<'a>> {
    let &[word, kind, key, ..] = graph.tuple(id)? else { return None };
    let Value::Name(kind) = graph.value(kind) else { return None };
    let (kind, size) = Kind::of(kind).filter(|_| graph.text(word) == Some("storage"))?;
    Some(Storage { key: graph.text(key)?, kind, size })
}

fn tensors<'a>(
    graph: &Graph<'a>,
    length: usize,
    bytes_of: impl Fn(&str) -> Result<Option<&'a [u8]>, CannotRead>,
) -> Result<Tensors<'a>, CannotRead> {
    let root = graph.entry(graph.root, "model_state_dict").unwrap_or(graph.root);
    let Value::Dict(pairs) = graph.value(root) else { return Err(CannotRead::Foreign) };
    let (mut all, mut claimed) = (BTreeMap::new(), 0_usize);
    for (name, value) in pairs {
        let name = graph.text(*name).ok_or(CannotRead::Foreign)?;
        let wrong = || CannotRead::Tensor(quote(name));
        let plan = plan(graph, *value).ok_or_else(wrong)?;
        let len = plan.shape.iter().try_fold(plan.storage.size, |all, size| all.checked_mul(*size));
        claimed = len.and_then(|len| claimed.checked_add(len)).ok_or(CannotRead::Huge)?;
        // Storages may be shared, but no network says everything more than twice.
        if claimed > length.saturating_mul(2) {
            return Err(CannotRead::Huge);
        }
        let bytes = bytes_of(plan.storage.key)?.ok_or_else(wrong)?;
        let bytes = plan.elements(bytes).ok_or_else(wrong)?;
        all.insert(name.to_owned(), Tensor { shape: plan.shape, kind: plan.storage.kind, bytes });
    }
    Ok(Tensors(all))
}

/// Which elements of a storage a tensor is.
struct Plan<'a> {
    storage: Storage<'a>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

fn plan<'a>(graph: &Graph<'a>, id: Id) -> Option<Plan<'a>> {
    let arguments = match graph.value(id) {
        Value::Call("_rebuild_tensor_v2", arguments) => graph.tuple(*arguments)?,
        // A parameter is its tensor and whether it learns; one within another is none.
        Value::Call("_rebuild_parameter", arguments) => {
            let inner = *graph.tuple(*arguments)?.first()?;
            let Value::Call("_rebuild_tensor_v2", arguments) = graph.value(inner) else {
                return None;
            };
            graph.tuple(*arguments)?
        }
        _ => return None,
    };
    let &[outside, offset, shape, strides, ..] = arguments else { return None };
    let Value::Outside(described) = graph.value(outside) else { return None };
    let numbers = |id| -> Option<Vec<usize>> {
        graph.tuple(id)?.iter().map(|number| graph.size(*number)).collect()
    };
    let (storage, offset) = (storage(graph, *described)?, graph.size(offset)?);
    let (shape, strides) = (numbers(shape)?, numbers(strides)?);
    (shape.len() == strides.len() && shape.len() <= 8).then_some(Plan {
        storage,
        offset,
        shape,
        strides,
    })
}

impl Plan<'_> {
    /// The tensor's bytes in its own order, where all of them lie in the storage.
    fn elements<'a>(&self, bytes: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let size = self.storage.size;
        let count: usize = self.shape.iter().product();
        if count == 0 {
            return Some(Cow::Borrowed(&[]));
        }
        let reach = self
            .shape
            .iter()
            .zip(&self.strides)
            .try_fold(self.offset, |reach, (size, stride)| {
                reach.checked_add((size - 1).checked_mul(*stride)?)
            })?;
        if reach.checked_add(1)?.checked_mul(size)? > bytes.len() {
            return None;
        }
        let start = self.offset * size;
        if self.is_dense() {
            return Some(Cow::Borrowed(&bytes[start..start + count * size]));
        }
        Some(Cow::Owned(self.gathered(bytes, count)))
    }

    fn is_dense(&self) -> bool {
        let mut expected = 1;
        self.shape.iter().zip(&self.strides).rev().all(|(size, stride)| {
            let right = *size == 1 || *stride == expected;
            expected *= size;
            right
        })
    }

    fn gathered(&self, bytes: &[u8], count: usize) -> Vec<u8> {
        let size = self.storage.size;
        let mut gathered = Vec::with_capacity(count * size);
        for element in 0..count {
            let (mut left, mut at) = (element, self.offset);
            for (size, stride) in self.shape.iter().zip(&self.strides).rev() {
                at += left % size * stride;
                left /= size;
            }
            gathered.extend(&bytes[at * size..(at + 1) * size]);
        }
        gathered
    }
}

impl Tensors<'_> {
    /// The network's tensors of a checkpoint under their own names; all others stay as they are.
    #[must_use]
    pub fn of_network(self) -> Self {
        let bare = |name: &str| name.strip_prefix("module.").unwrap_or(name).to_owned();
        let mut all: BTreeMap<_, _> =
            self.0.into_iter().map(|(name, tensor)| (bare(&name), tensor)).collect();
        if all.keys().any(|name| name.starts_with("mask_")) {
            all.retain(|name, _| name.starts_with("model."));
            let inner = all.into_iter();
            all = inner.map(|(name, tensor)| (name["model.".len()..].to_owned(), tensor)).collect();
        }
        Self(all)
    }

    /// Names and shapes.
    #[must_use]
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        self.0.iter().map(|(name, tensor)| (name.clone(), tensor.shape.clone())).collect()
    }

    /// The tensors as weights.
    ///
    /// # Errors
    /// When one is neither of single precision nor a count.
    pub fn weights(&self) -> Result<Weights, CannotRead> {
        let values = self.0.iter().map(|(name, tensor)| {
            let count = || Some(i64::from_le_bytes(*tensor.bytes.first_chunk()?));
            let values = match tensor.kind {
                Kind::Single => Some(Values::Floats(floats_of_bytes(&tensor.bytes))),
                Kind::Long if tensor.shape.is_empty() => count().map(Values::Count),
                _ => None,
            };
            let wanted = "single precision";
            let found = tensor.kind.name();
            let values =
                values.ok_or_else(|| CannotRead::Dtype { name: quote(name), found, wanted })?;
            Ok((name.clone(), values))
        });
        Ok(Weights(values.collect::<Result<_, CannotRead>>()?))
    }

    /// The tensors as masks of zeros and ones.
    ///
    /// # Errors
    /// When one holds anything else.
    pub fn masks(&self) -> Result<BTreeMap<String, Mask>, CannotRead> {
        let masks = self.0.iter().map(|(name, tensor)| {
            let (one, size): (&[u8], usize) = match tensor.kind {
                Kind::Single => (&[0, 0, 0x80, 0x3f], 4),
                Kind::Int => (&[1, 0, 0, 0], 4),
                Kind::Long => (&[1, 0, 0, 0, 0, 0, 0, 0], 8),
                Kind::Byte => (&[1], 1),
                Kind::Other(found) => {
                    let wanted = "32-bit integers";
                    return Err(CannotRead::Dtype { name: quote(name), found, wanted });
                }
            };
            let zero = &[0; 8][..size];
            let elements: Vec<&[u8]> = tensor.bytes.chunks_exact(size).collect();
            if elements.iter().any(|element| *element != one && *element != zero) {
                return Err(CannotRead::MaskValue(quote(name)));
            }
            Ok((name.clone(), Mask::from_fn(elements.len(), |at| elements[at] == one)))
        });
        masks.collect()
    }
}
