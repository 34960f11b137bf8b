//! The table itself: a line for everything that can be asked for.

mod compare;
mod dialog;
mod run;
mod ticket;

use super::{
    Action,
    Context::{
        self, Compare, Confirm, Demo, Filter, Help, Launch, Mapping, Others, Palette, Run, Runs,
        Shelf, Themes, Ticket, Transform,
    },
    Entry,
    Place::{self, Footer, Help as InHelp},
    Touch,
};
use compare::COMPARE;
use dialog::DIALOG;
use run::RUN;
use ticket::TICKET;

const LISTS: &[Context] = &[Shelf, Ticket, Runs];
const TICKETS: &[Context] = &[Shelf, Ticket];
const SCREENS: &[Context] = &[Shelf, Ticket, Runs, Run, Compare, Demo];
/// Screens with something to go through.
const WALKED: &[Context] = &[Shelf, Ticket, Runs, Run, Compare];
const PICKERS: &[Context] = &[Help, Palette, Themes, Filter, Others];
const EVERYWHERE: &[Context] = &[
    Shelf, Ticket, Runs, Run, Compare, Demo, Transform, Mapping, Launch, Filter, Others, Help,
    Palette, Themes, Confirm,
];

const fn entry(
    action: Action,
    keys: &'static [&'static str],
    contexts: &'static [Context],
    place: Place,
    word: &'static str,
    help: &'static str,
) -> Entry {
    Entry { action, keys, contexts, word, help, place, touch: Touch::Looks }
}

/// Everything that can be asked for, in the order in which it is shown.
pub const TABLE: &[Entry] =
    &joined::<{ TICKET.len() + RUN.len() + COMPARE.len() + DIALOG.len() + OTHERS.len() }>();

/// The parts of the table, one after the other.
const PARTS: [&[Entry]; 5] = [TICKET, RUN, COMPARE, DIALOG, OTHERS];

const fn joined<const ALL: usize>() -> [Entry; ALL] {
    let mut all = [OTHERS[0]; ALL];
    let (mut part, mut first, mut at) = (0, 0, 0);
    while at < ALL {
        if at - first == PARTS[part].len() {
            (part, first) = (part + 1, at);
        }
        all[at] = PARTS[part][at - first];
        at += 1;
    }
    all
}

