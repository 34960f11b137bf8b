//! Trainers of every kind, as the screen tells of them: slow, fast, torn, without a number, killed; and a disk that hangs.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    thread,
    time::Duration,
};

use elth_store::run::{dir::RunDir, event_log::Writer, lease::Lease};

use crate::{
    given::{home, progress, run, started},
    session::{Session, open},
};

const SIZE: (u16, u16) = (120, 40);

/// A trainer that stands in for the real one: it holds the lease and writes what it is told to.
struct Trainer {
    dir: RunDir,
    lease: Lease,
    log: Writer,
}

impl Trainer {
    /// Takes over a run of so many steps.
    fn of(dir: RunDir, steps: u64) -> Self {
        let lease = Lease::take(&dir.lease()).unwrap().unwrap();
        let mut log = Writer::open(&dir.events()).unwrap();
        log.append(&started(steps)).unwrap();
        Self { dir, lease, log }
    }

    /// Writes bytes that may be no line.
    fn raw(&self, bytes: &str) -> File {
        let mut events = OpenOptions::new().append(true).open(self.dir.events()).unwrap();
        events.write_all(bytes.as_bytes()).unwrap();
        events
    }
}

fn line(step: u64, loss: &str) -> String {
    format!(
        "{{\"event\":\"progress\",\"step\":{step},\"level\":null,\"level_step\":{step},\"epoch\":0,\
         \"train_loss\":{loss},\"lr\":0.1,\"images_per_second\":500.0}}\n"
    )
}

/// The runs' screen with a run of so many steps that works.
fn watched(steps: u64) -> (tempfile::TempDir, Trainer, Session) {
    let (folder, home) = home(1);
    let trainer = Trainer::of(run(&home), steps);
    let mut session = open(&home, SIZE, &[]);
    session.shows("1 alive").types("\t").shows("running train-1");
    (folder, trainer, session)
}

#[test]
fn a_slow_trainer_is_followed_step_by_step() {
    let (_folder, mut trainer, mut session) = watched(10);
    session.types("\r").shows("step 0 of 10");
    for step in 1..=3 {
        trainer.log.append(&progress(step)).unwrap();
        session.shows(&format!("step {step} of 10"));
        thread::sleep(Duration::from_millis(700));
    }
    session.types("q").shows("1 run goes on").is_left_clean(0);
}

#[test]
fn a_trainer_that_writes_faster_than_one_reads_is_caught_up_with_and_keys_are_answered() {
    let (_folder, trainer, mut session) = watched(60_000);
    session.types("\r").shows("step 0 of 60000");
    for part in 0..60_u64 {
        let lines: String = (1..=1000).map(|at| line(1000 * part + at, "1.0")).collect();
        trainer.raw(&lines);
    }
    session.types("?").shows("keys: run").types("\x1b");
    session.shows("step 60000 of 60000").types("q").is_left_clean(0);
}

#[test]
fn a_torn_line_waits_for_its_rest_and_a_foreign_one_is_passed_over() {
    let (_folder, trainer, mut session) = watched(100);
    session.types("\r").shows("step 0 of 100");
    let whole = line(7, "0.5");
    let (one, other) = whole.split_at(whole.len() / 2);
    trainer.raw(one);
    thread::sleep(Duration::from_millis(600));
    session.shows("step 0 of 100");
    trainer.raw(other);
    session.shows("step 7 of 100");
    trainer.raw(&format!("\u{0}\u{1} no line\n{{\"event\":\"dreamt\"}}\n{}", line(8, "0.4")));
    session.shows("step 8 of 100").shows("running").types("q").is_left_clean(0);
}

#[test]
fn a_loss_that_is_no_number_is_told_in_the_list_and_in_the_header() {
    let (_folder, trainer, mut session) = watched(100);
    trainer.raw(&line(5, "0.7"));
    session.shows("0.700");
    trainer.raw(&line(6, "null"));
    session.shows("loss became NaN").shows("! 1 alert");
    session.types("\r").shows("step 6 of 100").types("\x1b").hides("! 1 alert");
    session.types("q").is_left_clean(0);
}

#[test]
fn a_trainer_that_was_killed_is_told_as_lost_with_what_it_had_written() {
    let (_folder, trainer, mut session) = watched(100);
    trainer.raw(&line(42, "0.3"));
    session.shows("42%");
    let Trainer { lease, log, .. } = trainer;
    drop((lease, log));
    session.shows("lost").shows("! 1 alert").shows("step 42 of 100").shows("0.300");
    session.types("q").is_left_clean(0);
}

#[test]
fn an_alert_is_there_at_the_next_start_until_somebody_has_looked() {
    let (_folder, home) = home(1);
    let trainer = Trainer::of(run(&home), 100);
    let mut session = open(&home, SIZE, &[]);
    session.shows("1 alive").types("q").is_left_clean(0);
    // It dies while nobody is there.
    drop(trainer);
    let mut session = open(&home, SIZE, &[]);
    session.shows("! 1 alert").types("\t").shows("lost").types("\r").hides("! 1 alert");
    session.types("q").is_left_clean(0);
    let mut session = open(&home, SIZE, &[]);
    session.shows("lost").hides("! 1 alert").types("q").is_left_clean(0);
}

#[test]
fn a_run_on_a_disk_that_hangs_blocks_no_key() {
    let (_folder, home) = home(3);
    run(&home);
    let mut session = open(&home, SIZE, &[("ELTH_TEST_SLOW_DISK", "1")]);
    session.shows("weights kept");
    session.types("j").shows("┌ found-2 ─").types("\t").shows("┌ runs").shows("reading");
    session.types("\t").shows("┌ found-2 ─");
    session.types("?").shows("keys: shelf").types("\x1b").hides("keys: shelf");
    session.types("q").is_left_clean(0);
}

#[test]
fn a_run_whose_log_is_a_pipe_hides_no_other() {
    let (_folder, home) = home(3);
    let dir = run(&home);
    let other = home.runs().join("train-9");
    fs::create_dir(&other).unwrap();
    fs::copy(dir.recipe(), other.join("recipe.toml")).unwrap();
    // Whoever opens it waits until somebody writes to it.
    let log = other.join("events.jsonl");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, log, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let mut session = open(&home, SIZE, &[]);
    session.types("\t").shows("train-9").shows(&dir.id()).types("q").is_left_clean(0);
}
