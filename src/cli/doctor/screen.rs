//! The terminal: whether there is one, how large, how colourful.

use std::env;
use std::io::{IsTerminal, stdin, stdout};

use super::Check;

/// The size that every screen is made for.
const SMALLEST: (u16, u16) = (80, 24);

/// Whether the workbench can open here.
pub fn terminal() -> Check {
    let name = "terminal";
    let term = variable("TERM");
    if !stdin().is_terminal() || !stdout().is_terminal() {
        let fix = "run elth in a terminal; commands work without one";
        return Check::wrong(name, "standard input or output is no terminal", fix);
    }
    if term.is_empty() || term == "dumb" {
        let fix = "export TERM=xterm-256color, if this terminal can do that";
        return Check::wrong(name, format!("TERM is `{term}`: it can't place text"), fix);
    }
    let Ok(size) = rustix::termios::tcgetwinsize(stdout()) else {
        return Check::wrong(name, format!("{term}, of unknown size"), "stty rows 40 cols 120");
    };
    let detail = format!("{}×{}, {term}", size.ws_col, size.ws_row);
    if size.ws_col < SMALLEST.0 || size.ws_row < SMALLEST.1 {
        let fix = format!("make the window at least {}×{}", SMALLEST.0, SMALLEST.1);
        return Check::wrong(name, detail, fix);
    }
    Check::fine(name, detail)
}

/// How many colours can be shown.
pub fn colours() -> Check {
    judge(&variable("NO_COLOR"), &variable("COLORTERM"), &variable("TERM"))
}

fn judge(no_color: &str, colorterm: &str, term: &str) -> Check {
    let name = "colours";
    if !no_color.is_empty() {
        return Check::fine(name, "none, because NO_COLOR is set");
    }
    if matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
        return Check::fine(name, "16 million");
    }
    if term.contains("256color") {
        return Check::fine(name, "256");
    }
    let fix = "export TERM=xterm-256color (and COLORTERM=truecolor), if this terminal can do that";
    let detail = if term.is_empty() || term == "dumb" { "none" } else { "16" };
    Check::wrong(name, detail, fix)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_told_from_three_variables() {
        for (no_color, colorterm, term, ok, detail) in [
            ("1", "truecolor", "xterm-256color", true, "none, because NO_COLOR is set"),
            ("", "truecolor", "xterm", true, "16 million"),
            ("", "", "xterm-256color", true, "256"),
            ("", "", "xterm", false, "16"),
            ("", "", "dumb", false, "none"),
            ("", "", "", false, "none"),
        ] {
            let check = judge(no_color, colorterm, term);
            assert_eq!((check.ok, check.detail.as_str()), (ok, detail), "{term}");
        }
    }
}
