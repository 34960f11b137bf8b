//! Re-ordering: units of equal shape change places, on top of whatever a strategy gave.

use std::str::FromStr;

use crate::{
    blueprint::{Blueprint, UnitKind},
    chance::stream,
    reshape::strategy::NoMap,
    unit_map::UnitMap,
};

/// In which order the movable target units take what they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Last first.
    Reverse,
    /// By chance, another order in each stage.
    Random {
        /// Seed of the order.
        seed: u64,
    },
    /// These target units' contents, in this order, the same in every stage.
    Listed(Vec<usize>),
}

impl Order {
    /// Reads `reverse`, `random` or a list such as `3,1,2`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str, seed: u64) -> Result<Self, String> {
        match text {
            "reverse" => Ok(Self::Reverse),
            "random" => Ok(Self::Random { seed }),
            list => {
                let units: Result<Vec<usize>, _> =
                    list.split(',').map(|unit| usize::from_str(unit.trim())).collect();
                units.map(Self::Listed).map_err(|_| {
                    format!(
                        "`{text}` is no order: write `reverse`, `random` or units such as `3,1,2`"
                    )
                })
            }
        }
    }
}

/// Permutes what the movable units of every stage hold; units that open a stage or change its width stay.
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
    for ((_, stage), units) in target.elastic_stages().zip(&mut stages) {
        let kinds = stage.units.iter().enumerate();
        let movable: Vec<usize> =
            kinds.filter(|(_, unit)| unit.kind == UnitKind::Repeatable).map(|(at, _)| at).collect();
        let taken = taken(&movable, order, &stage.name)?;
        let given = units.clone();
        for (at, from) in movable.iter().zip(taken) {
            units[*at] = given[from];
        }
    }
    Ok(UnitMap::new(source, target, stages)?)
}

fn taken(movable: &[usize], order: &Order, stage: &str) -> Result<Vec<usize>, NoMap> {
    let mut taken = movable.to_vec();
    match order {
        Order::Reverse => taken.reverse(),
        Order::Random { seed } => stream(*seed, &format!("reorder {stage}")).shuffle(&mut taken),
        Order::Listed(listed) => {
            let mut sorted = listed.clone();
            sorted.sort_unstable();
            if sorted != movable {
                let text = |units: &[usize]| {
                    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
                };
                let (order, choice) = (text(listed), text(movable));
                return Err(NoMap::Order { stage: stage.to_owned(), order, choice });
            }
            taken.clone_from(listed);
        }
    }
    Ok(taken)
}
