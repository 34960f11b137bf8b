//! However the workbench ends, the terminal is as it was.

use rustix::process::Signal;

use crate::{
    given::home,
    session::{is_gone, open, open_with},
};

const SIZE: (u16, u16) = (80, 24);

#[test]
fn by_its_key() {
    let (_folder, home) = home(2);
    let mut session = open(&home, SIZE, &[]);
    session.shows("found-1").types("q").is_left_clean(0);
}

#[test]
fn by_ctrl_c_also_in_a_dialog() {
    for keys in ["\x03", "t\x03", "?\x03"] {
        let (_folder, home) = home(2);
        let mut session = open(&home, SIZE, &[]);
        session.shows("weights kept").types(keys).is_left_clean(130);
    }
}

#[test]
fn by_signals() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let (_folder, home) = home(2);
        let mut session = open(&home, SIZE, &[]);
        session.shows("weights kept").signal(signal).is_left_clean(status);
    }
}

#[test]
fn by_a_panic_which_is_told_on_the_screen_one_had() {
    if !cfg!(debug_assertions) {
        return;
    }
    let (_folder, home) = home(2);
    let mut session = open(&home, SIZE, &[("ELTH_TEST_PANIC", "1")]);
    session.shows("a test asked for a panic").is_left_clean(101);
}

#[test]
fn by_a_connection_that_is_lost() {
    let (_folder, home) = home(2);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept");
    is_gone(session.vanish());
}

#[test]
fn for_a_while_by_ctrl_z_and_back_by_fg() {
    let (_folder, home) = home(2);
    let script =
        "set -m; \"$ELTH\"; echo away; read line; fg; echo \"left $?\"; stty -a; echo over";
    let mut session = open_with(script, &home, SIZE, &[]);
    session.shows("weights kept").types("\x1a").shows("away");
    session.ask(|screen| assert!(!screen.alternate_screen() && !screen.hide_cursor()));
    session.types("\n").shows("weights kept").types("j").shows("found-2 ─").types("q");
    session.is_left_clean(0);
}

#[test]
fn at_once_where_there_is_no_such_theme() {
    let (_folder, home) = home(1);
    let mut session = open(&home, SIZE, &[("ELTH_THEME", "plaid")]);
    session.shows("there is no theme `plaid`: choose terminal, dark, light").is_left_clean(1);
}
