//! What a branch's folder stands for: its name holds only a sum, so candidates are summed until one fits.

use elth_core::{
    blueprint::Blueprint,
    reshape::strategy::{Strategy, Units, plan},
    ticket::Ticket,
    unit_map::UnitMap,
    weights::{Values, Weights},
};

use crate::openlth::md5;

/// The name of a branch's folder, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Such as `change_depth`.
    pub kind: String,
    /// The sum of its hyper-parameters.
    pub sum: String,
}

/// A mapping, and whether the folder's sum says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Which source unit fills which target unit.
    pub map: UnitMap,
    /// Whether the sum of the official words for it is the folder's.
    pub confirmed: bool,
    /// The seed of the copies' shuffled masks, where the kind has one.
    pub seed: Option<u64>,
}

/// Seeds that are tried.
const SEEDS: u64 = 1000;

impl Folder {
    /// Reads `lottery_branch_KIND_SUM`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, sum) = name.strip_prefix("lottery_branch_")?.rsplit_once('_')?;
        let is_sum = sum.len() == 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_sum.then(|| Self { kind: kind.to_owned(), sum: sum.to_owned() })
    }

    /// Whether a branch of this kind is a ticket of another depth.
    #[must_use]
    pub fn changes_depth(&self) -> bool {
        self.kind.starts_with("change_depth")
    }

    /// The mapping that made the branch of its level's ticket.
    ///
    /// Candidates are the map that the weights themselves show and those of every strategy; one that the folder's sum
    /// confirms goes first.
    #[must_use]
    pub fn mapping(&self, source: &Ticket, target: &Blueprint, made: &Weights) -> Option<Mapping> {
        let shown = shown(source, target, made);
        let mut candidates: Vec<UnitMap> = shown.iter().cloned().collect();
        candidates.extend(generated(source.blueprint(), target));
        for map in candidates {
            if let Some(Words { seed }) = self.confirms(&map, target) {
                return Some(Mapping { map, confirmed: true, seed });
            }
        }
        shown.map(|map| Mapping { map, confirmed: false, seed: None })
    }

    /// Whether the sum of the official words for a map is the folder's, with the seed in them where there is one.
    fn confirms(&self, map: &UnitMap, target: &Blueprint) -> Option<Words> {
        let seeds: Vec<Option<u64>> = match self.kind.as_str() {
            "change_depth_random_mask" => (0..SEEDS).map(Some).collect(),
            _ => vec![None],
        };
        let words = [map.official(), map.spelt_out()];
        let fits = |seed: &Option<u64>| {
            let seed = seed.map_or(String::new(), |seed| format!("seed={seed}, "));
            words.iter().any(|words| {
                let name = &target.name;
                let text =
                    format!("Hparams(block_mapping='{words}', {seed}target_model_name='{name}')");
                md5::hex(text.as_bytes()) == self.sum
            })
        };
        seeds.into_iter().find(fits).map(|seed| Words { seed })
    }

    /// The seed of a branch that has no other argument.
    #[must_use]
    pub fn seed(&self) -> Option<u64> {
        let strategies = ["", "sparse_global", "snip_global", "grasp_global", "synflow_global"];
        let fits = |seed: &u64| {
            let plain = [format!("Hparams(seed={seed})")];
            let named = strategies[1..]
                .iter()
                .map(|strategy| format!("Hparams(seed={seed}, strategy='{strategy}')"));
            plain.into_iter().chain(named).any(|text| md5::hex(text.as_bytes()) == self.sum)
        };
        (0..SEEDS).find(fits)
    }

    /// The criterion of a `prune_early` branch, where its sum tells it.
    #[must_use]
    pub fn strategy(&self, seed: u64) -> Option<&'static str> {
        let plain = format!("Hparams(seed={seed})");
        if md5::hex(plain.as_bytes()) == self.sum {
            return (self.kind == "prune_early").then_some("sparse_global");
        }
        ["sparse_global", "snip_global", "grasp_global", "synflow_global"].into_iter().find(
            |name| {
                let text = format!("Hparams(seed={seed}, strategy='{name}')");
                md5::hex(text.as_bytes()) == self.sum
            },
        )
    }
}

