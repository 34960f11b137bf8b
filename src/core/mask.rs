//! Which weights of a tensor survive: one bit a weight.

/// One bit per weight in the tensor's own order; a set bit survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    len: usize,
    words: Vec<u64>,
}

impl Mask {
    /// A mask that keeps every one of `len` weights.
    #[must_use]
    pub fn full(len: usize) -> Self {
        Self::from_fn(len, |_| true)
    }

    /// Builds a mask from its bits.
    #[must_use]
    pub fn from_bits(bits: &[bool]) -> Self {
        Self::from_fn(bits.len(), |at| bits[at])
    }

    /// Builds a mask of `len` bits by asking for each.
    #[must_use]
    pub fn from_fn(len: usize, mut keep: impl FnMut(usize) -> bool) -> Self {
        let mut words = vec![0_u64; len.div_ceil(64)];
        for (index, word) in words.iter_mut().enumerate() {
            let start = index * 64;
            for at in start..len.min(start + 64) {
                *word |= u64::from(keep(at)) << (at - start);
            }
        }
        Self { len, words }
    }

    /// Builds a mask from one byte a bit, 0 or 1; nothing where a byte is another.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.iter().fold(0, |all, byte| all | byte) > 1 {
            return None;
        }
        let word =
            |bits: &[u8]| bits.iter().rev().fold(0_u64, |word, bit| word << 1 | u64::from(*bit));
        Some(Self { len: bytes.len(), words: bytes.chunks(64).map(word).collect() })
    }

    /// One byte a bit, 0 or 1.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        for (bits, word) in bytes.chunks_mut(64).zip(&self.words) {
            for (at, bit) in bits.iter_mut().enumerate() {
                *bit = u8::from(word >> at & 1 == 1);
            }
        }
        bytes
    }

    /// Weights under the mask.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no weight lies under the mask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the weight at `at` survives; what lies outside does not.
    #[must_use]
    pub fn keeps(&self, at: usize) -> bool {
        at < self.len && self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// Every bit in order.
    pub fn bits(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.len).map(|at| self.keeps(at))
    }

    /// Surviving weights.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Surviving weights in the half-open range, counted word by word.
    #[must_use]
    pub fn kept_in(&self, range: std::ops::Range<usize>) -> usize {
        let (start, end) = (range.start.min(self.len), range.end.min(self.len));
        let (mut at, mut kept) = (start, 0);
        while at < end {
            let offset = at % 64;
            let take = (64 - offset).min(end - at);
            let window = if take == 64 { u64::MAX } else { (1 << take) - 1 };
            kept += (self.words[at / 64] >> offset & window).count_ones() as usize;
            at += take;
        }
        kept
    }

    /// Share of surviving weights, 0 when empty.
    #[must_use]
    pub fn density(&self) -> f64 {
        share(self.kept(), self.len)
    }

    /// Weights that both masks keep.
    #[must_use]
    pub fn kept_by_both(&self, other: &Self) -> usize {
        let pairs = self.words.iter().zip(&other.words);
        pairs.map(|(one, two)| (one & two).count_ones() as usize).sum()
    }
}

/// `part` of `whole` as a fraction, 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_the_same_bits_one_by_one() {
        let mask = Mask::from_fn(200, |at| at % 3 == 0 || at == 64);
        for start in 0..=200 {
            for end in [start, start + 1, start + 63, start + 64, 200, 300] {
                let expected = (start..end).filter(|&at| mask.keeps(at)).count();
                assert_eq!(mask.kept_in(start..end), expected, "{start}..{end}");
            }
        }
        assert_eq!(mask.kept(), mask.kept_in(0..200));
    }

    #[test]
    fn density_counts_survivors() {
        assert!((Mask::from_bits(&[true, false]).density() - 0.5).abs() < f64::EPSILON);
        assert!(Mask::full(0).density().abs() < f64::EPSILON);
    }
}
