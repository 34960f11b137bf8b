//! The paper's rules of thumb, for a mapping that is possible but less than wise.

use std::collections::BTreeSet;

use crate::{
    blueprint::{Blueprint, Stage},
    reshape::strategy::repeatable,
    unit_map::{UnitMap, stage_pairs},
};

/// From this many times as deep on, the paper's stretches fall behind (ResNet-14 as the source of 44 and 56).
const TOO_FAR: usize = 3;

/// What is said of a stage of the source, one of the target, and the map between them.
type Rule = fn(&Stage, &Stage, &[usize]) -> Option<&'static str>;

/// What the paper advises against in this mapping, a sentence each with the stages that it is said of.
#[must_use]
pub fn advice(source: &Blueprint, target: &Blueprint, map: &UnitMap) -> Vec<String> {
    let stages: Vec<_> = stage_pairs(source, target).zip(map.stages()).collect();
    let rules: [Rule; 4] = [far, uneven, late, beheaded];
    let mut said = Vec::new();
    for rule in rules {
        let found = stages
            .iter()
            .filter_map(|((from, to), units)| Some((&to.name, rule(from, to, units)?)));
        let (names, words): (Vec<&String>, Vec<&str>) = found.unzip();
        let Some(words) = words.first() else { continue };
        let all = names.len() == stages.len();
        let names = names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        said.push(if all { (*words).to_owned() } else { format!("{names}: {words}") });
    }
    said
}

fn far(from: &Stage, to: &Stage, _: &[usize]) -> Option<&'static str> {
    let is_far = to.units.len() > TOO_FAR * from.units.len();
    is_far.then_some(
        "source and target are far apart in depth: tickets stretch best between close depths",
    )
}

fn uneven(from: &Stage, to: &Stage, units: &[usize]) -> Option<&'static str> {
    let more = to.units.len().saturating_sub(from.units.len());
    let copied = copied(units).len();
    let could = more.min(repeatable(from).len());
    (copied > 0 && copied < could).then_some(
        "few units are copied often: replicate as many unique units as there are, each as few times as possible",
    )
}

fn late(from: &Stage, _: &Stage, units: &[usize]) -> Option<&'static str> {
    let (copied, free) = (copied(units), repeatable(from));
    let first = free.iter().take(copied.len());
    let is_late = !first.copied().eq(copied.iter().copied());
    (!copied.is_empty() && is_late)
        .then_some("earlier units are better to replicate, at high sparsity above all")
}

fn beheaded(from: &Stage, _: &Stage, units: &[usize]) -> Option<&'static str> {
    let free = repeatable(from);
    let gone = free.iter().take_while(|unit| !units.contains(unit)).count();
    let is_bad = gone < free.len() && gone > 1 && 2 * gone >= free.len();
    is_bad.then_some(
        "the early units are dropped: that is the one squeeze that clearly hurts in the paper",
    )
}

/// Source units that fill more than one target unit.
fn copied(units: &[usize]) -> BTreeSet<usize> {
    let again = units.iter().enumerate().filter(|(at, unit)| units[..*at].contains(unit));
    again.map(|(_, unit)| *unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, target: &str, map: &str, expected: &[&str]) {
        let model = |name: &str| Blueprint::new(name, None, None).unwrap();
        let (source, target) = (model(source), model(target));
        let map = UnitMap::parse(&source, &target, map).unwrap();
        let said = advice(&source, &target, &map);
        let matches = said.iter().zip(expected).all(|(said, words)| said.contains(words));
        assert!(said.len() == expected.len() && matches, "{} gives {said:?}", map.official());
    }

    #[test]
    fn what_the_paper_found_to_be_worse_is_said() {
        let (r14, r20, r32, r56) =
            ("cifar_resnet_14", "cifar_resnet_20", "cifar_resnet_32", "cifar_resnet_56");
        check(r32, r56, "0:0;1:1,2;2:3,4;3:5,6;4:7,8", &[]);
        check(r32, r56, "0:0;1:1,2,3,4,5;2:6;3:7;4:8", &["unique units"]);
        check(r32, r56, "0:0;1:1;2:2;3:3,4,5;4:6,7,8", &["unique units", "earlier units"]);
        check(r14, r56, "0:0;1:1,2,3,4,5,6,7,8", &["far apart"]);
        check(r56, r32, "0:0;5:1;6:2;7:3;8:4", &["early units are dropped"]);
        check(r56, r32, "0:0;2:1;4:2;6:3;8:4", &[]);
        check(r32, r20, "0:0;1:1;2:2", &[]);
        check(
            r20,
            r32,
            "0:0;1:1,2;2:3,4|0:0;1:1;2:2,3,4|0:0;1:1,2;2:3,4",
            &["stage2: few units", "stage2: earlier"],
        );
    }
}
