//! The only code that changes the model: what happened, and what is to be done about it.

pub mod compare;
pub mod demo;
pub mod dialogs;
pub mod overlays;
pub mod pointer;
pub mod run;
pub mod runs;
mod scroll;
pub mod shelf;
pub mod ticket;
pub mod transform;

use crate::{
    Left,
    effect::Effect,
    header::{self, Root},
    key::Key,
    keymap::{Action, Context},
    message::Message,
    model::{
        Model, Overlay, Screen,
        compare::Panel,
        form::{Form, type_into},
    },
    widgets::text::cut,
};

/// What is asked of the world when the workbench opens.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![shelf::list(model)];
    effects.extend(demo::open(model));
    effects.extend(match model.screen() {
        Screen::Run(view) => vec![Effect::Follow(view.dir.clone())],
        _ => ticket::wants(model),
    });
    effects
}

/// Takes in what happened; pure: the same model and message always give the same model and effects.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Pressed(key) => return pressed(model, &key),
        Message::Pointed(pointer) => return pointer::pointed(model, pointer),
        Message::Pasted(text) => return pasted(model, &text),
        Message::Asked(action) => return act(model, action),
        Message::Shelved { generation, listing } => {
            return shelf::shelved(model, generation, listing);
        }
        Message::Portrayed { path, generation, outcome } => {
            if generation == model.shelf.generation {
                let Some(outcome) = outcome else { return ticket::overtaken(model, &path) };
                model.portraits.insert(path, outcome);
                dialogs::portrayed(model);
                return ticket::portrayed(model);
            }
        }
        Message::Studied { study, generation, outcome } => {
            return ticket::studied(model, study, generation, outcome);
        }
        Message::Saved(asking, path) => return shelf::saved(model, asking, &path),
        Message::Started(asking, runs) => return dialogs::started(model, asking, &runs),
        Message::Refused(asking, text) => {
            model.complain(text);
            return dialogs::refused(model, asking);
        }
        Message::Machine(machine) => model.machine = Some(*machine),
        Message::Stood { standings, broken } => {
            return runs::stood(model, standings, broken);
        }
        Message::Vanished(gone) => runs::vanished(model, &gone),
        Message::Heard(dir, events) => return runs::heard(model, &dir, &events),
        Message::Recalled(dir, past) => run::recalled(model, &dir, *past),
        Message::Silent(dir, seconds) => return runs::silent(model, &dir, seconds),
        Message::TicketOf(dir, path, about) => {
            runs::clone(model, &dir, &path, &about);
            return vec![Effect::LookAtMachine];
        }
        Message::Headers(headers) => compare::told(model, &headers),
        Message::Gpus(gpus) => model.runs.gpus = gpus,
        Message::Printed(dir, lines) => runs::printed(model, dir, lines),
        Message::Resized(size) => {
            model.size = size;
            return ticket::wants(model);
        }
        Message::Copied { text, file, is_sent } => {
            model.say(copied(&text, file.as_deref(), is_sent));
        }
        Message::Done(text) => {
            model.say(text);
            return vec![Effect::LookAtRuns];
        }
        Message::Failed(text) => {
            model.runs.wishes.clear();
            model.complain(text);
        }
        Message::Dismissed(left) => model.left = Some(left),
    }
    Vec::new()
}

fn pressed(model: &mut Model, key: &Key) -> Vec<Effect> {
    if !model.size.is_enough() {
        return pressed_unseen(model, key);
    }
    model.notice = None;
    model.pinned = None;
    let context = model.context();
    if let Some(action) = model.keys.lookup(context, key) {
        return act(model, action);
    }
    match key.letter().filter(char::is_ascii_digit) {
        Some(digit) if context == Context::Mapping => transform::type_digit(model, digit),
        _ => write(model, std::slice::from_ref(key), |form| {
            form.press(key);
        }),
    }
}

/// Where nothing is seen, nothing is done but leaving: nobody knows what a key would act on.
fn pressed_unseen(model: &mut Model, key: &Key) -> Vec<Effect> {
    match model.keys.lookup(model.context(), key) {
        Some(action @ (Action::Quit | Action::Interrupt | Action::Suspend | Action::Redraw)) => {
            act(model, action)
        }
        _ => Vec::new(),
    }
}

fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if !model.size.is_enough() {
        return Vec::new();
    }
    let letters = text.chars().filter(|letter| !letter.is_control());
    let keys: Vec<_> = letters.map(|letter| Key::named(&letter.to_string())).collect();
    write(model, &keys, |form| form.paste(text))
}

/// Writes where texts are; elsewhere letters are commands, and nobody pastes commands on purpose.
fn write(model: &mut Model, keys: &[Key], answer: impl FnOnce(&mut Form)) -> Vec<Effect> {
    let type_all = |input: &mut tui_input::Input| {
        for key in keys {
            type_into(input, key);
        }
    };
    match model.context() {
        Context::Filter => typed(model, type_all),
        Context::Help | Context::Palette | Context::Others => {
            overlays::search(model, type_all);
            Vec::new()
        }
        Context::Transform | Context::Launch => dialogs::answer(model, answer),
        _ => Vec::new(),
    }
}

