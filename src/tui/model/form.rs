//! A dialog's lines: what is asked, and what was answered so far.

use tui_input::{Input, InputRequest};

use crate::key::Key;

/// Lines that are answered one by one; keys go to the one with the focus.
#[derive(Debug, Clone)]
pub struct Form {
    /// The lines.
    pub lines: Vec<Field>,
    /// The one with the focus.
    pub at: usize,
}

/// A line of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is called; also what its answer is looked up by.
    pub label: &'static str,
    /// What it means, in one sentence.
    pub hint: &'static str,
    /// The answer so far.
    pub answer: Answer,
    /// What it was before anybody answered.
    pub proposed: String,
    /// Whether it is left out, because another answer makes it idle.
    pub is_idle: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Any text.
    Text(Input),
    /// One of some.
    Choice(Vec<String>, usize),
    /// One of some, or any other text.
    Either(Vec<String>, Input),
}

impl Form {
    /// Lines with the focus on the first.
    #[must_use]
    pub fn new(lines: Vec<Field>) -> Self {
        Self { lines, at: 0 }
    }

    /// The answer to a line; nothing where there is no such line.
    #[must_use]
    pub fn answer(&self, label: &str) -> &str {
        let line = self.lines.iter().find(|line| line.label == label);
        line.map_or("", Field::text)
    }

    /// Every answer, in the order of the lines.
    #[must_use]
    pub fn answers(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.text().to_owned()).collect()
    }

    /// The first line whose answer is not that one.
    #[must_use]
    pub fn differing(&self, answers: &[String]) -> Option<&'static str> {
        let lines = self.lines.iter().zip(answers);
        lines.into_iter().find(|(line, answer)| line.text() != *answer).map(|(line, _)| line.label)
    }

    /// Gives all lines these answers.
    pub fn restore(&mut self, answers: &[String]) {
        for (line, answer) in self.lines.iter_mut().zip(answers) {
            if line.text() != answer {
                line.answer.set(answer);
            }
        }
    }

    /// Answers a line in place of whoever fills it in; nobody is taken to have answered.
    pub fn set(&mut self, label: &str, answer: &str) {
        for line in self.lines.iter_mut().filter(|line| line.label == label) {
            if line.text() != answer {
                line.answer.set(answer);
            }
        }
    }

    /// The line with the focus.
    #[must_use]
    pub fn focused(&self) -> Option<&Field> {
        self.lines.get(self.at)
    }

    /// Puts another proposal into a line that nobody has answered yet.
    pub fn propose(&mut self, label: &str, proposal: &str) {
        let is_it = |line: &&mut Field| line.label == label && line.proposed != proposal;
        for line in self.lines.iter_mut().filter(is_it) {
            let (is_same, waits) = (line.text() == proposal, !line.is_changed());
            // What stands there already keeps its cursor.
            if waits && !is_same {
                line.answer.set(proposal);
            }
            if waits || is_same {
                proposal.clone_into(&mut line.proposed);
            }
        }
    }

    /// The lines that are not idle, with their numbers.
    pub fn shown(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.lines.iter().enumerate().filter(|(_, line)| !line.is_idle)
    }

    /// Moves the focus by so many lines, round at the ends, past those that are idle.
    pub fn step(&mut self, by: isize) {
        let shown: Vec<usize> = self.shown().map(|(at, _)| at).collect();
        let Some(now) = shown.iter().position(|at| *at >= self.at) else { return };
        let lines = shown.len();
        self.at = shown[(now + lines).saturating_add_signed(by) % lines];
    }

    /// Leaves lines out, or shows them again.
    pub fn rest(&mut self, label: &str, is_idle: bool) {
        for line in self.lines.iter_mut().filter(|line| line.label == label) {
            line.is_idle = is_idle;
        }
    }

    /// The choice before or after, or the cursor one letter on.
    pub fn turn(&mut self, by: isize) {
        if let Some(line) = self.lines.get_mut(self.at) {
            line.answer.turn(by);
        }
    }

    /// Types a key into the line with the focus; says whether that did anything.
    pub fn press(&mut self, key: &Key) -> bool {
        self.lines.get_mut(self.at).is_some_and(|line| line.answer.press(key))
    }

    /// Types a text into the line with the focus.
    pub fn paste(&mut self, text: &str) {
        for letter in text.chars().filter(|letter| !letter.is_control()) {
            self.press(&Key::named(&letter.to_string()));
        }
    }
}

impl Field {
    /// A line for any text.
    #[must_use]
    pub fn text_line(label: &'static str, proposed: &str, hint: &'static str) -> Self {
        let answer = Answer::Text(Input::new(proposed.to_owned()));
        Self { label, hint, answer, proposed: proposed.to_owned(), is_idle: false }
    }

