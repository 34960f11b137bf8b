//! Whatever is drawn, the dialog holds a mapping or says why it holds none, and undoing brings back what was.

use std::path::Path;

use elth_core::chance::{Stream, stream};

use super::{picture::Stroke, *};
use crate::{
    portrait,
    trying::{shelf_of, ticket},
};

fn below(chance: &mut Stream, bound: u64) -> usize {
    usize::try_from(chance.below(bound)).unwrap()
}

fn stroke(chance: &mut Stream) -> Stroke {
    use elth_core::reshape::draft::Edit;
    match chance.below(11) {
        0 | 1 => Stroke::Edit(Edit::Assign(below(chance, 4))),
        2 => Stroke::Edit(Edit::Clear),
        3 | 4 => Stroke::Edit(Edit::Replicate),
        5 => Stroke::Edit(Edit::Drop),
        6 => Stroke::Carry(1),
        7 => Stroke::Turn(-1),
        8 => Stroke::Preset(1),
        9 => Stroke::Spread,
        _ => Stroke::Target,
    }
}

/// What can be saved is what the text says; what cannot has a reason.
fn check(dialog: &Transform) {
    let source = &dialog.about.blueprint;
    match (&dialog.preview, &dialog.drawn) {
        (Ok(preview), _) => {
            let text = dialog.form.answer(label::MAPPING);
            assert_eq!(UnitMap::parse(source, &preview.target, text).as_ref(), Ok(&preview.map));
            assert!(dialog.transformation(Path::new("/")).is_ok());
        }
        (Err(reason), drawn) => {
            assert!(!reason.is_empty(), "{drawn:?}");
            assert!(dialog.transformation(Path::new("/")).is_err());
        }
    }
}

#[test]
fn any_drawing_leaves_a_mapping_or_a_reason_and_undoing_it_leaves_what_was() {
    let ticket = ticket("cifar_resnet_20_4", 0.8, 3);
    let portrait = portrait::of(&ticket);
    let shelf = shelf_of(0).model.shelf;
    for seed in 0..20 {
        let chance = &mut stream(seed, "drawing");
        let mut dialog =
            Transform::open(Path::new("/a.safetensors"), &ticket.about, &shelf, Some(&portrait));
        let mut states = vec![dialog.form.answers()];
        for _ in 0..15 {
            if let Some(drawn) = &dialog.drawn {
                let mut step = || [-1, 0, 1][below(chance, 3)];
                dialog.picture.go(&drawn.draft, step(), step());
            }
            dialog.picture.alone = chance.below(2) == 0;
            let before = dialog.changes().0;
            // No preset or no model as deep is said, and changes nothing.
            let _ = dialog.draw_in(stroke(chance), Some(&portrait), &shelf);
            check(&dialog);
            if dialog.changes().0 > before {
                states.push(dialog.form.answers());
            }
        }
        let last = states.len() - 1;
        for expected in states.iter().rev().skip(1) {
            assert!(dialog.undo(Some(&portrait), &shelf), "seed {seed}");
            assert_eq!(dialog.form.answers(), *expected, "seed {seed}");
            check(&dialog);
        }
        assert!(!dialog.undo(Some(&portrait), &shelf));
        for expected in &states[1..] {
            assert!(dialog.redo(Some(&portrait), &shelf), "seed {seed} of {last}");
            assert_eq!(dialog.form.answers(), *expected, "seed {seed}");
        }
    }
}

#[test]
fn a_ticket_found_in_the_target_itself_is_set_beside_it() {
    let source = ticket("cifar_resnet_14_8", 0.8, 9);
    let mut shelf = shelf_of(0).model.shelf;
    let found = [("near", 8), ("far", 1)].map(|(name, level)| {
        let ticket = ticket("cifar_resnet_20_8", 0.8, level);
        crate::trying::summary(&format!("/{name}.safetensors"), &ticket)
    });
    if let Some(listing) = &mut shelf.listing {
        listing.tickets.extend(found);
    }
    let dialog = Transform::open(Path::new("/a.safetensors"), &source.about, &shelf, None);
    assert_eq!(dialog.form.answer(label::TARGET), "cifar_resnet_20_8");
    assert_eq!(dialog.rival.as_deref(), Some(Path::new("/near.safetensors")));
}

#[test]
fn stages_of_any_depths_have_a_model() {
    let shelf = shelf_of(0).model.shelf;
    let check = |source: &str, depths: &[usize], expected: Option<&str>| {
        let about = ticket(source, 0.8, 1).about;
        let found = super::presets::of_depths(&about, depths, &shelf);
        assert_eq!(found.as_deref(), expected, "{source} {depths:?}");
    };
    check("cifar_resnet_14_8", &[3, 3, 3], Some("cifar_resnet_20_8"));
    check("cifar_resnet_14_8", &[2, 4, 3], Some("cifar_resnet_2-4-3_8"));
    check("imagenet_resnet_50_1", &[3, 4, 7, 3], Some("imagenet_resnet_3-4-7-3b_1"));
    check("cifar_resnet_14_8", &[2, 4], None);
}
