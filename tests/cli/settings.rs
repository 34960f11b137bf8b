//! The one file of settings and keys, and what `elth config` says of it.

use std::fs;

use crate::given::{Answer, Desk, run};

/// What a command says with that file of settings; nothing where there is no such file.
fn told(file: Option<&str>, line: &str) -> Answer {
    let desk = Desk::new();
    let folder = desk.folder().join("settings");
    fs::create_dir_all(folder.join("elth")).unwrap();
    if let Some(text) = file {
        fs::write(folder.join("elth/config.toml"), text).unwrap();
    }
    let mut command = desk.command(line.split(' '));
    run(command.env("XDG_CONFIG_HOME", &folder))
}

#[test]
fn what_is_printed_can_be_read_again_and_says_the_same() {
    let said = "theme = \"light\"\nupdates = 2\n[keys]\npreset = \"vim\"\nquit = \"Q\"\n";
    let printed = told(Some(said), "config print");
    printed.is_done();
    assert!(printed.out.contains("theme = \"light\"") && printed.out.contains("quit = [\"Q\"]"));
    let again = told(Some(&printed.out), "config print");
    assert_eq!(again.out.lines().count(), printed.out.lines().count());
    told(Some(&printed.out), "config check").is_done();
}

#[test]
fn without_a_file_the_defaults_hold() {
    for line in ["config print", "config keys", "config path", "config schema", "config check"] {
        told(None, line).is_done();
    }
    assert!(told(None, "config check").out.contains("is not there: the defaults hold"));
}

#[test]
fn keys_are_a_table_with_what_they_do() {
    let keys = told(Some("[keys.shelf]\ntransform = \"ctrl-t\""), "config keys");
    let line =
        keys.out.lines().find(|line| line.contains("transform") && line.starts_with("shelf"));
    assert!(line.is_some_and(|line| line.contains("ctrl-t")), "{}", keys.out);
}

#[test]
fn a_mistake_is_told_with_file_line_and_way_out_by_every_command_that_reads_it() {
    for (file, said) in [
        ("\n[keys]\nretrian = \"r\"", "config.toml` line 3: `retrian` is no action"),
        ("theme = 1", "config.toml` line 1: `theme` is no text"),
    ] {
        for line in ["config check", "config print", "config keys"] {
            let answer = told(Some(file), line);
            assert_eq!(answer.status, Some(1), "{line}");
            assert!(answer.err.lines().next().unwrap().contains(said), "{}", answer.err);
        }
    }
    let unknown = told(Some("theme = \"plaid\""), "config check");
    assert!(unknown.err.contains("there is no theme `plaid`: choose terminal"), "{}", unknown.err);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let page = told(None, "man transform");
    page.is_done();
    assert!(page.out.contains(".TH elth") && page.out.contains("\\-\\-strategy"), "{}", page.out);
    assert_eq!(told(None, "man nothing").status, Some(2));
}
