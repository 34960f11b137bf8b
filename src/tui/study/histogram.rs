//! How weights are distributed: counts over bins whose widths are powers of two, so that histograms add up exactly.

use elth_core::mask::Mask;

/// Bins on each side of zero that a tensor's largest weight lies within.
const SIDE: i32 = 256;

/// Kept and pruned weights by value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// A bin is two to the power of this wide.
    exponent: i32,
    /// Kept and pruned weights of each bin, from the most negative on; nothing where all are zero or none is there.
    bins: Vec<Bin>,
    /// What the kept weights amount to.
    pub kept: Sum,
    /// What the pruned weights amount to.
    pub pruned: Sum,
}

/// A bin's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bin {
    /// Kept weights.
    pub kept: usize,
    /// Pruned weights.
    pub pruned: usize,
}

/// Some weights in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sum {
    /// How many.
    pub weights: usize,
    /// Of those, how many are exactly zero.
    pub zeros: usize,
    /// Of those, how many are no numbers.
    pub odd: usize,
    /// All magnitudes together.
    pub magnitudes: f64,
    /// All values together.
    pub values: f64,
    /// The largest magnitude.
    pub largest: f32,
}

impl Sum {
    fn take(&mut self, value: f32) {
        self.weights += 1;
        if !value.is_finite() {
            self.odd += 1;
            return;
        }
        self.zeros += usize::from(value == 0.0);
        self.magnitudes += f64::from(value.abs());
        self.values += f64::from(value);
        self.largest = self.largest.max(value.abs());
    }

    fn plus(self, other: Self) -> Self {
        Self {
            weights: self.weights + other.weights,
            zeros: self.zeros + other.zeros,
            odd: self.odd + other.odd,
            magnitudes: self.magnitudes + other.magnitudes,
            values: self.values + other.values,
            largest: self.largest.max(other.largest),
        }
    }

    /// The mean magnitude, 0 of none.
    #[must_use]
    pub fn mean_magnitude(&self) -> f64 {
        mean(self.magnitudes, self.weights - self.odd)
    }

    /// The mean, 0 of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.values, self.weights - self.odd)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of weights are far below 2^53")]
fn mean(sum: f64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { sum / of as f64 }
}

impl Histogram {
    /// Counts a tensor's weights.
    #[must_use]
    pub fn of(mask: &Mask, weights: &[f32]) -> Self {
        let largest = weights
            .iter()
            .copied()
            .filter(|w| w.is_finite())
            .fold(0.0, |most: f32, w| most.max(w.abs()));
        let exponent = exponent_for(largest);
        let width = 2_f64.powi(exponent);
        let mut histogram = Self { exponent, ..Self::default() };
        histogram.bins = vec![Bin::default(); 2 * side()];
        for (value, is_kept) in weights.iter().zip(mask.bits()) {
            let sum = if is_kept { &mut histogram.kept } else { &mut histogram.pruned };
            sum.take(*value);
            if value.is_finite() {
                let bin = &mut histogram.bins[bin_of(f64::from(*value) / width)];
                let count = if is_kept { &mut bin.kept } else { &mut bin.pruned };
                *count += 1;
            }
        }
        histogram
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (kept, pruned) = (self.kept.plus(other.kept), self.pruned.plus(other.pruned));
        // One of nothing has no bins and any width.
        let exponent = match (self.bins.is_empty(), other.bins.is_empty()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.max(other.exponent),
        };
        let mut bins = vec![Bin::default(); 2 * side()];
        for one in [self, other] {
            let wider = 2_f64.powi(exponent - one.exponent);
            for (at, bin) in one.bins.iter().enumerate() {
                let to = &mut bins[bin_of(start_of(at) / wider)];
                (to.kept, to.pruned) = (to.kept + bin.kept, to.pruned + bin.pruned);
            }
        }
        Self { exponent, bins, kept, pruned }
    }

    /// The largest magnitude that a picture of it must show.
    #[must_use]
    pub fn reach(&self) -> f64 {
        f64::from(self.kept.largest.max(self.pruned.largest))
    }

