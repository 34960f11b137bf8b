//! Loss and accuracy on images, without training.

use anyhow::Result;
use tch::{Device, Kind, Reduction, Tensor, no_grad_guard};

use crate::{
    dataset::{Batch, Images},
    network::{Mode, Network},
};

/// Images at a time: as fast as more on a processor, and few enough for any memory.
const AT_ONCE: usize = 500;

/// What a network makes of images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Images classified rightly.
    pub correct: u64,
    /// Images evaluated.
    pub examples: u64,
}

impl Score {
    /// Share classified rightly.
    #[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.examples as f64
    }
}

/// Evaluates the first `limit` images with the running statistics; nothing where `goes_on` said no on the way.
#[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
pub fn evaluate(
    network: &mut Network,
    images: &Images,
    limit: usize,
    mut goes_on: impl FnMut() -> bool,
) -> Result<Option<Score>> {
    let _guard = no_grad_guard();
    let mut sums = Vec::new();
    let examples = each_batch(images, limit, |batch, _| {
        sums.push(judged(&network.logits(&batch.images, Mode::Evaluate), &batch.labels));
        goes_on()
    })?;
    if sums.len() < examples.div_ceil(AT_ONCE) {
        return Ok(None);
    }
    // Read back once, so that a device is not waited for batch by batch.
    let sums = Tensor::stack(&sums, 0).sum_dim_intlist([0_i64].as_slice(), false, Kind::Double);
    let sums: Vec<f64> = Vec::try_from(sums.to_device(Device::Cpu))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole count")]
    let correct = sums[1] as u64;
    Ok(Some(Score { loss: sums[0] / examples as f64, correct, examples: examples as u64 }))
}

/// Estimates the running statistics anew: the mean over all images, each counting the same.
#[expect(clippy::cast_precision_loss, reason = "counts of images are far below 2^53")]
pub fn recalibrate(network: &mut Network, images: &Images) -> Result<()> {
    let _guard = no_grad_guard();
    each_batch(images, images.examples, |batch, before| {
        let size = batch.labels.size()[0] as f64;
        let share = size / (before as f64 + size);
        let _unused = network.logits(&batch.images, Mode::Recalibrate(share));
        true
    })
    .map(drop)
}

/// Hands out batches, each with the number of images before it, until `hear` says no; returns how many images there are.
fn each_batch(
    images: &Images,
    limit: usize,
    mut hear: impl FnMut(&Batch, usize) -> bool,
) -> Result<usize> {
    let course = images.in_sequence(limit);
    let examples = course.len();
    for start in (0..examples).step_by(AT_ONCE) {
        if !hear(&images.batch(&course, start, AT_ONCE)?, start) && start + AT_ONCE < examples {
            break;
        }
    }
    Ok(examples)
}

/// Sum of the losses and number of right answers: (2), in double precision.
fn judged(logits: &Tensor, labels: &Tensor) -> Tensor {
    let losses = logits.cross_entropy_loss(labels, None::<&Tensor>, Reduction::None, -100, 0.0);
    let loss = losses.sum(Kind::Double);
    let correct = logits.argmax(-1, false).eq_tensor(labels).sum(Kind::Double);
    Tensor::stack(&[loss, correct], 0)
}
