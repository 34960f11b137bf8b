//! Exactly so many weights: the smallest are trimmed, the best of the pruned ones grow again.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    blueprint::TensorPlan,
    chance::stream,
    mask::Mask,
    prune::{allocation::share_out, nearest},
    ticket::{About, Outside, Ticket, lineage::Act},
    weights::Misfit,
};

/// Where counts are to be exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    /// Over all tensors together.
    #[default]
    All,
    /// In each stage, in proportion to what it keeps.
    Stage,
    /// In each tensor, in proportion to what it keeps.
    Tensor,
}

impl Within {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::All, Self::Stage, Self::Tensor];

    /// The name on the command line and in lineages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Stage => "stage",
            Self::Tensor => "tensor",
        }
    }
}

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|within| within.name() == text);
        found.ok_or_else(|| format!("`{text}` is no part of a network: all, stage or tensor"))
    }
}

/// Which pruned weights come back first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Regrow {
    /// The largest rewind weights.
    #[default]
    Magnitude,
    /// By lot.
    Random,
}

impl Regrow {
    /// The name on the command line and in lineages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Magnitude => "magnitude",
            Self::Random => "random",
        }
    }
}

impl FromStr for Regrow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = [Self::Magnitude, Self::Random].into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| format!("`{text}` is no way to regrow: magnitude or random"))
    }
}

/// How many weights every part of a network is to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goals {
    within: Within,
    /// Whether they are the densities of the ticket that this one came from.
    like_source: bool,
    each: Vec<Goal>,
}

/// How many weights some tensors are to keep together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Goal {
    tensors: Vec<String>,
    kept: usize,
}

/// A ticket of the wanted count, and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Balanced {
    /// The ticket.
    pub ticket: Ticket,
    /// Weights that went.
    pub trimmed: usize,
    /// Weights that came back.
    pub grown: usize,
}

/// Why a ticket cannot have so many weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotBalance {
    /// None, or more than there are.
    #[error("cannot keep {kept} of {weights} weights: ask for 1 to {weights}")]
    Count {
        /// Weights to keep.
        kept: usize,
        /// Weights there are.
        weights: usize,
    },
    /// Regrowing by magnitudes that are not there.
    #[error(
        "{missing} weights must come back, and this ticket holds zeros outside its mask: regrow at random (they start at 0 then), or take a ticket with dense rewind weights"
    )]
    MaskedWeights {
        /// Weights that are to come back.
        missing: usize,
    },
    /// A weight that has no place in an order.
    #[error("`{0}` holds a weight that is not a number: the ticket is damaged, take another")]
    NotANumber(String),
    /// What came out is no complete ticket, which a ticket rules out.
    #[error("the ticket is incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// The weights that a share comes to: the nearest whole number.
#[must_use]
pub fn count_of(ticket: &Ticket, density: f64) -> usize {
    nearest(density, ticket.count().weights)
}

/// Goals that sum to exactly `kept`; stages or tensors share it in proportion to what they keep now.
///
/// # Errors
/// When there are not so many weights, or none is asked for.
pub fn in_proportion(ticket: &Ticket, within: Within, kept: usize) -> Result<Goals, CannotBalance> {
    let weights = ticket.count().weights;
    if kept == 0 || kept > weights {
        return Err(CannotBalance::Count { kept, weights });
    }
    let groups = groups(ticket, within);
    let parts = groups.iter().map(|(name, tensors)| {
        let count = |tensor: &String| ticket.count_of(tensor);
        let count: crate::ticket::Count = tensors.iter().map(count).sum();
        (name.as_str(), count.kept, count.weights)
    });
    let counts = share_out(parts, kept);
    let goal = |(name, tensors): (String, Vec<String>)| Goal { kept: counts[&name], tensors };
    let each = groups.into_iter().map(goal).collect();
    Ok(Goals { within, like_source: false, each })
}

/// Goals that give every stage, and each of its tensors, the density that the stage has in another ticket of the family;
/// or all stages together theirs.
#[must_use]
pub fn like(ticket: &Ticket, source: &Ticket, within: Within) -> Goals {
    let density = |tensors: &[String]| -> f64 {
        let stage = ticket.blueprint().tensor(&tensors[0]).map_or(0, |tensor| tensor.slot.stage);
        match within {
            Within::All => source.count().density(),
            Within::Stage | Within::Tensor => source.count_in_stage(stage).density(),
        }
    };
    let each = groups(ticket, within).into_values().map(|tensors| {
        let weights = tensors.iter().map(|tensor| ticket.count_of(tensor).weights).sum();
        Goal { kept: nearest(density(&tensors), weights), tensors }
    });
    Goals { within, like_source: true, each: each.collect() }
}