/// Changes what the visible screen is filtered by or searched for.
fn typed(model: &mut Model, change: impl FnOnce(&mut tui_input::Input)) -> Vec<Effect> {
    match model.screens.last_mut() {
        Some(Screen::Runs) => {
            change(&mut model.runs.filter);
            model.runs.keep_selected();
            Vec::new()
        }
        Some(Screen::Run(view)) => {
            change(&mut view.log.search);
            Vec::new()
        }
        _ => shelf::filter(model, change),
    }
}

/// Does what is asked for, where the keys are now.
fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.access.refuses(action) {
        model.complain("this home is only looked at: open it without --read-only to change it");
        return Vec::new();
    }
    match action {
        Action::Quit => model.left = Some(Left::Quit),
        Action::Interrupt => model.left = Some(Left::Interrupted),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Themes if model.overlay.is_none() => {
            model.overlay = Some(Overlay::Themes { before: model.theme });
        }
        Action::LogScale if has_curves(model) => {
            model.axis = model.axis.other();
        }
        Action::Help if model.overlay.is_none() => overlays::open_help(model),
        Action::Palette if model.overlay.is_none() => overlays::open_palette(model),
        _ if model.overlay.is_some() => return overlays::act(model, action),
        Action::Back => return back(model),
        Action::Switch => switch(model),
        _ => return act_on_screen(model, action),
    }
    Vec::new()
}

/// Whether the visible screen draws the curves that the lens and the losses' axis are of.
fn has_curves(model: &Model) -> bool {
    match model.screen() {
        Screen::Ticket(_) => false,
        Screen::Compare(compare) => compare.panel == Panel::Curves,
        _ => true,
    }
}

fn act_on_screen(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.screen() {
        Screen::Shelf => shelf::act(model, action),
        Screen::Ticket(_) => ticket::act(model, action),
        Screen::Runs => runs::act_on_list(model, action),
        Screen::Run(_) => run::act(model, action),
        Screen::Compare(_) => compare::act(model, action),
        Screen::Demo => Vec::new(),
        Screen::Transform(_) | Screen::Launch(_) => dialogs::act(model, action),
    }
}

/// One step back: what is held, the filter, then the screen.
fn back(model: &mut Model) -> Vec<Effect> {
    if run::back(model) || compare::back(model) || transform::let_go(model) {
        return Vec::new();
    }
    match model.screen() {
        Screen::Shelf if model.shelf.is_filtering || !model.shelf.filter.value().is_empty() => {
            model.shelf.is_filtering = false;
            shelf::filter(model, tui_input::Input::reset)
        }
        Screen::Runs if model.runs.is_filtering || !model.runs.filter.value().is_empty() => {
            model.runs.is_filtering = false;
            typed(model, tui_input::Input::reset)
        }
        Screen::Runs if model.screens.len() == 1 => {
            switch(model);
            Vec::new()
        }
        Screen::Ticket(_) => ticket::back(model),
        _ => close(model),
    }
}

/// Takes the visible screen away, unless it is the first.
pub fn close(model: &mut Model) -> Vec<Effect> {
    if model.screens.len() < 2 {
        return Vec::new();
    }
    match model.screens.pop() {
        Some(Screen::Run(view)) => runs::unfollow(model, &[view.dir]),
        Some(Screen::Compare(compare)) => runs::unfollow(model, &compare.runs),
        Some(other) => {
            model.parked.keep(other);
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn switch(model: &mut Model) {
    let other = match model.screen() {
        Screen::Shelf => Screen::Runs,
        Screen::Runs => Screen::Shelf,
        _ => return model.screens.push(Screen::Shelf),
    };
    model.screens.pop();
    model.screens.push(other);
}

/// Goes to a screen that one can always go to, leaving those that were opened over it.
fn go(model: &mut Model, root: Root) -> Vec<Effect> {
    let is_there = |model: &Model| match model.screen() {
        Screen::Demo => true,
        screen => root != Root::Demo && header::root(screen).is_some(),
    };
    let mut effects = Vec::new();
    while model.screens.len() > 1 && !is_there(model) {
        effects.extend(close(model));
    }
    // Two steps at the most: from the demo to the shelf, from there to the runs.
    for _ in 0..2 {
        if root != Root::Demo && header::here(model) != Some(root) {
            switch(model);
        }
    }
    effects
}

fn copied(text: &str, file: Option<&std::path::Path>, is_sent: bool) -> String {
    let short = cut(text, 60);
    match (is_sent, file) {
        (true, Some(file)) => format!("copied `{short}`; it is in {} as well", file.display()),
        (true, None) => format!("copied `{short}`"),
        (false, Some(file)) => {
            format!("this terminal has no clipboard: `{short}` is in {}", file.display())
        }
        (false, None) => format!("this terminal has no clipboard: it was `{text}`"),
    }
}

/// A row number so many rows on, or at an end.
#[must_use]
pub fn moved(at: usize, action: Action, rows: usize, page: usize) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    Some(match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(last),
        Action::Top => 0,
        Action::Bottom => last,
        _ => return None,
    })
}

/// Rows that a page of the screen's lists holds.
#[must_use]
pub fn page(model: &Model) -> usize {
    usize::from(model.size.rows.saturating_sub(5)).max(1)
}

#[cfg(test)]
pub mod comparing;
#[cfg(test)]
mod drawing;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watching;
