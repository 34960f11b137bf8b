//! What people expect of a terminal program: a mouse that may be left alone, a palette, copies, a memory.

use std::fs;

use crate::{
    given::home,
    session::{Session, open, open_with},
};

const SIZE: (u16, u16) = (100, 30);

/// A click on the first place where the screen has this text.
#[track_caller]
fn click(session: &mut Session, text: &str) {
    let screen = session.shows(text).screen();
    let row = screen.lines().position(|line| line.contains(text)).unwrap();
    let line = screen.lines().nth(row).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count();
    let at = format!("{};{}", column + 1, row + 1);
    session.types(&format!("\x1b[<0;{at}M\x1b[<0;{at}m"));
}

fn has(session: &Session, piece: &str) -> bool {
    session.bytes().windows(piece.len()).any(|window| window == piece.as_bytes())
}

#[test]
fn the_mouse_clicks_tabs_and_the_footer_and_turns_the_wheel() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept");
    click(&mut session, "transform");
    session.shows("› transform");
    click(&mut session, " runs ");
    session.shows("no run yet");
    click(&mut session, " shelf ");
    session.shows("weights kept").types("\x1b[<65;5;6M").shows("┌ cifar_resnet_14_8 ─").types("q");
    session.is_left_clean(0);
}

#[test]
fn the_mouse_is_left_alone_where_nobody_wants_it() {
    let (_folder, home) = home(1);
    let script = "\"$ELTH\" --no-mouse; echo \"left $?\"; stty -a; echo over";
    let mut session = open_with(script, &home, SIZE, &[]);
    session.shows("weights kept").types("?").shows("search").hides("mouse:");
    assert!(!has(&session, "\x1b[?1000h") && !has(&session, "\x1b[?1006h"));
    session.types("\x03").is_left_clean(130);
}

#[test]
fn the_palette_goes_to_a_ticket_by_a_few_letters() {
    let (_folder, home) = home(12);
    let mut session = open(&home, SIZE, &[]);
    session
        .shows("weights kept")
        .types(":")
        .shows("go to, or do")
        .types("fnd-11")
        .shows("level 11");
    session.types("\r").shows("┌ found-11 ─").types("q").is_left_clean(0);
}

#[test]
fn copies_go_to_the_terminal_through_what_is_between_and_to_a_file() {
    let plain = "\x1b]52;c;";
    for (variables, wrapped) in [
        (&[][..], plain),
        (&[("TMUX", "/tmp/tmux,1,0")], "\x1bPtmux;\x1b\x1b]52;c;"),
        (&[("TERM", "screen-256color")], "\x1bP\x1b]52;c;"),
    ] {
        let (_folder, home) = home(1);
        let mut session = open(&home, SIZE, variables);
        session.shows("weights kept").types("y").shows("copied `/");
        assert!(has(&session, wrapped), "{variables:?}");
        let kept = fs::read_to_string(home.path().join(".local/state/elth/copied")).unwrap();
        assert!(kept.ends_with("found-1.safetensors"), "{kept}");
        session.types("q").is_left_clean(0);
    }
    let (_folder, home) = home(1);
    let mut session = open(&home, SIZE, &[("TERM", "linux")]);
    session.shows("weights kept").types("y").shows("this terminal has no clipboard");
    assert!(!has(&session, plain));
    session.types("q").is_left_clean(0);
}

#[test]
fn one_comes_back_to_where_one_left_unless_one_wants_to_begin_anew() {
    let (_folder, home) = home(3);
    let again = "\"$ELTH\"; echo one; read line; \"$ELTH\"; echo two; read line; \"$ELTH\" --fresh; \
                 echo \"left $?\"; stty -a; echo over";
    let mut session = open_with(again, &home, SIZE, &[]);
    session
        .shows("┌ found-1 ─")
        .types("jT")
        .shows("theme")
        .types("\x1b[B\x1b[B\r")
        .hides("theme ─");
    session.types("q").shows("one").types("\n");
    // The light theme paints a background, the terminal's own none.
    session.until("a painted screen", |screen| {
        screen.contents().contains("┌ found-2 ─")
            && screen.cell(5, 90).is_some_and(|cell| cell.bgcolor() != vt100::Color::Default)
    });
    session.types("q").shows("two").types("\n").shows("┌ found-1 ─").types("q").is_left_clean(0);
}

#[test]
fn a_damaged_memory_and_old_words_in_it_are_no_error() {
    let (_folder, home) = home(2);
    let folder = home.path().join(".local/state/elth");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("workbench.json"), b"{\"split\": [1, 2").unwrap();
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept").types("q").is_left_clean(0);
}

#[test]
fn ascii_and_few_bytes_can_be_asked_for() {
    let (_folder, home) = home(2);
    let script = "\"$ELTH\" --ascii --low-bandwidth; echo \"left $?\"; stty -a; echo over";
    let mut session = open_with(script, &home, SIZE, &[]);
    session
        .shows("weights kept")
        .types("t")
        .shows("edits the picture")
        .types("\x03")
        .is_left_clean(130);
    assert!(session.bytes().is_ascii());
}

#[test]
fn ones_own_keys_hold_and_are_shown() {
    let (_folder, home) = home(2);
    let folder = home.path().join(".config/elth");
    fs::create_dir_all(&folder).unwrap();
    let file = "theme = \"dark\"\n[keys]\nquit = \"Q\"\n[keys.shelf]\ntransform = \"ctrl-t\"\n";
    fs::write(folder.join("config.toml"), file).unwrap();
    let mut session = open(&home, SIZE, &[]);
    session.shows("ctrl-t transform").shows("Q quit").types("qt\x14").shows("› transform");
    session.types("\x1b").shows("Q quit").types("Q").is_left_clean(0);
}

#[test]
fn a_mistake_in_the_file_of_keys_is_told_before_the_terminal_is_taken() {
    let (_folder, home) = home(1);
    let folder = home.path().join(".config/elth");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "[keys]\nquit = \"j\"\n").unwrap();
    let mut session = open(&home, SIZE, &[]);
    session.shows("config.toml` line 2: `j` asks for both `down` and `quit`").is_left_clean(1);
}
