//! `elth doctor`: what works on this machine, what does not, and what to do about it.

mod comfort;
mod logout;
mod place;
mod screen;
mod tools;
mod training;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::answer::answer;
use crate::cli::globals::Globals;
use crate::cli::paper::Paper;

/// Checks terminal, colours, libtorch, CUDA, disk, locks and more; says what to do
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  elth doctor\n  elth doctor --json")]
pub struct Args {}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in a word.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do about it, where something can be done.
    pub fix: Option<String>,
}

impl Check {
    /// All is well.
    pub fn fine(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, ok: true, detail: detail.into(), fix: None }
    }

    /// Something is not as it should be.
    pub fn wrong(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, ok: false, detail: detail.into(), fix: Some(fix.into()) }
    }
}

/// Looks at everything; finding something wrong is no failure of the doctor's.
pub fn run(_args: &Args, globals: &Globals) -> Result<()> {
    let home = globals.home()?;
    let mut checks = vec![screen::terminal(), screen::colours(), comfort::signs()];
    checks.extend([comfort::clipboard(), comfort::settings()]);
    checks.extend(training::checks());
    checks.extend(place::checks(home.path()));
    checks.extend([logout::check(), tools::compiler(), tools::pip()]);
    answer(globals, || document(&checks), || text(&checks, Paper::of_stdout()))
}

fn document(checks: &[Check]) -> Value {
    let entry = |check: &Check| {
        let Check { name, ok, detail, fix } = check;
        json!({ "name": name, "ok": ok, "detail": detail, "fix": fix })
    };
    json!({ "checks": checks.iter().map(entry).collect::<Vec<_>>() })
}

/// ```text
/// ok  terminal  120×40, xterm-256color
/// !!  trainer   not built yet
///               → elth setup
/// ```
fn text(checks: &[Check], paper: Paper) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    checks.iter().map(|check| line(check, width, paper)).collect()
}

fn line(check: &Check, width: usize, paper: Paper) -> String {
    let mark = if check.ok { "ok" } else { "!!" };
    let name = paper.bold(&format!("{:width$}", check.name));
    let found = format!("{mark}  {name}  {}\n", check.detail);
    let Some(fix) = &check.fix else { return found };
    let arrow = paper.pick("→", "->");
    format!("{found}    {:width$}  {arrow} {fix}\n", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_marked_and_followed_by_what_to_do() {
        let checks = [Check::fine("disk", "9 GB free"), Check::wrong("pip", "none", "install it")];
        let paper = Paper { styled: false, unicode: false };
        assert_eq!(
            text(&checks, paper),
            "ok  disk  9 GB free\n!!  pip   none\n          -> install it\n"
        );
    }

    #[test]
    fn every_check_has_all_four_keys() {
        let document = document(&[Check::fine("disk", "9 GB free")]);
        let expected = json!({"name": "disk", "ok": true, "detail": "9 GB free", "fix": null});
        assert_eq!(document["checks"][0], expected);
    }
}
