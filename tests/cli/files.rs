//! What commands leave on disk: whole files or none, and nothing lost.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use crate::given::{Desk, ELTH, run};

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let desk = Desk::with_ticket();
    desk.put("made", b"precious");
    for line in [
        "transform ticket --to cifar_resnet_20_2 -o made",
        "control ticket --kind dense -o made",
        "prune ticket --method magnitude --sparsity 0.95 -o made",
    ] {
        let refused = desk.elth(line);
        assert_eq!(refused.status, Some(1), "{line}");
        assert!(refused.err.contains("`made`") && refused.err.contains("--force"), "{refused:?}");
        assert_eq!(desk.bytes("made"), b"precious", "{line}");
        desk.elth(&format!("{line} --force")).is_done();
        desk.elth("show made").is_done();
        desk.put("made", b"precious");
    }
}

#[test]
fn a_ticket_is_never_its_own_output_by_whatever_name() {
    let desk = Desk::with_ticket();
    let before = desk.bytes("ticket");
    std::os::unix::fs::symlink(desk.path("ticket"), desk.path("link")).unwrap();
    for output in ["ticket", "./ticket", "link"] {
        let line = format!("prune ticket --method random --sparsity 0.95 --force -o {output}");
        assert_eq!(desk.elth(&line).status, Some(2), "{output}");
        assert_eq!(desk.bytes("ticket"), before);
    }
}

#[test]
fn equal_commands_write_equal_bytes() {
    let desk = Desk::with_ticket();
    for output in ["one", "two"] {
        let line = format!("control ticket --kind random --seed 9 -o {output}");
        desk.elth(&line).is_done();
    }
    assert_eq!(desk.bytes("one"), desk.bytes("two"));
}

#[test]
fn a_folder_that_may_not_be_written_stays_as_it_was() {
    let desk = Desk::with_ticket();
    fs::create_dir(desk.path("locked")).unwrap();
    fs::set_permissions(desk.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may write anywhere (root) is not refused.
    let privileged = fs::write(desk.path("locked/probe"), b"").is_ok();
    let answer = desk.elth("transform ticket --to cifar_resnet_20_2 -o locked/made");
    if privileged {
        answer.is_done();
    } else {
        assert_eq!(answer.status, Some(1));
        assert!(answer.err.contains("permission denied"), "{}", answer.err);
        assert_eq!(fs::read_dir(desk.path("locked")).unwrap().count(), 0);
    }
}

#[test]
fn a_disk_that_fills_up_leaves_no_half_file() {
    let desk = Desk::with_ticket();
    desk.put("made", b"precious");
    let before = desk.names();
    // One block is less than any ticket; the signal is ignored, so that the write itself fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {ELTH} transform ticket --to cifar_resnet_20_2 --force -o made"
    );
    let answer = run(Command::new("bash").args(["-c", &script]).current_dir(desk.folder()));
    assert_eq!(answer.status, Some(1), "{answer:?}");
    assert!(answer.err.contains("`made`"), "{}", answer.err);
    assert_eq!((desk.names(), desk.bytes("made")), (before, b"precious".to_vec()));
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let desk = Desk::with_ticket();
    for line in ["show ticket", "models --json", "completions bash", "--help"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = desk.command(line.split_whitespace());
        let output = command.stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        assert_eq!(output.status.code(), Some(0), "{line}");
    }
}

#[test]
fn a_full_standard_output_is_told() {
    let desk = Desk::with_ticket();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = desk.command(["show", "ticket"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
}

#[test]
fn a_home_that_does_not_exist_holds_no_tickets() {
    let desk = Desk::new();
    desk.elth("tickets --home nowhere/yet").is_done();
    assert!(desk.names().is_empty());
}

#[test]
fn a_name_that_is_no_text_is_a_name_all_the_same() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    let desk = Desk::with_ticket();
    let name = OsStr::from_bytes(b"odd\xff");
    let words = |rest: &[&str]| -> Vec<std::ffi::OsString> {
        rest.iter().map(|word| if *word == "ODD" { name.into() } else { word.into() }).collect()
    };
    for line in [
        &["transform", "ticket", "--to", "cifar_resnet_20_2", "--json", "-o", "ODD"][..],
        &["show", "ODD", "--json"],
        &["show", "ODD"],
        &["tickets", "ODD", "--json"],
        &["control", "ODD", "--kind", "reinit", "-o", "made"],
        &["map", "ODD", "cifar_resnet_14_2"],
    ] {
        run(&mut desk.command(words(line))).is_done();
    }
}

#[test]
fn tickets_are_found_by_name_on_the_shelf() {
    let desk = Desk::with_ticket();
    desk.put("there/tickets/mine.safetensors", &desk.bytes("ticket"));
    for name in ["mine", "mine.safetensors"] {
        let shown = desk.json(&format!("show {name} --home there"));
        assert_eq!(shown["path"], serde_json::json!(desk.path("there/tickets/mine.safetensors")));
    }
    assert_eq!(desk.elth("show mine").status, Some(1));
}
