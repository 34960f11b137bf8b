//! What a user sees while something takes long: a line that changes, or plain lines in a log.

use std::env;
use std::io::{IsTerminal, Write, stderr};

/// Where news of long work goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A terminal: the last line may change in place.
    Terminal,
    /// A file or a pipe: few, whole lines.
    Lines,
}

impl Progress {
    /// News on the standard error stream, in the way that suits it.
    pub fn stderr() -> Self {
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        if stderr().is_terminal() && !dumb { Self::Terminal } else { Self::Lines }
    }

    /// Says a line that stays.
    pub fn say(self, line: &str) {
        match self {
            Self::Terminal => print(&format!("\r\x1b[K{line}\n")),
            Self::Lines => print(&format!("{line}\n")),
        }
    }

    /// Says how far it is, on a terminal, in place of what was said so last.
    pub fn moving(self, line: &str) {
        if self == Self::Terminal {
            let line: String = line.chars().take(columns() - 1).collect();
            print(&format!("\r\x1b[K{line}"));
        }
    }

    /// Takes the moving line away.
    pub fn still(self) {
        if self == Self::Terminal {
            print("\r\x1b[K");
        }
    }
}

/// News that nobody can read any more is no reason to stop the work.
fn print(text: &str) {
    let _nobody_listens = stderr().write_all(text.as_bytes());
}

fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(stderr()).ok();
    size.map(|size| usize::from(size.ws_col)).filter(|&columns| columns > 1).unwrap_or(80)
}

/// A number of bytes as people say it: `544 MB`, `2.7 GB`.
pub fn bytes(count: u64) -> String {
    let megabytes = count.saturating_add(500_000) / 1_000_000;
    if megabytes < 1000 {
        return format!("{megabytes} MB");
    }
    let tenths = count.saturating_add(50_000_000) / 100_000_000;
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (count, said) in [
            (0, "0 MB"),
            (543_563_777, "544 MB"),
            (999_000_000, "999 MB"),
            (999_600_000, "1.0 GB"),
            (2_720_000_000, "2.7 GB"),
        ] {
            assert_eq!(bytes(count), said);
        }
    }
}
