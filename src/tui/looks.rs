//! What every screen looks like: on small and large terminals, in colours, without them, and in ASCII.

mod modes;
mod ticket;

use std::{collections::BTreeSet, path::PathBuf};

use elth_store::run::{dir::RunDir, event::Event, recipe::Task, standing::State};

use crate::{
    DemoWatch,
    gpus::Gpu,
    message::Message,
    model::{Access, Screen},
    trying::{Bench, evaluated, progress, shelf_of, standing},
    update::comparing,
    widgets::plain,
};

/// Compares the screen with its pictures at every size, and looks for signs that ASCII has nothing for.
#[track_caller]
fn check(name: &str, mut bench: Bench) {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        bench = bench.sized(columns, rows);
        has_ascii(name, &bench.screen());
        insta::assert_snapshot!(format!("{name} {columns}x{rows}"), bench.screen());
        insta::assert_snapshot!(format!("{name} {columns}x{rows} modes"), modes::of(&bench));
    }
}

/// Every sign of the screen has an ASCII letter that stands for it.
#[track_caller]
fn has_ascii(name: &str, screen: &str) {
    let bare = |sign: &char| *sign != '?' && plain::ascii(&sign.to_string()) == '?';
    let bare: BTreeSet<char> = screen.chars().filter(bare).collect();
    assert!(bare.is_empty(), "{name}: `widgets/plain.rs` has no letter for {bare:?}");
}

fn with_runs() -> Bench {
    let states = [State::Done, State::Lost, State::Failed, State::Running];
    let all = (1..)
        .zip(states)
        .map(|(number, state)| standing(&format!("train-{number}"), state, 210 * number));
    shelf_of(3).happens(Message::Stood { standings: all.collect(), broken: Vec::new() })
}

/// A training that goes as trainings go.
fn told(bench: Bench, id: &str, best: f64) -> Bench {
    let steps = (0..84_u32).map(|at| 10 * at);
    let events = steps.flat_map(|step| {
        let along = f64::from(step) / 840.0;
        let loss = 2.4 * (-5.0 * along).exp() + 0.05 + 0.02 * f64::from(step % 7);
        let accuracy = best - 0.85 * (-8.0 * along).exp();
        let mut events = vec![progress(step.into(), loss)];
        events.extend((step % 50 == 0).then(|| evaluated(step.into(), accuracy)));
        events
    });
    let dir = RunDir::at(format!("/home/me/runs/{id}"));
    bench.happens(Message::Heard(dir, events.collect()))
}

#[test]
fn the_shelf() {
    check("shelf", shelf_of(3));
}

#[test]
fn the_shelf_on_a_model() {
    check("model", shelf_of(3).press("k"));
}

#[test]
fn the_shelf_with_a_filter() {
    check("filter", shelf_of(12).press("/").types("l1"));
}

#[test]
fn the_transform_dialog() {
    check("transform", shelf_of(3).press("t"));
}

#[test]
fn the_transform_dialog_with_a_mistake() {
    check("mistake", shelf_of(3).press("t down right right right"));
}

#[test]
fn the_mapping_as_it_is_drawn() {
    check("drawn", shelf_of(3).press("t tab j r"));
}

#[test]
fn the_retrain_dialog() {
    check("retrain", shelf_of(3).press("r right"));
}

#[test]
fn the_retrain_dialog_with_several_runs_and_with_a_mistake() {
    let several = shelf_of(3).press("r left up up up backspace").types("1-3");
    check("several", several);
    let keys = "r down down down down down down backspace end";
    let mistaken = shelf_of(3).press(keys).press("ctrl-w ctrl-w ctrl-w ctrl-w");
    check("no milestones", mistaken);
}

#[test]
fn the_runs() {
    check("runs", with_runs().press("tab"));
}

#[test]
fn a_run() {
    check("run", told(with_runs().press("tab enter"), "train-4", 0.97));
}

