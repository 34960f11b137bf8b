//! Official files through the commands: what is exported is imported again bit for bit.

use std::fs;

use crate::given::Desk;

#[test]
fn what_is_exported_for_the_official_code_is_imported_again() {
    let desk = Desk::new();
    for (at, model) in
        ["cifar_vgg_11_2", "cifar_vggnfc_11_2_3", "cifarhe_resnet_18_2"].into_iter().enumerate()
    {
        desk.elth(&format!("prune {model} --method random --sparsity 0.8 -o made{at}")).is_done();
        desk.elth(&format!("export made{at} --format openlth -o there{at}")).is_done();
        let report = desk.json(&format!("import there{at} -o back{at}"));
        let ticket = &report["tickets"][0];
        assert_eq!((&ticket["model"], &ticket["level"]), (&model.into(), &serde_json::Value::Null));
        assert_eq!(
            (&report["weights_files"], &report["skipped"]),
            (&serde_json::json!([]), &serde_json::json!([]))
        );
        let back = ticket["output"].as_str().unwrap();
        let [one, two] = [format!("made{at}"), back.to_owned()]
            .map(|file| desk.json(&format!("show {file}"))["kept"].clone());
        assert_eq!(one, two, "{model}");
        desk.elth(&format!("export {back} --format openlth -o again{at}")).is_done();
        for entry in fs::read_dir(desk.path(&format!("there{at}"))).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert_eq!(
                desk.bytes(&format!("there{at}/{name}")),
                desk.bytes(&format!("again{at}/{name}")),
                "{name}"
            );
        }
    }
}

#[test]
fn what_cannot_be_imported_is_said_in_one_line() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    desk.put("false.pth", b"PK\x03\x04nonsense");
    for (line, says) in [
        ("import empty -o out", "holds no official files"),
        ("import false.pth -o out", "is a damaged archive"),
        ("import nowhere -o out", "cannot be read"),
    ] {
        let refused = desk.elth(line);
        assert_eq!(refused.status, Some(1), "{refused:?}");
        assert!(refused.err.contains(says), "{refused:?}");
        assert!(!desk.path("out").exists(), "{line}");
    }
    assert_eq!(desk.elth("import empty --model cifar_resnet_21 -o out").status, Some(2));
}

#[test]
fn a_folder_for_pytorch_holds_the_ticket_and_what_loads_it() {
    let desk = Desk::with_ticket();
    desk.elth("export ticket --format pytorch -o there").is_done();
    assert_eq!(desk.bytes("there/ticket.safetensors"), desk.bytes("ticket"));
    for name in ["there/model.py", "there/load.py"] {
        assert!(desk.bytes(name).starts_with(b"\"\"\""), "{name}");
    }
    let refused = desk.elth("export ticket --format pytorch -o there");
    assert!(refused.status == Some(1) && refused.err.contains("--force"), "{refused:?}");
}
