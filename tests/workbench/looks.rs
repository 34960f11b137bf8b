//! What is written to the terminal: no more than changed, nothing that waits for an answer, no colours where none are wanted.

use std::{
    thread,
    time::{Duration, Instant},
};

use elth_store::run::{event_log::Writer, lease::Lease};

use crate::{
    given::{home, progress, run, started},
    session::{Session, open},
};

const SIZE: (u16, u16) = (80, 24);

/// The inverse cells of the row that has this text.
fn is_inverse(session: &Session, text: &str) -> bool {
    session.ask(|screen| {
        let (rows, columns) = screen.size();
        let row =
            (0..rows).find(|row| screen.contents_between(*row, 0, *row, columns).contains(text));
        let cell = row.and_then(|row| screen.cell(row, 2));
        cell.is_some_and(|cell| cell.inverse() && cell.bold())
    })
}

fn has(bytes: &[u8], piece: &str) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece.as_bytes())
}

#[test]
fn idle_means_no_byte_and_no_processor() {
    let (_folder, home) = home(20);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept");
    thread::sleep(Duration::from_millis(500));
    let process = session.workbench();
    let spent = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let (bytes, ticks) = (session.bytes().len(), spent());
    thread::sleep(Duration::from_secs(2));
    assert_eq!(session.bytes().len(), bytes, "{}", session.screen());
    assert!(spent() - ticks <= 1, "{} ticks", spent() - ticks);
    session.types("q").is_left_clean(0);
}

#[test]
fn a_terminal_that_never_answers_is_asked_nothing() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept").resize(100, 30).shows("found-3").types("\x0c").types("q");
    session.is_left_clean(0);
    let bytes = session.bytes();
    // Cursor position, device attributes, keyboard protocol, colours, version.
    for question in
        ["\x1b[6n", "\x1b[c", "\x1b[0c", "\x1b[>c", "\x1b[?u", "\x1b]10;?", "\x1b]11;?", "\x1b[>q"]
    {
        assert!(!has(&bytes, question), "{question:?}");
    }
}

#[test]
fn frames_come_in_one_piece() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept").types("j").shows("found-2 ─").types("q").is_left_clean(0);
    let bytes = String::from_utf8(session.bytes()).unwrap();
    let begun = bytes.matches("\x1b[?2026h").count();
    // One more end: that of giving the terminal back.
    assert_eq!(bytes.matches("\x1b[?2026l").count(), begun + 1);
}

#[test]
fn the_selected_row_is_inverse_with_and_without_colours() {
    for variables in
        [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm"), ("COLORTERM", "truecolor")]]
    {
        let (_folder, home) = home(3);
        let mut session = open(&home, SIZE, variables);
        session.shows("weights kept").types("j").shows("found-2 ─");
        assert!(is_inverse(&session, "›"), "{variables:?}\n{}", session.screen());
        assert!(!is_inverse(&session, "▾ cifar"), "{variables:?}");
        session.types("q").is_left_clean(0);
    }
}

#[test]
fn no_color_means_no_colour() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[("NO_COLOR", "1"), ("ELTH_THEME", "dark")]);
    session
        .shows("weights kept")
        .types("t")
        .shows("edits the picture")
        .types("\x1b")
        .hides("edits the picture")
        .types("q");
    session.is_left_clean(0);
    let bytes = session.bytes();
    for color in ["38;5", "38;2", "48;5", "48;2"] {
        assert!(!has(&bytes, color), "{color}");
    }
}

#[test]
fn colours_are_those_that_the_terminal_has() {
    for (variables, there, absent) in [
        (&[("ELTH_THEME", "dark"), ("COLORTERM", "truecolor")][..], "38;2;", "never"),
        (&[("ELTH_THEME", "dark")], "38;5;", "38;2;"),
        (&[("ELTH_THEME", "dark"), ("TERM", "linux")], "38;5;", "38;2;"),
    ] {
        let (_folder, home) = home(1);
        let mut session = open(&home, SIZE, variables);
        session.shows("weights kept").types("q").is_left_clean(0);
        let bytes = session.bytes();
        assert!(has(&bytes, there) && !has(&bytes, absent), "{variables:?}");
    }
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[("LANG", "C")]);
    session
        .shows("weights kept")
        .types("t")
        .shows("edits the picture")
        .types("\x1b")
        .hides("edits the picture")
        .types("q");
    session.is_left_clean(0);
    assert!(session.bytes().is_ascii());
}

#[test]
fn another_size_is_drawn_whole_and_a_tiny_one_says_so() {
    let (_folder, home) = home(3);
    let mut session = open(&home, SIZE, &[]);
    session.shows("weights kept").resize(200, 60).until("the wider frame", |screen| {
        screen.cell(0, 199).is_some()
            && screen.contents().lines().any(|line| line.chars().count() > 190)
    });
    session.resize(30, 8).shows("terminal too small").hides("found-1");
    session.resize(80, 24).shows("weights kept").types("q").is_left_clean(0);
}

#[test]
fn a_run_is_seen_live_but_drawn_a_few_times_a_second_only() {
    let (_folder, home) = home(1);
    let dir = run(&home);
    let _trainer = Lease::take(&dir.lease()).unwrap().unwrap();
    let mut log = Writer::open(&dir.events()).unwrap();
    log.append(&started(1000)).unwrap();
    let mut session = open(&home, SIZE, &[]);
    session
        .shows("1 alive")
        .types("\t")
        .shows("running train-1")
        .types("\r")
        .shows("step 0 of 1000");
    let (before, since) = (session.frames(), Instant::now());
    for step in 1..=100 {
        log.append(&progress(step)).unwrap();
        thread::sleep(Duration::from_millis(20));
    }
    session.shows("step 100 of 1000");
    // Four frames a second for as long as that took, and some air for what came before and after.
    let drawn = session.frames() - before;
    let most = usize::try_from(since.elapsed().as_millis() / 250).unwrap() + 6;
    assert!((3..=most).contains(&drawn), "{drawn} frames of {most} at the most");
    session.types("q").shows("1 run goes on").is_left_clean(0);
}
