//! What a trainer says, one line each.

use serde::{Deserialize, Serialize};

/// The version of `events.jsonl` that this program writes.
pub const SCHEMA: u32 = 1;

/// One line of the event log; times are RFC 3339 in UTC.
///
/// `step` counts the whole run, `level_step` the current training: from the rewind step to the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first line of every log.
    Schema {
        /// [`SCHEMA`] of the writer.
        version: u32,
    },
    /// A trainer is up, for the first time or again.
    Started {
        /// When.
        at: String,
        /// `cpu` or `cuda:N`.
        device: String,
        /// UUID of the GPU.
        #[serde(default)]
        device_uuid: Option<String>,
        /// CPU threads.
        threads: usize,
        /// Steps of the whole run.
        steps: u64,
        /// Steps in one epoch.
        steps_per_epoch: u64,
        /// The step it goes on from.
        step: u64,
    },
    /// What it does now: `loading data`, `training`, `pruning`, `evaluating`.
    Phase {
        /// In words.
        name: String,
        /// The level, for `imp`.
        #[serde(default)]
        level: Option<u32>,
    },
    /// Training goes on.
    Progress {
        /// Steps done of the whole run.
        step: u64,
        /// The level, for `imp`.
        #[serde(default)]
        level: Option<u32>,
        /// Steps done of this training.
        level_step: u64,
        /// Epoch of this training, from 0.
        epoch: u64,
        /// Mean training loss since the last such line.
        train_loss: f64,
        /// Learning rate of the last step.
        lr: f64,
        /// Training images a second since the last such line.
        images_per_second: f64,
    },
    /// The test set was evaluated.
    Evaluated {
        /// Steps done of the whole run.
        step: u64,
        /// The level, for `imp`.
        #[serde(default)]
        level: Option<u32>,
        /// Steps done of this training.
        level_step: u64,
        /// Mean cross-entropy.
        test_loss: f64,
        /// Share classified rightly.
        test_accuracy: f64,
        /// Images classified rightly.
        correct: u64,
        /// Images evaluated.
        examples: u64,
    },
    /// How sound the training is at the end of an epoch; what could not be measured is left out.
    Health {
        /// Steps done of the whole run.
        step: u64,
        /// The level, for `imp`.
        #[serde(default)]
        level: Option<u32>,
        /// Steps done of this training.
        level_step: u64,
        /// Epoch that ended, from 0.
        epoch: u64,
        /// Euclidean norm of the last step's gradient over the kept weights.
        #[serde(default)]
        gradient_norm: Option<f64>,
        /// Output channels of prunable tensors whose weights are all zero.
        #[serde(default)]
        dead_channels: Option<u64>,
        /// Output channels of all prunable tensors.
        #[serde(default)]
        channels: Option<u64>,
        /// Checksum of the masks on the device, 16 hexadecimal digits; none where every weight is kept.
        #[serde(default)]
        mask: Option<String>,
    },
    /// The masks of this training move.
    Moving {
        /// `set`, `rigl`, `itop`, `dpf` or `gradual`.
        method: String,
        /// Prunable weights.
        weights: usize,
        /// Tensors that have no zero to exchange, or were to stay: name and weights of each.
        left_dense: Vec<(String, usize)>,
    },
    /// Masks moved at a step.
    Moved {
        /// The step of the whole run that did it.
        step: u64,
        /// Moves so far.
        moves: u64,
        /// Weights that went.
        dropped: usize,
        /// Weights that came.
        grown: usize,
        /// Weights kept now.
        kept: usize,
        /// Weights ever kept.
        ever_active: usize,
    },
    /// A ticket or trained weights were written, or were there already.
    Wrote {
        /// Path relative to the run directory.
        path: String,
        /// The level, for `imp`.
        #[serde(default)]
        level: Option<u32>,
        /// Kept weights, of a ticket.
        #[serde(default)]
        kept: Option<usize>,
        /// Digest of the tensors.
        digest: String,
    },
    /// The wanted state was seen.
    Answered {
        /// The number of the control file that asked.
        number: u64,
        /// `running`, `paused` or `stopped`.
        state: String,
    },
    /// A line for people.
    Note {
        /// The text.
        text: String,
    },
    /// It checkpointed and ended because it was told to.
    Stopped {
        /// When.
        at: String,
    },
    /// It cannot go on.
    Failed {
        /// When.
        at: String,
        /// What happened, and where.
        reason: String,
    },
    /// All is done.
    Done {
        /// When.
        at: String,
    },
    /// A line from a newer trainer, or a torn one.
    #[serde(other)]
    Unknown,
}

/// Now, as events say it.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
