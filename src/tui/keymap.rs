//! Which key asks for what, where, and in which words: the one table behind dispatch, footer and help.

use strum::EnumIter;

use crate::key::Key;

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

use Context::{Confirm, Demo, Filter, Help, Launch, Run, Runs, Shelf, Themes, Transform};
use Place::{Footer, Help as InHelp};

const LISTS: &[Context] = &[Shelf, Runs];
const SCREENS: &[Context] = &[Shelf, Runs, Run, Demo];
const DIALOGS: &[Context] = &[Transform, Launch];
const PICKERS: &[Context] = &[Help, Themes, Filter];
const EVERYWHERE: &[Context] =
    &[Shelf, Runs, Run, Demo, Transform, Launch, Filter, Help, Themes, Confirm];

const fn entry(
    action: Action,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    place: Place,
    word: &'static str,
    help: &'static str,
) -> Entry {
    Entry { action, keys, contexts, word, help, place }
}

/// Everything that can be asked for, in the order in which it is shown.
pub const TABLE: &[Entry] = &[
    entry(
        Action::Retrain,
        &["enter", "r"],
        &[Shelf],
        Footer,
        "retrain",
        "retrain the ticket: opens the dialog of its numbers; on a model, opens or closes it",
    ),
    entry(
        Action::Transform,
        &["t"],
        &[Shelf],
        Footer,
        "transform",
        "stretch, squeeze or re-order the ticket, with a preview",
    ),
    entry(Action::Show, &["enter"], &[Runs], Footer, "open", "open the run: its log and curves"),
    entry(
        Action::Pause,
        &["p"],
        &[Runs, Run],
        Footer,
        "pause/resume",
        "pause a run that works; let one go on that is paused, stopped, lost or failed",
    ),
    entry(
        Action::Stop,
        &["s"],
        &[Runs, Run],
        Footer,
        "stop",
        "checkpoint and end the run, after a question",
    ),
    entry(
        Action::Delete,
        &["D"],
        &[Runs, Run],
        InHelp,
        "delete",
        "delete the run and all it wrote, after a question",
    ),
    entry(
        Action::Launch,
        &["enter", "ctrl-s"],
        &[Launch],
        Footer,
        "start",
        "start the run with these numbers",
    ),
    entry(
        Action::Save,
        &["enter", "ctrl-s"],
        &[Transform],
        Footer,
        "save",
        "save the transformed ticket under its name",
    ),
    entry(
        Action::Filter,
        &["/"],
        &[Shelf],
        Footer,
        "filter",
        "show only tickets whose model, data set, level or name has these words",
    ),
    entry(
        Action::Switch,
        &["tab"],
        &[Shelf, Runs, Demo],
        Footer,
        "shelf/runs",
        "go from the shelf to the runs and back",
    ),
    entry(
        Action::LogScale,
        &["l"],
        &[Run, Demo],
        Footer,
        "log scale",
        "draw the losses on a logarithmic axis, or a linear one again",
    ),
    entry(
        Action::Follow,
        &["f"],
        &[Run],
        Footer,
        "follow",
        "go to the end of the log and stay there",
    ),
    entry(Action::Up, &["up", "k"], SCREENS, InHelp, "up", "up; in a log, back"),
    entry(Action::Down, &["down", "j"], SCREENS, InHelp, "down", "down; in a log, forward"),
    entry(Action::Up, &["shift-tab", "up"], DIALOGS, InHelp, "up", "the number before"),
    entry(Action::Down, &["tab", "down"], DIALOGS, Footer, "next", "the next number"),
    entry(Action::Up, &["up"], PICKERS, InHelp, "up", "the entry before"),
    entry(Action::Down, &["down"], PICKERS, InHelp, "down", "the next entry"),
    entry(
        Action::Earlier,
        &["left"],
        DIALOGS,
        Footer,
        "choice",
        "the choice before; in a text, one letter back",
    ),
    entry(
        Action::Later,
        &["right"],
        DIALOGS,
        InHelp,
        "choice",
        "the next choice; in a text, one letter on",
    ),
    entry(Action::PageUp, &["page-up", "ctrl-b"], SCREENS, InHelp, "page up", "a page up"),
    entry(Action::PageDown, &["page-down", "ctrl-f"], SCREENS, InHelp, "page down", "a page down"),
    entry(Action::Top, &["home", "g"], SCREENS, InHelp, "top", "to the first line"),
    entry(Action::Bottom, &["end", "G"], SCREENS, InHelp, "bottom", "to the last line"),
    entry(
        Action::Close,
        &["left", "h"],
        &[Shelf],
        InHelp,
        "close",
        "close the family or model, or go to it",
    ),
    entry(
        Action::Open,
        &["right", "l", "space"],
        &[Shelf],
        InHelp,
        "open",
        "open the family or model",
    ),
    entry(
        Action::ScrollUp,
        &["K", "ctrl-u"],
        &[Shelf],
        InHelp,
        "scroll up",
        "scroll the right pane up",
    ),
    entry(
        Action::ScrollDown,
        &["J", "ctrl-d"],
        &[Shelf],
        InHelp,
        "scroll down",
        "scroll the right pane down",
    ),
    entry(
        Action::ScrollUp,
        &["page-up", "ctrl-u"],
        DIALOGS,
        InHelp,
        "scroll up",
        "scroll the right pane up",
    ),
    entry(
        Action::ScrollDown,
        &["page-down", "ctrl-d"],
        DIALOGS,
        InHelp,
        "scroll down",
        "scroll the right pane down",
    ),
    entry(Action::Reload, &["R"], LISTS, InHelp, "reload", "look at the disk again"),
    entry(
        Action::Accept,
        &["enter"],
        &[Filter, Help, Themes],
        Footer,
        "take",
        "keep the filter or the theme; in the help, do what the line says",
    ),
    entry(Action::Agree, &["y"], &[Confirm], Footer, "yes", "do it"),
    entry(Action::Back, &["esc", "n"], &[Confirm], Footer, "no", "leave it"),
    entry(
        Action::Back,
        &["esc"],
        &[Shelf, Runs, Demo],
        InHelp,
        "back",
        "one step back; on the shelf, clear the filter",
    ),
    entry(
        Action::Back,
        &["esc"],
        &[Run, Transform, Launch, Filter, Help, Themes],
        Footer,
        "back",
        "one step back, leaving things as they were",
    ),
    entry(Action::Themes, &["T"], SCREENS, InHelp, "themes", "choose a theme and see it at once"),
    entry(
        Action::Help,
        &["?"],
        SCREENS,
        Footer,
        "help",
        "all keys of this screen; type to search, enter does it",
    ),
    entry(Action::Help, &["ctrl-g"], DIALOGS, Footer, "help", "all keys of this dialog"),
    entry(Action::Redraw, &["ctrl-l"], EVERYWHERE, InHelp, "redraw", "draw the whole screen again"),
    entry(
        Action::Suspend,
        &["ctrl-z"],
        EVERYWHERE,
        InHelp,
        "suspend",
        "go to the shell; `fg` comes back",
    ),
    entry(Action::Quit, &["q"], SCREENS, Footer, "quit", "leave the workbench; runs go on"),
    entry(Action::Interrupt, &["ctrl-c"], EVERYWHERE, InHelp, "leave", "leave at once; runs go on"),
];

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
