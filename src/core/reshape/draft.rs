//! A mapping on its way: what fills each target unit so far, and everything that is wrong with it.
//!
//! A [`UnitMap`] is complete or does not exist; whoever edits one passes through mappings that are not.
//! The models must go together ([`crate::unit_map::check_models`]): a draft speaks of units only.

use std::fmt;

use crate::{
    blueprint::{Blueprint, Stage, UnitKind},
    quote::quote,
    unit_map::{
        BadMap, UnitMap, differing_part, even, is_official, list, stage_pairs, unit_number,
    },
};

/// For each elastic stage and target unit, the source units that fill it: one where all is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    stages: Vec<Vec<Vec<usize>>>,
    depths: Vec<usize>,
    even: bool,
    /// What the official strings count a unit as: see [`crate::blueprint::Family::numbering`].
    numbering: usize,
}

/// A change of one stage; the numbers are target units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// This source unit alone fills the unit.
    Assign(usize),
    /// Nothing fills the unit.
    Clear,
    /// What fills the unit fills another one right after it too.
    Replicate,
    /// The unit goes, and those after it move up.
    Drop,
    /// The unit and another one change places.
    Swap(usize),
}

/// Something that is wrong at a target unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The elastic stage, from 0.
    pub stage: usize,
    /// Its name.
    pub name: String,
    /// The target unit.
    pub unit: usize,
    /// What is wrong.
    pub flaw: Flaw,
}

/// Why a target unit cannot be filled so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing fills it.
    #[error("nothing fills it: it would stay random and dense, name the source unit it comes from")]
    Unfilled,
    /// More than one source unit fills it.
    #[error("{0} fill it: a target unit is the copy of one source unit, name one")]
    Twice(String),
    /// The target is not so deep.
    #[error("the target ends with unit {last}: drop a unit, or take a deeper target")]
    NoTarget {
        /// Its last unit.
        last: usize,
    },
    /// The source is not so deep.
    #[error("there is no source unit {unit}: the last is {last}")]
    NoSource {
        /// The unit asked for.
        unit: usize,
        /// The last there is.
        last: usize,
    },
    /// A stage's first unit is moved, copied or replaced.
    #[error(
        "unit 0 is the downsampling block B0 that opens the stage: it maps onto itself (`0:0`) and is never replicated, dropped or re-ordered"
    )]
    Anchor,
    /// Shapes differ.
    #[error(
        "source unit {from} has another shape (`{part}`): only units of equal shape stand for one another"
    )]
    Shape {
        /// The source unit.
        from: usize,
        /// The part that differs.
        part: String,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} unit {}: {}", self.name, self.unit, self.flaw)
    }
}

impl Draft {
    /// A mapping as it stands.
    #[must_use]
    pub fn of(source: &Blueprint, target: &Blueprint, map: &UnitMap) -> Self {
        let stages =
            map.stages().iter().map(|units| units.iter().map(|unit| vec![*unit]).collect());
        Self {
            stages: stages.collect(),
            depths: target.depths(),
            even: even(source, target),
            numbering: target.family.numbering(),
        }
    }

    /// Every unit onto its own number, as far as the source goes.
    #[must_use]
    pub fn begin(source: &Blueprint, target: &Blueprint) -> Self {
        let stages = stage_pairs(source, target).map(|(from, to)| {
            let filled = |unit: usize| if unit < from.units.len() { vec![unit] } else { vec![] };
            (0..to.units.len()).map(filled).collect()
        });
        Self {
            stages: stages.collect(),
            depths: target.depths(),
            even: even(source, target),
            numbering: target.family.numbering(),
        }
    }

    /// Reads the official grammar, complete or not.
    ///
    /// # Errors
    /// When the text is not of the grammar or has another number of stages.
    pub fn read(source: &Blueprint, target: &Blueprint, text: &str) -> Result<Self, BadMap> {
        let mut draft = Self::begin(source, target);
        let mut parts: Vec<&str> = text.split('|').collect();
        if parts.len() == 1 && draft.even {
            parts = vec![parts[0]; draft.stages.len()];
        }
        if parts.len() != draft.stages.len() {
            let (found, wanted, target) = (parts.len(), draft.stages.len(), target.name.clone());
            let hint = "separate one string a stage with `|`";
            return Err(BadMap::Stages { found, wanted, target, hint });
        }
        for (stage, part) in parts.into_iter().enumerate() {
            let bad = |at: &str| BadMap::Grammar { text: quote(text), at: quote(at) };
            // Where the official numbers are not the units', plain ones are read too.
            let is_plain = !is_official(text, draft.numbering);
            let numbering = if is_plain { 1 } else { draft.numbering };
            draft.stages[stage] = read_stage(part, draft.depths[stage], numbering).map_err(bad)?;
        }
        Ok(draft)
    }

    /// For each elastic stage and target unit, what fills it; longer than the target where units are too many.
    #[must_use]
    pub fn stages(&self) -> &[Vec<Vec<usize>>] {
        &self.stages
    }

