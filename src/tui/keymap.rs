//! Which key asks for what, where, and in which words: the one table behind dispatch, footer and help.

mod table;

use strum::EnumIter;

use crate::key::Key;
pub use table::TABLE;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter)]
#[expect(missing_docs, reason = "the table says what each one does")]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Close,
    Open,
    Earlier,
    Later,
    ScrollUp,
    ScrollDown,
    Retrain,
    Transform,
    Filter,
    Reload,
    Show,
    Pause,
    Stop,
    Delete,
    LogScale,
    Follow,
    Save,
    Launch,
    Switch,
    Accept,
    Agree,
    Back,
    Themes,
    Help,
    Redraw,
    Suspend,
    Quit,
    Interrupt,
}

/// Where keys are pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter)]
#[expect(missing_docs, reason = "the names of the screens and overlays")]
pub enum Context {
    Shelf,
    Runs,
    Run,
    Demo,
    Transform,
    Launch,
    Filter,
    Help,
    Themes,
    Confirm,
}

impl Context {
    /// What it is called in the help.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::Runs => "runs",
            Self::Run => "run",
            Self::Demo => "demo",
            Self::Transform => "transform",
            Self::Launch => "retrain",
            Self::Filter => "filter",
            Self::Help => "help",
            Self::Themes => "themes",
            Self::Confirm => "confirm",
        }
    }
}

/// Whether the footer has room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the footer and in the help.
    Footer,
    /// In the help only.
    Help,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What is asked for.
    pub action: Action,
    /// Keys, the one that is shown first.
    pub keys: &'static [&'static str],
    /// Where they work.
    pub contexts: &'static [Context],
    /// The word in the footer.
    pub word: &'static str,
    /// The line in the help.
    pub help: &'static str,
    /// Where it is shown.
    pub place: Place,
}

/// The lines of the table that hold in a context.
pub fn entries(context: Context) -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().filter(move |entry| entry.contexts.contains(&context))
}

/// What a key asks for there.
#[must_use]
pub fn lookup(context: Context, key: &Key) -> Option<Action> {
    let found = entries(context).find(|entry| entry.keys.contains(&key.name()));
    found.map(|entry| entry.action)
}

/// The key to press for an action there, as a sentence names it; empty where there is none.
#[must_use]
pub fn key_for(context: Context, action: Action) -> &'static str {
    let found = entries(context).find(|entry| entry.action == action);
    found.and_then(|entry| entry.keys.first()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Context::{Filter, Help, Launch, Transform};
    use strum::IntoEnumIterator as _;

    #[test]
    fn every_action_is_bound_and_explained() {
        for action in Action::iter() {
            let entry = TABLE.iter().find(|entry| entry.action == action);
            let entry = entry.unwrap_or_else(|| panic!("{action:?} has no key"));
            assert!(!entry.keys.is_empty() && !entry.word.is_empty(), "{action:?}");
            assert!(entry.help.len() > entry.word.len(), "{action:?}");
        }
    }

    #[test]
    fn no_key_asks_for_two_things_in_one_place() {
        for context in Context::iter() {
            let mut seen = std::collections::BTreeSet::new();
            for key in entries(context).flat_map(|entry| entry.keys) {
                assert!(seen.insert(key), "`{key}` twice in {context:?}");
            }
        }
    }

    #[test]
    fn one_can_leave_and_go_back_from_everywhere() {
        for context in Context::iter() {
            assert_eq!(lookup(context, &Key::named("ctrl-c")), Some(Action::Interrupt));
            assert_eq!(lookup(context, &Key::named("esc")), Some(Action::Back));
        }
    }

    #[test]
    fn where_letters_are_typed_no_letter_is_a_command() {
        for context in [Transform, Launch, Filter, Help] {
            for key in entries(context).flat_map(|entry| entry.keys) {
                assert!(Key::named(key).letter().is_none(), "`{key}` in {context:?}");
            }
        }
    }
}
