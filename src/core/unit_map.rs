//! Which source unit fills each target unit: the checked form of a mapping.
//!
//! ```text
//! 0:0;1:1,2;2:3,4          official string, by source
//! [0, 1, 1, 2, 2]          unit map, by target: complete because it is a list
//! ```

mod text;

use crate::blueprint::{Blueprint, Stage, Unit, UnitKind};
pub(crate) use text::{is_official, list, unit_number};
use text::{parse_stage, stage_text};

/// For each elastic stage, the source unit that fills each target unit; complete and checked against both models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitMap {
    stages: Vec<Vec<usize>>,
    /// Whether one stage string may stand for all: every stage as deep as the others, in the source and in the target.
    even: bool,
    /// What the official strings count a unit as: see [`crate::blueprint::Family::numbering`].
    numbering: usize,
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMap {
    /// Source and target are of different families, or cannot be mapped at all.
    #[error("`{source_model}` cannot become `{target}`: {reason}")]
    Models {
        /// The source model.
        source_model: String,
        /// The target model.
        target: String,
        /// What differs.
        reason: String,
    },
    /// The text is not of the grammar.
    #[error("mapping `{text}` cannot be read at `{at}`: write it as `0:0;1:1,2|0:0;1:1`")]
    Grammar {
        /// The whole text.
        text: String,
        /// The part that cannot be read.
        at: String,
    },
    /// The text has another number of stages than the models.
    #[error("the mapping has {found} stages where `{target}` has {wanted}: {hint}")]
    Stages {
        /// Stages in the text.
        found: usize,
        /// Stages of the models.
        wanted: usize,
        /// The target model.
        target: String,
        /// What to write.
        hint: &'static str,
    },
    /// A source unit is named twice on the left.
    #[error("{stage}: source unit {unit} has two entries: join them as `{unit}:a,b`")]
    SourceTwice {
        /// Stage name.
        stage: String,
        /// Source unit.
        unit: usize,
    },
    /// A source unit does not exist.
    #[error("{stage}: there is no source unit {unit}, the last is {last}")]
    NoSource {
        /// Stage name.
        stage: String,
        /// Source unit asked for.
        unit: usize,
        /// The highest that exists.
        last: usize,
    },
    /// A target unit does not exist.
    #[error("{stage}: there is no target unit {unit}, the last is {last}")]
    NoTarget {
        /// Stage name.
        stage: String,
        /// Target unit asked for.
        unit: usize,
        /// The highest that exists.
        last: usize,
    },
    /// Target units are filled twice.
    #[error("{stage}: target unit {units} is filled twice: name it once")]
    Twice {
        /// Stage name.
        stage: String,
        /// Target units, with commas.
        units: String,
    },
    /// Some target units are filled twice, others not at all.
    #[error(
        "{stage}: target unit {twice} is filled twice and {unfilled} not at all: name every one once"
    )]
    Uneven {
        /// Stage name.
        stage: String,
        /// Target units that are filled twice, with commas.
        twice: String,
        /// Target units that are not filled, with commas.
        unfilled: String,
    },
    /// Target units are not filled.
    #[error("{stage}: target units {units} are not filled: name every one once")]
    Unfilled {
        /// Stage name.
        stage: String,
        /// Target units, with commas.
        units: String,
    },
    /// The first unit of a stage is moved, copied or replaced.
    #[error("{stage}: unit 0 opens the stage and maps onto itself only (`0:0`)")]
    Anchor {
        /// Stage name.
        stage: String,
    },
    /// Shapes differ.
    #[error("{stage}: source unit {from} cannot fill target unit {to}: `{part}` has another shape")]
    Shape {
        /// Stage name.
        stage: String,
        /// Source unit.
        from: usize,
        /// Target unit.
        to: usize,
        /// The part that differs.
        part: String,
    },
}