    /// The official string: sorted by source, one where all stages are equal, else one a stage.
    #[must_use]
    pub fn official(&self) -> String {
        let texts: Vec<_> =
            self.stages.iter().map(|stage| stage_text(stage, self.numbering)).collect();
        match texts.split_first() {
            Some((first, rest)) if self.even && rest.iter().all(|text| text == first) => {
                first.clone()
            }
            _ => texts.join("|"),
        }
    }

    /// The mapping after a change of one target unit; a unit that is not there changes nothing.
    #[must_use]
    pub fn edited(&self, stage: usize, unit: usize, edit: Edit) -> Self {
        let mut draft = self.clone();
        let Some(units) = draft.stages.get_mut(stage).filter(|units| unit < units.len()) else {
            return draft;
        };
        match edit {
            Edit::Assign(from) => units[unit] = vec![from],
            Edit::Clear => units[unit].clear(),
            Edit::Replicate => units.insert(unit + 1, units[unit].clone()),
            Edit::Drop => drop(units.remove(unit)),
            Edit::Swap(other) if other < units.len() => units.swap(unit, other),
            Edit::Swap(_) => {}
        }
        fit(units, draft.depths[stage]);
        draft
    }

    /// The same stage in every stage that is as deep.
    #[must_use]
    pub fn repeated(&self, stage: usize) -> Self {
        let mut draft = self.clone();
        for (at, depth) in self.depths.iter().enumerate() {
            if self.depths.get(stage) == Some(depth) {
                draft.stages[at].clone_from(&self.stages[stage]);
            }
        }
        draft
    }

    /// Everything that is wrong, stage by stage; nothing where it is a mapping.
    #[must_use]
    pub fn wrong(&self, source: &Blueprint, target: &Blueprint) -> Vec<Wrong> {
        let mut all = Vec::new();
        for (stage, (from, to)) in stage_pairs(source, target).enumerate() {
            for (unit, filled) in self.stages.get(stage).into_iter().flatten().enumerate() {
                let name = to.name.clone();
                let flaw = flaw(from, to, unit, filled);
                all.extend(flaw.map(|flaw| Wrong { stage, name, unit, flaw }));
            }
        }
        all
    }

    /// The mapping, where nothing is wrong.
    ///
    /// # Errors
    /// When something is.
    pub fn map(&self, source: &Blueprint, target: &Blueprint) -> Result<UnitMap, Vec<Wrong>> {
        let wrong = self.wrong(source, target);
        let stages = self.stages.iter().map(|units| units.concat()).collect();
        if wrong.is_empty() {
            UnitMap::new(source, target, stages).map_err(|_| wrong)
        } else {
            Err(wrong)
        }
    }
}

/// As long as the target where units that nothing fills can make up for it.
fn fit(units: &mut Vec<Vec<usize>>, depth: usize) {
    while units.len() > depth {
        match units.iter().rposition(Vec::is_empty) {
            Some(hole) => drop(units.remove(hole)),
            None => return,
        }
    }
    units.resize(units.len().max(depth), Vec::new());
}

fn flaw(from: &Stage, to: &Stage, unit: usize, filled: &[usize]) -> Option<Flaw> {
    let Some(wanted) = to.units.get(unit) else {
        return Some(Flaw::NoTarget { last: to.units.len() - 1 });
    };
    let &[source] = filled else {
        let units = filled.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        return Some(if filled.is_empty() { Flaw::Unfilled } else { Flaw::Twice(units) });
    };
    let Some(given) = from.units.get(source) else {
        return Some(Flaw::NoSource { unit: source, last: from.units.len() - 1 });
    };
    let is_anchor = given.kind == UnitKind::Anchor || wanted.kind == UnitKind::Anchor;
    if is_anchor && source != unit {
        return Some(Flaw::Anchor);
    }
    differing_part(given, wanted).map(|part| Flaw::Shape { from: source, part })
}

/// The part that cannot be read is the error.
fn read_stage(part: &str, depth: usize, numbering: usize) -> Result<Vec<Vec<usize>>, &str> {
    let mut units = vec![Vec::new(); depth];
    for entry in part.split(';').filter(|entry| !entry.trim().is_empty()) {
        let (source, targets) = entry.split_once(':').ok_or(entry)?;
        let source = unit_number(source).ok_or(entry)? / numbering;
        for target in targets.split(',').filter(|target| !target.trim().is_empty()) {
            // More units than any network has are a slip, not a list to be kept.
            let target = unit_number(target).filter(|unit| *unit < 1000).ok_or(entry)?;
            let target = target / numbering;
            if target >= units.len() {
                units.resize(target + 1, Vec::new());
            }
            units[target].push(source);
        }
    }
    Ok(units)
}

fn stage_text(units: &[Vec<usize>], numbering: usize) -> String {
    let mut sources: Vec<usize> = units.concat();
    sources.sort_unstable();
    sources.dedup();
    let entries = sources.into_iter().map(|source| {
        let named = |filled: &Vec<usize>| filled.iter().filter(|unit| **unit == source).count();
        let targets = units.iter().enumerate();
        let targets =
            targets.flat_map(|(at, filled)| std::iter::repeat_n(at * numbering, named(filled)));
        format!("{}:{}", source * numbering, list(&targets.collect::<Vec<_>>()))
    });
    entries.collect::<Vec<_>>().join(";")
}
