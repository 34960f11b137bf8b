//! What the trainer says: events, with losses gathered between them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use elth_core::{mask::Mask, moving::Moving, ticket::Ticket};
use elth_store::run::{dir::RunDir, event::Event, event_log::Writer};
use tch::{Device, Kind, Tensor};

use crate::{dataset::Batch, evaluate::Score, health::Health, state::Move, train::Course};

/// Lines of progress in one training, about: enough for any curve on a screen.
const LINES: u64 = 300;

/// 20 ms between lines of progress at least: 50 a second are more than any reader draws.
const LEAST_APART: Duration = Duration::from_millis(20);

/// The event log, and what has happened since its last line of progress.
#[derive(Debug)]
pub struct Report {
    log: Writer,
    losses: Vec<Tensor>,
    first_step: u64,
    images: usize,
    since: Instant,
    away: Duration,
    every: u64,
}

impl Report {
    /// Opens the run's event log.
    pub fn open(dir: &RunDir) -> Result<Self> {
        let path = dir.events();
        let log =
            Writer::open(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let (losses, since) = (Vec::new(), Instant::now());
        Ok(Self { log, losses, first_step: 0, images: 0, since, away: Duration::ZERO, every: 1 })
    }

    /// Writes one event.
    pub fn say(&mut self, event: &Event) -> Result<()> {
        self.log.append(event).context("cannot write events.jsonl: free some space and resume")
    }

    /// Writes a line for people.
    pub fn note(&mut self, text: impl Into<String>) -> Result<()> {
        self.say(&Event::Note { text: text.into() })
    }

    /// Says what is done now.
    pub fn phase(&mut self, name: &str, level: Option<u32>) -> Result<()> {
        self.say(&Event::Phase { name: name.to_owned(), level })
    }

    /// Says how the run ended, and brings the log onto the disk.
    pub fn last_word(&mut self, event: &Event) -> Result<()> {
        self.say(event)?;
        self.log.sync().context("cannot write events.jsonl")
    }

    /// Prepares for a training that goes on from `step`.
    pub fn begin(&mut self, course: &Course, step: u64) {
        self.every = (course.to - course.from).div_ceil(LINES).max(1);
        self.start_over(step);
    }

    /// Takes in the loss of a step, without waiting for it.
    pub fn heard(&mut self, loss: Tensor, batch: &Batch) {
        self.losses.push(loss);
        self.images += batch.len();
    }

    /// Whether a line of progress is due after `step` steps.
    pub fn is_due(&self, step: u64) -> bool {
        step.is_multiple_of(self.every)
    }

    /// Takes out the time since then, which was not spent on training.
    pub fn aside(&mut self, since: Instant) {
        self.away += since.elapsed();
    }

    /// Mean of the losses so far; an error at the first that is no number.
    pub fn mean_loss(&self, course: &Course) -> Result<Option<f64>> {
        if self.losses.is_empty() {
            return Ok(None);
        }
        let losses = Tensor::stack(&self.losses, 0).to_kind(Kind::Double);
        let losses: Vec<f64> = Vec::try_from(losses.to_device(Device::Cpu))?;
        if let Some(at) = losses.iter().position(|loss| !loss.is_finite()) {
            let word = if losses[at].is_nan() { "NaN" } else { "infinite" };
            bail!(course.broken(&format!("loss became {word}"), self.first_step + at as u64 + 1));
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred losses")]
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        Ok(Some(mean))
    }

    /// Writes a line of progress after `step` steps, the last at learning rate `lr`.
    pub fn progress(&mut self, course: &Course, step: u64, lr: f64) -> Result<()> {
        let Some(train_loss) = self.mean_loss(course)? else { return Ok(()) };
        let busy = self.since.elapsed().saturating_sub(self.away);
        if busy < LEAST_APART {
            self.every *= 2;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
        let images_per_second = self.images as f64 / busy.as_secs_f64().max(1e-9);
        self.start_over(step);
        self.say(&Event::Progress {
            step: course.whole(step),
            level: course.level,
            level_step: step,
            epoch: course.epoch(step.saturating_sub(1)),
            train_loss,
            lr,
            images_per_second,
        })
    }

    /// Writes what an evaluation gave after `step` steps.
    ///
    /// A stretched ticket's statistics are not its own, so its first loss may be beyond all numbers: no JSON holds that.
    pub fn evaluated(&mut self, course: &Course, step: u64, score: &Score) -> Result<()> {
        if !score.loss.is_finite() {
            return self.note(format!("the test loss at step {step} is no finite number"));
        }
        self.say(&Event::Evaluated {
            step: course.whole(step),
            level: course.level,
            level_step: step,
            test_loss: score.loss,
            test_accuracy: score.accuracy(),
            correct: score.correct,
            examples: score.examples,
        })
    }

    /// Writes how sound the training is after `step` steps, at the end of an epoch.
    pub fn health(&mut self, course: &Course, step: u64, health: Health) -> Result<()> {
        let Health { gradient_norm, dead_channels, channels, mask } = health;
        self.say(&Event::Health {
            step: course.whole(step),
            level: course.level,
            level_step: step,
            epoch: course.epoch(step.saturating_sub(1)),
            gradient_norm,
            dead_channels: Some(dead_channels),
            channels: Some(channels),
            mask,
        })
    }

    /// Says that masks move, and which tensors have nothing to exchange.
    pub fn moving(&mut self, plan: &Moving, ticket: &Ticket) -> Result<()> {
        let still = |(name, mask): &(&String, &Mask)| {
            plan.keep_dense.contains(*name) || (plan.method.exchanges() && !plan.moves(name, mask))
        };
        let dense = ticket.masks().iter().filter(still);
        self.say(&Event::Moving {
            method: plan.method.name().to_owned(),
            weights: ticket.count().weights,
            left_dense: dense.map(|(name, mask)| (name.clone(), mask.len())).collect(),
        })
    }

    /// Writes a move of the masks.
    pub fn moved(&mut self, course: &Course, moved: &Move) -> Result<()> {
        self.say(&Event::Moved {
            step: course.whole(moved.frame.step),
            moves: moved.number,
            dropped: moved.dropped,
            grown: moved.grown,
            kept: moved.kept,
            ever_active: moved.seen,
        })
    }

    fn start_over(&mut self, step: u64) {
        self.losses.clear();
        (self.first_step, self.images) = (step, 0);
        (self.since, self.away) = (Instant::now(), Duration::ZERO);
    }
}
