//! What keys and news do to the dialogs that transform and retrain a ticket, as far as they are alike.

use elth_store::run::dir::RunDir;

use super::{runs, scroll::scroll, shelf, transform};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{Model, Screen, form::Form},
    screens::launch::shown,
    widgets::text::shell,
};

/// Does what is asked for in a dialog.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.screen()) {
        (Action::ScrollUp | Action::ScrollDown, _) => scroll(model, action),
        (_, Screen::Transform(_)) => return transform::act(model, action),
        (Action::Up, _) => drop(answer(model, |form| form.step(-1))),
        (Action::Down, _) => drop(answer(model, |form| form.step(1))),
        (Action::Earlier, _) => drop(answer(model, |form| form.turn(-1))),
        (Action::Later, _) => drop(answer(model, |form| form.turn(1))),
        (Action::Launch, _) => return launch(model),
        (Action::Copy, _) => return copy(model),
        _ => {}
    }
    Vec::new()
}

/// Changes the answers of the open dialog, and what depends on them.
pub fn answer(model: &mut Model, change: impl FnOnce(&mut Form)) -> Vec<Effect> {
    let on_shelf = &model.shelf;
    match model.screens.last_mut() {
        Some(Screen::Transform(_)) => {
            transform::answer(model, change);
            return transform::look(model);
        }
        Some(Screen::Launch(dialog)) => {
            change(&mut dialog.form);
            dialog.refresh(on_shelf);
        }
        _ => {}
    }
    Vec::new()
}

/// A ticket was read: the preview may have waited for it.
pub fn portrayed(model: &mut Model) {
    transform::refresh(model);
}

/// Where a dialog was that waited for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    /// Before everybody's eyes.
    Shown,
    /// Below another screen.
    Covered,
    /// Nowhere: somebody left it.
    Left,
}

/// Closes the dialog that asked by that number, and no other; says where it was.
pub fn close(model: &mut Model, asking: u64) -> Was {
    let is_it = |screen: &Screen| waits(screen) == Some(asking);
    let was = match model.screens.iter().rposition(is_it) {
        Some(at) if at + 1 == model.screens.len() => Was::Shown,
        Some(_) => Was::Covered,
        None => Was::Left,
    };
    model.screens.retain(|screen| !is_it(screen));
    was
}

/// The number of the asking that a screen waits for.
fn waits(screen: &Screen) -> Option<u64> {
    match screen {
        Screen::Launch(dialog) => dialog.asking,
        Screen::Transform(dialog) => dialog.asking,
        _ => None,
    }
}

/// Runs were started: the one is shown, of several the list; whoever went on to something else stays there.
pub fn started(model: &mut Model, asking: u64, runs: &[String]) -> Vec<Effect> {
    let is_shown = close(model, asking) == Was::Shown;
    // Controls may have come to the shelf on the way.
    let mut effects = vec![Effect::LookAtRuns, shelf::list(model)];
    let dir = |id: &String| RunDir::at(model.places.home.runs().join(id));
    match runs {
        [] => {}
        [id] => {
            let dir = dir(id);
            model.say(format!("`{id}` goes on, whether or not the workbench is open"));
            if is_shown {
                effects.extend(runs::show(model, dir));
            }
        }
        [first, .., last] => {
            model.runs.selected = Some(dir(first));
            let count = runs.len();
            model.say(format!("{count} runs, `{first}` to `{last}`, go on without the workbench"));
            if is_shown && !matches!(model.screen(), Screen::Runs) {
                model.screens.push(Screen::Runs);
            }
        }
    }
    effects
}

/// What a dialog asked for went wrong: it can be sent again.
pub fn refused(model: &mut Model, asking: u64) -> Vec<Effect> {
    for screen in model.screens.iter_mut().filter(|screen| waits(screen) == Some(asking)) {
        match screen {
            Screen::Launch(dialog) => dialog.asking = None,
            Screen::Transform(dialog) => dialog.asking = None,
            _ => {}
        }
    }
    // Controls that were made before it went wrong are not made again.
    vec![shelf::list(model)]
}

fn launch(model: &mut Model) -> Vec<Effect> {
    let Screen::Launch(dialog) = model.screen() else { return Vec::new() };
    if dialog.asking.is_some() {
        return Vec::new();
    }
    match dialog.plan(&model.shelf, &model.places) {
        Ok(plan) => {
            model.asked += 1;
            if let Some(Screen::Launch(dialog)) = model.screens.last_mut() {
                dialog.asking = Some(model.asked);
            }
            vec![Effect::Command(model.asked, plan.commands)]
        }
        Err(wrong) => {
            model.complain(wrong.join("; "));
            Vec::new()
        }
    }
}

/// Copies the commands as one would type them, a line each.
fn copy(model: &mut Model) -> Vec<Effect> {
    let Screen::Launch(dialog) = model.screen() else { return Vec::new() };
    match dialog.plan(&model.shelf, &model.places) {
        Ok(plan) => {
            let lines = plan.commands.iter().map(|it| format!("elth {}", shell(&shown(it))));
            let text = lines.collect::<Vec<_>>().join("\n");
            vec![Effect::Copy(text)]
        }
        Err(wrong) => {
            model.complain(wrong.join("; "));
            Vec::new()
        }
    }
}