    /// A line for one of some; the first is proposed.
    #[must_use]
    pub fn choice(label: &'static str, choices: &[&str], hint: &'static str) -> Self {
        let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
        let proposed = choices.first().cloned().unwrap_or_default();
        Self { label, hint, answer: Answer::Choice(choices, 0), proposed, is_idle: false }
    }

    /// A line for one of some or any other text.
    #[must_use]
    pub fn either(
        label: &'static str,
        choices: Vec<String>,
        proposed: &str,
        hint: &'static str,
    ) -> Self {
        let answer = Answer::Either(choices, Input::new(proposed.to_owned()));
        Self { label, hint, answer, proposed: proposed.to_owned(), is_idle: false }
    }

    /// The answer as text.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.answer {
            Answer::Text(input) | Answer::Either(_, input) => input.value(),
            Answer::Choice(choices, at) => choices.get(*at).map_or("", String::as_str),
        }
    }

    /// Whether somebody answered otherwise than was proposed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text() != self.proposed
    }
}

impl Answer {
    fn set(&mut self, text: &str) {
        match self {
            Self::Text(input) | Self::Either(_, input) => *input = Input::new(text.to_owned()),
            Self::Choice(choices, at) => {
                *at = choices.iter().position(|choice| choice == text).unwrap_or(*at);
            }
        }
    }

    fn turn(&mut self, by: isize) {
        match self {
            Self::Text(input) => {
                let request =
                    if by < 0 { InputRequest::GoToPrevChar } else { InputRequest::GoToNextChar };
                input.handle(request);
            }
            Self::Choice(choices, at) => *at = next(*at, by, choices.len()),
            Self::Either(choices, input) => {
                let at = choices.iter().position(|choice| choice == input.value());
                // What was typed is one of the choices from now on, so that turning loses nothing.
                if at.is_none() && !input.value().trim().is_empty() {
                    choices.push(input.value().to_owned());
                }
                let at = at.or_else(|| choices.iter().position(|choice| choice == input.value()));
                let at = at.map_or(0, |at| next(at, by, choices.len()));
                *input = Input::new(choices.get(at).cloned().unwrap_or_default());
            }
        }
    }

    fn press(&mut self, key: &Key) -> bool {
        match self {
            Self::Text(input) | Self::Either(_, input) => type_into(input, key),
            Self::Choice(choices, at) => {
                let begins =
                    |choice: &String| key.letter().is_some_and(|letter| choice.starts_with(letter));
                let found = (1..=choices.len()).map(|step| (*at + step) % choices.len());
                let found = found.into_iter().find(|at| begins(&choices[*at]));
                *at = found.unwrap_or(*at);
                found.is_some()
            }
        }
    }
}

fn next(at: usize, by: isize, len: usize) -> usize {
    let len = len.max(1);
    (at + len).saturating_add_signed(by) % len
}

/// Types a key into a text; says whether it was one for texts.
pub fn type_into(input: &mut Input, key: &Key) -> bool {
    let request = match (key.letter(), key.name()) {
        (Some(letter), _) => InputRequest::InsertChar(letter),
        (_, "backspace") => InputRequest::DeletePrevChar,
        (_, "delete") => InputRequest::DeleteNextChar,
        (_, "home" | "ctrl-a") => InputRequest::GoToStart,
        (_, "end" | "ctrl-e") => InputRequest::GoToEnd,
        (_, "ctrl-w" | "alt-backspace") => InputRequest::DeletePrevWord,
        (_, "ctrl-k") => InputRequest::DeleteTillEnd,
        (_, "left") => InputRequest::GoToPrevChar,
        (_, "right") => InputRequest::GoToNextChar,
        _ => return false,
    };
    input.handle(request);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(form: &mut Form, keys: &str) {
        for key in keys.split(' ') {
            form.press(&Key::named(key));
        }
    }

    #[test]
    fn answers_are_typed_chosen_and_proposed() {
        let mut form = Form::new(vec![
            Field::text_line("name", "a", ""),
            Field::choice("how", &["one", "two", "three"], ""),
            Field::either("which", vec!["x".into(), "y".into()], "x", ""),
        ]);
        form.propose("name", "b");
        press(&mut form, "c backspace d space ä");
        assert_eq!(form.answer("name"), "bd ä");
        form.propose("name", "later");
        assert_eq!(form.answer("name"), "bd ä", "an answer is not overwritten");
        form.step(1);
        form.turn(-1);
        assert_eq!(form.answer("how"), "three");
        press(&mut form, "t");
        assert_eq!(form.answer("how"), "two");
        form.step(1);
        form.turn(1);
        assert_eq!(form.answer("which"), "y");
        press(&mut form, "z");
        assert_eq!(form.answer("which"), "yz");
        form.step(1);
        assert_eq!(form.at, 0, "round at the end");
    }
}
