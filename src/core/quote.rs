//! Foreign text in a message: one line, not too long, nothing that a terminal obeys.

/// Characters that a line has room for.
const MOST: usize = 100;

/// The text without line breaks, control or invisible characters, cut where it is long.
///
/// Names and values of a hostile file may be megabytes of escape sequences.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(MOST).map(visible).collect();
    if text.chars().nth(MOST).is_some() {
        quoted.push('…');
    }
    quoted
}

fn visible(letter: char) -> String {
    match letter {
        '"' | '\'' | '\\' => letter.to_string(),
        _ => letter.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_on_its_line_and_commands_no_terminal() {
        for (text, quoted) in [
            ("blocks.0.conv1.weight", "blocks.0.conv1.weight"),
            ("it's `größer`", "it's `größer`"),
            ("one\ntwo\t\u{1b}[2J", "one\\ntwo\\t\\u{1b}[2J"),
            ("\u{202e}txt", "\\u{202e}txt"),
        ] {
            assert_eq!(quote(text), quoted);
        }
        assert_eq!(quote(&"x".repeat(1000)).chars().count(), MOST + 1);
    }
}
