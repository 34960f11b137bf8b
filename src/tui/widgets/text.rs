//! Numbers and names as they are shown.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A count with its thousands apart: `12,345`.
#[must_use]
pub fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large count in short: `1.2 M`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub fn short(count: usize) -> String {
    let value = count as f64;
    match count {
        0..10_000 => number(count),
        10_000..1_000_000 => format!("{:.0} k", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", value / 1e6),
        _ => format!("{:.1} G", value / 1e9),
    }
}

/// A share: `6.90 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A share in four letters: `6.9%`, `42%`, `100%`.
#[must_use]
pub fn brief(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 9.95 { format!("{percent:.1}%") } else { format!("{percent:.0}%") }
}

/// The text in so many columns: cut where it is longer, filled up where it is shorter.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    let gap = width.saturating_sub(cut.width());
    cut + &" ".repeat(gap)
}

/// The text in so many columns, with spaces before it.
#[must_use]
pub fn right(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    let gap = width.saturating_sub(cut.width());
    " ".repeat(gap) + &cut
}

/// The text, cut where it is longer than so many columns.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut kept = String::new();
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        kept.push(letter);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// The text, its beginning cut where it is longer than so many columns: names differ at their ends.
#[must_use]
pub fn ending(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let reversed: String = text.chars().rev().collect();
    cut(&reversed, width).chars().rev().collect()
}

/// The letters of a text with their numbers, those in its middle left out where it is longer: names differ at both ends.
#[must_use]
pub fn middle(text: &str, width: usize) -> Vec<(char, Option<usize>)> {
    let letters: Vec<(char, Option<usize>)> =
        text.chars().enumerate().map(|(at, letter)| (letter, Some(at))).collect();
    let wide: usize = text.width();
    if wide <= width || letters.len() <= width {
        return letters;
    }
    let head = width.saturating_sub(1) / 3;
    let tail = width.saturating_sub(1 + head);
    let gap = (width > 0).then_some(('…', None));
    let ends = (&letters[..head], &letters[letters.len() - tail..]);
    ends.0.iter().copied().chain(gap).chain(ends.1.iter().copied()).collect()
}

/// The text in lines of at most so many columns, broken between words where there are some.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ').flat_map(|word| pieces(word, width)) {
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + word.trim_end().width() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&word);
        }
    }
    lines
}

/// A word in pieces that fit.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// Words as a shell reads them.
#[must_use]
pub fn shell(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let plain = |letter: char| letter.is_alphanumeric() || "-_./:,=+%@".contains(letter);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shares_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([9_999, 85_300, 268_336_000].map(short), ["9,999", "85 k", "268.3 M"]);
        assert_eq!([0.0, 0.0687, 0.0996, 1.0].map(brief), ["0.0%", "6.9%", "10%", "100%"]);
    }

    #[test]
    fn texts_fit_their_columns() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 5), "abcd…");
        assert_eq!(right("ab", 4), "  ab");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(ending("abcdef", 5), "…cdef");
        let cut = |width| middle("abcdefghij", width).iter().map(|(l, _)| *l).collect::<String>();
        assert_eq!([cut(10), cut(7), cut(1)], ["abcdefghij", "ab…ghij", "…"]);
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn commands_can_be_pasted_into_a_shell() {
        let words = ["train", "my ticket", "it's", "0:0;1:1"].map(str::to_owned);
        assert_eq!(shell(&words), "train 'my ticket' 'it'\\''s' '0:0;1:1'");
    }
}
