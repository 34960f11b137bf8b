//! One training, from a step of the schedule to another; the loop reads like the recipe.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use elth_core::schedule::Step;
use elth_store::run::{
    control::{Control, Wanted},
    event::Event,
    mask_history::MaskHistory,
};

use crate::{
    checkpoint::Part,
    dataset::{self, Batch},
    evaluate::{Score, evaluate},
    halt::Halt,
    outputs,
    run::Run,
    state::{Measure, State, sgd},
};

/// 100 ms: going on feels immediate, and a paused trainer costs nothing.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// A stretch of the schedule and its place in the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Which of the run's trainings it is.
    pub part: Part,
    /// The level, for `imp`.
    pub level: Option<u32>,
    /// First step of the schedule.
    pub from: u64,
    /// The step that it ends before.
    pub to: u64,
    /// What to add to a step of the schedule for the step of the whole run.
    pub before: u64,
    /// Steps in an epoch.
    pub per_epoch: u64,
    /// Steps whose weights are kept as further rewind points.
    pub keep: BTreeMap<u64, Step>,
}

impl Course {
    /// The step of the whole run.
    pub fn whole(&self, step: u64) -> u64 {
        self.before + step
    }

    /// The epoch that the step after `step` steps belongs to.
    pub fn epoch(&self, step: u64) -> u64 {
        step / self.per_epoch
    }

    /// What a training that cannot go on says.
    pub fn broken(&self, what: &str, step: u64) -> String {
        let epoch = self.epoch(step.saturating_sub(1));
        let place = match self.level {
            Some(level) => format!("level {level}, epoch {epoch}"),
            None => format!("epoch {epoch}"),
        };
        format!("{what} at step {step} ({place}): lower --lr or lengthen --warmup-steps")
    }

    fn ends_epoch(&self, step: u64) -> bool {
        step.is_multiple_of(self.per_epoch)
    }
}

/// Trains to the end of the course, and obeys on the way; evaluates at the start and after each epoch but the last.
pub fn train(run: &mut Run, course: &Course, state: &mut State) -> Result<(), Halt> {
    run.report.begin(course, state.step);
    let mut history = history(run, state)?;
    let mut reader = Reader::default();
    let mut unseen = state.step == course.from || course.ends_epoch(state.step);
    loop {
        outputs::keep_snapshot(run, course, state)?;
        if run.checkpoints.is_due() {
            save(run, course, state)?;
        }
        obey(run, course, state)?;
        if state.step >= course.to {
            return Ok(());
        }
        if unseen {
            unseen = examine(run, course, state)?.is_none();
            continue;
        }
        let batch = reader.batch(run, course, state.step)?;
        let lr = run.training.lr_at(state.step, course.per_epoch);
        let ends = course.ends_epoch(state.step + 1);
        let measure = if ends { Measure::Gradient } else { Measure::Nothing };
        let loss = state.learn(&batch, &sgd(&run.training, lr), measure)?;
        run.report.heard(loss, &batch);
        if let Some((history, moved)) = history.as_mut().zip(state.take_move()) {
            history
                .append(&moved.frame)
                .context("cannot write masks.history: free some space and resume")?;
            run.report.moved(course, &moved)?;
        }
        unseen = ends;
        look(run, course, state, lr)?;
    }
}

