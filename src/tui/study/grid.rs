//! A tensor's mask as a grid: output channels by input channels, with exact counts.

use std::ops::Range;

use elth_core::{mask::Mask, ticket::Count};

/// Most bins along a side: finer than any screen, and a grid of a huge tensor stays within a megabyte.
const MOST: usize = 512;

/// Kept weights of blocks of kernels; a block is a single kernel where a tensor has few channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Output channels.
    pub outputs: usize,
    /// Input channels.
    pub inputs: usize,
    /// Rows and columns of a kernel; 1 × 1 for a linear layer.
    pub kernel: (usize, usize),
    rows: usize,
    columns: usize,
    kept: Vec<u32>,
}

/// A part of a grid: output channels by input channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Output channels.
    pub outputs: Range<usize>,
    /// Input channels.
    pub inputs: Range<usize>,
    /// Kept and all weights.
    pub count: Count,
}

/// Outputs, inputs and the kernel's sizes of a tensor's shape.
#[must_use]
pub fn sides(shape: &[usize]) -> (usize, usize, (usize, usize)) {
    let side = |at: usize| shape.get(at).copied().unwrap_or(1).max(1);
    (side(0), side(1), (side(2), shape.iter().skip(3).product::<usize>().max(1)))
}

impl Grid {
    /// Counts a tensor's mask.
    #[must_use]
    pub fn of(shape: &[usize], mask: &Mask) -> Self {
        let (outputs, inputs, kernel) = sides(shape);
        let (rows, columns) = (outputs.min(MOST), inputs.min(MOST));
        let mut grid =
            Self { outputs, inputs, kernel, rows, columns, kept: vec![0; rows * columns] };
        let each = grid.weights_of_kernel();
        for row in 0..rows {
            for output in cut(outputs, rows, row) {
                for column in 0..columns {
                    let inside = cut(inputs, columns, column);
                    let start = (output * inputs + inside.start) * each;
                    let kept = mask.kept_in(start..start + inside.len() * each);
                    grid.kept[row * columns + column] += u32::try_from(kept).unwrap_or(u32::MAX);
                }
            }
        }
        grid
    }

    /// Weights of one kernel.
    #[must_use]
    pub fn weights_of_kernel(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }

    /// Rows and columns of a picture of it that has room for so many.
    #[must_use]
    pub fn fitting(&self, rows: usize, columns: usize) -> (usize, usize) {
        (rows.min(self.rows).max(1), columns.min(self.columns).max(1))
    }

    /// What one cell shows of a picture of so many rows and columns, which [`fitting`](Self::fitting) gave.
    #[must_use]
    pub fn block(&self, (rows, columns): (usize, usize), row: usize, column: usize) -> Block {
        let (bins, across) = (cut(self.rows, rows, row), cut(self.columns, columns, column));
        let kept = bins.clone().flat_map(|bin| &self.kept[bin * self.columns..][across.clone()]);
        let kept = kept.map(|kept| *kept as usize).sum();
        let outputs = channels(self.outputs, self.rows, &bins);
        let inputs = channels(self.inputs, self.columns, &across);
        let weights = outputs.len() * inputs.len() * self.weights_of_kernel();
        Block { outputs, inputs, count: Count { kept, weights } }
    }

    /// The cell of such a picture that shows a pair of channels.
    #[must_use]
    pub fn cell(
        &self,
        (rows, columns): (usize, usize),
        output: usize,
        input: usize,
    ) -> (usize, usize) {
        let find = |cells: usize, bins: usize, all: usize, channel: usize| {
            let shows = |cell: &usize| channels(all, bins, &cut(bins, cells, *cell)).end > channel;
            // Ends grow with the cells, so the first that reaches the channel shows it.
            let (mut low, mut high) = (0, cells.saturating_sub(1));
            while low < high {
                let middle = usize::midpoint(low, high);
                if shows(&middle) { high = middle } else { low = middle + 1 }
            }
            low
        };
        let row = find(rows, self.rows, self.outputs, output);
        (row, find(columns, self.columns, self.inputs, input))
    }
}

/// Kept and all weights of one kernel.
#[must_use]
pub fn kernel(mask: &Mask, grid: &Grid, output: usize, input: usize) -> Count {
    let each = grid.weights_of_kernel();
    let start = (output * grid.inputs + input) * each;
    Count { kept: mask.kept_in(start..start + each), weights: each }
}

/// The part of `all` that is the `at`th of so many nearly equal parts.
fn cut(all: usize, parts: usize, at: usize) -> Range<usize> {
    at * all / parts..(at + 1) * all / parts
}

fn channels(all: usize, bins: usize, range: &Range<usize>) -> Range<usize> {
    range.start * all / bins..range.end * all / bins
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every picture of the tensor counts what one by one gives.
    fn check(shape: &[usize], step: usize) {
        let len = shape.iter().product();
        let mask = Mask::from_fn(len, |at| (at * 7 + at / 11) % step == 0);
        let grid = Grid::of(shape, &mask);
        let each = grid.weights_of_kernel();
        for room in [(1, 1), (3, 5), (20, 60), (1000, 1000)] {
            let size = grid.fitting(room.0, room.1);
            let mut all = Count::default();
            for (row, column) in
                (0..size.0).flat_map(|row| (0..size.1).map(move |column| (row, column)))
            {
                let block = grid.block(size, row, column);
                let mut kept = 0;
                for output in block.outputs.clone() {
                    for input in block.inputs.clone() {
                        kept += kernel(&mask, &grid, output, input).kept;
                        assert_eq!(grid.cell(size, output, input), (row, column), "{shape:?}");
                    }
                }
                let weights = block.outputs.len() * block.inputs.len() * each;
                assert_eq!(block.count, Count { kept, weights }, "{shape:?} at {row} {column}");
                all = all + block.count;
            }
            assert_eq!(all, Count { kept: mask.kept(), weights: len }, "{shape:?} in {room:?}");
        }
    }

    #[test]
    fn grids_count_exactly_what_lies_under_each_cell() {
        check(&[16, 3, 3, 3], 5);
        check(&[10, 64], 3);
        check(&[1030, 7], 4);
        check(&[5, 777], 2);
        check(&[6, 1, 3, 3], 2);
    }

    #[test]
    fn tensors_of_any_shape_have_sides() {
        assert_eq!(sides(&[8, 3, 3, 5]), (8, 3, (3, 5)));
        assert_eq!(sides(&[8, 3]), (8, 3, (1, 1)));
        assert_eq!(sides(&[]), (1, 1, (1, 1)));
    }
}