/// The maps of every strategy, with all units and with each run of them.
fn generated(source: &Blueprint, target: &Blueprint) -> Vec<UnitMap> {
    let deepest = source.depths().into_iter().max().unwrap_or(0);
    let mut units = vec![Units::All];
    units.extend((1..deepest).flat_map(|count| [Units::First(count), Units::Last(count)]));
    units.extend((1..deepest).map(|unit| Units::Listed(vec![unit])));
    units.extend((1..deepest.saturating_sub(1)).map(|unit| Units::Listed(vec![unit, unit + 1])));
    let all = Strategy::ALL.into_iter().flat_map(|strategy| {
        let map = |units: &Units| plan(source, target, Some(strategy), units).ok();
        units.iter().filter_map(map).collect::<Vec<_>>()
    });
    all.collect()
}

/// The map that the weights show: each target unit is a copy of the first source unit that holds the same.
fn shown(source: &Ticket, target: &Blueprint, made: &Weights) -> Option<UnitMap> {
    let stages = target.elastic_stages().map(|(stage, plan)| {
        let units = 0..plan.units.len();
        let depth = source.blueprint().stages.get(stage)?.units.len();
        let from = |unit| (0..depth).find(|from| same(source, target, made, [stage, *from, unit]));
        units.map(from).collect::<Option<Vec<_>>>()
    });
    UnitMap::new(source.blueprint(), target, stages.collect::<Option<_>>()?).ok()
}

/// Whether a target unit holds what a source unit does, bit for bit.
fn same(
    source: &Ticket,
    target: &Blueprint,
    made: &Weights,
    [stage, from, to]: [usize; 3],
) -> bool {
    let mut parts = target.tensors.iter().filter(|t| t.slot.stage == stage && t.slot.unit == to);
    parts.all(|tensor| {
        let of_source = source.blueprint().tensors.iter().find(|other| {
            let slot = &other.slot;
            slot.stage == stage && slot.unit == from && slot.part == tensor.slot.part
        });
        let Some(of_source) = of_source else { return false };
        match (source.weights().0.get(&of_source.name), made.0.get(&tensor.name)) {
            (Some(Values::Floats(one)), Some(Values::Floats(two))) => {
                one.iter().map(|value| value.to_bits()).eq(two.iter().map(|value| value.to_bits()))
            }
            (one, two) => one.is_some() && one == two,
        }
    })
}

/// What the official words for a branch say beside its map.
struct Words {
    seed: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, sum: &str, from: &str, to: &str, text: &str, seed: Option<u64>) {
        let folder = Folder::parse(&format!("lottery_branch_{kind}_{sum}")).unwrap();
        let [source, target] = [from, to].map(|name| Blueprint::new(name, None, None).unwrap());
        let maps = generated(&source, &target);
        let found =
            maps.iter().find_map(|map| Some((map.official(), folder.confirms(map, &target)?.seed)));
        assert_eq!(found, Some((text.to_owned(), seed)), "{kind} {from} to {to}");
    }

    #[test]
    fn sums_of_the_authors_branches_are_found_again() {
        let (one, two) = ("370f6155f8bcecf28268b8816c97084b", "2872893b6b80c8fd780b6ff450355eb7");
        let inter = "0:0;1:1,2;2:3,4;3:5,6;4:7,8";
        check("change_depth", one, "cifar_resnet_20", "cifar_resnet_32", "0:0;1:1,2;2:3,4", None);
        check("change_depth", two, "cifar_resnet_32", "cifar_resnet_56", inter, None);
        let shuffled = "7c35f5828d2c98ed1bdcf0640148c7c1";
        let random = "change_depth_random_mask";
        check(random, shuffled, "cifar_resnet_32", "cifar_resnet_56", inter, Some(7));
    }

    #[test]
    fn seeds_and_criteria_are_found_again() {
        for (kind, sum, seed, strategy) in [
            ("prune_early", "d1cf6f55bc053207fdd6ebe322234fdf", Some(7), Some("snip_global")),
            ("prune_early", "722d7815348773060cd630fcaa73e625", Some(7), Some("sparse_global")),
            ("randomly_prune", "722d7815348773060cd630fcaa73e625", Some(7), None),
            ("randomly_reinitialize", "7b99794732481fff503d5290ee43fb4b", None, None),
        ] {
            let folder = Folder { kind: kind.to_owned(), sum: sum.to_owned() };
            assert_eq!(folder.seed(), seed, "{kind}");
            assert_eq!(seed.and_then(|seed| folder.strategy(seed)), strategy, "{kind}");
        }
    }
}
