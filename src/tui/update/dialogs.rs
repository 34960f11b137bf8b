//! What keys and news do to the dialogs that transform and retrain a ticket, as far as they are alike.

use elth_store::run::dir::RunDir;

use super::{runs, shelf, transform};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{Model, Screen, form::Form},
    screens::launch::shown,
    widgets::text::shell,
};

/// Lines that the right pane moves at once.
const SCROLL: usize = 4;

/// Does what is asked for in a dialog.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.screen()) {
        (Action::ScrollUp, _) => scroll(model, |at| at.saturating_sub(SCROLL)),
        (Action::ScrollDown, _) => scroll(model, |at| at + SCROLL),
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

/// Runs were started: the one is shown, of several the list.
pub fn started(model: &mut Model, runs: &[String]) -> Vec<Effect> {
    model.screens.retain(|screen| !matches!(screen, Screen::Launch(_)));
    // Controls may have come to the shelf on the way.
    let mut effects = vec![Effect::LookAtRuns, shelf::list(model)];
    let dir = |id: &String| RunDir::at(model.places.home.runs().join(id));
    match runs {
        [] => {}
        [id] => {
            let dir = dir(id);
            model.say(format!("`{id}` goes on, whether or not the workbench is open"));
            effects.extend(runs::show(model, dir));
        }
        [first, .., last] => {
            model.runs.selected = Some(dir(first));
            let count = runs.len();
            model.say(format!("{count} runs, `{first}` to `{last}`, go on without the workbench"));
            if !matches!(model.screen(), Screen::Runs) {
                model.screens.push(Screen::Runs);
            }
        }
    }
    effects
}

/// Something went wrong: a dialog that waited can be sent again.
pub fn failed(model: &mut Model) -> Vec<Effect> {
    match model.screens.last_mut() {
        Some(Screen::Launch(dialog)) if dialog.is_starting => {
            dialog.is_starting = false;
            // Controls that were made before it went wrong are not made again.
            vec![shelf::list(model)]
        }
        _ => Vec::new(),
    }
}

fn scroll(model: &mut Model, to: impl FnOnce(usize) -> usize) {
    match model.screens.last_mut() {
        Some(Screen::Transform(dialog)) => dialog.scrolled = to(dialog.scrolled),
        Some(Screen::Launch(dialog)) => dialog.scrolled = to(dialog.scrolled),
        _ => {}
    }
}

fn launch(model: &mut Model) -> Vec<Effect> {
    let Screen::Launch(dialog) = model.screen() else { return Vec::new() };
    if dialog.is_starting {
        return Vec::new();
    }
    match dialog.plan(&model.shelf, &model.places) {
        Ok(plan) => {
            if let Some(Screen::Launch(dialog)) = model.screens.last_mut() {
                dialog.is_starting = true;
            }
            vec![Effect::Command(plan.commands)]
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
