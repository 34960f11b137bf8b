//! Chance as an argument: four named streams, each a pure function of its seed.
//!
//! Data order and augmentation are functions of (seed, epoch, example) alone, so that resuming, packing or
//! another batch split cannot change them.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::digest::Summer;

/// The seeds of the four streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeds {
    /// Initial weights.
    pub init: u64,
    /// Order of the training examples.
    pub order: u64,
    /// Crops, shifts and flips.
    pub augment: u64,
    /// Random masks and permutations.
    pub mask: u64,
}

impl Seeds {
    /// Derives the four seeds from one; each is below 2^48, so that every format holds it exactly.
    #[must_use]
    pub fn derive(seed: u64) -> Self {
        let one = |name| stream(seed, name).next_u64() >> 16;
        Self { init: one("init"), order: one("order"), augment: one("augment"), mask: one("mask") }
    }
}

/// A stream of random numbers for one purpose: another purpose or seed gives an independent one.
#[must_use]
pub fn stream(seed: u64, purpose: &str) -> Stream {
    let mut summer = Summer::new();
    summer.bytes(b"elth chance 1\0");
    summer.bytes(&seed.to_le_bytes());
    summer.bytes(purpose.as_bytes());
    Stream { rng: ChaCha8Rng::from_seed(summer.finish().bytes()) }
}

/// Random numbers in sequence.
#[derive(Debug, Clone)]
pub struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A whole number below `bound`, each equally likely; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = |bits: u64| u128::from(bits) * u128::from(bound);
        let mut product = wide(self.next_u64());
        // Lemire's rejection: drop the draws that would favour the small numbers.
        let least = if bound == 0 { 0 } else { bound.wrapping_neg() % bound };
        while low_half(product) < least {
            product = wide(self.next_u64());
        }
        high_half(product)
    }

    /// A number of [0, 1) with 53 random bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of [0, 1) with 24 random bits, which single precision holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "24 bits are exact")]
    pub fn uniform_single(&mut self) -> f64 {
        (self.next_u64() >> 40) as f64 / (1_u64 << 24) as f64
    }

    /// Two independent numbers of the standard normal distribution (Box and Muller).
    pub fn normal_pair(&mut self) -> [f64; 2] {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        [radius * cosine, radius * sine]
    }

    /// Puts the items into a random order, each equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}

/// The order in which an epoch takes `examples` examples.
#[must_use]
pub fn order(seed: u64, epoch: u64, examples: usize) -> Vec<u32> {
    let mut keys: Vec<(u64, u32)> =
        draws(seed, "order", epoch, examples).into_iter().zip(0..).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, example)| example).collect()
}

/// 64 random bits for each example of an epoch, whatever order it is taken in.
#[must_use]
pub fn draws(seed: u64, purpose: &str, epoch: u64, examples: usize) -> Vec<u64> {
    let mut stream = stream(seed, purpose);
    stream.rng.set_stream(epoch);
    (0..examples).map(|_| stream.next_u64()).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
fn low_half(product: u128) -> u64 {
    product as u64
}

fn high_half(product: u128) -> u64 {
    (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_permutation_that_depends_on_seed_and_epoch_only() {
        let first = order(7, 3, 1000);
        assert_eq!(first, order(7, 3, 1000));
        assert_ne!(first, order(7, 4, 1000));
        assert_ne!(first, order(8, 3, 1000));
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn an_examples_draw_does_not_depend_on_how_many_there_are() {
        assert_eq!(draws(1, "augment", 2, 10), draws(1, "augment", 2, 1000)[..10]);
    }

    #[test]
    fn whole_numbers_and_normals_are_spread_as_they_should_be() {
        let mut stream = stream(5, "test");
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|_| counts[usize::try_from(stream.below(7)).unwrap()] += 1);
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        let normals: Vec<f64> = (0..50_000).flat_map(|_| stream.normal_pair()).collect();
        let mean = normals.iter().sum::<f64>() / 1e5;
        let variance = normals.iter().map(|value| value * value).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn streams_keep_their_numbers_for_ever() {
        let seeds = Seeds::derive(0);
        assert_eq!(seeds, Seeds::derive(0));
        assert!([seeds.init, seeds.order, seeds.augment, seeds.mask].iter().all(|s| *s < 1 << 48));
        assert_eq!(order(0, 0, 8), GOLDEN_ORDER);
    }

    const GOLDEN_ORDER: [u32; 8] = [5, 7, 6, 4, 1, 0, 2, 3];
}
