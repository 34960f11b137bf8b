//! The bytes that put a text into the clipboard of whoever looks at the terminal, however far away that is.

use crossterm::{Command as _, clipboard::CopyToClipboard};

/// What stands between us and the terminal, and keeps unknown sequences to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Nothing.
    Nothing,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// The longest string that GNU screen passes on in one piece.
const PIECE: usize = 76;

impl Between {
    /// Judges by the environment alone; over SSH only `TERM` tells.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = said("TERM").unwrap_or_default();
        if said("TMUX").is_some() || term.starts_with("tmux") {
            Self::Tmux
        } else if said("STY").is_some() || term.starts_with("screen") {
            Self::Screen
        } else {
            Self::Nothing
        }
    }
}

/// The sequence that copies, wrapped so that it reaches the terminal.
///
/// tmux is told twice: plainly, which it takes with `set-clipboard on`, and to be passed on, which it does with
/// `allow-passthrough on`.
#[must_use]
pub fn sequence(text: &str, between: Between) -> String {
    let mut plain = String::new();
    // Writing to a string cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    match between {
        Between::Nothing => plain,
        Between::Tmux => {
            let doubled = plain.replace('\x1b', "\x1b\x1b");
            format!("{plain}\x1bPtmux;{doubled}\x1b\\")
        }
        Between::Screen => {
            let plain = plain.replace("\x1b\\", "\x07");
            let letters: Vec<char> = plain.chars().collect();
            let pieces = letters.chunks(PIECE).map(|piece| piece.iter().collect::<String>());
            pieces.collect::<Vec<_>>().iter().flat_map(|piece| ["\x1bP", piece, "\x1b\\"]).collect()
        }
    }
}

/// Whether a terminal of that kind has no clipboard at all.
#[must_use]
pub fn is_hopeless(term: &str) -> bool {
    matches!(term, "" | "dumb" | "linux" | "vt100" | "vt220")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_is_told_from_the_environment() {
        for (variables, between) in [
            (&[("TERM", "xterm-256color")][..], Between::Nothing),
            (&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-0")], Between::Tmux),
            (&[("TERM", "tmux-256color")], Between::Tmux),
            (&[("TERM", "screen")], Between::Screen),
            (&[("TERM", "xterm"), ("STY", "1.pts")], Between::Screen),
        ] {
            let read = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Between::read(read), between, "{variables:?}");
        }
    }

    #[test]
    fn the_sequence_is_wrapped_for_what_is_between() {
        let plain = "\x1b]52;c;YWI=\x1b\\";
        assert_eq!(sequence("ab", Between::Nothing), plain);
        let tmux = sequence("ab", Between::Tmux);
        assert!(tmux.starts_with(plain), "{tmux:?}");
        assert!(tmux.ends_with("\x1bPtmux;\x1b\x1b]52;c;YWI=\x1b\x1b\\\x1b\\"), "{tmux:?}");
        assert_eq!(sequence("ab", Between::Screen), "\x1bP\x1b]52;c;YWI=\x07\x1b\\");
        let long = sequence(&"x".repeat(200), Between::Screen);
        assert!(long.split("\x1b\\").all(|piece| piece.len() <= PIECE + 2), "{long:?}");
    }
}
