//! What a trainer has said so far, in sum.

use std::collections::BTreeMap;

use elth_core::mask::share;
use serde::{Deserialize, Serialize};

use crate::run::{event::Event, event_line, event_log::Piece, standing::State};

/// The share that the newest line has in the speed that the time left is told by: about ten lines count.
const NEWEST: f64 = 0.1;

/// Bytes at the end of a piece in which every line is read: enough for a steady speed.
const ALL_OF: usize = 8 << 10;

/// What a trainer has said so far, in sum.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Said {
    /// Steps done of the whole run.
    pub step: Option<u64>,
    /// Steps of the whole run.
    pub steps: Option<u64>,
    /// Steps in an epoch.
    pub steps_per_epoch: Option<u64>,
    /// Epoch of the current training.
    pub epoch: Option<u64>,
    /// Level, for `imp`.
    pub level: Option<u32>,
    /// Step of the current training.
    pub level_step: Option<u64>,
    /// Last training loss.
    pub train_loss: Option<f64>,
    /// Last test loss.
    pub test_loss: Option<f64>,
    /// Last test accuracy.
    pub test_accuracy: Option<f64>,
    /// Test images classified rightly, and all, at the last evaluation.
    pub correct: Option<(u64, u64)>,
    /// Images a second.
    pub images_per_second: Option<f64>,
    /// Seconds of training an image took lately, so steadied that the time left does not jump.
    pub seconds_per_image: Option<f64>,
    /// `cpu` or `cuda:N`.
    pub device: Option<String>,
    /// UUID of the GPU.
    pub device_uuid: Option<String>,
    /// CPU threads.
    pub threads: Option<usize>,
    /// What it does now.
    pub phase: Option<String>,
    /// First start.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// What each level of a search has come to.
    pub levels: BTreeMap<u32, Reached>,
    /// How masks move, where they do.
    pub motion: Option<Motion>,
    /// Tickets and weights written, relative to the run directory.
    pub outputs: Vec<String>,
    /// The last wish that was answered.
    pub answered: u64,
    /// Whether it waits because it was told to.
    pub paused: bool,
    /// Its last word: done, stopped, or failed with a reason.
    pub last_word: Option<(State, Option<String>)>,
    /// Lines heard so far.
    pub heard: u64,
    /// The line at which the last trainer came up, counted from 1.
    pub began_at: u64,
    /// The line at which it last said that it pauses, goes on or has ended, counted from 1.
    pub spoke_at: u64,
}

/// What has become of masks that move.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Motion {
    /// The method.
    pub method: String,
    /// Prunable weights.
    pub weights: usize,
    /// Tensors left dense: name and weights of each.
    pub left_dense: Vec<(String, usize)>,
    /// Moves so far.
    pub moves: u64,
    /// Weights kept now, once they have moved.
    pub kept: Option<usize>,
    /// Weights ever kept, once they have moved.
    pub ever_active: Option<usize>,
}

impl Motion {
    /// Share of the weights that were ever kept: the in-time over-parameterisation rate.
    #[must_use]
    pub fn share_ever_active(&self) -> Option<f64> {
        self.ever_active.map(|seen| share(seen, self.weights))
    }
}

/// What a level of a search has come to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reached {
    /// The digest of its ticket.
    pub ticket: Option<String>,
    /// The last accuracy on the test images.
    pub accuracy: Option<f64>,
}

impl Said {
    /// Takes in many lines: of lines of progress in a row it reads the last ones alone.
    pub fn hear_piece(&mut self, piece: &Piece) {
        let mut left = piece.len();
        let mut lines = piece.lines().peekable();
        while let Some(line) = lines.next() {
            left = left.saturating_sub(line.len() + 1);
            let is_overtaken = left > ALL_OF
                && event_line::is_progress(line)
                && lines.peek().is_some_and(|next| event_line::is_progress(next));
            if is_overtaken {
                self.heard += 1;
            } else {
                self.hear(&event_line::read(line));
            }
        }
    }

