//! How answers look as text: aligned, without colour, in ASCII where the locale asks for it.

use insta::assert_snapshot;

use crate::given::{Desk, run};

fn text(desk: &Desk, line: &str) -> String {
    let answer = desk.elth(line);
    answer.is_done();
    assert!(!answer.out.contains('\u{1b}'), "{line}");
    assert!(answer.out.lines().all(|line| line.trim_end() == line), "{}", answer.out);
    answer.out.replace(&desk.folder().display().to_string(), "DESK")
}

#[test]
fn a_mapping_reads_from_source_to_target() {
    let desk = Desk::new();
    assert_snapshot!(text(&desk, "map cifar_resnet_32 cifar_resnet_20 --strategy interleave"), @"");
}

#[test]
fn a_transformation_shows_what_became_of_each_stage() {
    let desk = Desk::with_ticket();
    assert_snapshot!(text(&desk, "transform ticket --to cifar_resnet_20_2 --dry-run"), @"");
}

#[test]
fn a_comparison_sets_chance_beside_what_is_shared() {
    let desk = Desk::with_ticket();
    desk.elth("control ticket --kind permuted --seed 1 -o permuted").is_done();
    assert_snapshot!(text(&desk, "diff ticket permuted"), @"");
}

#[test]
fn a_heatmap_is_drawn_in_the_locales_signs() {
    let desk = Desk::with_ticket();
    let drawn = text(&desk, "show ticket --heatmap stage1");
    assert!(drawn.contains('░') && drawn.contains("unit 1"), "{drawn}");
    let mut plain = desk.command(["show", "ticket", "--heatmap", "stage1"]);
    let plain = run(plain.env("LANG", "C"));
    assert!(plain.out.is_ascii(), "{}", plain.out);
    assert_snapshot!(plain.out, @"");
}

#[test]
fn a_ticket_fits_eighty_columns() {
    let desk = Desk::with_ticket();
    let shown = text(&desk, "show ticket");
    let table = shown.lines().skip_while(|line| !line.starts_with("stage,"));
    let table: Vec<_> = table.take_while(|line| !line.is_empty()).collect();
    assert!(table.len() > 20 && table.iter().all(|line| line.len() <= 80), "{shown}");
}
