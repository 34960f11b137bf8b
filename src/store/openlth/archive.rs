//! Zip archives as `torch.save` writes them: members lie in them as they are, never compressed.

use std::{collections::HashMap, ops::Range};

use elth_unpack::Crc;

/// Why bytes are no archive of torch's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnArchive {
    /// The directory is missing or leads out of the file.
    #[error("is a damaged archive: copy it again")]
    Damaged,
    /// A member that would grow when it is read.
    #[error("holds `{0}` compressed, which `torch.save` never writes: nothing of it was read")]
    Compressed(String),
    /// A member whose sum is not the one that the directory says.
    #[error("holds `{0}` with other bytes than its sum says: copy it again")]
    Sum(String),
    /// More members than any network has.
    #[error("holds {0} members: no network has so many")]
    TooMany(usize),
}

/// Members an archive may have.
const MOST: usize = 100_000;

/// Where each member lies, and its sum.
#[derive(Debug)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    members: HashMap<String, (Range<usize>, u32)>,
}

impl<'a> Archive<'a> {
    /// Reads the directory; no member is touched.
    ///
    /// # Errors
    /// When it is damaged, or lists what torch does not write.
    pub fn open(bytes: &'a [u8]) -> Result<Self, NotAnArchive> {
        let (count, start) = directory(bytes).ok_or(NotAnArchive::Damaged)?;
        if count > MOST {
            return Err(NotAnArchive::TooMany(count));
        }
        let mut members = HashMap::with_capacity(count);
        let mut at = start;
        for _ in 0..count {
            let (name, place, next) = member(bytes, at)?;
            members.insert(name, place);
            at = next;
        }
        Ok(Self { bytes, members })
    }

    /// The folder that everything lies in: that of `data.pkl`.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.members.keys().filter_map(|name| name.strip_suffix("/data.pkl")).min()
    }

    /// The bytes of a member, checked against its sum.
    ///
    /// # Errors
    /// When its sum is another; `None` where there is no such member.
    pub fn member(&self, name: &str) -> Result<Option<&'a [u8]>, NotAnArchive> {
        let Some((place, sum)) = self.members.get(name) else { return Ok(None) };
        let bytes = &self.bytes[place.clone()];
        let mut crc = Crc::new();
        crc.update(bytes);
        if crc.sum() == *sum { Ok(Some(bytes)) } else { Err(NotAnArchive::Sum(name.to_owned())) }
    }
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// How many members the directory lists, and where it begins.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let end = from + bytes[from..].windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let (count, start) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    if count < 0xffff && start < 0xffff_ffff {
        return Some((count, start));
    }
    // Large archives have a second end, which a locator right before the first one names.
    let locator = end.checked_sub(20)?;
    let end =
        number(bytes, locator + 8, 8).filter(|_| bytes[locator..].starts_with(b"PK\x06\x07"))?;
    bytes.get(end..)?.starts_with(b"PK\x06\x06").then_some(())?;
    Some((number(bytes, end + 32, 8)?, number(bytes, end + 48, 8)?))
}

type Listed = (String, (Range<usize>, u32), usize);

fn member(bytes: &[u8], at: usize) -> Result<Listed, NotAnArchive> {
    let field =
        |offset, len| number(bytes, at.saturating_add(offset), len).ok_or(NotAnArchive::Damaged);
    if !bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
        return Err(NotAnArchive::Damaged);
    }
    let (flags, method, sum) = (field(8, 2)?, field(10, 2)?, field(16, 4)?);
    let (mut packed, mut size, mut start) = (field(20, 4)?, field(24, 4)?, field(42, 4)?);
    let (name, extra, comment) = (field(28, 2)?, field(30, 2)?, field(32, 2)?);
    let extra_at = at + 46 + name;
    let text = bytes.get(at + 46..extra_at).ok_or(NotAnArchive::Damaged)?;
    let text = String::from_utf8_lossy(text).into_owned();
    let long = bytes.get(extra_at..extra_at + extra).ok_or(NotAnArchive::Damaged)?;
    widen(long, [&mut size, &mut packed, &mut start]).ok_or(NotAnArchive::Damaged)?;
    if method != 0 || packed != size || flags & 1 != 0 {
        return Err(NotAnArchive::Compressed(elth_core::quote::quote(&text)));
    }
    let place = data(bytes, start, size).ok_or(NotAnArchive::Damaged)?;
    let sum = u32::try_from(sum).map_err(|_| NotAnArchive::Damaged)?;
    Ok((text, (place, sum), extra_at + extra + comment))
}

/// Takes the long forms of what does not fit into 32 bits.
fn widen(mut extra: &[u8], fields: [&mut usize; 3]) -> Option<()> {
    while extra.len() >= 4 {
        let (id, len) = (number(extra, 0, 2)?, number(extra, 2, 2)?);
        let body = extra.get(4..4 + len)?;
        if id == 1 {
            let mut at = 0;
            for field in fields {
                if *field == 0xffff_ffff {
                    *field = number(body, at, 8)?;
                    at += 8;
                }
            }
            return Some(());
        }
        extra = &extra[4 + len..];
    }
    Some(())
}

/// Where a member's bytes lie, behind its own short header.
fn data(bytes: &[u8], start: usize, size: usize) -> Option<Range<usize>> {
    bytes.get(start..)?.starts_with(b"PK\x03\x04").then_some(())?;
    let (name, extra) = (number(bytes, start + 26, 2)?, number(bytes, start + 28, 2)?);
    let from = start + 30 + name + extra;
    let to = from.checked_add(size)?;
    (to <= bytes.len()).then_some(from..to)
}
