//! The way of a mask as bytes: one frame a move, holding the places that changed and nothing else.
//!
//! A file begins with [`MAGIC`]; each frame is a step and a length (little-endian `u64` and `u32`), then for each
//! prunable tensor of the blueprint, in its order, the number of changed places and the distances between them, as
//! numbers of seven bits a byte, the lowest first, the highest bit set on all bytes but the last.

use std::collections::BTreeMap;

use crate::{blueprint::Blueprint, mask::Mask};

/// What a history begins with.
pub const MAGIC: &[u8] = b"elth mask history 1\n";

/// Bytes before a frame's changes.
const HEAD: usize = 12;

/// One move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The step of the schedule at which it happened.
    pub step: u64,
    /// Places of each prunable tensor, in the blueprint's order, whose bit changed.
    pub flips: Vec<Vec<usize>>,
}

/// What changed from one set of masks to another.
#[must_use]
pub fn frame(
    blueprint: &Blueprint,
    step: u64,
    before: &BTreeMap<String, Mask>,
    after: &BTreeMap<String, Mask>,
) -> Frame {
    let flips = blueprint.prunable().map(|plan| {
        let (before, after) = (&before[&plan.name], &after[&plan.name]);
        (0..before.len()).filter(|at| before.keeps(*at) != after.keeps(*at)).collect()
    });
    Frame { step, flips: flips.collect() }
}

/// A frame as bytes.
#[must_use]
pub fn encode(frame: &Frame) -> Vec<u8> {
    let mut changes = Vec::new();
    for flips in &frame.flips {
        number(&mut changes, flips.len() as u64);
        let mut next = 0;
        for at in flips {
            number(&mut changes, (at - next) as u64);
            next = at + 1;
        }
    }
    let length = u32::try_from(changes.len()).unwrap_or(u32::MAX);
    let mut bytes = frame.step.to_le_bytes().to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(changes);
    bytes
}

/// Where each whole frame begins and its step; a torn one at the end is left out.
#[must_use]
pub fn frames(bytes: &[u8]) -> Vec<(usize, u64)> {
    let mut found = Vec::new();
    let mut at = if bytes.starts_with(MAGIC) { MAGIC.len() } else { bytes.len() };
    while let Some((step, end)) = head(bytes, at) {
        found.push((at, step));
        at = end;
    }
    found
}

/// The frame that begins at `at`; nothing where it is none of that blueprint.
#[must_use]
pub fn decode(blueprint: &Blueprint, bytes: &[u8], at: usize) -> Option<Frame> {
    let (step, end) = head(bytes, at)?;
    let mut changes = bytes[at + HEAD..end].iter().copied();
    let mut flips = Vec::new();
    for plan in blueprint.prunable() {
        let (count, mut next) = (read_number(&mut changes)?, 0);
        let mut places = Vec::new();
        for _ in 0..count {
            let place = usize::try_from(read_number(&mut changes)?).ok()?.checked_add(next)?;
            next = (place < plan.len()).then_some(place + 1)?;
            places.push(place);
        }
        flips.push(places);
    }
    changes.next().is_none().then_some(Frame { step, flips })
}

/// The masks after a move.
#[must_use]
pub fn apply(
    blueprint: &Blueprint,
    masks: &BTreeMap<String, Mask>,
    frame: &Frame,
) -> BTreeMap<String, Mask> {
    let pairs = blueprint.prunable().zip(&frame.flips);
    let moved = pairs.map(|(plan, flips)| {
        let mut bits: Vec<bool> = masks[&plan.name].bits().collect();
        for at in flips {
            bits[*at] = !bits[*at];
        }
        (plan.name.clone(), Mask::from_bits(&bits))
    });
    moved.collect()
}

/// Where the frame that begins at `at` ends.
#[must_use]
pub fn end(bytes: &[u8], at: usize) -> Option<usize> {
    head(bytes, at).map(|(_, end)| end)
}

/// A frame's step and end.
fn head(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let head = bytes.get(at..)?.get(..HEAD)?;
    let step = u64::from_le_bytes(*head.first_chunk()?);
    let length = u32::from_le_bytes(*head[8..].first_chunk()?);
    let end = (at + HEAD).checked_add(usize::try_from(length).ok()?)?;
    (end <= bytes.len()).then_some((step, end))
}

fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7F) as u8);
}

fn read_number(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
