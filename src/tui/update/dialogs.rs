//! What keys and news do to the dialogs that transform and retrain a ticket.

use elth_store::run::dir::RunDir;

use super::{runs, shelf};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{Model, Screen, form::Form},
};

/// Lines that the right pane moves at once.
const SCROLL: usize = 4;

/// Does what is asked for in a dialog.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Up => answer(model, |form| form.step(-1)),
        Action::Down => answer(model, |form| form.step(1)),
        Action::Earlier => answer(model, |form| form.turn(-1)),
        Action::Later => answer(model, |form| form.turn(1)),
        Action::ScrollUp => scroll(model, |at| at.saturating_sub(SCROLL)),
        Action::ScrollDown => scroll(model, |at| at + SCROLL),
        Action::Save => return save(model),
        Action::Launch => return launch(model),
        _ => {}
    }
    Vec::new()
}

/// Changes the answers of the open dialog, and what depends on them.
pub fn answer(model: &mut Model, change: impl FnOnce(&mut Form)) {
    let (portraits, on_shelf) = (&model.portraits, &model.shelf);
    match model.screens.last_mut() {
        Some(Screen::Transform(dialog)) => {
            change(&mut dialog.form);
            let portrait = portraits.get(&dialog.source).and_then(|known| known.as_deref().ok());
            dialog.refresh(portrait, on_shelf);
        }
        Some(Screen::Launch(dialog)) => {
            change(&mut dialog.form);
            dialog.refresh(on_shelf);
        }
        _ => {}
    }
}

/// A ticket was read: the preview may have waited for it.
pub fn portrayed(model: &mut Model) {
    answer(model, |_| {});
}

/// A run was started: it is shown.
pub fn started(model: &mut Model, run: Option<String>) -> Vec<Effect> {
    model.screens.retain(|screen| !matches!(screen, Screen::Launch(_)));
    // A control may have come to the shelf on the way.
    let mut effects = vec![Effect::LookAtRuns, shelf::list(model)];
    if let Some(id) = run {
        model.say(format!("`{id}` goes on, whether or not the workbench is open"));
        let dir = RunDir::at(model.places.home.runs().join(id));
        effects.extend(runs::show(model, dir));
    }
    effects
}

/// Something went wrong: a dialog that waited can be sent again.
pub fn failed(model: &mut Model) {
    if let Some(Screen::Launch(dialog)) = model.screens.last_mut() {
        dialog.is_starting = false;
    }
}

fn scroll(model: &mut Model, to: impl FnOnce(usize) -> usize) {
    match model.screens.last_mut() {
        Some(Screen::Transform(dialog)) => dialog.scrolled = to(dialog.scrolled),
        Some(Screen::Launch(dialog)) => dialog.scrolled = to(dialog.scrolled),
        _ => {}
    }
}

fn save(model: &mut Model) -> Vec<Effect> {
    let Screen::Transform(dialog) = model.screen() else { return Vec::new() };
    match dialog.transformation(&model.places.home.tickets()) {
        Ok(transformation) => vec![Effect::SaveTransformed(transformation)],
        Err(reason) => {
            model.complain(reason);
            Vec::new()
        }
    }
}

fn launch(model: &mut Model) -> Vec<Effect> {
    let places = model.places.clone();
    match model.screens.last_mut() {
        Some(Screen::Launch(dialog)) if !dialog.is_starting => {
            dialog.is_starting = true;
            vec![Effect::Command(dialog.commands(&places))]
        }
        _ => Vec::new(),
    }
}