impl UnitMap {
    /// Checks a map given by target, one list an elastic stage.
    ///
    /// # Errors
    /// When a target unit is not filled, a number is out of range, shapes differ or a stage's first unit is moved.
    pub fn new(
        source: &Blueprint,
        target: &Blueprint,
        stages: Vec<Vec<usize>>,
    ) -> Result<Self, BadMap> {
        check_models(source, target)?;
        let pairs: Vec<_> = stage_pairs(source, target).collect();
        if stages.len() != pairs.len() {
            return Err(wrong_count(stages.len(), pairs.len(), target, "give one list a stage"));
        }
        for ((from, to), units) in pairs.into_iter().zip(&stages) {
            check_stage(from, to, units)?;
        }
        Ok(Self { stages, even: even(source, target), numbering: target.family.numbering() })
    }

    /// Reads the official grammar: `src:dst,dst;src:dst|…`.
    ///
    /// One stage string without `|` means the same for every stage, where all stages have equal depths. Where the
    /// official numbers are not the units', plain ones are read too: the official reading goes first.
    ///
    /// # Errors
    /// When the text is not of the grammar, is incomplete, names a target unit twice, or does not fit the models.
    pub fn parse(source: &Blueprint, target: &Blueprint, text: &str) -> Result<Self, BadMap> {
        check_models(source, target)?;
        let numbering = target.family.numbering();
        let official = Self::read(source, target, text, numbering);
        match official {
            Err(error) if numbering > 1 => {
                let plain = Self::read(source, target, text, 1);
                // What is wrong is said of the reading that was meant.
                plain.map_err(|plain| if is_official(text, numbering) { error } else { plain })
            }
            read => read,
        }
    }

    fn read(
        source: &Blueprint,
        target: &Blueprint,
        text: &str,
        numbering: usize,
    ) -> Result<Self, BadMap> {
        let pairs: Vec<_> = stage_pairs(source, target).collect();
        let mut texts: Vec<&str> = text.split('|').collect();
        if texts.len() == 1 && even(source, target) {
            texts = vec![texts[0]; pairs.len()];
        }
        if texts.len() != pairs.len() {
            let hint = "separate one string a stage with `|`";
            return Err(wrong_count(texts.len(), pairs.len(), target, hint));
        }
        let stages = pairs.iter().zip(texts);
        let stages =
            stages.map(|((from, to), part)| parse_stage(text, part, [from, to], numbering));
        Self::new(source, target, stages.collect::<Result<_, _>>()?)
    }

    /// The map that keeps everything where it is.
    #[must_use]
    pub fn identity(blueprint: &Blueprint) -> Self {
        let stages = blueprint.depths().into_iter().map(|depth| (0..depth).collect()).collect();
        let numbering = blueprint.family.numbering();
        Self { stages, even: even(blueprint, blueprint), numbering }
    }

    /// For each elastic stage, the source unit for each target unit.
    #[must_use]
    pub fn stages(&self) -> &[Vec<usize>] {
        &self.stages
    }

    /// The map back: each source unit from its first copy, for the sources that have one.
    ///
    /// # Errors
    /// When a source unit was dropped, so that nothing can fill it.
    pub fn inverse(&self, source: &Blueprint, target: &Blueprint) -> Result<Self, BadMap> {
        check_models(source, target)?;
        let mut stages = Vec::new();
        for ((from, _), units) in stage_pairs(source, target).zip(&self.stages) {
            let firsts = (0..from.units.len()).map(|unit| units.iter().position(|u| *u == unit));
            let dropped: Vec<_> =
                firsts.clone().enumerate().filter(|(_, at)| at.is_none()).map(|(u, _)| u).collect();
            if !dropped.is_empty() {
                return Err(BadMap::Unfilled { stage: from.name.clone(), units: list(&dropped) });
            }
            stages.push(firsts.flatten().collect());
        }
        Self::new(target, source, stages)
    }

    /// The string with every stage spelt out, as the official code takes it for families whose stages differ.
    #[must_use]
    pub fn spelt_out(&self) -> String {
        let texts = self.stages.iter().map(|units| stage_text(units, self.numbering));
        texts.collect::<Vec<_>>().join("|")
    }

    /// The official string: sorted by source, one string where all stages are equal, else one a stage.
    #[must_use]
    pub fn official(&self) -> String {
        let texts: Vec<_> =
            self.stages.iter().map(|units| stage_text(units, self.numbering)).collect();
        match texts.split_first() {
            Some((first, rest)) if self.even && rest.iter().all(|text| text == first) => {
                first.clone()
            }
            _ => texts.join("|"),
        }
    }
}

