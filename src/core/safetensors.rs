//! The safetensors container: one reader and one writer for tickets, trained weights and checkpoints.
//!
//! Ours, because equal content must give equal bytes (the `safetensors` crate writes metadata in random order) and
//! because a hostile header must be refused before anything is allocated.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::quote::quote;

/// A header longer than this is a mistake or an attack: PyTorch's largest have a few megabytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// Element types that elth reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[expect(missing_docs, reason = "the names are the format's own")]
pub enum Dtype {
    BOOL,
    U8,
    I32,
    I64,
    F32,
}

impl Dtype {
    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::BOOL | Self::U8 => 1,
            Self::I32 | Self::F32 => 4,
            Self::I64 => 8,
        }
    }

    /// The name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BOOL => "BOOL",
            Self::U8 => "U8",
            Self::I32 => "I32",
            Self::I64 => "I64",
            Self::F32 => "F32",
        }
    }
}

/// One tensor of a file; `start..end` counts from the end of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Element type.
    pub dtype: Dtype,
    /// Sizes; empty for a single number.
    pub shape: Vec<usize>,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// What a file says about itself, checked against its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The strings of `__metadata__`.
    pub metadata: BTreeMap<String, String>,
    /// Tensors by name.
    pub tensors: BTreeMap<String, Entry>,
    /// Where the tensors' bytes begin in the file.
    pub data_at: usize,
}

impl Header {
    /// What the metadata say under that key; an empty text says nothing.
    #[must_use]
    pub fn said(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A metadata value as `read` makes sense of it.
    ///
    /// # Errors
    /// The value as it can be shown, where `read` makes no sense of it.
    pub fn field<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let value = self.said(key);
        value.map(|value| read(value).ok_or_else(|| quote(value))).transpose()
    }
}

/// Why bytes are no safetensors file that elth can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer bytes than a header needs, or than the header announces.
    #[error("ends inside its header: it is no safetensors file, or was cut off; copy it again")]
    Cut,
    /// The announced header is longer than any real one.
    #[error("announces a header of {0} bytes: it is no safetensors file")]
    LongHeader(u64),
    /// The header is not the JSON that the format asks for.
    #[error(
        "has a header that cannot be read ({0}): it is no safetensors file, or holds element types elth does not use"
    )]
    Header(String),
    /// Shape, element type and offsets of a tensor disagree.
    #[error("gives tensor `{0}` offsets that do not fit its shape: the file is damaged")]
    Offsets(String),
    /// Tensors overlap, leave holes, or do not fill the file.
    #[error("does not hold its tensors one after the other at `{0}`: the file is damaged")]
    Layout(String),
    /// The file's length is not what the header adds up to.
    #[error("holds {found} bytes of tensors where its header announces {expected}: copy it again")]
    Length {
        /// Bytes after the header.
        found: u64,
        /// Bytes that the tensors take.
        expected: u64,
    },
}

/// How many bytes from the start of a file its header takes, read from its first eight bytes.
///
/// # Errors
/// When there are fewer than eight bytes, or they announce more than the file or any header holds.
pub fn header_length(first: &[u8], file_length: u64) -> Result<usize, Malformed> {
    let eight = first.first_chunk::<8>().ok_or(Malformed::Cut)?;
    let length = u64::from_le_bytes(*eight);
    if length > LONGEST_HEADER {
        return Err(Malformed::LongHeader(length));
    }
    if length + 8 > file_length {
        return Err(Malformed::Cut);
    }
    usize::try_from(length + 8).map_err(|_| Malformed::LongHeader(length))
}

/// Reads a header from the first bytes of a file and checks it against the file's length.
///
/// # Errors
/// When the bytes are no complete header, or its tensors do not fill the file exactly.
pub fn read_header(bytes: &[u8], file_length: u64) -> Result<Header, Malformed> {
    let data_at = header_length(bytes, file_length)?;
    let json = bytes.get(8..data_at).ok_or(Malformed::Cut)?;
    let mut raw: RawHeader = serde_json::from_slice(json)
        .map_err(|error| Malformed::Header(quote(&error.to_string())))?;
    raw.tensors.sort_by(|(one, _), (two, _)| one.cmp(two));
    if let Some(pair) = raw.tensors.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Malformed::Header(format!("`{}` stands twice", quote(&pair[0].0))));
    }
    let tensors = raw.tensors.into_iter().map(checked_entry).collect::<Result<_, _>>()?;
    check_layout(&tensors, file_length - data_at as u64)?;
    Ok(Header { metadata: raw.metadata, tensors, data_at })
}

/// What the JSON says, unchecked.
struct RawHeader {
    metadata: BTreeMap<String, String>,
    /// As they stand: a map would quietly keep the last of two equal names.
    tensors: Vec<(String, RawEntry)>,
}

