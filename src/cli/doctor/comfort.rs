//! What makes the workbench pleasant: signs that can be drawn, copying that arrives, settings that can be read.

use std::{env, process::Command};

use elth_tui::{
    clipboard::{self, Between},
    theme,
    theme::level::{Ability, Signs},
};

use super::Check;
use crate::cli::{config, themes};

/// Whether the locale has more signs than ASCII; the fonts only the eye can judge.
pub fn signs() -> Check {
    let name = "signs";
    let ability = Ability::read(|name| env::var(name).ok());
    if ability.signs == Signs::Ascii {
        let fix = "export LANG=C.UTF-8, if this terminal can do that";
        return Check::wrong(name, "ASCII only, as the locale says: pictures are coarse", fix);
    }
    let detail =
        "UTF-8: frames ─│┌┘, blocks ▁▄█, curves ⠁⡇⣿; where you see boxes, start `elth --ascii`";
    Check::fine(name, detail)
}

/// Whether what is copied reaches the clipboard.
pub fn clipboard() -> Check {
    let variable = |name: &str| env::var(name).ok();
    let between = Between::read(variable);
    let option = |name: &str| tmux(name).unwrap_or_default();
    let term = variable("TERM").unwrap_or_default();
    judge(&term, between, &option("set-clipboard"), &option("allow-passthrough"))
}

fn judge(term: &str, between: Between, set: &str, pass: &str) -> Check {
    let name = "clipboard";
    if clipboard::is_hopeless(term) {
        return Check::fine(name, format!("TERM `{term}` has none: what is copied goes to a file"));
    }
    match between {
        Between::Nothing => Check::fine(name, "by OSC 52, where the terminal allows it"),
        Between::Screen => Check::fine(name, "by OSC 52, through GNU screen"),
        Between::Tmux if set == "on" || matches!(pass, "on" | "all") => {
            Check::fine(name, "by OSC 52, through tmux")
        }
        Between::Tmux => {
            let detail = format!("tmux keeps copies to itself (set-clipboard is `{set}`)");
            Check::wrong(name, detail, "tmux set -g set-clipboard on, and the same in ~/.tmux.conf")
        }
    }
}

/// What tmux says of one of its options.
fn tmux(option: &str) -> Option<String> {
    let scope = if option == "set-clipboard" { "-sv" } else { "-gwv" };
    let asked = Command::new("tmux").args(["show-options", scope, option]).output().ok()?;
    Some(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
}

/// Whether the file of settings and the user's themes can be read.
pub fn settings() -> Check {
    let name = "settings";
    let fix = "mend the file; `elth config schema` says what may stand there";
    let config = match config::read() {
        Ok(config) => config,
        Err(error) => return Check::wrong(name, error.to_string(), fix),
    };
    let (themes, problems) = theme::all(themes::folder().as_deref());
    if let Some(wanted) = &config.theme
        && let Err(reason) = theme::named(&themes, &problems, wanted)
    {
        return Check::wrong(name, reason, "name another theme in `elth config path`");
    }
    if let Some(problem) = problems.first() {
        return Check::wrong(name, problem.clone(), "mend the theme, or move it away");
    }
    let path = config::file().filter(|path| path.exists());
    let detail = path.map_or("the defaults".to_owned(), |path| path.display().to_string());
    Check::fine(name, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_tmux_keeps_are_told_with_the_way_out() {
        for (term, between, set, pass, ok) in [
            ("xterm", Between::Nothing, "", "", true),
            ("linux", Between::Nothing, "", "", true),
            ("screen", Between::Screen, "", "", true),
            ("tmux-256color", Between::Tmux, "on", "off", true),
            ("tmux-256color", Between::Tmux, "external", "on", true),
            ("tmux-256color", Between::Tmux, "external", "off", false),
        ] {
            let check = judge(term, between, set, pass);
            assert_eq!((check.ok, check.fix.is_none()), (ok, ok), "{check:?}");
        }
    }
}
