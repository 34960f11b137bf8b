//! What keys and news do to the list of runs and to a run.

use elth_store::run::{control::Wanted, dir::RunDir, event::Event, standing::State};

use super::{moved, page};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{Model, Overlay, Question, Screen},
    story::Voice,
};

/// A followed run said something.
pub fn heard(model: &mut Model, dir: RunDir, events: &[Event]) {
    let story = model.runs.stories.entry(dir).or_default();
    for event in events {
        story.hear(event);
    }
}

/// A followed run's trainer printed something.
pub fn printed(model: &mut Model, dir: RunDir, lines: Vec<String>) {
    let story = model.runs.stories.entry(dir).or_default();
    for line in lines {
        story.say(Voice::Printed, line);
    }
}

/// Runs are gone; so are their screens.
pub fn vanished(model: &mut Model, gone: &[RunDir]) {
    model.runs.forget(gone);
    model.screens.retain(|screen| !matches!(screen, Screen::Run { dir, .. } if gone.contains(dir)));
    if model.screens.is_empty() {
        model.screens.push(Screen::Shelf);
    }
}

/// Does what is asked for in the list.
pub fn act_on_list(model: &mut Model, action: Action) -> Vec<Effect> {
    let selected = model.runs.selected.clone();
    match (action, selected) {
        (Action::Copy, Some(dir)) => vec![Effect::Copy(dir.id())],
        (Action::CopyDigest, Some(dir)) => vec![Effect::Copy(dir.path().display().to_string())],
        (Action::Reload, _) => vec![Effect::LookAtRuns],
        (Action::Show, Some(dir)) => show(model, dir),
        (Action::Pause | Action::Stop | Action::Delete, Some(dir)) => ask(model, action, dir),
        _ => {
            let at = model.runs.selected_row().unwrap_or(0);
            let rows = model.runs.list().len();
            if let Some(to) = moved(at, action, rows, page(model)) {
                model.runs.selected = Some(model.runs.list()[to].dir.clone());
            }
            Vec::new()
        }
    }
}

/// Opens a run's screen and follows it from its start.
pub fn show(model: &mut Model, dir: RunDir) -> Vec<Effect> {
    let known = model.runs.stories.contains_key(&dir);
    model.runs.selected = Some(dir.clone());
    model.screens.push(Screen::Run { dir: dir.clone(), back: 0 });
    if known { Vec::new() } else { vec![Effect::Follow(dir)] }
}

/// Does what is asked for on a run's screen.
pub fn act_on_run(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = page(model) / 2;
    let Some(Screen::Run { dir, back }) = model.screens.last_mut() else { return Vec::new() };
    let lines = model.runs.stories.get(dir).map_or(0, |story| story.lines.len());
    let most = lines.saturating_sub(1);
    match action {
        Action::Copy => return vec![Effect::Copy(dir.id())],
        Action::CopyDigest => return vec![Effect::Copy(dir.path().display().to_string())],
        Action::Up => *back = (*back + 1).min(most),
        Action::Down => *back = back.saturating_sub(1),
        Action::PageUp => *back = (*back + page).min(most),
        Action::PageDown => *back = back.saturating_sub(page),
        Action::Top => *back = most,
        Action::Bottom | Action::Follow => *back = 0,
        _ => {
            let dir = dir.clone();
            return ask(model, action, dir);
        }
    }
    Vec::new()
}

/// Asks the world for another state, or the user whether that is meant.
fn ask(model: &mut Model, action: Action, dir: RunDir) -> Vec<Effect> {
    let Some(state) = model.runs.standing(&dir).map(|standing| standing.state) else {
        return Vec::new();
    };
    match (action, state) {
        (Action::Pause, State::Running | State::Waiting) => {
            vec![Effect::Ask(dir, Wanted::Pause)]
        }
        (Action::Pause, State::Paused) => vec![Effect::Ask(dir, Wanted::Run)],
        (Action::Pause, State::Stopped | State::Lost | State::Failed) => {
            vec![Effect::Resume(dir)]
        }
        (Action::Stop, state) if state.is_alive() => {
            model.overlay = Some(Overlay::Confirm(Question::Stop(dir)));
            Vec::new()
        }
        (Action::Delete, state) if state.is_alive() => {
            model.complain(format!("`{}` is {state}: stop it before deleting it", dir.id()));
            Vec::new()
        }
        (Action::Delete, _) => {
            model.overlay = Some(Overlay::Confirm(Question::Delete(dir)));
            Vec::new()
        }
        (Action::Pause | Action::Stop, state) => {
            model.complain(format!("`{}` is {state} already: nothing to do", dir.id()));
            Vec::new()
        }
        _ => Vec::new(),
    }
}