#[derive(Deserialize)]
struct RawEntry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(EveryName)
    }
}

struct EveryName;

impl<'de> Visitor<'de> for EveryName {
    type Value = RawHeader;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
        let (mut metadata, mut tensors) = (None, Vec::new());
        while let Some(name) = map.next_key::<String>()? {
            if name != "__metadata__" {
                tensors.push((name, map.next_value()?));
            } else if metadata.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom("`__metadata__` stands twice"));
            }
        }
        Ok(RawHeader { metadata: metadata.unwrap_or_default(), tensors })
    }
}

fn checked_entry((name, raw): (String, RawEntry)) -> Result<(String, Entry), Malformed> {
    let (start, end) = raw.data_offsets;
    let elements = raw.shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
    let bytes = elements.and_then(|elements| elements.checked_mul(raw.dtype.size()));
    if start > end || bytes != Some(end - start) {
        return Err(Malformed::Offsets(quote(&name)));
    }
    Ok((name, Entry { dtype: raw.dtype, shape: raw.shape, start, end }))
}

fn check_layout(tensors: &BTreeMap<String, Entry>, found: u64) -> Result<(), Malformed> {
    let mut ranges: Vec<_> = tensors.iter().map(|(name, e)| (e.start, e.end, name)).collect();
    ranges.sort_unstable();
    let mut filled = 0;
    for (start, end, name) in ranges {
        if start != filled {
            return Err(Malformed::Layout(quote(name)));
        }
        filled = end;
    }
    if filled as u64 != found {
        return Err(Malformed::Length { found, expected: filled as u64 });
    }
    Ok(())
}

/// One tensor to be written.
#[derive(Debug, Clone)]
pub struct Piece<'a> {
    /// Its name.
    pub name: String,
    /// Element type.
    pub dtype: Dtype,
    /// Sizes.
    pub shape: Vec<usize>,
    /// Little-endian elements, row by row.
    pub bytes: Cow<'a, [u8]>,
}

/// A tensor to be written, without its bytes.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Element type.
    pub dtype: Dtype,
    /// Sizes.
    pub shape: Vec<usize>,
}

impl Outline {
    /// Where it comes in a file: wide elements first, so that all are aligned.
    #[must_use]
    pub fn before(&self, other: &Self) -> std::cmp::Ordering {
        other.dtype.size().cmp(&self.dtype.size()).then_with(|| self.name.cmp(&other.name))
    }

    fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype.size()
    }
}

/// The bytes before the tensors, which follow in the order given.
#[must_use]
pub fn preface<'a>(
    metadata: &BTreeMap<String, String>,
    outlines: impl Iterator<Item = &'a Outline>,
) -> Vec<u8> {
    let sized = outlines.map(|it| (it.name.as_str(), it.dtype, it.shape.as_slice(), it.bytes()));
    let header = header_text(metadata, sized);
    [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()
}

/// Writes a file: sorted keys, wide elements first (so that all are aligned), no randomness.
#[must_use]
pub fn encode(metadata: &BTreeMap<String, String>, mut pieces: Vec<Piece<'_>>) -> Vec<u8> {
    pieces.sort_by(|one, two| {
        two.dtype.size().cmp(&one.dtype.size()).then_with(|| one.name.cmp(&two.name))
    });
    let sized =
        pieces.iter().map(|it| (it.name.as_str(), it.dtype, it.shape.as_slice(), it.bytes.len()));
    let header = header_text(metadata, sized);
    let data: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
    let mut file = Vec::with_capacity(8 + header.len() + data);
    file.extend_from_slice(&(header.len() as u64).to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    for piece in &pieces {
        file.extend_from_slice(&piece.bytes);
    }
    file
}

fn header_text<'a>(
    metadata: &BTreeMap<String, String>,
    pieces: impl Iterator<Item = (&'a str, Dtype, &'a [usize], usize)>,
) -> String {
    let mut entries = BTreeMap::new();
    entries.insert("__metadata__", serde_json::json!(metadata));
    let mut start = 0;
    for (name, dtype, shape, bytes) in pieces {
        let end = start + bytes;
        // Written in sorted order, so that no feature of `serde_json` can change the bytes.
        let entry = serde_json::json!({
            "data_offsets": [start, end], "dtype": dtype.name(), "shape": shape,
        });
        entries.insert(name, entry);
        start = end;
    }
    let mut header = serde_json::json!(entries).to_string();
    // The format asks for tensors that begin at a multiple of eight.
    header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
    header
}

/// Floats as little-endian bytes.
#[must_use]
pub fn bytes_of_floats(values: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * values.len()];
    for (four, value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *four = value.to_le_bytes();
    }
    bytes
}

/// Little-endian bytes as floats; a rest of fewer than four bytes is dropped.
#[must_use]
pub fn floats_of_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
