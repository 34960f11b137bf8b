//! Ten thousand keys and clicks of nobody in particular, at sizes that nobody would choose: nothing panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use elth_core::chance::{Stream, stream};
use elth_store::run::{dir::RunDir, standing::State};
use strum::IntoEnumIterator as _;

use crate::{
    effect::Effect,
    key::Key,
    keymap::Context,
    layout::Size,
    message::Message,
    pointer::{Act, Pointer},
    trying::{Bench, evaluated, progress, shelf_of, standing},
};

/// Terminals from absurd to huge.
const SIZES: [(u16, u16); 10] = [
    (1, 1),
    (20, 5),
    (40, 10),
    (41, 11),
    (63, 17),
    (64, 18),
    (80, 24),
    (81, 50),
    (120, 40),
    (200, 60),
];

/// Things that happen before the monkey is another one.
const STEPS: usize = 500;

/// The last things that happened, told where something breaks.
const TOLD: usize = 25;

fn bench() -> Bench {
    let states = [State::Done, State::Lost, State::Failed, State::Running, State::Paused];
    let all = (1..).zip(states);
    let all = all.map(|(number, state)| standing(&format!("train-{number}"), state, 100 * number));
    let broken = vec![("train-9".to_owned(), "its recipe is torn".to_owned())];
    shelf_of(6).happens(Message::Stood { standings: all.collect(), broken })
}

fn below(chance: &mut Stream, bound: usize) -> usize {
    usize::try_from(chance.below(bound as u64)).unwrap()
}

/// One of some.
fn one_of<T: Clone>(chance: &mut Stream, things: &[T]) -> T {
    things[below(chance, things.len())].clone()
}

/// Keys that ask for something where one is, and letters that people type.
fn key(chance: &mut Stream, bench: &Bench) -> Key {
    let context = bench.model.context();
    let known: Vec<String> =
        bench.model.keys.entries(context).flat_map(|bound| bound.keys.clone()).collect();
    let name = match below(chance, 10) {
        0..7 => one_of(chance, &known),
        7 => one_of(chance, &["1", "0", "-", ",", ":", "é", "漢", "space", "backspace"]).to_owned(),
        8 => one_of(chance, &["left", "right", "up", "down", "esc", "enter", "tab"]).to_owned(),
        _ => {
            let context = one_of(chance, &Context::iter().collect::<Vec<_>>());
            let all = bench.model.keys.entries(context).flat_map(|bound| bound.keys.clone());
            one_of(chance, &all.collect::<Vec<_>>())
        }
    };
    Key::named(&name)
}

fn message(chance: &mut Stream, bench: &Bench) -> Message {
    let Size { columns, rows } = bench.model.size;
    let acts =
        [Act::Press, Act::Press, Act::Twice, Act::Drag, Act::Release, Act::WheelUp, Act::WheelDown];
    let run = RunDir::at(format!("/home/me/runs/train-{}", 1 + below(chance, 6)));
    // Often that of the dialog that waits.
    let asking = bench.model.asked;
    match below(chance, 20) {
        0..13 => Message::Pressed(key(chance, bench)),
        13..17 => {
            let place = |most: u16, chance: &mut Stream| {
                u16::try_from(below(chance, usize::from(most) + 3)).unwrap()
            };
            let act = one_of(chance, &acts);
            let (column, row) = (place(columns, chance), place(rows, chance));
            Message::Pointed(Pointer { act, column, row })
        }
        17 => {
            let (columns, rows) = one_of(chance, &SIZES);
            Message::Resized(Size::new(columns, rows))
        }
        18 => Message::Heard(run, vec![progress(7, 0.5), evaluated(8, f64::NAN), progress(9, 1e9)]),
        _ => one_of(
            chance,
            &[
                Message::Pasted("l3\u{1b}[2J 漢字 0.5".to_owned()),
                Message::Failed("`x`: it went wrong\nand more".to_owned()),
                Message::Started(asking, vec!["train-2".to_owned()]),
                Message::Started(asking, Vec::new()),
                Message::Vanished(vec![run.clone()]),
                Message::Printed(run.clone(), vec!["\t漢字 \u{1b}[31m red".to_owned()]),
                Message::Saved(asking, "/home/me/tickets/ticket-2.safetensors".into()),
                Message::Refused(asking, "`x`: it went wrong".to_owned()),
            ],
        ),
    }
}

/// Plays until somebody wants to leave or has had enough; `log` holds the last things that happened.
fn play(seed: u64, log: &mut Vec<String>) {
    let mut chance = stream(seed, "monkey");
    let mut bench = bench();
    for _ in 0..STEPS {
        let message = message(&mut chance, &bench);
        log.push(format!("{message:?}"));
        bench = bench.happens(message);
        drop(bench.screen());
        bench.effects.retain(|effect| matches!(effect, Effect::Copy(_)));
        if bench.model.left.take().is_some() {
            bench.model.overlay = None;
        }
    }
}

#[test]
fn ten_thousand_keys_and_clicks_at_odd_sizes_break_nothing() {
    for seed in 0..20 {
        let mut log = Vec::new();
        let outcome = catch_unwind(AssertUnwindSafe(|| play(seed, &mut log)));
        let last = &log[log.len().saturating_sub(TOLD)..];
        assert!(outcome.is_ok(), "seed {seed}, step {}:\n{}", log.len(), last.join("\n"));
    }
}

#[test]
fn a_screen_that_was_tiny_is_whole_again() {
    for keys in ["g", "t", "r", "?", ":", "T", "tab", "tab enter"] {
        let bench = bench().sized(120, 40).press(keys);
        let before = bench.screen();
        let bench = bench.sized(20, 5);
        assert!(bench.screen().contains("terminal too smal"), "{}", bench.screen());
        assert_eq!(bench.sized(120, 40).screen(), before, "{keys}");
    }
}
