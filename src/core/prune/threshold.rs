//! Where to cut so that the lowest so many scores go: bracketed by a sample, counted in one pass, nothing sorted whole.

use crate::{
    mask::{Mask, gathered},
    prune::Ranking,
};

/// Scores of a tensor and which of them are still there.
pub(crate) type Field<'a> = (&'a [f32], &'a Mask);

/// What goes: every key below, and the first so many that equal it, in the order of fields and places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    key: i32,
    ties: usize,
}

/// Scores looked at together: their keys fit a few registers, and one word of a mask lies over two such blocks.
const BLOCK: usize = 32;

/// One block of so many is sampled: enough to bracket any share to about a hundredth.
const SAMPLED: usize = 64;

/// Half the width of the bracket, as a share of all scores: six times what such samples stray.
const MARGIN: f64 = 0.008;

/// So few scores are all looked at: a sample of them would say little.
const FEW: usize = 1 << 16;

/// A score that has no place in an order.
#[derive(Debug)]
pub(crate) struct NotANumber;

/// Where to cut for `count` scores to go, which is at least 1 and at most as many as there are.
pub(crate) fn cut(fields: &[Field<'_>], count: usize, ranking: Ranking) -> Result<Cut, NotANumber> {
    match ranking {
        Ranking::Absolute => cut_by(fields, count, absolute),
        Ranking::Signed => cut_by(fields, count, signed),
    }
}

impl Cut {
    /// The same with everything that equals the key gone too.
    pub(crate) fn with_all_ties(self) -> Self {
        Self { ties: usize::MAX, ..self }
    }

    /// What a field keeps; ties that went are taken off.
    pub(crate) fn apply(&mut self, field: Field<'_>, ranking: Ranking) -> Mask {
        match ranking {
            Ranking::Absolute => self.apply_by(field, absolute),
            Ranking::Signed => self.apply_by(field, signed),
        }
    }

    fn apply_by(&mut self, (scores, mask): Field<'_>, key: impl Fn(f32) -> i32 + Copy) -> Mask {
        let words = scores.chunks(64).zip(mask.words()).map(|(scores, word)| {
            let (mut above, mut equal) = ([0; 64], [0; 64]);
            for ((above, equal), score) in above.iter_mut().zip(&mut equal).zip(scores) {
                let key = key(*score);
                (*above, *equal) = (u8::from(key > self.key), u8::from(key == self.key));
            }
            word & (bits(&above) | self.spared(word & bits(&equal)))
        });
        Mask::from_words(mask.len(), words.collect()).unwrap_or_else(|| Mask::full(0))
    }

    /// The ties of a word that stay: those that go are taken from the lowest place on.
    fn spared(&mut self, mut equal: u64) -> u64 {
        while equal != 0 && self.ties > 0 {
            equal &= equal - 1;
            self.ties -= 1;
        }
        equal
    }
}

/// A number that sorts as the magnitude does.
fn absolute(score: f32) -> i32 {
    score.abs().to_bits().cast_signed()
}

/// A number that sorts as the score does; there is one zero, not two.
fn signed(score: f32) -> i32 {
    let bits = (score + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
}

fn cut_by(
    fields: &[Field<'_>],
    count: usize,
    key: impl Fn(f32) -> i32 + Copy,
) -> Result<Cut, NotANumber> {
    let all: usize = fields.iter().map(|(_, mask)| mask.kept()).sum();
    let (low, high) =
        if all <= FEW { (i32::MIN, i32::MAX) } else { bracket(fields, count, all, key) };
    let (mut below, mut inside) = (0, Vec::new());
    for field in fields {
        below += scan(*field, low, high, &mut inside, key)?;
    }
    // A bracket that a rare sample put wrong, or that the same score fills, is made narrower by counting.
    if count <= below || count > below + inside.len() {
        return Ok(counted(fields, count, key));
    }
    let (_, found, _) = inside.select_nth_unstable(count - below - 1);
    let found = *found;
    let less = inside.iter().filter(|key| **key < found).count();
    Ok(Cut { key: found, ties: count - below - less })
}

/// Keys between which the `count`-th lowest lies, most likely.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks in a sample"
)]
fn bracket(
    fields: &[Field<'_>],
    count: usize,
    all: usize,
    key: impl Fn(f32) -> i32 + Copy,
) -> (i32, i32) {
    let mut sample = Vec::with_capacity(all / SAMPLED + BLOCK);
    for (scores, mask) in fields {
        for start in (0..scores.len()).step_by(BLOCK * SAMPLED) {
            let places = start..scores.len().min(start + BLOCK);
            sample.extend(places.filter(|at| mask.keeps(*at)).map(|at| key(scores[at])));
        }
    }
    if sample.is_empty() {
        return (i32::MIN, i32::MAX);
    }
    sample.sort_unstable();
    let at = |share: f64| {
        let rank = share * sample.len() as f64;
        if rank < 0.0 { None } else { sample.get(rank as usize).copied() }
    };
    let share = count as f64 / all as f64;
    let low = at(share - MARGIN).unwrap_or(i32::MIN);
    (low, at(share + MARGIN).unwrap_or(i32::MAX))
}

/// Counts the keys below `low` and collects those up to `high`.
fn scan(
    (scores, mask): Field<'_>,
    low: i32,
    high: i32,
    inside: &mut Vec<i32>,
    key: impl Fn(f32) -> i32 + Copy,
) -> Result<usize, NotANumber> {
    let (mut below, mut broken) = (0, false);
    for (scores, word) in scores.chunks(2 * BLOCK).zip(mask.words()) {
        let (blocks, rest) = scores.as_chunks::<BLOCK>();
        for (at, block) in blocks.iter().enumerate() {
            broken |= block.iter().fold(false, |broken, score| broken | score.is_nan());
            let keys = block.map(key);
            let kept = word >> (BLOCK * at) & u64::from(u32::MAX);
            if kept == u64::from(u32::MAX) {
                below += whole(&keys, low, high, inside);
            } else if kept != 0 {
                below += partly(&keys, kept, low, high, inside);
            }
        }
        if !rest.is_empty() {
            broken |= rest.iter().any(|score| score.is_nan());
            let keys: Vec<i32> = rest.iter().map(|score| key(*score)).collect();
            below += partly(&keys, word >> (BLOCK * blocks.len() % 64), low, high, inside);
        }
    }
    if broken { Err(NotANumber) } else { Ok(below) }
}

/// A block that is all there: without a branch but for the few keys between.
fn whole(keys: &[i32; BLOCK], low: i32, high: i32, inside: &mut Vec<i32>) -> usize {
    let (mut below, mut between) = (0_i32, 0_i32);
    for key in keys {
        below += i32::from(*key < low);
        between += i32::from(*key >= low) & i32::from(*key <= high);
    }
    if between > 0 {
        inside.extend(keys.iter().filter(|key| (low..=high).contains(*key)));
    }
    usize::try_from(below).unwrap_or(0)
}

fn partly(keys: &[i32], kept: u64, low: i32, high: i32, inside: &mut Vec<i32>) -> usize {
    let mut below = 0;
    for (at, key) in keys.iter().enumerate() {
        if kept >> at & 1 == 1 {
            below += usize::from(*key < low);
            if (low..=high).contains(key) {
                inside.push(*key);
            }
        }
    }
    below
}

/// The cut by counting the upper halves of keys, then the lower halves of those that share the upper one.
fn counted(fields: &[Field<'_>], count: usize, key: impl Fn(f32) -> i32 + Copy) -> Cut {
    let ordered = |score: f32| key(score).cast_unsigned() ^ (1 << 31);
    let tally = |of: &dyn Fn(u32) -> Option<u32>| {
        let mut counts = vec![0_usize; 1 << 16];
        for (scores, mask) in fields {
            let kept = (0..mask.len()).filter(|at| mask.keeps(*at));
            kept.filter_map(|at| of(ordered(scores[at])))
                .for_each(|half| counts[half as usize] += 1);
        }
        counts
    };
    let (upper, left) = reached(&tally(&|key| Some(key >> 16)), count);
    let lower_of = |key: u32| (key >> 16 == upper).then_some(key & 0xFFFF);
    let (lower, ties) = reached(&tally(&lower_of), left);
    Cut { key: ((upper << 16 | lower) ^ (1 << 31)).cast_signed(), ties }
}

/// The place at which counts come to `count`, and how many of it are wanted.
fn reached(counts: &[usize], count: usize) -> (u32, usize) {
    let mut left = count;
    for (place, here) in (0_u32..).zip(counts) {
        if left <= *here {
            return (place, left);
        }
        left -= here;
    }
    (u32::try_from(counts.len()).unwrap_or(0).saturating_sub(1), left)
}

/// The lowest bits of 64 bytes as one word.
fn bits(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let words = eights.iter().enumerate();
    words.fold(0, |word, (at, eight)| word | gathered(u64::from_le_bytes(*eight)) << (8 * at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::stream;

    /// What sorting gives: key and place of the lowest so many.
    fn expected(fields: &[Field<'_>], count: usize, ranking: Ranking) -> Vec<Mask> {
        let key =
            |score: f32| if ranking == Ranking::Absolute { absolute(score) } else { signed(score) };
        let mut order: Vec<(i32, usize, usize)> = Vec::new();
        for (number, (scores, mask)) in fields.iter().enumerate() {
            let kept = (0..mask.len()).filter(|at| mask.keeps(*at));
            order.extend(kept.map(|at| (key(scores[at]), number, at)));
        }
        order.sort_unstable();
        let gone: std::collections::BTreeSet<_> =
            order[..count].iter().map(|(_, number, at)| (*number, *at)).collect();
        let masks = fields.iter().enumerate().map(|(number, (_, mask))| {
            Mask::from_fn(mask.len(), |at| mask.keeps(at) && !gone.contains(&(number, at)))
        });
        masks.collect()
    }

    fn check(sizes: &[usize], draw: impl Fn(f64, usize) -> f32, keep: impl Fn(usize) -> bool) {
        let mut chance = stream(7, "threshold");
        let scores: Vec<Vec<f32>> = sizes
            .iter()
            .map(|size| (0..*size).map(|at| draw(chance.normal_pair()[0], at)).collect())
            .collect();
        let masks: Vec<Mask> = sizes.iter().map(|size| Mask::from_fn(*size, &keep)).collect();
        let fields: Vec<Field<'_>> = scores.iter().map(Vec::as_slice).zip(&masks).collect();
        let all: usize = masks.iter().map(Mask::kept).sum();
        for ranking in [Ranking::Absolute, Ranking::Signed] {
            for count in [1, all / 5, all / 2, all - 1, all] {
                let mut found = cut(&fields, count, ranking).unwrap();
                assert_eq!(counted_as(&fields, count, ranking), found, "{count} of {all}");
                let kept: Vec<Mask> =
                    fields.iter().map(|field| found.apply(*field, ranking)).collect();
                assert!(kept == expected(&fields, count, ranking), "{count} of {all}, {ranking:?}");
            }
        }
    }

    fn counted_as(fields: &[Field<'_>], count: usize, ranking: Ranking) -> Cut {
        match ranking {
            Ranking::Absolute => counted(fields, count, absolute),
            Ranking::Signed => counted(fields, count, signed),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
    #[test]
    fn a_cut_is_where_sorting_puts_it() {
        check(&[1, 70, 500], |normal, _| normal as f32, |_| true);
        check(&[90_000, 40_000, 33], |normal, _| normal as f32, |_| true);
        check(&[90_001, 40_007], |normal, _| normal as f32, |at| at % 3 != 1);
        // Layers of very different sizes of score, whole ranges of equal ones, and all the same.
        check(
            &[80_000, 50_000],
            |normal, at| normal as f32 * if at < 20_000 { 1e-6 } else { 1.0 },
            |_| true,
        );
        check(&[80_000, 50_000], |normal, _| (normal * 2.0).round() as f32, |at| at % 7 != 0);
        check(&[100_000], |_, _| 0.0, |_| true);
        check(&[100_000], |_, at| if at % 2 == 0 { 0.0 } else { -0.0 }, |_| true);
    }

    #[test]
    fn a_score_that_is_no_number_is_an_error_wherever_it_stands() {
        for size in [10, 31, 32, 100, 70_000] {
            for at in [0, size / 2, size - 1] {
                let mut scores = vec![1.0; size];
                scores[at] = f32::NAN;
                let mask = Mask::from_fn(size, |place| place != at);
                assert!(cut(&[(&scores, &mask)], 1, Ranking::Signed).is_err(), "{at} of {size}");
            }
        }
    }
}
