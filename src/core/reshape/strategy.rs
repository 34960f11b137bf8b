//! The paper's strategies: which units a stretch replicates, which a squeeze keeps, and in what order.
//!
//! The rule reproduces the author's mapping strings (fact sheet 2.4); a stage is cut into runs of
//! interchangeable units, and a strategy works on each run, so that it holds for every family.

use std::str::FromStr;

use crate::{
    blueprint::{Blueprint, Stage, Unit, UnitKind},
    unit_map::{BadMap, UnitMap, check_models, stage_pairs},
};

/// How units are replicated or dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Stretch: the group again as a whole after its last unit (1 2 1 2).
    Append,
    /// Stretch: each copy right after its source (1 1 2 2).
    Interpolate,
    /// Squeeze: keep the first units.
    Tail,
    /// Squeeze: keep the last units.
    Head,
    /// Squeeze: keep units spread over the stage.
    Interleave,
}

impl Strategy {
    /// Every strategy, stretches first.
    pub const ALL: [Self; 5] =
        [Self::Append, Self::Interpolate, Self::Tail, Self::Head, Self::Interleave];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Interpolate => "interpolate",
            Self::Tail => "tail",
            Self::Head => "head",
            Self::Interleave => "interleave",
        }
    }

    /// Whether it deepens.
    #[must_use]
    pub fn is_stretch(self) -> bool {
        matches!(self, Self::Append | Self::Interpolate)
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == text).ok_or_else(|| {
            format!(
                "`{text}` is no strategy: append or interpolate to stretch, tail, head or interleave to squeeze"
            )
        })
    }
}

/// Which units a stretch replicates, by their local numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Units {
    /// As many unique units as there are copies to make, the earliest first.
    #[default]
    All,
    /// These.
    Listed(Vec<usize>),
    /// The first so many that can be replicated.
    First(usize),
    /// The last so many that can be replicated.
    Last(usize),
}

