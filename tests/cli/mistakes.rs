//! Every bad input: one line that names the thing and the way out, the right status, nothing written.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use elth_core::{
    ticket::{Ticket, format},
    weights::Values,
};

use crate::given::{Answer, Desk, run};

/// Checks that a command fails with this status and these words on its first line, and touches no file.
fn check(desk: &Desk, line: &str, status: i32, words: &[&str]) {
    let before = desk.names();
    let answer = desk.elth(line);
    check_answer(&answer, line, status, words);
    assert_eq!(desk.names(), before, "{line}");
}

fn check_answer(answer: &Answer, line: &str, status: i32, words: &[&str]) {
    assert_eq!((answer.status, answer.out.as_str()), (Some(status), ""), "{line}: {answer:?}");
    let first = answer.err.lines().next().unwrap_or_default();
    assert!(first.starts_with("error: "), "{line}: {first}");
    let missing = words.iter().find(|word| !first.contains(*word));
    assert_eq!(missing, None, "{line}: {first}");
    assert!(!answer.err.contains("panicked"), "{line}: {}", answer.err);
    assert!(status == 2 || answer.err.lines().count() == 1, "{line}: {}", answer.err);
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let desk = Desk::with_ticket();
    for (line, words) in [
        ("", &["workbench", "terminal", "--help"][..]),
        ("--json", &["workbench", "terminal"]),
        ("fly", &["fly"]),
        ("models vgg_99", &["vgg_99", "elth models"]),
        ("models cifar_resnet_21", &["cifar_resnet_21", "6D + 2"]),
        ("map cifar_resnet_20 cifar_resnet_21", &["cifar_resnet_21", "6D + 2"]),
        ("map cifar_resnet_20 cifar_resnet_32 --strategy stretchy", &["stretchy", "interpolate"]),
        ("map cifar_resnet_20 cifar_resnet_32 --units best", &["best", "first:2"]),
        ("map cifar_resnet_20 cifar_resnet_32 --reorder upwards", &["upwards", "reverse"]),
        ("map cifar_resnet_20 cifar_resnet_32 --map 0-0", &["0-0", "0:0;1:1,2"]),
        ("map cifar_resnet_20 cifar_resnet_32 --map 0:0 --units 1", &["--map", "--units"]),
        ("transform ticket --to cifar_resnet_20_2", &["required", "--output"]),
        ("transform ticket --to cifar_resnet_20_2 -o ticket --force", &["`ticket`", "itself"]),
        ("transform ticket --to cifar_resnet_20_2 -o .", &["`.`", "folder"]),
        ("transform ticket --to cifar_resnet_22_2 -o made", &["cifar_resnet_22_2", "6D + 2"]),
        ("control ticket --kind shuffled -o made", &["shuffled", "permuted"]),
        ("control ticket --kind permuted --seed -1 -o made", &["-1"]),
        ("control ticket --kind own-weights -o made", &["own-weights", "--own"]),
        ("control ticket --kind permuted --own ticket -o made", &["--own", "own-imp"]),
        (
            "prune cifar_resnet_20 --method gradual --sparsity 0.5 -o made",
            &["gradual", "--dynamic gradual"],
        ),
        ("prune cifar_resnet_20 --method snip --sparsity 0.5 -o made", &["snip", "--dataset"]),
        ("prune ticket --method random -o made", &["--sparsity"]),
        ("prune cifar_resnet_20 --method random --from-dense -o made", &["--from-dense"]),
        (
            "prune cifar_resnet_20 --method random --examples 3 --sparsity 0.5 -o made",
            &["--examples", "random"],
        ),
        (
            "prune cifar_resnet_20 --method random --allocation fair --sparsity 0.5 -o made",
            &["fair", "erk"],
        ),
        (
            "prune cifar_resnet_20 --classes 0 --method random --sparsity 0.5 -o made",
            &["cannot tell 0 classes apart", "1 to 1,000,000"],
        ),
        ("prune cifar_resnet_20 --method tiny --sparsity 0.5 -o made", &["tiny", "magnitude"]),
        ("prune cifar_resnet_20 --method random --sparsity 90 -o made", &["90", "0.9"]),
        ("prune cifar_resnet_20 --method random --sparsity NaN -o made", &["NaN", "0.9"]),
        (
            "prune cifar_resnet_20 --method random --sparsity 0.5 --counting mine -o made",
            &["mine", "openlth"],
        ),
        (
            "prune cifar_resnet_20 --method random --sparsity 0.5 --input 8x8 -o made",
            &["8x8", "3x32x32"],
        ),
        (
            "prune cifar_resnet_20 --method random --sparsity 0.5 --input 3x2x2 -o made",
            &["3x2x2", "3x4x4"],
        ),
        (
            "prune cifar_resnet_20 --method random --sparsity 0.5 --dataset cats -o made",
            &["cats", "digits"],
        ),
        ("prune cifar_resnet_20 --method random --sparsity 0.5 --classes 0 -o made", &["classes"]),
        ("prune ticket --method random --sparsity 0.95 --classes 10 -o made", &["--classes"]),
        ("show", &["required", "<TICKET>"]),
        ("show ticket --heatmap stage9", &["stage9", "stage1, stage2, stage3"]),
        ("completions dos", &["dos"]),
        ("data fetch cats", &["cats", "digits"]),
        ("data check cats", &["cats", "digits"]),
    ] {
        check(&desk, line, 2, words);
    }
}

