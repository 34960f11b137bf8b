//! One value over the steps of a run in bounded memory: what falls close together keeps its least and greatest.

/// Buckets kept: more than any screen has columns of dots, and a few hundred kilobytes at the most.
const BUCKETS: usize = 2048;

/// Values by step, so many steps to a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    width: u64,
    /// Each with its number, in order: what comes next is at the end, without a search.
    buckets: Vec<(u64, Bucket)>,
}

/// What fell into one bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The first step and its value.
    pub first: (u64, f64),
    /// The last step and its value.
    pub last: (u64, f64),
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
}

impl Default for Trace {
    fn default() -> Self {
        Self { width: 1, buckets: Vec::new() }
    }
}

impl Bucket {
    fn of(step: u64, value: f64) -> Self {
        Self { first: (step, value), last: (step, value), low: value, high: value }
    }

    /// Both, `self` the earlier one.
    fn with(self, later: Self) -> Self {
        Self {
            first: self.first,
            last: later.last,
            low: self.low.min(later.low),
            high: self.high.max(later.high),
        }
    }
}

impl Trace {
    /// Takes in a value; of two at one step the first counts, and what comes out of order is left out.
    pub fn hear(&mut self, step: u64, value: f64) {
        if self.last().is_some_and(|(last, _)| step <= last) {
            return;
        }
        push(&mut self.buckets, step / self.width, Bucket::of(step, value));
        self.fit();
    }

    /// Drops what came after that step: a trainer goes on from there.
    pub fn cut(&mut self, step: u64) {
        let kept = self.buckets.partition_point(|(_, bucket)| bucket.first.0 <= step);
        self.buckets.truncate(kept);
        let Some((_, bucket)) = self.buckets.last_mut() else { return };
        if bucket.last.0 > step {
            // What lies between was not kept: the bucket's first value stands for it.
            *bucket = Bucket::of(bucket.first.0, bucket.first.1);
        }
    }

    /// Adds so much to every value.
    pub fn raise(&mut self, by: f64) {
        for (_, bucket) in &mut self.buckets {
            for value in
                [&mut bucket.first.1, &mut bucket.last.1, &mut bucket.low, &mut bucket.high]
            {
                *value += by;
            }
        }
    }

    /// Puts an earlier trace before this one; where they overlap, this one counts.
    pub fn prepend(&mut self, mut past: Self) {
        if let Some((first, _)) = self.first() {
            past.cut(first.saturating_sub(1));
        }
        let width = self.width.max(past.width);
        self.widen(width);
        past.widen(width);
        let later = std::mem::replace(&mut self.buckets, past.buckets);
        for (at, bucket) in later {
            push(&mut self.buckets, at, bucket);
        }
        self.fit();
    }

    /// The buckets in order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = &Bucket> {
        self.buckets.iter().map(|(_, bucket)| bucket)
    }

    /// How many buckets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The first step and its value.
    #[must_use]
    pub fn first(&self) -> Option<(u64, f64)> {
        self.buckets.first().map(|(_, bucket)| bucket.first)
    }

    /// The last step and its value.
    #[must_use]
    pub fn last(&self) -> Option<(u64, f64)> {
        self.buckets.last().map(|(_, bucket)| bucket.last)
    }

    /// The value at that step, or the last one before it.
    #[must_use]
    pub fn at(&self, step: u64) -> Option<(u64, f64)> {
        let begun = self.buckets.partition_point(|(_, bucket)| bucket.first.0 <= step);
        let (_, bucket) = self.buckets.get(begun.checked_sub(1)?)?;
        Some(if bucket.last.0 <= step { bucket.last } else { bucket.first })
    }

    /// Doubles the width of the buckets until there are few enough.
    fn fit(&mut self) {
        while self.buckets.len() > BUCKETS {
            self.widen(self.width * 2);
        }
    }

    fn widen(&mut self, width: u64) {
        if width == self.width {
            return;
        }
        let factor = width / self.width;
        let mut wider = Vec::new();
        for (at, bucket) in std::mem::take(&mut self.buckets) {
            push(&mut wider, at / factor, bucket);
        }
        (self.width, self.buckets) = (width, wider);
    }
}

/// Puts a bucket at the end, into the last one where it is of the same number.
fn push(buckets: &mut Vec<(u64, Bucket)>, at: u64, bucket: Bucket) {
    match buckets.last_mut() {
        Some((last, before)) if *last == at => *before = before.with(bucket),
        _ => buckets.push((at, bucket)),
    }
}

impl FromIterator<(u64, f64)> for Trace {
    fn from_iter<I: IntoIterator<Item = (u64, f64)>>(values: I) -> Self {
        let mut trace = Self::default();
        values.into_iter().for_each(|(step, value)| trace.hear(step, value));
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(trace: &Trace) -> Vec<(u64, f64)> {
        trace.buckets().map(|bucket| bucket.last).collect()
    }

    #[test]
    fn a_short_trace_holds_every_value() {
        let mut trace: Trace = [(10, 1.0), (20, 0.5), (20, 9.0), (15, 9.0)].into_iter().collect();
        assert_eq!(values(&trace), [(10, 1.0), (20, 0.5)]);
        assert_eq!(
            [9, 10, 19, 99].map(|step| trace.at(step)),
            [None, Some((10, 1.0)), Some((10, 1.0)), Some((20, 0.5))]
        );
        trace.cut(19);
        trace.hear(12, 0.7);
        assert_eq!(values(&trace), [(10, 1.0), (12, 0.7)]);
    }

    #[test]
    fn a_long_trace_is_thinned_and_keeps_its_spikes() {
        let value = |step: u64| if step == 123_456 { 99.0 } else { 1.0 };
        let trace: Trace = (0..1_000_000).map(|step| (step, value(step))).collect();
        assert!((BUCKETS / 2..=BUCKETS).contains(&trace.len()), "{}", trace.len());
        let high = trace.buckets().map(|bucket| bucket.high).fold(0.0, f64::max);
        assert_eq!((high, trace.last()), (99.0, Some((999_999, 1.0))));
    }

    #[test]
    fn a_past_that_comes_later_goes_before() {
        let all: Vec<_> = (0..10_000_u32).map(|step| (u64::from(step), f64::from(step))).collect();
        for split in [0, 1, 9_000, 10_000] {
            let past: Trace = all[..split.min(9_500)].iter().copied().collect();
            let mut trace: Trace = all[split..].iter().copied().collect();
            trace.prepend(past);
            let expected: Trace = match split {
                10_000 => all[..9_500].iter().copied().collect(),
                _ => all.iter().copied().collect(),
            };
            assert_eq!((trace.first(), trace.last()), (expected.first(), expected.last()));
            assert!(trace.len() <= BUCKETS);
        }
    }
}
