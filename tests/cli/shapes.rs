//! Tickets in other shapes: per-stage depths, treated copies, exact densities, chains of models, widths.

use serde_json::{Value, json};

use crate::given::Desk;

/// Checks that a command is refused with this status and these words.
fn check_refused(desk: &Desk, line: &str, status: i32, words: &str) {
    let answer = desk.elth(line);
    assert_eq!(answer.status, Some(status), "{line}: {answer:?}");
    assert!(answer.err.starts_with("error: ") && answer.err.contains(words), "{line}: {answer:?}");
}

/// The last act of a ticket's lineage.
fn last_act(desk: &Desk, ticket: &str) -> Value {
    let shown = desk.json(&format!("show {ticket}"));
    shown["lineage"].as_array().unwrap().last().unwrap().clone()
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

#[test]
fn copies_are_drawn_anew_or_perturbed_and_residual_blocks_scaled() {
    let desk = Desk::with_ticket();
    let stretch = |options: &str, name: &str| {
        let line = format!("transform ticket --to cifar_resnet_20_2 {options} --seed 5 -o {name}");
        desk.json(&line)
    };
    let plain = stretch("", "plain");
    for (options, name, arguments) in [
        ("--copies reinit", "fresh", json!({"copies": "reinit"})),
        ("--copies perturbed:0.1", "noisy", json!({"copies": "perturbed:0.1"})),
        ("--residual-scale", "scaled", json!({"residual-scale": "1/r"})),
    ] {
        let made = stretch(options, name);
        assert_eq!((&made["kept"], &made["hops"][0]["copies"]), (&plain["kept"], &json!(3)));
        assert_ne!(made["digest"], plain["digest"], "{options}");
        assert_eq!(desk.json(&format!("diff plain {name}"))["jaccard"], json!(1.0));
        let told = last_act(&desk, name)["arguments"].clone();
        let mut asked = arguments.as_object().unwrap().iter();
        assert!(asked.all(|(key, value)| told[key] == *value), "{told}");
    }
    check_refused(
        &desk,
        "transform ticket --to cifar_resnet_20_2 --copies new -o made",
        2,
        "perturbed",
    );
}

#[test]
fn a_ticket_ends_at_exactly_the_count_that_is_wanted() {
    let desk = Desk::with_ticket();
    let all = desk.json("models cifar_resnet_20_2")[0]["prunable"].as_u64().unwrap();
    for (options, kept) in [
        ("--kept 1000", 1000),
        ("--kept 100 --within stage", 100),
        ("--density 0.5 --within tensor", all.div_ceil(2)),
        ("--density 1 --regrow random", all),
    ] {
        let line = format!("transform ticket --to cifar_resnet_20_2 {options} -o made --force");
        let made = desk.json(&line);
        assert_eq!(made["kept"], json!(kept), "{options}");
        let act = last_act(&desk, "made");
        assert_eq!(
            (&act["act"], &act["arguments"]["kept"]),
            (&json!("rebalance"), &json!(kept.to_string()))
        );
        assert_eq!(act["inputs"]["ticket"], made["hops"][0]["digest"]);
    }
    let same = desk
        .json("transform ticket --to cifar_resnet_20_2 --density source --within stage --dry-run");
    for stage in same["stages"].as_array().unwrap() {
        let number = |key: &str| stage[key].as_f64().unwrap();
        assert!(
            (number("source_density") * number("weights") - number("kept")).abs() <= 0.5,
            "{stage}"
        );
    }
    for (options, status, words) in [
        ("--kept 0", 1, "cannot keep 0 of"),
        ("--kept 9999999", 1, "cannot keep 9999999 of"),
        ("--density 1.5", 2, "`1.5` is no density"),
        ("--density 0.5 --kept 4", 2, "--kept"),
        ("--within stage", 2, "--density or --kept"),
        ("--kept 10 --regrow best", 2, "magnitude or random"),
    ] {
        let line = format!("transform ticket --to cifar_resnet_20_2 {options} --dry-run");
        check_refused(&desk, &line, status, words);
    }
}

#[test]
fn several_hops_are_the_same_as_one_after_another() {
    let desk = Desk::with_ticket();
    let options = "--copies perturbed --residual-scale --seed 3";
    let hops = ["cifar_resnet_20_2", "cifar_resnet_3-5-4_2", "cifar_resnet_32_2"];
    let to: Vec<_> = hops.iter().map(|model| format!("--to {model}")).collect();
    let made =
        desk.json(&format!("transform ticket {} {options} --kept 500 -o chain", to.join(" ")));
    assert_eq!(made["hops"].as_array().unwrap().len(), 3);
    let mut before = "ticket".to_owned();
    for (at, model) in hops.iter().enumerate() {
        let last = if at == 2 { "--kept 500" } else { "" };
        desk.elth(&format!("transform {before} --to {model} {options} {last} -o hop{at}"))
            .is_done();
        before = format!("hop{at}");
    }
    assert!(desk.bytes("chain") == desk.bytes("hop2"), "a chain and its hops differ");
    let there_and_back = "transform ticket --to cifar_resnet_20_2 --to cifar_resnet_14_2 --strategy append --strategy tail";
    assert_eq!(
        desk.json(&format!("{there_and_back} --dry-run"))["digest"],
        desk.json("show ticket")["digest"]
    );
    let uneven = "transform ticket --to cifar_resnet_20_2 --to cifar_resnet_32_2 --to cifar_resnet_14_2 --strategy append --strategy tail --dry-run";
    check_refused(&desk, uneven, 2, "--strategy is given 2 times for 3 hops");
}

#[test]
fn a_width_changes_only_as_an_experiment() {
    let desk = Desk::with_ticket();
    let wide = "transform ticket --to cifar_resnet_14_5";
    check_refused(&desk, &format!("{wide} --dry-run"), 2, "--experimental-width");
    let made = desk.json(&format!("{wide} --experimental-width -o wide"));
    let hop = &made["hops"][0];
    assert_eq!(
        (&hop["keeps_function"], &made["target"]),
        (&json!(true), &json!("cifar_resnet_14_5"))
    );
    let act = last_act(&desk, "wide");
    assert_eq!(
        (&act["act"], &act["arguments"]["function"]),
        (&json!("change-width"), &json!("kept"))
    );
    let back =
        desk.json("transform wide --to cifar_resnet_14_2 --experimental-width random --dry-run");
    assert_eq!(back["hops"][0]["keeps_function"], json!(false));
    let both = "transform ticket --to cifar_resnet_20_2 --to cifar_resnet_20_4 --experimental-width --dry-run";
    assert_eq!(desk.json(both)["hops"].as_array().unwrap().len(), 2);
    for (line, status, words) in [
        (
            "transform ticket --to cifar_resnet_20_4 --experimental-width --dry-run",
            1,
            "their widths differ",
        ),
        (
            "transform ticket --to cifar_resnet_20_2 --experimental-width --dry-run",
            2,
            "no hop changes the width",
        ),
        (
            "transform ticket --to cifar_resnet_14_4 --experimental-width --copies reinit --dry-run",
            1,
            "drawn anew",
        ),
        (
            "transform ticket --to cifar_resnet_14_4 --experimental-width best --dry-run",
            2,
            "in-turn or random",
        ),
    ] {
        check_refused(&desk, line, status, words);
    }
}

#[test]
fn a_control_says_what_it_needs() {
    let desk = Desk::with_ticket();
    desk.elth("transform ticket --to cifar_resnet_20_2 -o stretched").is_done();
    for (options, status, words) in [
        ("--kind snip-copies", 2, "give --dataset"),
        ("--kind snip-copies --dataset cifar10", 1, "cifar10"),
        ("--kind own-level", 2, "--own"),
        ("--kind own-level --own stretched", 1, "of no level"),
        ("--kind reinit --compat", 2, "--compat is for"),
        ("--kind reinit --dataset digits", 2, "--dataset is for snip-copies"),
        ("--kind shuffled", 2, "snip-copies, own-weights"),
    ] {
        check_refused(&desk, &format!("control stretched {options} -o made"), status, words);
    }
    desk.elth("control stretched --kind own-dense --own stretched -o dense").is_done();
    desk.elth("control stretched --kind permuted --compat -o official").is_done();
    let shown = desk.json("show official");
    assert_eq!(shown["rewind_weights"], json!("masked"));
    assert_eq!(last_act(&desk, "official")["arguments"]["compat"], json!("openlth"));
    check_refused(&desk, "control official --kind permuted -o made", 1, "`--compat`");
}

#[test]
fn a_retraining_that_goes_on_needs_trained_weights() {
    let desk = Desk::with_ticket();
    desk.put("weights", b"no weights");
    for (options, status, words) in [
        ("--retraining lr-rewinding", 1, "ticket.trained.safetensors`: give --trained"),
        ("--retraining fine-tuning --trained nowhere", 1, "nowhere"),
        ("--retraining fine-tuning --trained weights", 1, "weights"),
        ("--trained weights", 2, "--trained is for lr-rewinding and fine-tuning"),
        ("--retraining again", 2, "weight-rewinding, lr-rewinding, fine-tuning"),
    ] {
        check_refused(&desk, &format!("train ticket --dataset digits {options}"), status, words);
    }
}