#[test]
fn what_cannot_be_done_ends_with_status_1() {
    let desk = Desk::with_ticket();
    for (line, words) in [
        ("show nowhere", &["`nowhere`", "elth tickets"][..]),
        ("show .", &["folder", "elth tickets"]),
        ("show /dev/null", &["/dev/null"]),
        ("diff ticket nowhere", &["`nowhere`"]),
        ("map somewhere cifar_resnet_20", &["`somewhere`", "elth models", "elth tickets"]),
        ("tickets nowhere", &["`nowhere`"]),
        (
            "map cifar_resnet_20 cifar_resnet_32 --map 0:0;1:1,2;2:3",
            &["stage1", "target units 4", "not filled"],
        ),
        (
            "map cifar_resnet_20 cifar_resnet_32 --map 0:0;1:1,2;2:2,3,4",
            &["stage1", "target unit 2", "twice"],
        ),
        (
            "map cifar_resnet_20 cifar_resnet_32 --map 0:0;1:1,2;2:3,4,5",
            &["no target unit 5", "last is 4"],
        ),
        (
            "map cifar_resnet_20 cifar_resnet_32 --map 0:0;1:1,2;3:3,4",
            &["no source unit 3", "last is 2"],
        ),
        ("map cifar_resnet_20 cifar_resnet_20 --map 0:1;1:0;2:2", &["unit 0", "0:0"]),
        ("map cifar_resnet_20 cifar_resnet_32 --map 0:0;1:1,2;2:3,4|0:0", &["2 stages", "has 3"]),
        (
            "map cifar_resnet_20 cifar_resnet_32 --strategy tail",
            &["`tail`", "append or interpolate"],
        ),
        ("map cifar_resnet_20 cifar_resnet_32 --units 0", &["unit 0", "1,2"]),
        ("map cifar_resnet_32 cifar_resnet_20 --units 1,2", &["units", "no stage gets deeper"]),
        ("map cifar_resnet_20 cifar_resnet_20 --units first:2", &["units", "leave them out"]),
        ("map cifar_resnet_20 mnist_lenet_300_100", &["cifar_resnet", "mnist_lenet", "family"]),
        ("map cifar_resnet_20 cifar_resnet_20_8", &["widths"]),
        (
            "map mnist_lenet_300_300_100 mnist_lenet_300_300_300_100 --map 0:0;1:1,2",
            &["target units 3"],
        ),
        ("transform ticket --to mnist_lenet_300_100 -o made", &["family"]),
        ("transform ticket --to cifar_resnet_20 -o made", &["widths"]),
        ("transform ticket --to cifar_resnet_20_2 --map 0:0;1:1 -o made", &["target units 2"]),
        ("transform ticket --to cifar_resnet_20_2 -o nowhere/made", &["nowhere/made", "folder"]),
        ("transform ticket --to cifar_resnet_20_2 -o /proc/made", &["/proc/made"]),
        ("prune ticket --method random --sparsity 0.5 -o made", &["sparsity 0.8999", "more"]),
        (
            "prune cifar_resnet_8_1 --method random --sparsity 0.9999 -o made",
            &["nothing would be left"],
        ),
        ("control ticket --kind permuted-copies -o made", &["no transformation", "stretch"]),
    ] {
        check(&desk, line, 1, words);
    }
}

#[test]
fn tickets_of_other_shapes_do_not_go_together() {
    let desk = Desk::with_ticket();
    let other = "prune cifar_resnet_14_2 --dataset digits --classes 5 --method random --sparsity 0.5 -o five";
    desk.elth(other).is_done();
    desk.elth("transform ticket --to cifar_resnet_20_2 -o deeper").is_done();
    for (line, words) in [
        ("map ticket five", &["10 classes", "5"][..]),
        ("diff ticket five", &["10 classes", "5 classes"]),
        ("diff ticket deeper", &["cifar_resnet_14_2", "cifar_resnet_20_2"]),
    ] {
        check(&desk, line, 1, words);
    }
}

#[test]
fn a_control_that_needs_dense_weights_says_how_to_go_on() {
    let desk = Desk::with_ticket();
    let ticket = elth_core::ticket::format::decode(&desk.bytes("ticket")).unwrap().masked();
    desk.put("masked", &elth_core::ticket::format::encode(&ticket));
    check(&desk, "control masked --kind permuted -o made", 1, &["permuted", "--compat"]);
    desk.elth("control masked --kind permuted --compat -o made").is_done();
    desk.elth("control masked --kind reinit -o fresh").is_done();
}

