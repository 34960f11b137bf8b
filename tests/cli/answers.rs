//! The JSON answers: keys that scripts rely on, and values that must hold.

use serde_json::{Value, json};

use crate::given::Desk;

/// Checks that a document has these keys.
fn check_keys(document: &Value, keys: &str) {
    let missing = keys.split_whitespace().find(|key| document.get(key).is_none());
    assert_eq!(missing, None, "{document}");
}

fn sum(list: &Value, key: &str) -> u64 {
    list.as_array().unwrap().iter().map(|item| item[key].as_u64().unwrap()).sum()
}

#[test]
fn models_say_how_large_they_are() {
    let desk = Desk::new();
    let all = desk.json("models");
    let names: Vec<_> =
        all.as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"cifar_resnet_56") && names.contains(&"mnist_lenet_300_100"));
    all.as_array()
        .unwrap()
        .iter()
        .for_each(|model| check_keys(model, "name family stages weights prunable flops"));
    for (name, stages, weights, prunable) in [
        ("cifar_resnet_20", json!([3, 3, 3]), 272_474, 270_896),
        ("cifar_resnet_110", json!([18, 18, 18]), 1_730_714, 1_722_416),
        ("cifar_resnet_14_128", json!([2, 2, 2]), 11_093_130, 11_084_160),
        ("mnist_lenet_300_100", json!([2]), 266_610, 266_200),
    ] {
        let answer = desk.json(&format!("models {name}"));
        let model = &answer[0];
        assert_eq!((&model["stages"], &model["weights"]), (&stages, &json!(weights)), "{name}");
        assert_eq!(model["prunable"], json!(prunable), "{name}");
    }
    assert_eq!(desk.json("models cifar_resnet").as_array().unwrap().len(), 6);
}

