//! Mappings as text: the official grammar, one stage at a time.

use std::fmt::Write as _;

use crate::{blueprint::Stage, quote::quote, unit_map::BadMap};

/// What one stage's string says: the source unit of each target unit.
pub(super) fn parse_stage(
    text: &str,
    part: &str,
    [from, to]: [&Stage; 2],
    numbering: usize,
) -> Result<Vec<usize>, BadMap> {
    let stage = || to.name.clone();
    let bad = |at: &str| BadMap::Grammar { text: quote(text), at: quote(at) };
    let last = |stage: &Stage| (stage.units.len() - 1) * numbering;
    let mut filled: Vec<Option<usize>> = vec![None; to.units.len()];
    let (mut sources, mut twice) = (vec![false; from.units.len()], Vec::new());
    for entry in part.split(';') {
        let (source, targets) = entry.split_once(':').ok_or_else(|| bad(entry))?;
        let unit = unit_number(source).ok_or_else(|| bad(entry))?;
        let place = place_of(unit, numbering).filter(|place| *place < sources.len());
        let source = place.ok_or(BadMap::NoSource { stage: stage(), unit, last: last(from) })?;
        if std::mem::replace(&mut sources[source], true) {
            return Err(BadMap::SourceTwice { stage: stage(), unit });
        }
        for target in targets.split(',') {
            let unit = unit_number(target).ok_or_else(|| bad(entry))?;
            let slot = place_of(unit, numbering).and_then(|place| filled.get_mut(place));
            let slot = slot.ok_or(BadMap::NoTarget { stage: stage(), unit, last: last(to) })?;
            if slot.replace(source).is_some() && !twice.contains(&unit) {
                twice.push(unit);
            }
        }
    }
    let missing = (0..filled.len()).filter(|at| filled[*at].is_none());
    let missing: Vec<_> = missing.map(|at| at * numbering).collect();
    let (units, unfilled) = (list(&twice), list(&missing));
    match (twice.is_empty(), missing.is_empty()) {
        (true, true) => Ok(filled.into_iter().flatten().collect()),
        (true, false) => Err(BadMap::Unfilled { stage: stage(), units: unfilled }),
        (false, true) => Err(BadMap::Twice { stage: stage(), units }),
        (false, false) => Err(BadMap::Uneven { stage: stage(), twice: units, unfilled }),
    }
}

/// The unit that a number of an official string stands for.
fn place_of(number: usize, numbering: usize) -> Option<usize> {
    number.is_multiple_of(numbering).then_some(number / numbering)
}

/// Whether every number of a text could be an official one.
pub(crate) fn is_official(text: &str, numbering: usize) -> bool {
    let numbers = text.split([':', ',', ';', '|']).filter_map(unit_number);
    numbers.into_iter().all(|number| number.is_multiple_of(numbering))
}

/// A unit's number: digits alone.
pub(crate) fn unit_number(text: &str) -> Option<usize> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// One stage's string, sorted by source.
pub(super) fn stage_text(units: &[usize], numbering: usize) -> String {
    let last = units.iter().max().map_or(0, |last| last + 1);
    let mut text = String::new();
    for source in 0..last {
        let targets = (0..units.len()).filter(|at| units[*at] == source);
        let targets: Vec<_> = targets.map(|at| at * numbering).collect();
        if !targets.is_empty() {
            let separator = if text.is_empty() { "" } else { ";" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{separator}{}:{}", source * numbering, list(&targets));
        }
    }
    text
}

/// Numbers with commas.
pub(crate) fn list(units: &[usize]) -> String {
    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
