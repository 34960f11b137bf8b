//! Which key asks for what, where, and in which words: the one table behind dispatch, footer and help.

pub mod bindings;
mod table;

use strum::{EnumIter, EnumString, IntoStaticStr};

pub use bindings::Keymap;
pub use table::TABLE;

/// What can be asked for; configuration names it in lower case with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
    Left,
    Right,
    Earlier,
    Later,
    ScrollUp,
    ScrollDown,
    Retrain,
    Transform,
    ZoomIn,
    ZoomOut,
    LevelBefore,
    LevelAfter,
    Measure,
    Density,
    Weights,
    Difference,
    Profiles,
    Lineage,
    Mark,
    Compare,
    Sort,
    Filter,
    Reload,
    Show,
    Pause,
    Stop,
    Delete,
    LogScale,
    Follow,
    Wrap,
    Freeze,
    Find,
    FindBack,
    Along,
    Smoothing,
    CursorBack,
    CursorOn,
    Clone,
    PanelOn,
    PanelBack,
    Metric,
    Seeds,
    Save,
    Launch,
    OtherPane,
    Replicate,
    DropUnit,
    ClearUnit,
    CarryUp,
    CarryDown,
    SwapUnits,
    SourceBefore,
    SourceAfter,
    NextPreset,
    PresetBefore,
    Together,
    Spread,
    FitTarget,
    Undo,
    Redo,
    Switch,
    Accept,
    Agree,
    Back,
    Copy,
    CopyDigest,
    Palette,
    Themes,
    Help,
    Redraw,
    Suspend,
    Quit,
    Interrupt,
}

impl Action {
    /// What configuration calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Where keys are pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter)]
#[expect(missing_docs, reason = "the names of the screens and overlays")]
pub enum Context {
    Shelf,
    Ticket,
    Runs,
    Run,
    Compare,
    Demo,
    Transform,
    Mapping,
    Launch,
    Filter,
    Others,
    Help,
    Palette,
    Themes,
    Confirm,
}

impl Context {
    /// What it is called in the help.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::Ticket => "ticket",
            Self::Runs => "runs",
            Self::Run => "run",
            Self::Compare => "compare",
            Self::Demo => "demo",
            Self::Transform => "transform",
            Self::Mapping => "mapping",
            Self::Launch => "retrain",
            Self::Filter => "filter",
            Self::Others => "compare-with",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Themes => "themes",
            Self::Confirm => "confirm",
        }
    }

    /// Whether letters are typed into a text there, so that none of them can be a command.
    #[must_use]
    pub fn types(self) -> bool {
        matches!(
            self,
            Self::Transform
                | Self::Launch
                | Self::Filter
                | Self::Others
                | Self::Help
                | Self::Palette
        )
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Whether it changes the home, or leads to nothing but what does.
    pub touch: Touch,
}

/// Whether something changes the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It looks at things.
    Looks,
    /// It changes the home, or leads to nothing but what does: refused with `--read-only`.
    Writes,
}

impl Entry {
    /// The same, as one that changes the home.
    #[must_use]
    pub const fn writing(self) -> Self {
        Self { touch: Touch::Writes, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
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
        let keymap = Keymap::default();
        for context in Context::iter() {
            let mut seen = std::collections::BTreeSet::new();
            for key in keymap.entries(context).flat_map(|bound| &bound.keys) {
                assert!(seen.insert(key), "`{key}` twice in {context:?}");
            }
        }
    }

    #[test]
    fn one_can_leave_and_go_back_from_everywhere() {
        for context in Context::iter() {
            let lookup = |key| Keymap::default().lookup(context, &Key::named(key));
            assert_eq!(lookup("ctrl-c"), Some(Action::Interrupt));
            assert_eq!(lookup("esc"), Some(Action::Back));
        }
    }

    #[test]
    fn where_letters_are_typed_no_letter_is_a_command() {
        let keymap = Keymap::default();
        for context in Context::iter().filter(|context| context.types()) {
            for key in keymap.entries(context).flat_map(|bound| &bound.keys) {
                assert!(Key::named(key).letter().is_none(), "`{key}` in {context:?}");
            }
        }
    }

    #[test]
    fn an_action_stands_once_in_a_place_and_names_are_different() {
        let (keymap, mut names) = (Keymap::default(), std::collections::BTreeSet::new());
        for context in Context::iter() {
            assert!(names.insert(context.name()), "{}", context.name());
            let mut seen = std::collections::BTreeSet::new();
            for bound in keymap.entries(context) {
                let name = bound.entry.action.name();
                assert!(seen.insert(name), "`{name}` twice in {context:?}");
            }
        }
    }
}
