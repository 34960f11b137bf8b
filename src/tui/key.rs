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

fn plain_name(code: KeyCode) -> Option<&'static str> {
    Some(match code {
        KeyCode::Enter => "enter",
        KeyCode::Esc => "esc",
        KeyCode::Tab => "tab",
        KeyCode::Backspace => "backspace",
        KeyCode::Delete => "delete",
        KeyCode::Up => "up",
        KeyCode::Down => "down",
        KeyCode::Left => "left",
        KeyCode::Right => "right",
        KeyCode::Home => "home",
        KeyCode::End => "end",
        KeyCode::PageUp => "page-up",
        KeyCode::PageDown => "page-down",
        _ => return None,
    })
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
        assert_eq!(Key::of(KeyEvent::from(KeyCode::F(1))), None);
    }
}