    /// Takes in one more event.
    pub fn hear(&mut self, event: &Event) {
        self.heard += 1;
        self.hear_level(event);
        match event {
            Event::Started { .. } => self.hear_start(event),
            Event::Phase { name, level } => {
                self.phase = Some(name.clone());
                self.level = level.or(self.level);
            }
            Event::Progress { .. } | Event::Evaluated { .. } => self.hear_step(event),
            Event::Wrote { path, .. } if !self.outputs.contains(path) => {
                self.outputs.push(path.clone());
            }
            Event::Answered { number, state } => {
                self.answered = *number;
                self.paused = state == "paused";
                self.spoke_at = self.heard;
            }
            Event::Moving { .. } | Event::Moved { .. } => self.hear_motion(event),
            Event::Stopped { at } => self.hear_end(at, State::Stopped, None),
            Event::Failed { at, reason } => self.hear_end(at, State::Failed, Some(reason.clone())),
            Event::Done { at } => self.hear_end(at, State::Done, None),
            Event::Health { .. }
            | Event::Wrote { .. }
            | Event::Schema { .. }
            | Event::Note { .. }
            | Event::Unknown => {}
        }
    }

    fn hear_level(&mut self, event: &Event) {
        match event {
            // Trained weights are written too; tickets alone say what they keep.
            Event::Wrote { level: Some(level), kept: Some(_), digest, .. } => {
                self.levels.entry(*level).or_default().ticket = Some(digest.clone());
            }
            Event::Evaluated { level: Some(level), test_accuracy, .. } => {
                self.levels.entry(*level).or_default().accuracy = Some(*test_accuracy);
            }
            _ => {}
        }
    }

    fn hear_motion(&mut self, event: &Event) {
        let motion = self.motion.get_or_insert_default();
        match event {
            Event::Moving { method, weights, left_dense } => {
                motion.method.clone_from(method);
                motion.weights = *weights;
                motion.left_dense.clone_from(left_dense);
            }
            Event::Moved { moves, kept, ever_active, .. } => {
                motion.moves = *moves;
                (motion.kept, motion.ever_active) = (Some(*kept), Some(*ever_active));
            }
            _ => {}
        }
    }

    fn hear_start(&mut self, event: &Event) {
        let Event::Started { at, device, device_uuid, threads, steps, steps_per_epoch, step } =
            event
        else {
            return;
        };
        self.started.get_or_insert_with(|| at.clone());
        self.device = Some(device.clone());
        self.device_uuid.clone_from(device_uuid);
        self.threads = Some(*threads);
        self.steps = Some(*steps);
        self.steps_per_epoch = Some(*steps_per_epoch);
        self.step = Some(*step);
        (self.paused, self.finished, self.last_word) = (false, None, None);
        self.seconds_per_image = None;
        self.began_at = self.heard;
    }

    fn hear_step(&mut self, event: &Event) {
        match event {
            Event::Progress {
                step,
                level,
                level_step,
                epoch,
                train_loss,
                images_per_second,
                ..
            } => {
                (self.step, self.level_step) = (Some(*step), Some(*level_step));
                self.level = level.or(self.level);
                self.epoch = Some(*epoch);
                self.train_loss = Some(*train_loss);
                self.images_per_second = Some(*images_per_second);
                self.hear_speed(*images_per_second);
            }
            Event::Evaluated {
                step,
                level,
                level_step,
                test_loss,
                test_accuracy,
                correct,
                examples,
            } => {
                (self.step, self.level_step) = (Some(*step), Some(*level_step));
                self.level = level.or(self.level);
                self.test_loss = Some(*test_loss);
                self.test_accuracy = Some(*test_accuracy);
                self.correct = Some((*correct, *examples));
            }
            _ => {}
        }
    }

    fn hear_speed(&mut self, images_per_second: f64) {
        let seconds = images_per_second.recip();
        if !seconds.is_normal() {
            return;
        }
        let before = self.seconds_per_image.unwrap_or(seconds);
        self.seconds_per_image = Some(before + NEWEST * (seconds - before));
    }

    fn hear_end(&mut self, at: &str, state: State, reason: Option<String>) {
        self.finished = Some(at.to_owned());
        self.last_word = Some((state, reason));
        self.paused = false;
        self.spoke_at = self.heard;
    }
}
