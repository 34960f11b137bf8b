//! The mappings that the paper's strategies give between two models, each once, and the models of a given depth.

use elth_core::{
    blueprint::Blueprint,
    reshape::strategy::{Strategy, Units},
    ticket::About,
    unit_map::check_models,
};

use super::{ALL, DEFAULT, NONE, ordered, targets::targets};
use crate::model::shelf::Shelf;

/// Answers that give a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preset {
    pub strategy: &'static str,
    pub units: String,
    pub order: &'static str,
}

/// The preset so many on from the answers; the first where they are none of the presets.
pub(super) fn next(
    source: &Blueprint,
    target: &Blueprint,
    [strategy, units, order]: [&str; 3],
    by: isize,
) -> Option<Preset> {
    let all = presets(source, target);
    let is_now = |preset: &Preset| {
        preset.strategy == strategy && preset.units == units && preset.order == order
    };
    let now = all.iter().position(is_now);
    let next = match now {
        Some(now) => (now + all.len()).saturating_add_signed(by) % all.len(),
        None => 0,
    };
    all.into_iter().nth(next).filter(|_| now != Some(next))
}

/// Every preset whose mapping no earlier one gives.
fn presets(source: &Blueprint, target: &Blueprint) -> Vec<Preset> {
    let mut seen = Vec::new();
    let mut keep = |preset: &Preset| {
        let strategy = preset.strategy.parse::<Strategy>().ok();
        let units: Option<Units> = preset.units.parse().ok();
        let map = units.and_then(|it| ordered(source, target, strategy, &it, preset.order).ok());
        let text = map.map(|map| map.official()).filter(|text| !seen.contains(text));
        text.map(|text| seen.push(text)).is_some()
    };
    let plain = |strategy, order| Preset { strategy, units: ALL.to_owned(), order };
    let mut all = vec![plain(DEFAULT, NONE)];
    all.extend(Strategy::ALL.map(|strategy| plain(strategy.name(), NONE)));
    all.extend(["reverse", "random"].map(|order| plain(DEFAULT, order)));
    let most = source.depths().into_iter().max().unwrap_or(0);
    for strategy in [Strategy::Interpolate, Strategy::Append] {
        for end in ["first", "last"] {
            let chosen = (1..most).map(|count| format!("{end}:{count}"));
            let strategy = strategy.name();
            all.extend(chosen.map(|units| Preset { strategy, units, order: NONE }));
        }
    }
    all.retain(|preset| keep(preset));
    all
}

/// The model of the ticket's family and width whose stages have so many units.
pub(super) fn of_depths(about: &About, depths: &[usize], shelf: &Shelf) -> Option<String> {
    let source = &about.blueprint;
    let width = source.name.splitn(4, '_').nth(3).map_or(String::new(), |it| format!("_{it}"));
    // Depths that nobody lists; numbers that are no depth of the family name no model.
    let deeper = (1..300).map(|depth| format!("{}_{depth}{width}", source.family));
    // Stages that no number stands for are named one by one, those of bottlenecks with a `b`.
    let listed = depths.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
    let listed = ["", "b"].map(|kind| format!("{}_{listed}{kind}{width}", source.family));
    targets(about, shelf).into_iter().chain(deeper).chain(listed).find(|name| {
        let model = Blueprint::new(name, Some(source.classes), Some(source.input));
        model.is_ok_and(|it| it.depths() == depths && check_models(source, &it).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, target: &str, expected: &[&str]) {
        let model = |name: &str| Blueprint::new(name, None, None).unwrap();
        let (source, target) = (model(source), model(target));
        let mut now = [DEFAULT.to_owned(), ALL.to_owned(), NONE.to_owned()];
        for expected in expected {
            let [strategy, units, order] = &now;
            let preset = next(&source, &target, [strategy, units, order], 1).unwrap();
            now = [preset.strategy.to_owned(), preset.units, preset.order.to_owned()];
            assert_eq!(now.join(" "), *expected);
        }
    }

    #[test]
    fn presets_are_the_papers_each_mapping_once() {
        check(
            "cifar_resnet_20",
            "cifar_resnet_32",
            &[
                "append all none",
                "default all reverse",
                "default all random",
                "interpolate first:1 none",
                "interpolate last:1 none",
                "default all none",
            ],
        );
        check("cifar_resnet_56", "cifar_resnet_32", &["head all none", "interleave all none"]);
        check("cifar_resnet_20", "cifar_resnet_20", &["default all reverse", "default all random"]);
    }
}
