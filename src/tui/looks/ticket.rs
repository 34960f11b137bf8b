//! What a ticket's screen looks like: every zoom and everything beside it, on small and on large terminals.

use crate::trying::{Bench, shelf_of};

/// Compares the screen with its pictures at three sizes.
#[track_caller]
fn check(name: &str, mut bench: Bench) {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        bench = bench.sized(columns, rows);
        insta::with_settings!({ snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(format!("{name} {columns}x{rows}"), bench.screen());
        });
    }
}

/// The second of three levels.
fn opened(keys: &str) -> Bench {
    shelf_of(3).press("j enter").press(keys)
}

#[test]
fn all_stages() {
    check("stages", opened("right"));
}

#[test]
fn one_stage() {
    check("stage", opened("right right enter"));
}

#[test]
fn one_unit() {
    check("unit", opened("right right enter enter down"));
}

#[test]
fn one_tensor() {
    check("tensor", opened("right right enter enter enter down right right"));
}

#[test]
fn the_bits_of_kernels() {
    check("bits", opened("enter enter enter enter down right"));
}

#[test]
fn what_was_pruned_since_the_level_before() {
    check("pruned", opened("m ]"));
}

#[test]
fn how_weights_are_distributed() {
    check("weights", opened("w w"));
}

#[test]
fn the_difference_to_another_ticket() {
    check("difference", opened("d down enter"));
}

#[test]
fn the_choice_of_another_ticket() {
    check("others", opened("d"));
}

#[test]
fn densities_of_all_levels() {
    check("profiles", opened("p"));
}

#[test]
fn where_it_came_from() {
    check("lineage", opened("i"));
}

#[test]
fn no_size_is_too_odd_for_a_ticket() {
    let sizes = [(40, 10), (41, 11), (63, 16), (99, 18), (100, 30), (149, 41), (300, 100)];
    for keys in
        ["k", "m", "enter", "enter enter", "enter enter enter G", "d enter", "w", "p L", "i b"]
    {
        let mut bench = opened(keys).press("enter enter enter down right");
        for (columns, rows) in sizes {
            bench = bench.sized(columns, rows);
            assert_eq!(bench.screen().lines().count(), usize::from(rows), "{keys}");
            bench = bench.press("down G ] [ - g l");
        }
    }
}