#[test]
fn a_search_with_its_levels() {
    let mut run = standing("imp-5", State::Running, 0);
    run.recipe.task = Task::Imp {
        levels: 14,
        pruning_fraction: 0.2,
        counting: "exact".to_owned(),
        snapshot_steps: Vec::new(),
        criterion: None,
    };
    let mut events = Vec::new();
    for (level, kept) in [(0_u32, 67_992_usize), (1, 54_394), (2, 43_515)] {
        let step = 840 * u64::from(level + 1);
        let (level, test_accuracy) = (Some(level), 0.97);
        let (correct, examples, digest) = (436, 450, "0".repeat(64));
        let path = "tickets/a".to_owned();
        events.push(Event::Wrote { path, level, kept: Some(kept), digest });
        events.push(Event::Evaluated {
            step,
            level,
            level_step: 840,
            test_loss: 0.1,
            test_accuracy,
            correct,
            examples,
        });
    }
    run.said.steps = Some(15 * 840);
    for event in &events {
        run.said.hear(event);
    }
    let (dir, stood) = (run.dir.clone(), vec![run]);
    let bench = shelf_of(1).happens(Message::Stood { standings: stood, broken: Vec::new() });
    check("levels", bench.press("tab enter").happens(Message::Heard(dir, events)));
}

#[test]
fn runs_over_one_another() {
    check("compare", comparing::compared());
    check("compare means", comparing::compared().press("m a S ,"));
    check("compare figure", comparing::compared().press("]"));
    check("compare table", comparing::compared().press("] ]"));
    check("compare recipes", comparing::compared().press("["));
}

#[test]
fn runs_with_gpus_and_alerts() {
    let gpu = |index| Gpu {
        index,
        uuid: format!("GPU-{index}"),
        name: "NVIDIA H200".to_owned(),
        memory_total: 139 << 30,
        memory_used: u64::from(index + 1) * (20 << 30),
        utilization: Some(73 * (1 - index)),
        temperature: Some(54),
        power: Some(310),
        lease: None,
        processes: Vec::new(),
    };
    let bench = with_runs().happens(Message::Gpus(vec![gpu(0), gpu(1)])).press("tab");
    let silent = Message::Silent(RunDir::at("/home/me/runs/train-4"), Some(900));
    check("runs watched", bench.happens(silent).press("space"));
}

#[test]
fn a_run_with_its_health_searched_and_read_only() {
    let mut bench = told(with_runs().press("tab enter"), "train-4", 0.97);
    bench.model.access = Access::ReadOnly;
    let health = Event::Health {
        step: 840,
        level: None,
        level_step: 840,
        epoch: 39,
        gradient_norm: Some(0.321),
        dead_channels: Some(2),
        channels: Some(610),
        mask: Some("3f2a91bc00d1e2f3".to_owned()),
    };
    let bench = bench.happens(Message::Heard(RunDir::at("/home/me/runs/train-4"), vec![health]));
    check("run health", bench.press("/").types("test").press("enter S x , ,"));
}

#[test]
fn a_question() {
    check("question", with_runs().press("tab s"));
}

#[test]
fn the_help() {
    check("help", shelf_of(3).press("?"));
}

#[test]
fn the_palette() {
    check("palette", with_runs().press("ctrl-p").types("t"));
}

#[test]
fn the_themes() {
    check("themes", shelf_of(3).press("T down"));
}

#[test]
fn the_demo() {
    let mut bench = with_runs();
    let path = PathBuf::from("/home/me/tickets/ticket-1.safetensors");
    let run = |label: &str, id: &str| (label.to_owned(), RunDir::at(format!("/home/me/runs/{id}")));
    bench.model.demo = Some(DemoWatch {
        source: path.clone(),
        stretched: path,
        runs: vec![run("stretched ticket", "train-1"), run("permuted control", "train-4")],
    });
    bench.model.screens = vec![Screen::Demo];
    check("demo", told(told(bench, "train-1", 0.98), "train-4", 0.95));
}

#[test]
fn no_size_is_too_odd_to_draw_on() {
    let sizes = [(40, 10), (41, 11), (59, 12), (63, 16), (64, 17), (65, 18), (100, 30), (300, 100)];
    for keys in ["g", "j", "t", "r", "?", "T", "/", "tab", "tab s", "tab enter", "tab enter l"] {
        let mut bench = told(with_runs().press(keys), "train-4", 0.9);
        for (columns, rows) in sizes {
            bench = bench.sized(columns, rows);
            assert_eq!(bench.screen().lines().count(), usize::from(rows), "{keys}");
        }
    }
}
