//! Re-ordering: units of equal shape change places, on top of whatever a strategy gave.

use std::str::FromStr;

use crate::{
    blueprint::{Blueprint, Stage, UnitKind},
    chance::stream,
    reshape::strategy::NoMap,
    unit_map::{UnitMap, list},
};

/// In which order the movable target units take what they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Last first, among units of equal shape.
    Reverse,
    /// By chance among units of equal shape, another order in each stage.
    Random {
        /// Seed of the order.
        seed: u64,
    },
    /// These target units' contents, in this order: one list for every stage, or one a stage; an empty one leaves its
    /// stage as it is.
    Listed(Vec<Vec<usize>>),
}

impl Order {
    /// Reads `reverse`, `random`, a list such as `3,1,2`, or one a stage as in `3,1,2|2,1|`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str, seed: u64) -> Result<Self, String> {
        let stage = |list: &str| -> Result<Vec<usize>, _> {
            let units = list.split(',').map(|unit| usize::from_str(unit.trim()));
            if list.trim().is_empty() { Ok(Vec::new()) } else { units.collect() }
        };
        match text {
            "reverse" => Ok(Self::Reverse),
            "random" => Ok(Self::Random { seed }),
            "" => Err(wrong(text)),
            lists => {
                let lists: Result<_, _> = lists.split('|').map(stage).collect();
                lists.map(Self::Listed).map_err(|_| wrong(text))
            }
        }
    }
}

fn wrong(text: &str) -> String {
    format!(
        "`{text}` is no order: write `reverse`, `random` or units such as `3,1,2`, one list a stage as `3,1,2|2,1`"
    )
}

/// Permutes what the movable units of every stage hold; units that open a stage stay, and no unit takes another shape.
///
/// # Errors
/// When a listed order does not name each movable unit of a stage once, or shapes differ.
pub fn reorder(
    source: &Blueprint,
    target: &Blueprint,
    map: &UnitMap,
    order: &Order,
) -> Result<UnitMap, NoMap> {
    let mut stages = map.stages().to_vec();
    let count = stages.len();
    for (at, ((_, stage), units)) in target.elastic_stages().zip(&mut stages).enumerate() {
        let given = units.clone();
        for (to, from) in moves(stage, order, (at, count))? {
            units[to] = given[from];
        }
    }
    Ok(UnitMap::new(source, target, stages)?)
}

/// For each unit that may move, the unit whose contents it takes.
fn moves(
    stage: &Stage,
    order: &Order,
    (at, count): (usize, usize),
) -> Result<Vec<(usize, usize)>, NoMap> {
    let mut moves = Vec::new();
    match order {
        Order::Listed(lists) => {
            let list = match lists.as_slice() {
                [one] => Some(one),
                each if each.len() == count => each.get(at).filter(|list| !list.is_empty()),
                _ => return Err(NoMap::Orders { found: lists.len(), wanted: count }),
            };
            if let Some(list) = list {
                moves.extend(listed(stage, list)?);
            }
        }
        Order::Reverse | Order::Random { .. } => {
            let mut chance = match order {
                Order::Random { seed } => Some(stream(*seed, &format!("reorder {}", stage.name))),
                _ => None,
            };
            for alike in alike(stage) {
                let mut taken = alike.clone();
                match &mut chance {
                    Some(chance) => chance.shuffle(&mut taken),
                    None => taken.reverse(),
                }
                moves.extend(alike.into_iter().zip(taken));
            }
        }
    }
    Ok(moves)
}

/// Units of a stage that may take one another's places, by their shape, each with its first unit first.
fn alike(stage: &Stage) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, unit) in stage.units.iter().enumerate() {
        if unit.kind == UnitKind::Anchor {
            continue;
        }
        match groups.iter_mut().find(|group| stage.units[group[0]] == *unit) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// A listed order names every unit that may be replicated, or every unit but the one that opens the stage.
fn listed(stage: &Stage, order: &[usize]) -> Result<Vec<(usize, usize)>, NoMap> {
    let of = |wanted: fn(UnitKind) -> bool| -> Vec<usize> {
        (0..stage.units.len()).filter(|at| wanted(stage.units[*at].kind)).collect()
    };
    let movable = of(|kind| kind == UnitKind::Repeatable);
    let all = of(|kind| kind != UnitKind::Anchor);
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    let places = [movable.clone(), all].into_iter().find(|places| *places == sorted);
    let Some(places) = places else {
        let (stage, order, choice) = (stage.name.clone(), list(order), list(&movable));
        return Err(NoMap::Order { stage, order, choice });
    };
    Ok(places.into_iter().zip(order.iter().copied()).collect())
}
