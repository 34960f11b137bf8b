//! Texts in the order people put them in: `level_6` before `level_10`.

/// What texts are compared by: words and the numbers after them in turn; equal ones by their letters.
#[must_use]
pub fn natural(text: &str) -> (Vec<(String, u128)>, String) {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digit = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(digit);
        let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(end);
        // Longer numbers than fit come last, among themselves by their digits.
        let number = if number.is_empty() { 0 } else { number.parse().unwrap_or(u128::MAX) };
        parts.push((word.to_owned(), number));
        rest = after;
    }
    (parts, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_names_are_ordered_by_what_they_are() {
        let ordered =
            ["", "2", "10", "a", "level_06", "level_6", "level_6-b", "level_10", "level_10-3"];
        for pair in ordered.windows(2) {
            assert!(natural(pair[0]) < natural(pair[1]), "{pair:?}");
        }
        let (long, longer) = ("9".repeat(60), "9".repeat(61));
        assert!(natural("5") < natural(&long) && natural(&long) < natural(&longer));
    }
}