/// What is not of one screen alone.
const OTHERS: &[Entry] = &[
    entry(
        Action::Show,
        &["enter"],
        &[Shelf],
        Footer,
        "open",
        "open the ticket or the run on a screen of its own; on a family or a model, open or close it",
    ),
    entry(
        Action::Retrain,
        &["r"],
        TICKETS,
        Footer,
        "retrain",
        "retrain the ticket: opens the dialog of its numbers",
    )
    .writing(),
    entry(
        Action::Transform,
        &["t"],
        TICKETS,
        Footer,
        "transform",
        "stretch, squeeze or re-order the ticket, with a preview",
    )
    .writing(),
    entry(
        Action::Sort,
        &["o"],
        &[Shelf],
        InHelp,
        "order",
        "order tickets by level, kept %, name or accuracy",
    ),
    entry(
        Action::Show,
        &["enter"],
        &[Runs, Compare],
        Footer,
        "open",
        "open the run: its log and curves",
    ),
    entry(
        Action::Compare,
        &["c"],
        &[Runs],
        Footer,
        "compare",
        "draw the marked runs over one another, with means over seeds and what differs",
    ),
    entry(
        Action::Pause,
        &["p"],
        &[Runs, Run],
        Footer,
        "pause/resume",
        "pause a run that works; let one go on that is paused, stopped, lost or failed",
    )
    .writing(),
    entry(
        Action::Stop,
        &["s"],
        &[Runs, Run],
        Footer,
        "stop",
        "checkpoint and end the run, after a question",
    )
    .writing(),
    entry(
        Action::Clone,
        &["e"],
        &[Runs, Run],
        Footer,
        "clone",
        "start the same again: opens the dialog with the run's numbers, to be edited",
    )
    .writing(),
    entry(
        Action::Delete,
        &["D"],
        &[Runs, Run],
        InHelp,
        "delete",
        "delete the run and all it wrote, after a question",
    )
    .writing(),
    entry(
        Action::Filter,
        &["/"],
        &[Shelf],
        Footer,
        "filter",
        "show only tickets whose model, data set, level or name is like these words",
    ),
    entry(
        Action::Filter,
        &["/"],
        &[Runs],
        Footer,
        "filter",
        "show only runs whose id, state, task, model, device or reason fits these words",
    ),
    entry(
        Action::Sort,
        &["o"],
        &[Runs],
        InHelp,
        "sort",
        "sort by age, state, accuracy, time left or task",
    ),
    entry(
        Action::Mark,
        &["space"],
        &[Runs],
        InHelp,
        "mark",
        "mark the run for comparing, or no longer",
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
        Action::Mark,
        &["space"],
        &[Shelf],
        Footer,
        "mark",
        "mark the ticket for comparing, or take the mark away",
    ),
    entry(
        Action::Compare,
        &["c"],
        &[Shelf],
        Footer,
        "compare",
        "compare the marked tickets: two by what they share, more by their densities",
    ),
    entry(Action::Up, &["up", "k"], WALKED, InHelp, "up", "up; in a log, back"),
    entry(Action::Down, &["down", "j"], WALKED, InHelp, "down", "down; in a log, forward"),
    entry(Action::Up, &["up"], PICKERS, InHelp, "up", "the entry before"),
    entry(Action::Down, &["down"], PICKERS, InHelp, "down", "the next entry"),
    entry(Action::PageUp, &["page-up", "ctrl-b"], WALKED, InHelp, "page up", "a page up"),
    entry(Action::PageDown, &["page-down", "ctrl-f"], WALKED, InHelp, "page down", "a page down"),
    entry(Action::Top, &["home", "g"], WALKED, InHelp, "top", "to the first line"),
    entry(Action::Bottom, &["end", "G"], WALKED, InHelp, "bottom", "to the last line"),
    entry(
        Action::Close,
        &["left", "h"],
        &[Shelf],
        InHelp,
        "close",
        "close the family or model, or go to it",
    ),
    entry(Action::Open, &["right", "l"], &[Shelf], InHelp, "open", "open the family or model"),
    entry(
        Action::ScrollUp,
        &["K", "ctrl-u"],
        TICKETS,
        InHelp,
        "scroll up",
        "scroll the right pane up",
    ),
    entry(
        Action::ScrollDown,
        &["J", "ctrl-d"],
        TICKETS,
        InHelp,
        "scroll down",
        "scroll the right pane down",
    ),
    entry(Action::Reload, &["R"], LISTS, InHelp, "reload", "look at the disk again"),
    entry(Action::Accept, &["enter"], &[Filter], Footer, "keep", "keep what was typed and go back"),
    entry(
        Action::Accept,
        &["enter"],
        &[Others],
        Footer,
        "compare",
        "compare the ticket with the chosen one",
    ),
    entry(Action::Accept, &["enter"], &[Themes], Footer, "keep", "keep the theme"),
    entry(
        Action::Accept,
        &["enter"],
        &[Help, Palette],
        Footer,
        "do it",
        "do what the chosen line says",
    ),
    entry(Action::Agree, &["y"], &[Confirm], Footer, "yes", "do it").writing(),
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
        &[Ticket, Run, Compare, Transform, Mapping, Launch, Filter, Others, Help, Palette, Themes],
        Footer,
        "back",
        "one step back, leaving things as they were",
    ),
    entry(
        Action::Copy,
        &["y"],
        TICKETS,
        InHelp,
        "copy",
        "copy the ticket's path, or the model's name, to the clipboard",
    ),
    entry(Action::CopyDigest, &["Y"], TICKETS, InHelp, "copy digest", "copy the ticket's digest"),
    entry(Action::Copy, &["y"], &[Runs, Run], InHelp, "copy", "copy the run's id"),
    entry(Action::CopyDigest, &["Y"], &[Runs, Run], InHelp, "copy path", "copy the run's folder"),
    entry(
        Action::Palette,
        &[":", "ctrl-p"],
        SCREENS,
        Footer,
        "go to",
        "type a few letters of a command, ticket, model or run, and go there",
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