/// Trims the smallest kept weights, or regrows the best pruned ones, until every goal is met exactly.
///
/// # Errors
/// When magnitudes are asked for that the ticket does not hold, or a weight is not a number.
pub fn balance(
    ticket: &Ticket,
    goals: &Goals,
    regrow: Regrow,
    seed: u64,
) -> Result<Balanced, CannotBalance> {
    let mut masks = ticket.masks().clone();
    let (mut trimmed, mut grown) = (0, 0);
    for goal in &goals.each {
        let now: usize = goal.tensors.iter().map(|tensor| ticket.count_of(tensor).kept).sum();
        if goal.kept < now {
            let scores = magnitudes(ticket, goal, false)?;
            flip(&mut masks, goal, &scores, (now - goal.kept, true));
            trimmed += now - goal.kept;
        } else if goal.kept > now {
            let scores = growth(ticket, goal, regrow, (goal.kept - now, seed))?;
            flip(&mut masks, goal, &scores, (goal.kept - now, false));
            grown += goal.kept - now;
        }
    }
    let kept: usize = masks.values().map(Mask::kept).sum();
    let act = Act::new("rebalance")
        .with("kept", kept.to_string())
        .with("trimmed", trimmed.to_string())
        .with("grown", grown.to_string())
        .with("within", goals.within.name())
        .of("ticket", &ticket.digest());
    let act = if goals.like_source { act.with("density", "source") } else { act };
    let act = if grown > 0 { act.with("regrow", regrow.name()) } else { act };
    let by_lot = grown > 0 && regrow == Regrow::Random;
    let act = if by_lot { act.with("seed-mask", seed.to_string()) } else { act };
    // The count is that of no level any more.
    let level = ticket.about.level.filter(|_| trimmed + grown == 0);
    let about = About { level, lineage: ticket.about.lineage.then(act), ..ticket.about.clone() };
    let ticket = Ticket::assemble(about, ticket.weights().clone(), masks)?;
    Ok(Balanced { ticket, trimmed, grown })
}

/// The tensors whose counts are exact together, by a name that sorts as they stand.
fn groups(ticket: &Ticket, within: Within) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, tensor) in ticket.blueprint().prunable().enumerate() {
        groups.entry(group(tensor, at, within)).or_default().push(tensor.name.clone());
    }
    groups
}

fn group(tensor: &TensorPlan, at: usize, within: Within) -> String {
    match within {
        Within::All => String::new(),
        Within::Stage => format!("{:06}", tensor.slot.stage),
        Within::Tensor => format!("{at:06}"),
    }
}

/// The sort keys of a goal's tensors, in their order: what has the lowest changes first.
enum Keys<'a> {
    /// Magnitudes sort as their bits do; the other way round where the largest come first.
    Magnitudes { values: Vec<&'a [f32]>, largest_first: bool },
    /// By lot.
    Lot(Vec<Vec<u32>>),
}

impl Keys<'_> {
    fn of(&self, tensor: usize, at: usize) -> u32 {
        match self {
            Self::Magnitudes { values, largest_first: false } => values[tensor][at].abs().to_bits(),
            Self::Magnitudes { values, largest_first: true } => !values[tensor][at].abs().to_bits(),
            Self::Lot(keys) => keys[tensor][at],
        }
    }
}

fn magnitudes<'a>(
    ticket: &'a Ticket,
    goal: &Goal,
    largest_first: bool,
) -> Result<Keys<'a>, CannotBalance> {
    let of = |name: &String| {
        let values = ticket.weights().floats(name).unwrap_or_default();
        let broken = values.iter().any(|value| value.is_nan());
        if broken { Err(CannotBalance::NotANumber(name.clone())) } else { Ok(values) }
    };
    let values = goal.tensors.iter().map(of).collect::<Result<_, _>>()?;
    Ok(Keys::Magnitudes { values, largest_first })
}

#[expect(clippy::cast_possible_truncation, reason = "32 of 64 random bits are as random")]
fn growth<'a>(
    ticket: &'a Ticket,
    goal: &Goal,
    regrow: Regrow,
    (missing, seed): (usize, u64),
) -> Result<Keys<'a>, CannotBalance> {
    match (regrow, ticket.about.outside) {
        (Regrow::Magnitude, Outside::Masked) => Err(CannotBalance::MaskedWeights { missing }),
        (Regrow::Magnitude, Outside::Dense) => magnitudes(ticket, goal, true),
        (Regrow::Random, _) => {
            let by_lot = |name: &String| -> Vec<u32> {
                let mut chance = stream(seed, &format!("regrow {name}"));
                (0..ticket.count_of(name).weights).map(|_| chance.next_u64() as u32).collect()
            };
            Ok(Keys::Lot(goal.tensors.iter().map(by_lot).collect()))
        }
    }
}

/// Turns the bits of the so many lowest keys among those that are `on`; equal keys go in the order of tensor and place.
fn flip(
    masks: &mut BTreeMap<String, Mask>,
    goal: &Goal,
    keys: &Keys<'_>,
    (count, on): (usize, bool),
) {
    let packed = |key: u32, place: usize| u64::from(key) << 32 | place as u64;
    let (mut candidates, mut start): (Vec<u64>, usize) = (Vec::new(), 0);
    for (tensor, name) in goal.tensors.iter().enumerate() {
        let mask = &masks[name];
        let here = (0..mask.len()).filter(|at| mask.keeps(*at) == on);
        candidates.extend(here.map(|at| packed(keys.of(tensor, at), start + at)));
        start += mask.len();
    }
    let Some(last) = count.checked_sub(1).filter(|last| *last < candidates.len()) else { return };
    let (_, last, _) = candidates.select_nth_unstable(last);
    let last = *last;
    start = 0;
    for (tensor, name) in goal.tensors.iter().enumerate() {
        let Some(mask) = masks.get_mut(name) else { continue };
        let turned =
            |at: usize| mask.keeps(at) == on && packed(keys.of(tensor, at), start + at) <= last;
        let turned = Mask::from_fn(mask.len(), |at| mask.keeps(at) != turned(at));
        start += mask.len();
        *mask = turned;
    }
}