impl FromStr for Units {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` names no units: write `1,2`, `first:2` or `last:2`");
        let count = |digits: &str| digits.parse().ok().filter(|count| *count > 0).ok_or_else(bad);
        match text.split_once(':') {
            Some(("first", digits)) => Ok(Self::First(count(digits)?)),
            Some(("last", digits)) => Ok(Self::Last(count(digits)?)),
            _ if text == "all" => Ok(Self::All),
            _ => text
                .split(',')
                .map(|unit| unit.trim().parse().map_err(|_| bad()))
                .collect::<Result<_, _>>()
                .map(Self::Listed),
        }
    }
}

/// Why a strategy gives no map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoMap {
    /// The models do not go together.
    #[error(transparent)]
    Map(#[from] BadMap),
    /// A stretch was asked for and the target is shallower, or the other way round.
    #[error("`{strategy}` cannot take {stage} from {from} to {to} units: use {instead}")]
    Direction {
        /// The strategy's name.
        strategy: &'static str,
        /// Stage name.
        stage: String,
        /// Source units.
        from: usize,
        /// Target units.
        to: usize,
        /// Strategies that can.
        instead: &'static str,
    },
    /// There is nothing to replicate.
    #[error("{stage}: the source has no unit that could be replicated; stretch a deeper source")]
    Nothing {
        /// Stage name.
        stage: String,
    },
    /// A listed unit cannot be replicated.
    #[error("{stage}: unit {unit} cannot be replicated; choose among {choice}")]
    Unit {
        /// Stage name.
        stage: String,
        /// The unit asked for.
        unit: usize,
        /// Units that can.
        choice: String,
    },
    /// A unit is listed twice.
    #[error("{stage}: unit {unit} is named twice: name each unit to replicate once")]
    UnitTwice {
        /// Stage name.
        stage: String,
        /// The unit.
        unit: usize,
    },
    /// Units to replicate were chosen, and nothing is replicated.
    #[error("units were chosen for a stretch, and no stage gets deeper: leave them out")]
    Unused,
    /// The units' shapes follow one another differently in source and target.
    #[error(
        "{stage}: source and target widths do not follow the same course; give the mapping outright"
    )]
    Course {
        /// Stage name.
        stage: String,
    },
    /// An order that is no permutation of the units that may move.
    #[error("{stage}: `{order}` does not name each of the units {choice} once")]
    Order {
        /// Stage name.
        stage: String,
        /// The order asked for.
        order: String,
        /// Units that may move.
        choice: String,
    },
    /// Orders for another number of stages.
    #[error(
        "the order has {found} stages where the target has {wanted}: give one list, or one a stage"
    )]
    Orders {
        /// Lists given.
        found: usize,
        /// Stages of the target.
        wanted: usize,
    },
}

/// The map that a strategy gives; without one, interpolation stretches and `tail` squeezes.
///
/// Stages of equal depth map onto themselves.
///
/// # Errors
/// When the models do not go together, the strategy goes the wrong way, or the units cannot be replicated or are not.
pub fn plan(
    source: &Blueprint,
    target: &Blueprint,
    strategy: Option<Strategy>,
    units: &Units,
) -> Result<UnitMap, NoMap> {
    check_models(source, target)?;
    let stages = stage_pairs(source, target).map(|(from, to)| stage(from, to, strategy, units));
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    if *units != Units::All && !stages.iter().any(|stage| replicates(stage)) {
        return Err(NoMap::Unused);
    }
    Ok(UnitMap::new(source, target, stages)?)
}

/// Whether a stage's map fills two target units from the same source unit.
fn replicates(map: &[usize]) -> bool {
    map.iter().enumerate().any(|(at, unit)| map[..at].contains(unit))
}

/// The local numbers of the units that a strategy may replicate, drop or move.
#[must_use]
pub fn repeatable(stage: &Stage) -> Vec<usize> {
    let units = stage.units.iter().enumerate();
    units.filter(|(_, unit)| unit.kind == UnitKind::Repeatable).map(|(at, _)| at).collect()
}

/// A run of interchangeable units: where it begins, how many there are.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    unit: &'a Unit,
    start: usize,
    len: usize,
}

fn stage(
    from: &Stage,
    to: &Stage,
    strategy: Option<Strategy>,
    units: &Units,
) -> Result<Vec<usize>, NoMap> {
    let replicated = match units {
        Units::All => None,
        chosen => Some(chosen_units(from, chosen)?),
    };
    let (sources, mut map) = (runs(from), Vec::with_capacity(to.units.len()));
    let mut next = sources.iter().peekable();
    for run in runs(to) {
        // Runs of units that the target has none of are dropped as a whole.
        while let Some(gone) = next.next_if(|gone| gone.unit != run.unit && is_repeatable(gone)) {
            direction(gone.len, 0, strategy, to)?;
        }
        let given = next.next_if(|given| given.unit == run.unit);
        let Some(given) = given else {
            return Err(missing_run(&run, to));
        };
        map.extend(run_map(given, run.len, strategy, replicated.as_deref(), to)?);
    }
    for gone in next {
        // A unit that changes the width is never dropped.
        if !is_repeatable(gone) {
            return Err(NoMap::Course { stage: to.name.clone() });
        }
        direction(gone.len, 0, strategy, to)?;
    }
    Ok(map)
}

fn missing_run(run: &Run<'_>, to: &Stage) -> NoMap {
    let stage = to.name.clone();
    if is_repeatable(run) { NoMap::Nothing { stage } } else { NoMap::Course { stage } }
}

fn is_repeatable(run: &Run<'_>) -> bool {
    run.unit.kind == UnitKind::Repeatable
}

fn runs(stage: &Stage) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for (start, unit) in stage.units.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.unit == unit && is_repeatable(run) => run.len += 1,
            _ => runs.push(Run { unit, start, len: 1 }),
        }
    }
    runs
}

fn run_map(
    given: &Run<'_>,
    wanted: usize,
    strategy: Option<Strategy>,
    replicated: Option<&[usize]>,
    stage: &Stage,
) -> Result<Vec<usize>, NoMap> {
    let here = given.start..given.start + given.len;
    if wanted == given.len {
        return Ok(here.collect());
    }
    let strategy = direction(given.len, wanted, strategy, stage)?;
    let units: Vec<usize> = here.collect();
    if !strategy.is_stretch() {
        return Ok(squeeze(&units, wanted, strategy));
    }
    let chosen = replicated.map(|chosen| {
        chosen.iter().copied().filter(|unit| units.contains(unit)).collect::<Vec<_>>()
    });
    match chosen {
        Some(chosen) if chosen.is_empty() => Err(NoMap::Nothing { stage: stage.name.clone() }),
        chosen => Ok(stretch(&units, wanted, strategy, chosen)),
    }
}

/// The strategy that takes a run from so many units to so many others; an error where the one asked for goes the other way.
fn direction(
    from: usize,
    to: usize,
    strategy: Option<Strategy>,
    stage: &Stage,
) -> Result<Strategy, NoMap> {
    let default = if to > from { Strategy::Interpolate } else { Strategy::Tail };
    let strategy = strategy.unwrap_or(default);
    if strategy.is_stretch() == default.is_stretch() {
        return Ok(strategy);
    }
    let instead =
        if default.is_stretch() { "append or interpolate" } else { "tail, head or interleave" };
    let stage = stage.name.clone();
    Err(NoMap::Direction { strategy: strategy.name(), stage, from, to, instead })
}

fn chosen_units(stage: &Stage, units: &Units) -> Result<Vec<usize>, NoMap> {
    let free = repeatable(stage);
    let wrong = |unit| NoMap::Unit { stage: stage.name.clone(), unit, choice: list(&free) };
    let chosen = match units {
        Units::All => free.clone(),
        Units::First(count) if *count <= free.len() => free[..*count].to_vec(),
        Units::Last(count) if *count <= free.len() => free[free.len() - count..].to_vec(),
        Units::First(count) | Units::Last(count) => return Err(wrong(*count)),
        Units::Listed(listed) => {
            let mut sorted = listed.clone();
            sorted.sort_unstable();
            sorted
        }
    };
    let foreign = chosen.iter().find(|unit| !free.contains(unit));
    if let Some(unit) = foreign {
        return Err(wrong(*unit));
    }
    match chosen.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(&[unit, _]) => Err(NoMap::UnitTwice { stage: stage.name.clone(), unit }),
        _ => Ok(chosen),
    }
}

fn stretch(
    units: &[usize],
    wanted: usize,
    strategy: Strategy,
    chosen: Option<Vec<usize>>,
) -> Vec<usize> {
    let extra = wanted - units.len();
    // More unique units, fewer copies each; what is left over goes to the earliest.
    let group = chosen.unwrap_or_else(|| units[..extra.min(units.len())].to_vec());
    let copies = |unit: usize| match group.iter().position(|member| *member == unit) {
        Some(at) => extra / group.len() + usize::from(at < extra % group.len()),
        None => 0,
    };
    let mut map = Vec::with_capacity(wanted);
    for &unit in units {
        map.push(unit);
        if strategy == Strategy::Interpolate {
            map.extend(std::iter::repeat_n(unit, copies(unit)));
        } else if group.last() == Some(&unit) {
            let rounds = group.iter().map(|member| copies(*member)).max().unwrap_or(0);
            for round in 0..rounds {
                map.extend(group.iter().filter(|member| copies(**member) > round));
            }
        }
    }
    map
}

fn squeeze(units: &[usize], wanted: usize, strategy: Strategy) -> Vec<usize> {
    let (have, drop) = (units.len(), units.len() - wanted);
    match strategy {
        Strategy::Head => units[drop..].to_vec(),
        Strategy::Interleave if 2 * drop <= have => {
            let dropped: Vec<_> = (0..drop).map(|step| have - 1 - 2 * step).collect();
            let kept = (0..have).filter(|at| !dropped.contains(at));
            kept.map(|at| units[at]).collect()
        }
        Strategy::Interleave => (0..wanted).map(|step| units[step * have / wanted]).collect(),
        _ => units[..wanted].to_vec(),
    }
}

fn list(units: &[usize]) -> String {
    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
