//! A bar that fills as something goes on.

/// Eighths of a cell, from the left.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of so many cells, filled to that share.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a few cells"
)]
pub fn bar(share: f64, cells: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * cells as f64 * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    let left = cells.saturating_sub(eighths.div_ceil(8));
    bar + &"░".repeat(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_from_nothing_to_all() {
        for (share, drawn) in
            [(0.0, "░░░░"), (0.5, "██░░"), (0.6, "██▍░"), (1.0, "████"), (7.0, "████")]
        {
            assert_eq!(bar(share, 4), drawn);
        }
    }
}
