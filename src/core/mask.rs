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
        let mut words = vec![0; bytes.len().div_ceil(64)];
        pack(bytes, &mut words).then_some(Self { len: bytes.len(), words })
    }

    /// Builds a mask of `len` bits from words that [`pack`] filled; nothing where there are more or fewer.
    #[must_use]
    pub fn from_words(len: usize, words: Vec<u64>) -> Option<Self> {
        let rest = match len % 64 {
            0 => 0,
            used => words.last().map_or(0, |last| last >> used),
        };
        (words.len() == len.div_ceil(64) && rest == 0).then_some(Self { len, words })
    }

    /// 64 bits a word, the first bit lowest; what lies past the end is 0.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.words.iter().copied()
    }

    /// One byte a bit, 0 or 1.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        for (bits, word) in bytes.chunks_mut(64).zip(&self.words) {
            for (eight, byte) in bits.chunks_mut(8).zip(word.to_le_bytes()) {
                eight.copy_from_slice(&spread(byte).to_le_bytes()[..eight.len()]);
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

    /// Surviving weights of each of so many equal rows, such as a tensor's output channels.
    #[must_use]
    pub fn kept_of_rows(&self, rows: usize) -> Vec<usize> {
        let each = self.len / rows.max(1);
        (0..rows).map(|row| self.kept_in(row * each..(row + 1) * each)).collect()
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

/// Packs one byte a bit into words, 64 bytes each, the first bit lowest; says whether every byte is 0 or 1.
#[must_use]
pub fn pack(bytes: &[u8], words: &mut [u64]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut all = 0;
    for (block, word) in blocks.iter().zip(words.iter_mut()) {
        let (eights, _) = block.as_chunks::<8>();
        for (at, eight) in eights.iter().enumerate() {
            let eight = u64::from_le_bytes(*eight);
            all |= eight;
            *word |= gathered(eight) << (8 * at);
        }
    }
    for (at, byte) in rest.iter().enumerate() {
        all |= u64::from(*byte);
        words[blocks.len()] |= u64::from(byte & 1) << at;
    }
    all & !0x0101_0101_0101_0101 == 0
}

/// Counts the bytes that are 1; nothing where one is neither 0 nor 1.
#[must_use]
pub fn tally(bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<8>();
    let (mut kept, mut all) = (0, 0);
    // Eight sums side by side, for as long as each of them fits into its byte.
    for part in eights.chunks(255) {
        let mut sums = 0_u64;
        for eight in part {
            let eight = u64::from_le_bytes(*eight);
            all |= eight;
            sums = sums.wrapping_add(eight);
        }
        kept += sums.to_le_bytes().map(usize::from).iter().sum::<usize>();
    }
    for byte in rest {
        all |= u64::from(*byte);
        kept += usize::from(*byte);
    }
    (all & !0x0101_0101_0101_0101 == 0).then_some(kept)
}

/// The lowest bits of eight bytes as one byte: each is moved to a place of its own in the highest byte.
pub(crate) fn gathered(eight: u64) -> u64 {
    (eight & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The bits of a byte as eight bytes, the lowest first: each copy of the byte keeps a bit of its own, which then moves down.
fn spread(byte: u8) -> u64 {
    let own = u64::from(byte).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    (own + 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101
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
    fn bytes_are_packed_as_bits_are() {
        for len in [0, 1, 7, 8, 63, 64, 65, 128, 200] {
            let bits: Vec<bool> = (0..len).map(|at| at * at % 7 < 3 || at % 64 == 63).collect();
            let bytes: Vec<u8> = bits.iter().map(|bit| u8::from(*bit)).collect();
            let mask = Mask::from_bytes(&bytes).unwrap();
            assert_eq!(mask, Mask::from_bits(&bits), "{len}");
            assert_eq!(mask.to_bytes(), bytes, "{len}");
            assert_eq!(Mask::from_words(len, mask.words.clone()).as_ref(), Some(&mask), "{len}");
            for at in 0..len {
                for wrong in [2, 3, 128, 255] {
                    let mut bytes = bytes.clone();
                    bytes[at] = wrong;
                    assert_eq!(Mask::from_bytes(&bytes), None, "{wrong} at {at} of {len}");
                }
            }
        }
        assert_eq!(Mask::from_words(64, vec![]), None);
        assert_eq!(Mask::from_words(3, vec![0b1000]), None);
    }

    #[test]
    fn density_counts_survivors() {
        assert!((Mask::from_bits(&[true, false]).density() - 0.5).abs() < f64::EPSILON);
        assert!(Mask::full(0).density().abs() < f64::EPSILON);
    }
}