#[test]
fn a_truncated_ticket_is_refused_at_any_length() {
    let desk = Desk::with_ticket();
    let bytes = desk.bytes("ticket");
    for length in [0, 1, 7, 8, 9, 100, 3000, bytes.len() / 2, bytes.len() - 1] {
        desk.put("cut", &bytes[..length]);
        check(&desk, "show cut", 1, &["cut`"]);
        check(&desk, "transform cut --to cifar_resnet_20_2 -o made", 1, &["cut`"]);
    }
    desk.put("long", &[&bytes[..], b"x"].concat());
    check(&desk, "show long", 1, &["long`"]);
}

#[test]
fn a_hostile_header_is_one_line_and_commands_no_terminal() {
    let desk = Desk::new();
    let huge = u64::MAX.to_le_bytes();
    desk.put("announces", &huge);
    check(&desk, "show announces", 1, &["announces`"]);
    let meta = |more: &str| {
        format!(r#"{{"__metadata__":{{"format":"elth-ticket","version":"1",{more}}}}}"#)
    };
    for json in [
        "{}".to_owned(),
        "[]".to_owned(),
        "{".repeat(100_000),
        "[".repeat(100_000),
        r#"{"__metadata__":{"format":"elth-weights"}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#.to_owned(),
        r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,0]}}"#.to_owned(),
        r#"{"a":{"dtype":"F99","shape":[],"data_offsets":[0,0]}}"#.to_owned(),
        meta(r#""model":"cifar_resnet_99999999999999999999""#),
        meta(r#""model":"cifar_resnet_20","classes":"0""#),
        meta(r#""model":"cifar_resnet_20","classes":"99999999999999""#),
        meta(r#""model":"cifar_resnet_20","input":"3x99999999999x99999999999""#),
        meta(r#""model":"\u001b[2Jevil\nname""#),
        meta(r#""model":"cifar_resnet_20","lineage":"\u001b]0;x\u0007""#),
        meta(r#""model":"cifar_resnet_20""#),
    ] {
        let header = [&(json.len() as u64).to_le_bytes()[..], json.as_bytes()].concat();
        desk.put("hostile", &header);
        check(&desk, "show hostile", 1, &["hostile`"]);
        let answer = desk.elth("show hostile");
        assert!(!answer.err.contains('\u{1b}'), "{answer:?}");
        assert!(answer.err.len() < 1000, "{}", answer.err.len());
    }
}

#[test]
fn a_name_with_control_signs_is_spelt_out() {
    let desk = Desk::new();
    let answer = run(&mut desk.command(["show", "a\x1b[2J"]));
    check_answer(&answer, "show", 1, &["u{1b}[2J"]);
    assert!(!answer.err.contains('\u{1b}'));
}

#[test]
fn folders_that_are_not_utf_8_are_wrong_usage() {
    let desk = Desk::with_ticket();
    let odd = OsStr::from_bytes(b"odd\xff");
    for (line, option) in [
        ("imp --model cifar_resnet_14_2 --levels 1", "--home"),
        ("imp --model cifar_resnet_14_2 --levels 1", "--data-dir"),
        ("data list --json", "--data-dir"),
        ("runs", "--home"),
    ] {
        let words = line.split(' ').map(OsStr::new).chain([option.as_ref(), odd]);
        check_answer(&run(&mut desk.command(words)), line, 2, &["not UTF-8", "name another"]);
    }
}

#[test]
fn a_ticket_with_damaged_weights_names_the_tensor_before_anything_starts() {
    let desk = Desk::with_ticket();
    let ticket = format::decode(&desk.bytes("ticket")).unwrap();
    let mut weights = ticket.weights().clone();
    let name = "blocks.1.conv1.weight";
    if let Some(Values::Floats(values)) = weights.0.get_mut(name) {
        values[7] = f32::NAN;
    }
    let masks = ticket.masks().clone();
    let damaged = Ticket::assemble(ticket.about.clone(), weights, masks).unwrap();
    desk.put("damaged.safetensors", &format::encode(&damaged));
    let words = format!("tensor `{name}` holds NaN at place 7");
    for line in ["train damaged.safetensors", "eval damaged.safetensors"] {
        check(&desk, line, 1, &[&words]);
    }
    for line in [
        "show damaged.safetensors",
        "transform damaged.safetensors --to cifar_resnet_20_2 --dry-run",
    ] {
        let answer = desk.elth(line);
        assert_eq!(answer.status, Some(0), "{answer:?}");
        assert!(answer.err.starts_with("warning: ") && answer.err.contains(&words), "{answer:?}");
    }
}
