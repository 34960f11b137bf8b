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
    assert_snapshot!(text(&desk, "map cifar_resnet_32 cifar_resnet_20 --strategy interleave"), @r#"
    cifar_resnet_32 → cifar_resnet_20
    mapping  0:0;1:1;3:2

    stage   units  source unit of each target unit  dropped
    stage1  5 → 3  0 1 3                            2 4
    stage2  5 → 3  0 1 3                            2 4
    stage3  5 → 3  0 1 3                            2 4
    "#);
}

#[test]
fn a_transformation_shows_what_became_of_each_stage() {
    let desk = Desk::with_ticket();
    assert_snapshot!(text(&desk, "transform ticket --to cifar_resnet_20_2 --dry-run"), @r#"
    cifar_resnet_14_2 → cifar_resnet_20_2
    mapping  0:0;1:1,2
    FLOPs    9,118 an image, of 85,920

    stage   units  kept  of weights  density  source's
    stem    1 → 1     8          54  14.81 %   14.81 %
    stage1  2 → 3    21         216   9.72 %    9.72 %
    stage2  2 → 3    95         800  11.88 %   12.11 %
    stage3  2 → 3   294       3,200   9.19 %    9.42 %
    head    1 → 1     7          80   8.75 %    8.75 %
    all             425       4,350   9.77 %   10.01 %

    nothing written: this was a dry run
    "#);
}

#[test]
fn a_comparison_sets_chance_beside_what_is_shared() {
    let desk = Desk::with_ticket();
    desk.elth("control ticket --kind permuted --seed 2 -o permuted").is_done();
    let shown = text(&desk, "diff ticket permuted");
    let (_, table) = shown.split_once("\n\n").unwrap();
    assert_snapshot!(table, @r#"
    stage   kept by A  kept by B  both  Jaccard  by chance  same sign
    stem            8          8     2   0.1429     0.0800   100.00 %
    stage1         14         14     3   0.1200     0.0566   100.00 %
    stage2         62         62     9   0.0783     0.0651   100.00 %
    stage3        193        193    14   0.0376     0.0508   100.00 %
    head            7          7     1   0.0769     0.0458   100.00 %
    all           284        284    29   0.0538     0.0548   100.00 %

    B keeps 10.21 % of A's weights, A keeps 10.21 % of B's
    "#);
}

#[test]
fn a_heatmap_is_drawn_in_the_locales_signs() {
    let desk = Desk::with_ticket();
    let drawn = text(&desk, "show ticket --heatmap stage1");
    assert!(drawn.contains('░') && drawn.contains("unit 1"), "{drawn}");
    let mut plain = desk.command(["show", "ticket", "--heatmap", "stage1"]);
    let plain = run(plain.env("LANG", "C"));
    assert!(plain.out.is_ascii(), "{}", plain.out);
    assert_snapshot!(plain.out, @r#"
    kept: blank none  . up to 3.7 %  : up to 11.1 %  * up to 33.3 %  # up to 100.0 %

    stage1  density 9.72 %
               conv1                   conv2
      unit 0   #   #                           #  #    #
                            #                   #
      unit 1     #        #     #      #
                         #      #         #
    "#);
}

#[test]
fn a_ticket_fits_eighty_columns() {
    let desk = Desk::with_ticket();
    let shown = text(&desk, "show ticket");
    let table = shown.lines().skip_while(|line| !line.starts_with("stage,"));
    let table: Vec<_> = table.take_while(|line| !line.is_empty()).collect();
    assert!(table.len() > 20 && table.iter().all(|line| line.len() <= 80), "{shown}");
}
