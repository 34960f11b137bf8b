//! Any sequence of edits leaves a mapping that can be saved, or says what is wrong with it.

use elth_core::{
    reshape::draft::{Draft, Edit},
    unit_map::{UnitMap, check_models},
};
use proptest::prelude::{
    Just, any, prop, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use proptest::strategy::Strategy as Drawn;

use crate::given;

fn edits() -> impl Drawn<Value = Vec<(usize, usize, Edit)>> {
    let edit = prop_oneof![
        3 => (0..8_usize).prop_map(Edit::Assign),
        1 => Just(Edit::Clear),
        2 => Just(Edit::Replicate),
        2 => Just(Edit::Drop),
        2 => (0..8_usize).prop_map(Edit::Swap),
    ];
    prop::collection::vec((0..4_usize, 0..8_usize, edit), 0..12)
}

proptest! {
    #![proptest_config(given::config())]

    #[test]
    fn edits_leave_a_mapping_or_say_what_is_wrong(
        (source, target) in given::pair(), edits in edits(), together in any::<bool>(),
    ) {
        prop_assume!(check_models(&source, &target).is_ok());
        let mut draft = Draft::begin(&source, &target);
        for (stage, unit, edit) in edits {
            draft = draft.edited(stage, unit, edit);
            if together && stage < draft.stages().len() {
                draft = draft.repeated(stage);
            }
        }
        let read = Draft::read(&source, &target, &draft.official()).unwrap();
        prop_assert_eq!(read.official(), draft.official());
        let named = UnitMap::parse(&source, &target, &draft.official());
        match draft.map(&source, &target) {
            Ok(map) => {
                prop_assert_eq!(&Draft::of(&source, &target, &map), &draft);
                prop_assert_eq!(named.unwrap(), map);
            }
            Err(wrong) => {
                prop_assert!(!wrong.is_empty());
                prop_assert!(named.is_err(), "{} with {:?}", draft.official(), wrong);
                let depths = target.depths();
                for wrong in wrong {
                    prop_assert!(wrong.unit < draft.stages()[wrong.stage].len().max(depths[wrong.stage]));
                    prop_assert!(wrong.to_string().starts_with(&wrong.name));
                }
            }
        }
    }

    #[test]
    fn a_stage_has_a_row_for_every_target_unit((source, target) in given::pair(), edits in edits()) {
        let mut draft = Draft::begin(&source, &target);
        for (stage, unit, edit) in edits {
            draft = draft.edited(stage, unit, edit);
            for (units, depth) in draft.stages().iter().zip(target.depths()) {
                prop_assert!(units.len() >= depth);
                let full = units.iter().all(|filled| !filled.is_empty());
                prop_assert!(units.len() == depth || full, "{}", draft.official());
            }
        }
    }
}

/// Edits of the first stage of ResNet-14 on its way to ResNet-20, and the string they leave.
fn check(edits: &[(usize, Edit)], text: &str, wrong: &[&str]) {
    let (source, target) = (given::resnet(2, 1), given::resnet(3, 1));
    let mut draft = Draft::begin(&source, &target);
    for (unit, edit) in edits {
        draft = draft.edited(0, *unit, *edit).repeated(0);
    }
    assert_eq!(draft.official(), text);
    let said: Vec<_> =
        draft.wrong(&source, &target).into_iter().filter(|it| it.stage == 0).collect();
    let matches = said.iter().zip(wrong).all(|(said, words)| said.to_string().starts_with(words));
    assert!(said.len() == wrong.len() && matches, "{text}: {said:?}");
}

#[test]
fn edits_do_what_they_are_called() {
    let unfilled = "stage1 unit 2: nothing fills it";
    check(&[], "0:0;1:1", &[unfilled]);
    check(&[(1, Edit::Replicate)], "0:0;1:1,2", &[]);
    check(
        &[(1, Edit::Replicate), (1, Edit::Replicate)],
        "0:0;1:1,2,3",
        &["stage1 unit 3: the target ends with unit 2"],
    );
    check(&[(2, Edit::Assign(1))], "0:0;1:1,2", &[]);
    check(&[(2, Edit::Assign(5))], "0:0;1:1;5:2", &["stage1 unit 2: there is no source unit 5"]);
    check(&[(2, Edit::Assign(0))], "0:0,2;1:1", &["stage1 unit 2: unit 0 is the downsampling"]);
    check(&[(1, Edit::Clear), (2, Edit::Assign(1))], "0:0;1:2", &["stage1 unit 1: nothing fills"]);
    let first = "stage1 unit 0: unit 0 is the downsampling block B0";
    check(&[(0, Edit::Drop)], "1:0", &[first, "stage1 unit 1: nothing", unfilled]);
    check(
        &[(0, Edit::Swap(2))],
        "0:2;1:1",
        &["stage1 unit 0: nothing fills it", "stage1 unit 2: unit 0"],
    );
}

#[test]
fn what_is_typed_is_read_as_far_as_it_goes() {
    let (source, target) = (given::resnet(2, 1), given::resnet(3, 1));
    for (text, official, wrong) in [
        ("0:0;1:1,2", "0:0;1:1,2", 0),
        ("", "", 9),
        ("0:0;1:1,1,2", "0:0;1:1,1,2", 3),
        ("1:2;0:0;1:1;", "0:0;1:1,2", 0),
        ("0:0;1:1,", "0:0;1:1", 3),
        ("0:0;1:1,2|0:0;1:1,2|0:0;1:1", "0:0;1:1,2|0:0;1:1,2|0:0;1:1", 1),
    ] {
        let draft = Draft::read(&source, &target, text).unwrap();
        assert_eq!(draft.official(), official);
        assert_eq!(draft.wrong(&source, &target).len(), wrong, "{text}");
    }
    for text in ["0", "a:0", "0:0;1:x", "0:99999", "0:0|0:0"] {
        assert!(Draft::read(&source, &target, text).is_err(), "{text}");
    }
}

#[test]
fn official_numbers_that_are_not_the_units_are_kept() {
    let model = |name: &str| elth_core::blueprint::Blueprint::new(name, None, None).unwrap();
    let (source, target) = (model("cifar_vggnfc_13_64_3"), model("cifar_vggnfc_13_64_5"));
    for text in ["0:0,2;2:4,6", "0:0,1;1:2,3"] {
        let draft = Draft::read(&source, &target, text).unwrap();
        assert_eq!(draft.official(), "0:0,2;2:4,6");
        let map = draft.map(&source, &target).unwrap();
        assert_eq!(map, UnitMap::parse(&source, &target, text).unwrap());
    }
}