/// The history of masks that move, as far as the training has come.
fn history(run: &Run, state: &State) -> Result<Option<MaskHistory>> {
    if state.moved().is_none() {
        return Ok(None);
    }
    let path = run.dir.mask_history();
    let history = MaskHistory::open(&path, state.step);
    history.map(Some).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Evaluates what the training ended with, however often it is interrupted.
pub fn finish(run: &mut Run, course: &Course, state: &mut State) -> Result<Score, Halt> {
    loop {
        match examine(run, course, state)? {
            Some(score) if score.loss.is_finite() => return Ok(score),
            Some(_) => {
                let what = course.broken("the test loss became NaN or infinite", state.step);
                return Err(Halt::Failed(anyhow!(what)));
            }
            None => obey(run, course, state)?,
        }
    }
}

/// Evaluates on the test set and says so; nothing where somebody wants to pause or stop.
fn examine(run: &mut Run, course: &Course, state: &mut State) -> Result<Option<Score>> {
    let since = Instant::now();
    let goes_on = || !run.wishes.is_wanted_elsewhere();
    let score = evaluate(&mut state.network, &run.test, run.test.examples, goes_on)?;
    run.report.aside(since);
    if let Some(score) = &score {
        run.report.evaluated(course, state.step, score)?;
    }
    Ok(score)
}

/// Writes a checkpoint, never one of a training that is broken.
fn save(run: &mut Run, course: &Course, state: &State) -> Result<()> {
    let since = Instant::now();
    run.report.mean_loss(course)?;
    let weights = outputs::sound(course, state.step, state.weights()?)?;
    run.checkpoints.write(course.part, &state.network.blueprint, state, weights)?;
    run.report.aside(since);
    Ok(())
}

/// The current epoch's order, made anew when the epoch changes.
#[derive(Debug, Default)]
struct Reader(Option<(u64, dataset::Course)>);

impl Reader {
    fn batch(&mut self, run: &Run, course: &Course, step: u64) -> Result<Batch> {
        let epoch = course.epoch(step);
        let (_, order) = match self.0.take() {
            Some(current) if current.0 == epoch => self.0.insert(current),
            _ => self.0.insert((epoch, run.train.epoch(&run.seeds, epoch))),
        };
        let size = run.training.batch_size;
        let batch = usize::try_from(step % course.per_epoch).expect("an epoch's steps fit");
        run.train.batch(order, batch * size, size)
    }
}

/// Says how it goes, where that is due.
fn look(run: &mut Run, course: &Course, state: &State, lr: f64) -> Result<()> {
    let step = state.step;
    let ends_epoch = course.ends_epoch(step);
    if ends_epoch || step == course.to || run.report.is_due(step) {
        run.report.progress(course, step, lr)?;
    }
    if ends_epoch {
        let since = Instant::now();
        run.report.health(course, step, state.health()?)?;
        run.report.aside(since);
        run.checkpoints.epoch_ended();
    }
    Ok(())
}

fn obey(run: &mut Run, course: &Course, state: &State) -> Result<(), Halt> {
    match run.wishes.news() {
        None => Ok(()),
        Some(Control { number, wanted: Wanted::Run }) => Ok(answer(run, number, "running")?),
        Some(Control { number, wanted: Wanted::Stop }) => stop(run, course, state, number),
        Some(Control { number, wanted: Wanted::Pause }) => {
            save(run, course, state)?;
            answer(run, number, "paused")?;
            wait(run, course, state)
        }
    }
}

fn wait(run: &mut Run, course: &Course, state: &State) -> Result<(), Halt> {
    let since = Instant::now();
    loop {
        thread::sleep(ASK_EVERY);
        match run.wishes.news() {
            None => {}
            Some(Control { number, wanted: Wanted::Pause }) => answer(run, number, "paused")?,
            Some(Control { number, wanted: Wanted::Stop }) => {
                return stop(run, course, state, number);
            }
            Some(Control { number, wanted: Wanted::Run }) => {
                run.report.aside(since);
                return Ok(answer(run, number, "running")?);
            }
        }
    }
}

fn stop(run: &mut Run, course: &Course, state: &State, number: u64) -> Result<(), Halt> {
    save(run, course, state)?;
    if !run.wishes.told_to_end() {
        answer(run, number, "stopped")?;
    }
    Err(Halt::Stopped)
}

fn answer(run: &mut Run, number: u64, state: &str) -> Result<()> {
    run.wishes.answered(number);
    run.report.say(&Event::Answered { number, state: state.to_owned() })
}
