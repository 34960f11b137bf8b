//! Keys by the names that people give them: `j`, `enter`, `ctrl-c`, `shift-tab`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One press of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of that name; a space is called `space`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The key that somebody wrote by name, where there is such a key.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let (control, rest) = split(written, "ctrl-");
        let (alt, name) = split(rest, "alt-");
        let mut letters = name.chars();
        let is_letter = matches!((letters.next(), letters.next()), (Some(letter), None) if !letter.is_whitespace() && !letter.is_control());
        let is_named = NAMES.iter().any(|(_, known)| *known == name);
        if name == "space" || is_letter || is_named || name == "shift-tab" {
            let name = if control.is_empty() { name.to_owned() } else { name.to_lowercase() };
            return Some(Self(format!("{control}{alt}{name}")));
        }
        None
    }

    /// The key of a terminal's event, where it has a name here.
    #[must_use]
    pub fn of(event: KeyEvent) -> Option<Self> {
        let name = match event.code {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::BackTab => return Some(Self::named("shift-tab")),
            code => plain_name(code)?.to_owned(),
        };
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        Some(Self(format!(
            "{}{}{}",
            if control { "ctrl-" } else { "" },
            if alt { "alt-" } else { "" },
            if control { name.to_lowercase() } else { name }
        )))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The letter that it types into a text.
    #[must_use]
    pub fn letter(&self) -> Option<char> {
        let mut letters = self.0.chars();
        match (self.0.as_str(), letters.next(), letters.next()) {
            ("space", ..) => Some(' '),
            (_, Some(letter), None) => Some(letter),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Keys that type nothing, with their names.
const NAMES: [(KeyCode, &str); 26] = [
    (KeyCode::Enter, "enter"),
    (KeyCode::Esc, "esc"),
    (KeyCode::Tab, "tab"),
    (KeyCode::Backspace, "backspace"),
    (KeyCode::Delete, "delete"),
    (KeyCode::Insert, "insert"),
    (KeyCode::Up, "up"),
    (KeyCode::Down, "down"),
    (KeyCode::Left, "left"),
    (KeyCode::Right, "right"),
    (KeyCode::Home, "home"),
    (KeyCode::End, "end"),
    (KeyCode::PageUp, "page-up"),
    (KeyCode::PageDown, "page-down"),
    (KeyCode::F(1), "f1"),
    (KeyCode::F(2), "f2"),
    (KeyCode::F(3), "f3"),
    (KeyCode::F(4), "f4"),
    (KeyCode::F(5), "f5"),
    (KeyCode::F(6), "f6"),
    (KeyCode::F(7), "f7"),
    (KeyCode::F(8), "f8"),
    (KeyCode::F(9), "f9"),
    (KeyCode::F(10), "f10"),
    (KeyCode::F(11), "f11"),
    (KeyCode::F(12), "f12"),
];

fn plain_name(code: KeyCode) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// The modifier where the name begins with it, and the rest.
fn split<'a>(name: &'a str, modifier: &'static str) -> (&'static str, &'a str) {
    match name.strip_prefix(modifier).filter(|rest| !rest.is_empty()) {
        Some(rest) => (modifier, rest),
        None => ("", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_become_names() {
        let control = KeyModifiers::CONTROL;
        for (code, modifiers, name, letter) in [
            (KeyCode::Char('j'), KeyModifiers::NONE, "j", Some('j')),
            (KeyCode::Char('G'), KeyModifiers::SHIFT, "G", Some('G')),
            (KeyCode::Char('c'), control, "ctrl-c", None),
            (KeyCode::Char(' '), KeyModifiers::NONE, "space", Some(' ')),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab", None),
            (KeyCode::PageUp, KeyModifiers::NONE, "page-up", None),
        ] {
            let key = Key::of(KeyEvent::new(code, modifiers)).unwrap();
            assert_eq!((key.name(), key.letter()), (name, letter));
        }
        assert_eq!(Key::of(KeyEvent::from(KeyCode::CapsLock)), None);
    }

    #[test]
    fn names_that_people_write_become_keys() {
        for (written, name) in [
            ("q", Some("q")),
            ("Q", Some("Q")),
            ("ctrl-S", Some("ctrl-s")),
            ("ctrl-alt-x", Some("ctrl-alt-x")),
            ("ctrl-up", Some("ctrl-up")),
            ("-", Some("-")),
            ("ctrl--", Some("ctrl--")),
            ("f5", Some("f5")),
            ("enter", Some("enter")),
            ("shift-tab", Some("shift-tab")),
            ("", None),
            (" ", None),
            ("ctrl-", None),
            ("return", None),
            ("jj", None),
        ] {
            assert_eq!(Key::parse(written).as_ref().map(Key::name), name, "{written}");
        }
    }
}
