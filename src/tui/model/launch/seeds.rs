//! Seeds as they are typed: `0`, `1-4`, or `1,2,5`; a run is made of each.

/// More runs than this are a slip of a finger.
const MOST: usize = 64;

/// Reads seeds, each once, in the order in which they stand.
///
/// # Errors
/// When a part is no number and no span of numbers, or there are too many.
pub fn parse(text: &str) -> Result<Vec<u64>, String> {
    let bad = || format!("`{text}` names no seeds: write 0, 1-4 or 1,2,5");
    let mut seeds = Vec::new();
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            None => (number(part), number(part)),
        };
        let (Some(first), Some(last)) = (first, last) else { return Err(bad()) };
        if first > last {
            return Err(bad());
        }
        for seed in (first..=last).take(MOST + 1) {
            if !seeds.contains(&seed) {
                seeds.push(seed);
            }
        }
    }
    if seeds.len() > MOST {
        return Err(format!("`{text}` names more than {MOST} seeds: start them in parts"));
    }
    Ok(seeds)
}

/// A whole number that recipes hold.
fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|seed| *seed <= i64::MAX.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_lists_and_spans() {
        for (text, seeds) in [
            ("0", &[0][..]),
            ("1-4", &[1, 2, 3, 4]),
            ("1,2,5", &[1, 2, 5]),
            ("3, 1-3", &[3, 1, 2]),
            ("7-7", &[7]),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(seeds), "{text}");
        }
        for text in ["", "a", "4-1", "1,", "-3", "1-", "99999999999999999999"] {
            assert!(parse(text).unwrap_err().contains("names no seeds"), "{text}");
        }
        assert!(parse("0-9999999999").unwrap_err().contains("more than 64"));
    }
}