#[test]
fn a_ticket_is_shown_down_to_its_tensors() {
    let desk = Desk::with_ticket();
    let shown = desk.json("show ticket");
    check_keys(
        &shown,
        "model family dataset level rewind weights kept density sparsity digest lineage stages \
         classes input parameters flops rewind_weights",
    );
    for (key, value) in [
        ("model", json!("cifar_resnet_14_2")),
        ("family", json!("cifar_resnet")),
        ("dataset", Value::Null),
        ("level", Value::Null),
        ("rewind", json!("0it")),
        ("rewind_weights", json!("dense")),
        ("input", json!("3x8x8")),
        ("classes", json!(10)),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    let stages = &shown["stages"];
    assert_eq!(shown["kept"], sum(stages, "kept"));
    assert_eq!(shown["weights"], sum(stages, "weights"));
    for stage in stages.as_array().unwrap() {
        check_keys(stage, "name kept weights units");
        assert_eq!(stage["kept"], sum(&stage["units"], "kept"));
        for unit in stage["units"].as_array().unwrap() {
            check_keys(unit, "index kept weights tensors");
            assert_eq!(unit["weights"], sum(&unit["tensors"], "weights"));
            let tensors = unit["tensors"].as_array().unwrap();
            for tensor in tensors {
                check_keys(tensor, "name shape kept weights");
            }
        }
    }
    let acts: Vec<_> =
        shown["lineage"].as_array().unwrap().iter().map(|act| act["act"].clone()).collect();
    assert_eq!(acts, ["initialise", "prune"]);
}

#[test]
fn a_heatmap_is_drawn_as_numbers_too() {
    let desk = Desk::with_ticket();
    let drawn = desk.json("show ticket --heatmap stage2");
    let stages = drawn["heatmap"].as_array().unwrap();
    assert_eq!((stages.len(), &stages[0]["stage"]), (1, &json!("stage2")));
    let cells = stages[0]["blocks"][0]["densities"].as_array().unwrap();
    assert!(cells.iter().flat_map(|row| row.as_array().unwrap()).all(Value::is_number));
    assert_eq!(desk.json("show --heatmap ticket")["heatmap"].as_array().unwrap().len(), 5);
}

#[test]
fn mappings_follow_strategy_units_and_order() {
    let desk = Desk::with_ticket();
    let lenet = "mnist_lenet_300_300_100";
    for (line, mapping, stages) in [
        (
            "cifar_resnet_20 cifar_resnet_32",
            "0:0;1:1,2;2:3,4",
            json!([[0, 1, 1, 2, 2], [0, 1, 1, 2, 2], [0, 1, 1, 2, 2]]),
        ),
        ("cifar_resnet_20 cifar_resnet_32 --strategy append", "0:0;1:1,3;2:2,4", Value::Null),
        ("cifar_resnet_32 cifar_resnet_44 --units last:2", "0:0;1:1;2:2;3:3,4;4:5,6", Value::Null),
        (
            "cifar_resnet_32 cifar_resnet_56 --strategy append --units 1,2",
            "0:0;1:1,3,5;2:2,4,6;3:7;4:8",
            Value::Null,
        ),
        ("cifar_resnet_32 cifar_resnet_20", "0:0;1:1;2:2", Value::Null),
        ("cifar_resnet_32 cifar_resnet_20 --strategy head", "0:0;3:1;4:2", Value::Null),
        ("cifar_resnet_32 cifar_resnet_20 --strategy interleave", "0:0;1:1;3:2", Value::Null),
        ("cifar_resnet_20 cifar_resnet_20", "0:0;1:1;2:2", Value::Null),
        ("cifar_resnet_20 cifar_resnet_20 --reorder reverse", "0:0;1:2;2:1", Value::Null),
        ("cifar_resnet_32 cifar_resnet_32 --reorder 3,1,2,4", "0:0;1:2;2:3;3:1;4:4", Value::Null),
        ("cifar_resnet_14 cifar_resnet_20 --map 0:0;1:2,1", "0:0;1:1,2", Value::Null),
        (
            "cifar_resnet_20 cifar_resnet_14 --map 0:0;2:1|0:0;1:1|0:0;2:1",
            "0:0;2:1|0:0;1:1|0:0;2:1",
            Value::Null,
        ),
        (&format!("{lenet} mnist_lenet_300_300_300_100"), "0:0;1:1,2;2:3", json!([[0, 1, 1, 2]])),
        ("ticket cifar_resnet_20_2", "0:0;1:1,2", Value::Null),
        ("cifar_resnet_8_2 ticket --map 0:0,1", "", Value::Null),
    ] {
        if mapping.is_empty() {
            assert_eq!(desk.elth(&format!("map {line}")).status, Some(1), "{line}");
            continue;
        }
        let answer = desk.json(&format!("map {line}"));
        check_keys(&answer, "source target mapping stages");
        assert_eq!(answer["mapping"], json!(mapping), "{line}");
        assert!(stages.is_null() || answer["stages"] == stages, "{line}: {answer}");
    }
}

#[test]
fn a_random_order_is_its_seeds() {
    let desk = Desk::new();
    let order = |seed: &str| {
        let line = format!("map cifar_resnet_56 cifar_resnet_56 --reorder {seed}");
        desk.json(&line)["mapping"].clone()
    };
    assert_eq!(order("--seed-mask 5"), order("random --seed-mask 5"));
    assert_ne!(order("--seed-mask 5"), order("--seed-mask 6"));
    assert_ne!(order("--seed 1"), order("--seed 2"));
}

#[test]
fn a_transformed_ticket_holds_copies_and_says_so() {
    let desk = Desk::with_ticket();
    let answer = desk.json("transform ticket --to cifar_resnet_20_2 -o stretched");
    check_keys(&answer, "source target mapping output kept weights density");
    assert_eq!(answer["output"], json!(desk.path("stretched")));
    let (source, made) = (desk.json("show ticket"), desk.json("show stretched"));
    for key in ["kept", "weights", "density", "digest"] {
        assert_eq!(answer[key], made[key], "{key}");
    }
    let tensors = |shown: &Value, unit: usize| {
        let tensors = shown["stages"][3]["units"][unit]["tensors"].as_array().unwrap().clone();
        tensors.into_iter().map(|tensor| tensor["kept"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(tensors(&source, 1), tensors(&made, 1));
    assert_eq!(tensors(&source, 1), tensors(&made, 2));
    let last = made["lineage"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["arguments"]["map"], json!("0:0;1:1,2"));
    assert_eq!(last["inputs"]["ticket"], source["digest"]);
    desk.elth("transform stretched --to cifar_resnet_14_2 --strategy tail -o back").is_done();
    assert_eq!(desk.json("show back")["digest"], source["digest"]);
}

#[test]
fn a_dry_run_answers_the_same_and_writes_nothing() {
    let desk = Desk::with_ticket();
    let before = desk.names();
    for line in [
        "transform ticket --to cifar_resnet_20_2",
        "control ticket --kind permuted",
        "prune ticket --method magnitude --sparsity 0.95",
    ] {
        let dry = desk.json(&format!("{line} --dry-run"));
        assert_eq!(dry["output"], Value::Null, "{line}");
        assert_eq!(desk.names(), before, "{line}");
        let mut real = desk.json(&format!("{line} -o made"));
        std::fs::remove_file(desk.path("made")).unwrap();
        real["output"] = Value::Null;
        assert_eq!(dry, real, "{line}");
    }
}

#[test]
fn a_control_keeps_what_its_kind_keeps() {
    let desk = Desk::with_ticket();
    desk.elth("transform ticket --to cifar_resnet_20_2 -o stretched").is_done();
    let given = desk.json("show stretched");
    for (kind, kept, jaccard, signs) in [
        ("permuted", &given["kept"], Some(false), None),
        ("permuted-copies", &given["kept"], Some(false), Some(1.0)),
        ("random-mask", &given["kept"], Some(false), Some(1.0)),
        ("reinit", &given["kept"], Some(true), None),
        ("random", &given["kept"], Some(false), None),
        ("dense", &given["weights"], None, Some(1.0)),
    ] {
        let line = format!("control stretched --kind {kind} --seed 7 -o {kind}");
        let answer = desk.json(&line);
        check_keys(&answer, "output kept weights density method");
        assert_eq!((&answer["method"], &answer["kept"]), (&json!(kind), kept), "{kind}");
        let same = desk.json(&format!("diff stretched {kind}"));
        assert!(
            jaccard.is_none_or(|full| (same["jaccard"] == json!(1.0)) == full),
            "{kind}: {same}"
        );
        assert!(signs.is_none_or(|signs| same["sign_agreement"] == json!(signs)), "{kind}: {same}");
    }
}

#[test]
fn pruning_counts_exactly_or_as_the_official_code() {
    let desk = Desk::new();
    let make = |options: &str| {
        let line = format!("prune cifar_resnet_20 --method magnitude {options} --dry-run");
        desk.json(&line)
    };
    for (options, kept) in [
        ("--sparsity 0", 270_896),
        ("--sparsity 0.9", 27_090),
        ("--sparsity 0.9 --counting openlth", 27_088),
        ("--sparsity 0.2", 216_717),
    ] {
        let answer = make(options);
        check_keys(&answer, "output kept weights density method");
        assert_eq!(answer["kept"], json!(kept), "{options}");
        assert_eq!(answer["weights"], json!(270_896));
    }
    assert_eq!(
        make("--sparsity 0.5 --seed 1")["digest"],
        make("--sparsity 0.5 --seed 1")["digest"]
    );
    assert_ne!(
        make("--sparsity 0.5 --seed 1")["digest"],
        make("--sparsity 0.5 --seed 2")["digest"]
    );
    assert_eq!(make("--sparsity 0.5 --classes 100")["weights"], json!(270_896 + 64 * 90));
}

#[test]
fn kept_weights_are_shared_out_as_the_allocation_says_and_each_tensor_tells() {
    let desk = Desk::with_ticket();
    for (allocation, densest) in [("layerwise", 0.11), ("uniform", 0.11), ("erk", 1.0)] {
        let line = format!(
            "prune cifar_resnet_20 --method random --sparsity 0.9 --allocation {allocation} --dry-run"
        );
        let answer = desk.json(&line);
        assert_eq!(answer["kept"], json!(27_090), "{allocation}");
        let tensors = answer["tensors"].as_array().unwrap();
        let number = |tensor: &serde_json::Value, key: &str| tensor[key].as_f64().unwrap();
        assert!(tensors.iter().all(|tensor| tensor["asked"] == tensor["kept"]), "{allocation}");
        let densities = tensors.iter().map(|it| number(it, "kept") / number(it, "weights"));
        let most = densities.fold(0.0, f64::max);
        assert!(most <= densest && most > 0.9 * densest, "{allocation}: {most}");
    }
}

#[test]
fn pruning_from_dense_takes_the_ticket_s_sparsity_and_none_of_its_mask() {
    let desk = Desk::with_ticket();
    let answer = desk.json("prune ticket --from-dense --method magnitude -o other");
    let given = desk.json("show ticket");
    assert_eq!(answer["kept"], given["kept"]);
    let (same, other) = (desk.json("diff ticket other"), desk.json("show other"));
    assert!(same["jaccard"].as_f64().unwrap() < 0.5, "{same}");
    assert_eq!(other["lineage"].as_array().unwrap().last().unwrap()["arguments"]["from"], "dense");
}

#[test]
fn pruning_a_ticket_goes_on_from_its_mask() {
    let desk = Desk::with_ticket();
    desk.elth("prune ticket --method magnitude --sparsity 0.95 -o sparser").is_done();
    let (given, made) = (desk.json("show ticket"), desk.json("show sparser"));
    let same = desk.json("diff ticket sparser");
    assert_eq!((&same["both"], &same["kept_a"]), (&made["kept"], &given["kept"]));
    let (kept, weights) = (made["kept"].as_u64().unwrap(), made["weights"].as_u64().unwrap());
    assert_eq!(kept, weights - (weights * 95 + 50) / 100);
}

#[test]
fn two_tickets_are_compared_stage_by_stage() {
    let desk = Desk::with_ticket();
    desk.elth("control ticket --kind permuted -o permuted").is_done();
    let answer = desk.json("diff ticket permuted");
    check_keys(&answer, "kept_a kept_b both jaccard expected_jaccard sign_agreement stages");
    assert_eq!(answer["both"], sum(&answer["stages"], "both"));
    assert_eq!(answer["stages"].as_array().unwrap().len(), 5);
    let index = |key: &str| answer[key].as_f64().unwrap();
    assert!((index("jaccard") - index("expected_jaccard")).abs() < 0.05, "{answer}");
    assert_eq!(desk.json("diff ticket ticket")["jaccard"], json!(1.0));
}

#[test]
fn tickets_are_listed_from_the_shelf_or_any_folder() {
    let desk = Desk::with_ticket();
    let bytes = desk.bytes("ticket");
    desk.put("home/tickets/mine.safetensors", &bytes);
    desk.put("home/tickets/cut.safetensors", &bytes[..1000]);
    desk.put("other/more.safetensors", &bytes);
    desk.put("other/notes.txt", b"no ticket");
    let listed = desk.elth("tickets --json");
    assert_eq!(listed.status, Some(0));
    assert!(
        listed.err.starts_with("warning: ") && listed.err.contains("cut.safetensors"),
        "{}",
        listed.err
    );
    assert_eq!(listed.err.lines().count(), 1);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let mine = json!(desk.path("home/tickets/mine.safetensors"));
    let mine = listed.as_array().unwrap().iter().find(|ticket| ticket["path"] == mine).unwrap();
    check_keys(mine, "path model family dataset level kept weights density digest");
    assert_eq!(mine["digest"], desk.json("show mine")["digest"]);
    let other = desk.json("tickets other ticket");
    let paths: Vec<_> = other.as_array().unwrap().iter().map(|ticket| &ticket["path"]).collect();
    assert_eq!(paths, [&json!(desk.path("other/more.safetensors")), &json!(desk.path("ticket"))]);
}

#[test]
fn samples_lie_on_every_shelf() {
    let desk = Desk::new();
    let listed = desk.json("tickets");
    let levels: Vec<_> =
        listed.as_array().unwrap().iter().map(|ticket| ticket["level"].as_u64()).collect();
    assert!([0, 6, 12, 14].iter().all(|level| levels.contains(&Some(*level))), "{listed}");
    for ticket in listed.as_array().unwrap() {
        let path = std::path::Path::new(ticket["path"].as_str().unwrap());
        let name = path.file_stem().unwrap().to_str().unwrap();
        let shown = desk.json(&format!("show {name}"));
        for key in ["kept", "weights", "digest", "level", "dataset"] {
            assert_eq!(shown[key], ticket[key], "{name}: {key}");
        }
    }
}

#[test]
fn themes_are_listed_and_a_wrong_one_is_named() {
    let desk = Desk::new();
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|theme| theme["name"].clone()).collect()
    };
    assert!(names(&desk.json("themes")).contains(&json!("terminal")));
    desk.put(".config/elth/themes/mine.toml", b"kee = \"yellow\"\n");
    let answer = desk.elth("themes --json");
    assert_eq!((answer.status, answer.err.lines().count()), (Some(1), 1), "{answer:?}");
    assert!(answer.err.contains("mine.toml") && answer.err.contains("`kee`"), "{}", answer.err);
    assert!(names(&serde_json::from_str(&answer.out).unwrap()).contains(&json!("dark")));
}

#[test]
fn completions_name_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = desk.elth(&format!("completions {shell}"));
        script.is_done();
        assert!(["transform", "tickets"].iter().all(|word| script.out.contains(word)), "{shell}");
        assert_eq!(desk.json(&format!("completions {shell}"))["script"], json!(script.out));
    }
}