    /// So many columns from `-reach` to `reach`, a bin in the column that its middle lies in.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few columns"
    )]
    pub fn columns(&self, columns: usize, reach: f64) -> Vec<Bin> {
        let mut drawn = vec![Bin::default(); columns];
        if columns == 0 {
            return drawn;
        }
        let width = 2_f64.powi(self.exponent);
        for (at, bin) in self.bins.iter().enumerate() {
            let value = (start_of(at) + 0.5) * width;
            let share = if reach > 0.0 { f64::midpoint(value / reach, 1.0) } else { 0.5 };
            let column = ((share.clamp(0.0, 1.0) * columns as f64) as usize).min(columns - 1);
            let to = &mut drawn[column];
            (to.kept, to.pruned) = (to.kept + bin.kept, to.pruned + bin.pruned);
        }
        drawn
    }
}

fn side() -> usize {
    usize::try_from(SIDE).unwrap_or_default()
}

/// The least width of bins that has room for such a weight.
fn exponent_for(largest: f32) -> i32 {
    let fits = |exponent: &i32| f64::from(largest) < f64::from(SIDE) * 2_f64.powi(*exponent);
    (-160..130).find(fits).unwrap_or(130)
}

/// The bin of a value, in widths of a bin.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn bin_of(value: f64) -> usize {
    let side = f64::from(SIDE);
    (value.floor().clamp(-side, side - 1.0) + side) as usize
}

/// Where a bin begins, in widths of a bin.
#[expect(clippy::cast_precision_loss, reason = "a few bins")]
fn start_of(bin: usize) -> f64 {
    bin as f64 - f64::from(SIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(columns: &[Bin]) -> (usize, usize) {
        (columns.iter().map(|bin| bin.kept).sum(), columns.iter().map(|bin| bin.pruned).sum())
    }

    #[test]
    fn every_weight_is_counted_once() {
        let weights = [0.5, -0.25, 0.0, -1.0, 0.1, 3.0];
        let mask = Mask::from_bits(&[true, true, false, true, false, false]);
        let histogram = Histogram::of(&mask, &weights);
        assert_eq!((histogram.kept.weights, histogram.pruned.weights), (3, 3));
        assert_eq!((histogram.kept.zeros, histogram.pruned.zeros), (0, 1));
        assert!((histogram.kept.mean_magnitude() - 1.75 / 3.0).abs() < 1e-9);
        assert!((histogram.pruned.mean() - 3.1 / 3.0).abs() < 1e-6);
        for columns in [1, 2, 7, 40, 1000] {
            assert_eq!(total(&histogram.columns(columns, histogram.reach())), (3, 3), "{columns}");
        }
        let halves = histogram.columns(2, 3.0);
        assert_eq!((halves[0].kept, halves[1].kept, halves[1].pruned), (2, 1, 3));
    }

    #[test]
    fn histograms_of_any_widths_add_up() {
        let all = Mask::full(4);
        let parts = [[0.001, -0.002, 0.0, 0.004], [100.0, -7.0, 0.5, 1e-9], [0.0; 4]];
        let parts = parts.map(|weights| Histogram::of(&all, &weights));
        let sum = parts.iter().fold(Histogram::default(), |sum, part| sum.plus(part));
        assert_eq!(sum.kept.weights, 12);
        assert_eq!(total(&sum.columns(33, sum.reach())), (12, 0));
        assert!((sum.reach() - 100.0).abs() < 1e-9);
        assert_eq!(sum.columns(2, 100.0)[0].kept, 2);
    }

    #[test]
    fn values_that_are_no_numbers_are_counted_apart() {
        let weights = [f32::NAN, f32::INFINITY, 1.0, f32::MAX];
        let histogram = Histogram::of(&Mask::full(4), &weights);
        assert_eq!((histogram.kept.weights, histogram.kept.odd), (4, 2));
        assert_eq!(total(&histogram.columns(10, histogram.reach())).0, 2);
        assert_eq!(Histogram::default().columns(4, 0.0), vec![Bin::default(); 4]);
    }
}
