//! The lines of a run's log: one for each thing that was said, and what was printed.

use elth_core::schedule::tidy;
use elth_store::run::event::Event;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it comes from.
    pub voice: Voice,
    /// What it says.
    pub text: String,
}

/// Where a line of the log comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// A step of the training.
    Step,
    /// An evaluation on the test set.
    Test,
    /// How sound the training is.
    Health,
    /// A beginning, an end, a file written.
    Mark,
    /// What went wrong.
    Trouble,
    /// What the trainer printed.
    Printed,
}

impl Voice {
    /// The word before the line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Test => "test",
            Self::Health => "health",
            Self::Mark => "run",
            Self::Trouble => "error",
            Self::Printed => "out",
        }
    }
}

/// The line for an event; none where there is nothing to say.
#[must_use]
pub fn of(event: &Event) -> Option<Line> {
    let of_level = |level: &Option<u32>| level.map_or(String::new(), |l| format!("level {l}  "));
    let (voice, text) = match event {
        Event::Started { at, device, threads, step, .. } => {
            let threads = counted(*threads, "thread");
            (Voice::Mark, format!("started at step {step} on {device}, {threads}, {at}"))
        }
        Event::Phase { name, level } => (Voice::Mark, format!("{}{name}", of_level(level))),
        Event::Progress { step, level, train_loss, lr, images_per_second, .. } => {
            let (level, lr) = (of_level(level), tidy(*lr));
            let text = format!(
                "{level}{step:>6}  loss {train_loss:.4}  lr {lr}  {images_per_second:.0} img/s"
            );
            (if train_loss.is_finite() { Voice::Step } else { Voice::Trouble }, text)
        }
        Event::Evaluated { step, level, test_loss, test_accuracy, correct, examples, .. } => {
            let (level, percent) = (of_level(level), 100.0 * test_accuracy);
            let text = format!(
                "{level}{step:>6}  loss {test_loss:.4}  {percent:.2} % = {correct} of {examples} right"
            );
            (Voice::Test, text)
        }
        Event::Health { .. } => (Voice::Health, health(event)),
        Event::Moving { method, left_dense, .. } => {
            let dense: Vec<_> = left_dense.iter().map(|(name, _)| name.as_str()).collect();
            let dense = if dense.is_empty() { "none".to_owned() } else { dense.join(", ") };
            (Voice::Mark, format!("masks move by {method}, tensors left dense: {dense}"))
        }
        Event::Moved { step, dropped, grown, kept, ever_active, .. } => {
            let text = format!(
                "{step:>6}  masks moved: {dropped} went, {grown} came, {kept} kept, {ever_active} ever"
            );
            (Voice::Health, text)
        }
        Event::Wrote { path, kept, .. } => {
            let kept = kept.map_or(String::new(), |kept| format!(", {kept} weights kept"));
            (Voice::Mark, format!("wrote {path}{kept}"))
        }
        Event::Answered { state, .. } => (Voice::Mark, format!("asked to be {state}")),
        Event::Note { text } => (Voice::Mark, text.clone()),
        Event::Stopped { at } => (Voice::Mark, format!("stopped, {at}")),
        Event::Failed { at, reason } => (Voice::Trouble, format!("failed: {reason}, {at}")),
        Event::Done { at } => (Voice::Mark, format!("done, {at}")),
        Event::Schema { .. } | Event::Unknown => return None,
    };
    Some(Line { voice, text })
}

fn health(event: &Event) -> String {
    let Event::Health { step, level, epoch, gradient_norm, dead_channels, channels, mask, .. } =
        event
    else {
        return String::new();
    };
    let level = level.map_or(String::new(), |level| format!("level {level}  "));
    let norm = gradient_norm.map_or("not finite".to_owned(), |norm| format!("{norm:.3e}"));
    let dead = match (dead_channels, channels) {
        (Some(dead), Some(all)) => format!("  {dead} of {all} channels dead"),
        _ => String::new(),
    };
    let mask = mask.as_ref().map_or(String::new(), |mask| format!("  mask {mask}"));
    format!("{level}{step:>6}  epoch {epoch}  gradient {norm}{dead}{mask}")
}

/// A line that was printed, as a terminal shows it: after a carriage return it begins anew.
#[must_use]
pub fn printed(text: &str) -> String {
    let last = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    elth_core::quote::quote(&without_escapes(last))
}

/// The text without the sequences that colour it or move the cursor.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            plain.push(letter);
        } else if letters.next_if_eq(&'[').is_some() {
            letters.by_ref().find(|letter| ('@'..='~').contains(letter));
        } else {
            letters.next();
        }
    }
    plain
}

/// A count with its noun: `1 thread`, `2 threads`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_lines_are_what_a_terminal_would_show() {
        for (text, shown) in [
            ("plain", "plain"),
            ("10%\r20%\r30%", "30%"),
            ("done\r", "done"),
            ("\u{1b}[1;31mred\u{1b}[0m on", "red on"),
            ("a\u{1b}", "a"),
        ] {
            assert_eq!(printed(text), shown);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([1, 0, 2].map(|n| counted(n, "thread")), ["1 thread", "0 threads", "2 threads"]);
    }

    #[test]
    fn health_is_told_in_a_line() {
        let event = Event::Health {
            step: 21,
            level: None,
            level_step: 21,
            epoch: 0,
            gradient_norm: Some(0.5),
            dead_channels: Some(3),
            channels: Some(98),
            mask: Some("ab".to_owned()),
        };
        let line = of(&event).unwrap();
        assert_eq!(line.text, "    21  epoch 0  gradient 5.000e-1  3 of 98 channels dead  mask ab");
    }
}
