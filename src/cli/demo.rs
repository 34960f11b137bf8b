//! `elth demo`: a real ticket stretched, and retrained beside a permuted control, live.

mod plain;
mod tickets;
mod verdict;

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, Result};
use elth_core::{chance::Seeds, schedule::Step, schedule::Training};
use elth_store::{
    dataset::{self, Dataset, Name},
    device::{Wish, cores},
    run::{
        dir::RunDir,
        launch,
        plan::{self, StartAt, Wishes},
    },
};
use elth_tui::DemoWatch;

use crate::cli::{
    globals::Globals,
    interrupt, samples,
    setup::{self, BUILD, Progress},
    workbench,
};

use tickets::{Pair, pair};

/// Stretches a sample ticket and retrains it beside a permuted control, live
///
/// The ticket was found by iterative magnitude pruning on 8×8 images of digits. Sets up the trainer first
/// where that is still to be done; takes about half a minute then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth demo                 in the workbench, on a terminal
  elth demo --plain         plain lines, as in a script or a log")]
pub struct Args {
    /// Prints plain lines in place of the workbench
    #[arg(long)]
    plain: bool,

    /// Seed of the control's mask and of the order of the images
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// One of the two retrainings.
pub struct Contender {
    /// What people call it.
    pub label: &'static str,
    /// Where it runs.
    pub dir: RunDir,
}

/// Runs the demo to its end.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    let trainer = setup::ensure_ready(Progress::stderr())?;
    let pair = pair(globals, args.seed)?;
    let data = dataset::load(Name::Digits, &globals.data_dir()?)?;
    let wishes = wishes(globals, args.seed, trainer.path)?;
    interrupt::take();
    let contenders = [
        contender("stretched ticket", &pair.stretched, &data, &wishes, globals)?,
        contender("permuted control", &pair.permuted, &data, &wishes, globals)?,
    ];
    watch(args, globals, &pair, &contenders)?;
    verdict::print(globals, &pair, &contenders)
}

fn watch(args: &Args, globals: &Globals, pair: &Pair, contenders: &[Contender; 2]) -> Result<()> {
    let on_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if on_terminal && !args.plain && !globals.json {
        let [ticket, control] = contenders;
        let runs = [ticket, control].map(|it| (it.label.to_owned(), it.dir.clone()));
        let stretched = ticket.dir.input_ticket();
        let source = samples::path(globals, tickets::LEVEL)?;
        workbench::open(globals, Some(DemoWatch { source, stretched, runs: runs.into() }))?;
    }
    // Whoever left the workbench early sees the rest in lines.
    plain::watch(globals, pair, contenders)
}

fn contender(
    label: &'static str,
    named: &tickets::Named,
    data: &Dataset,
    wishes: &Wishes,
    globals: &Globals,
) -> Result<Contender> {
    let recipe = plan::train(&named.ticket, &named.name, StartAt::Rewind, None, data, wishes)?;
    let bytes = elth_core::ticket::format::encode(&named.ticket);
    let dir = launch::create(&globals.home()?.runs(), &recipe, Some(&bytes))?;
    let elth = std::env::current_exe().context("cannot find this program: start it by its path")?;
    launch::start(&dir, &elth)?;
    Ok(Contender { label, dir })
}

/// What the sample was found with; both run at once, so each takes half of the cores.
fn wishes(globals: &Globals, seed: u64, trainer: std::path::PathBuf) -> Result<Wishes> {
    let training = Training {
        batch_size: 64,
        training_steps: Step::iterations(840),
        rewinding_steps: Step::iterations(42),
        milestone_steps: vec![Step::iterations(420), Step::iterations(630)],
        ..elth_core::family::default_training(elth_core::blueprint::Family::CifarResnet)
    };
    Ok(Wishes {
        data_dir: globals.data_dir()?,
        training,
        seeds: Seeds::derive(seed),
        device: Wish::Cpu,
        threads: (cores::usable() / 2).max(1),
        trainer,
        build: BUILD.to_owned(),
        choice: elth_store::dataset::choice::Choice::default(),
    })
}