/// Checks that tickets of `source` can become tickets of `target` at all.
///
/// # Errors
/// When family, classes, input or stages differ.
pub fn check_models(source: &Blueprint, target: &Blueprint) -> Result<(), BadMap> {
    let differ = |reason: String| {
        let (source_model, target) = (source.name.clone(), target.name.clone());
        Err(BadMap::Models { source_model, target, reason })
    };
    if source.family != target.family {
        return differ(format!(
            "one is of family {}, the other of {}; a ticket stays in its family",
            source.family, target.family
        ));
    }
    if source.classes != target.classes {
        let (from, to) = (source.classes, target.classes);
        return differ(format!("the ticket has {from} classes, the target {to}"));
    }
    if source.input != target.input {
        return differ(format!("their images are {} and {}", source.input, target.input));
    }
    let fixed = |model: &Blueprint| {
        let fixed = model.stages.iter().filter(|stage| !stage.elastic);
        fixed.cloned().collect::<Vec<_>>()
    };
    if source.stages.len() != target.stages.len() {
        return differ("they have other stages; a mapping changes depth only".to_owned());
    }
    match fixed(source).iter().zip(&fixed(target)).find(|(from, to)| from != to) {
        Some((from, to)) if from.units.len() != to.units.len() => {
            let (name, from, to) = (&from.name, from.units.len(), to.units.len());
            differ(format!(
                "`{name}` has {from} units in one, {to} in the other, and is copied as it is"
            ))
        }
        Some(_) => differ("their widths differ; a mapping changes depth only".to_owned()),
        None => Ok(()),
    }
}

/// Elastic stages of both models, side by side.
pub(crate) fn stage_pairs<'a>(
    source: &'a Blueprint,
    target: &'a Blueprint,
) -> impl Iterator<Item = (&'a Stage, &'a Stage)> {
    source.elastic_stages().zip(target.elastic_stages()).map(|((_, from), (_, to))| (from, to))
}

fn wrong_count(found: usize, wanted: usize, target: &Blueprint, hint: &'static str) -> BadMap {
    BadMap::Stages { found, wanted, target: target.name.clone(), hint }
}

pub(crate) fn even(source: &Blueprint, target: &Blueprint) -> bool {
    let equal = |depths: Vec<usize>| depths.windows(2).all(|pair| pair[0] == pair[1]);
    equal(source.depths()) && equal(target.depths())
}

fn check_stage(from: &Stage, to: &Stage, units: &[usize]) -> Result<(), BadMap> {
    let stage = || to.name.clone();
    if units.len() > to.units.len() {
        let (unit, last) = (units.len() - 1, to.units.len() - 1);
        return Err(BadMap::NoTarget { stage: stage(), unit, last });
    }
    if units.len() < to.units.len() {
        let missing: Vec<_> = (units.len()..to.units.len()).collect();
        return Err(BadMap::Unfilled { stage: stage(), units: list(&missing) });
    }
    for (at, (&unit, wanted)) in units.iter().zip(&to.units).enumerate() {
        let Some(given) = from.units.get(unit) else {
            let last = from.units.len() - 1;
            return Err(BadMap::NoSource { stage: stage(), unit, last });
        };
        let anchored = given.kind == UnitKind::Anchor || wanted.kind == UnitKind::Anchor;
        if anchored && unit != at {
            return Err(BadMap::Anchor { stage: stage() });
        }
        if let Some(part) = differing_part(given, wanted) {
            return Err(BadMap::Shape { stage: stage(), from: unit, to: at, part });
        }
    }
    Ok(())
}

pub(crate) fn differing_part(given: &Unit, wanted: &Unit) -> Option<String> {
    let missing = wanted.parts.iter().find(|(part, shape)| given.parts.get(*part) != Some(shape));
    let extra = given.parts.keys().find(|part| !wanted.parts.contains_key(*part));
    missing.map(|(part, _)| part).or(extra).cloned()
}
