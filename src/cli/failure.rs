//! How a command ends badly: one line on standard error, then details, and the exit status.

use std::{
    env, fmt,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Error, Result};

use crate::cli::paper::printable;

/// A mistake on the command line: exit status 2.
#[derive(Debug)]
pub struct Usage(String);

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Calls an error a mistake on the command line.
pub fn usage(message: impl fmt::Display) -> Error {
    Usage(message.to_string()).into()
}

/// An end that needs no words: the exit status says it.
#[derive(Debug)]
struct Ended(u8);

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exit status {}", self.0)
    }
}

impl std::error::Error for Ended {}

/// The exit status after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Ends a command as Ctrl-C does: exit status 130, without a word.
pub fn interrupted() -> Error {
    Ended(INTERRUPTED).into()
}

/// Prints help and version where they were asked for, and a mistake as one line with its details after it.
pub fn told_by_clap(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that has had enough of the help is no failure of ours.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let (first, details) = text.split_once("\n\n").unwrap_or((&text, ""));
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    write_lines(&format!("{first}\n{details}"));
    ExitCode::from(2)
}

/// Says what to type where the workbench cannot open.
pub fn no_terminal() -> Error {
    usage("the workbench needs a terminal: open one, or name a command (`elth --help` lists them)")
}

/// Reports an error, if there is one, and gives the status to exit with: 0 done, 1 could not, 2 wrong usage.
pub fn exit_code(done: Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    if let Some(Ended(status)) = error.downcast_ref() {
        return ExitCode::from(*status);
    }
    report("error", &error);
    ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
}

/// Says what went wrong without ending the command.
pub fn warn(error: impl Into<Error>) {
    report("warning", &error.into());
}

/// Whoever reads our answer has had enough of it: no failure of ours.
fn is_broken_pipe(error: &Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// The error on its first line, what caused it and what else it says on lines of their own.
fn report(degree: &str, error: &Error) {
    let causes = error.chain().skip(1).map(|cause| format!("  because {cause}"));
    let text: String =
        [format!("{degree}: {error}")].into_iter().chain(causes).collect::<Vec<_>>().join("\n");
    let typed = env::args_os().map(|word| word.to_string_lossy().into_owned());
    write_lines(&on_one_line(text, typed));
}

/// The text with every name that was typed with line breaks on one line: only our own breaks are lines.
fn on_one_line(text: String, typed: impl Iterator<Item = String>) -> String {
    let broken = typed.filter(|word| word.contains(['\n', '\r']));
    let words = broken.flat_map(|word| {
        let value = word.split_once('=').map(|(_, value)| value.to_owned());
        [word].into_iter().chain(value)
    });
    words
        .filter(|w| w.contains(['\n', '\r']))
        .fold(text, |text, word| text.replace(&word, &printable(&word)))
}

fn write_lines(text: &str) {
    let lines: String = text.lines().map(|line| printable(line) + "\n").collect();
    // Nobody is left to tell where standard error is closed.
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_line_breaks_stays_on_one_line() {
        for (text, typed, said) in [
            ("`/x/a\nb` is gone\nor moved", vec!["a\nb"], "`/x/a\\nb` is gone\nor moved"),
            ("no `a\nb`", vec!["show", "--home=a\nb"], "no `a\\nb`"),
            ("two\nlines", vec!["show", "lines"], "two\nlines"),
        ] {
            let typed = typed.into_iter().map(str::to_owned);
            assert_eq!(on_one_line(text.to_owned(), typed), said);
        }
    }
}
