//! Tickets in other shapes: per-stage depths, treated copies, exact densities, chains of models, widths.

use serde_json::json;

use crate::given::Desk;

/// Checks that a command is refused with this status and these words.
fn check_refused(desk: &Desk, line: &str, status: i32, words: &str) {
    let answer = desk.elth(line);
    assert_eq!(answer.status, Some(status), "{line}: {answer:?}");
    assert!(answer.err.starts_with("error: ") && answer.err.contains(words), "{line}: {answer:?}");
}

#[test]
fn a_ticket_takes_stages_of_any_depths_and_comes_back() {
    let desk = Desk::with_ticket();
    let answer = desk.json("transform ticket --to cifar_resnet_2-4-3_2 -o uneven");
    assert_eq!(answer["mapping"], json!("0:0;1:1|0:0;1:1,2,3|0:0;1:1,2"));
    assert_eq!(answer["target"], json!("cifar_resnet_2-4-3_2"));
    let back = desk.json("transform uneven --to cifar_resnet_2-2-2_2 -o back");
    assert_eq!(back["target"], json!("cifar_resnet_14_2"));
    assert_eq!(back["digest"], desk.json("show ticket")["digest"]);
    let stages = &desk.json("models cifar_resnet_2-4-3_2")[0]["stages"];
    assert_eq!(stages, &json!([2, 4, 3]));
    let one_by_one = "map uneven uneven --reorder |3,1,2|";
    assert_eq!(desk.json(one_by_one)["mapping"], json!("0:0;1:1|0:0;1:2;2:3;3:1|0:0;1:1;2:2"));
    check_refused(&desk, "map uneven uneven --reorder 1|1", 1, "one a stage");
    check_refused(&desk, "models cifar_resnet_3-5", 2, "it has 3 stages");
}
