//! The way of somebody who works with it: transform, save, and what is on the disk then.

use elth_store::ticket_file;

use crate::{given::home, session::open};

#[test]
fn a_ticket_is_stretched_and_saved_and_shown() {
    let (_folder, home) = home(3);
    let mut session = open(&home, (80, 24), &[]);
    session
        .shows("weights kept")
        .types("t")
        .shows("2←1")
        .types("\r")
        .shows("saved `found-1-to-20x4`");
    let made = ticket_file::read(&home.tickets().join("found-1-to-20x4.safetensors")).unwrap();
    assert_eq!(made.blueprint().name, "cifar_resnet_20_4");
    session.shows("cifar_resnet_20_4").types("q").is_left_clean(0);
}

#[test]
fn what_is_there_is_never_replaced() {
    let (_folder, home) = home(2);
    let path = home.tickets().join("found-2.safetensors");
    let before = std::fs::read(&path).unwrap();
    let mut session = open(&home, (120, 40), &[]);
    session.shows("weights kept").types("t").shows("2←1");
    // Up from the first line is the last one: the name.
    session.types("\x1b[A\x01\x0bfound-2").shows("name       found-2").types("\r");
    session.shows("it is there already").types("\x03").is_left_clean(130);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_ticket_is_shown_with_the_reason() {
    let (_folder, home) = home(1);
    std::fs::write(home.tickets().join("torn.safetensors"), b"torn").unwrap();
    let mut session = open(&home, (120, 40), &[]);
    session.shows("weights kept").types("G").shows("no tickets").shows("torn.safetensors`");
    session.types("q").is_left_clean(0);
}
