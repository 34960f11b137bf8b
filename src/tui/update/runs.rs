//! What keys and news do to the list of runs.

use std::path::Path;

use elth_core::ticket::About;
use elth_store::run::{
    control::Wanted,
    dir::RunDir,
    event::Event,
    recipe::Task,
    standing::{Standing, State},
};

use super::{compare, demo, moved, page, shelf};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model, Overlay, Question, Screen,
        launch::Launch,
        run::RunView,
        runs::{
            Looked,
            alert::{self, Alert},
        },
    },
    story::Voice,
};

/// Runs stand otherwise than before.
pub fn stood(
    model: &mut Model,
    standings: Vec<Standing>,
    broken: Vec<(String, String)>,
) -> Vec<Effect> {
    model.runs.broken = broken;
    let mut effects = Vec::new();
    for standing in &standings {
        let wish = model.runs.wishes.get(&standing.dir);
        if wish.is_some_and(|wish| *wish == standing.wanted) || !standing.state.is_alive() {
            model.runs.wishes.remove(&standing.dir);
        }
        let lived = model.runs.standing(&standing.dir).is_some_and(|it| it.state.is_alive());
        let alert = alert::of(standing).or_else(|| lasting(model, standing));
        effects.extend(alarm(model, &standing.dir, alert, lived));
    }
    let has_written = model.runs.hear(standings);
    shelf::follow_runs(model);
    if has_written {
        effects.push(shelf::list(model));
    }
    effects
}

/// What a standing does not tell and so does not take back: masks that changed, and a silence that nothing has broken.
fn lasting(model: &Model, standing: &Standing) -> Option<Alert> {
    let (alert, _) = *model.runs.alerts.get(&standing.dir)?;
    let lasts = match alert {
        Alert::MaskChanged => standing.state.is_alive(),
        Alert::Silent(_) => {
            let before = model.runs.standing(&standing.dir)?;
            standing.state == State::Running && standing.said.heard == before.said.heard
        }
        _ => false,
    };
    lasts.then_some(alert)
}

/// A run has fallen silent, or speaks again.
pub fn silent(model: &mut Model, dir: &RunDir, seconds: Option<u64>) -> Vec<Effect> {
    let before = model.runs.alerts.get(dir).map(|(alert, _)| *alert);
    let changed = before.filter(|alert| *alert == Alert::MaskChanged);
    let other = model.runs.standing(dir).and_then(alert::of);
    let alert = other.or(seconds.map(Alert::Silent)).or(changed);
    alarm(model, dir, alert, true).into_iter().collect()
}

/// Notes what is wrong with a run; rings where it is news of a run that was seen alive.
fn alarm(model: &mut Model, dir: &RunDir, alert: Option<Alert>, lived: bool) -> Option<Effect> {
    let before = model.runs.alerts.get(dir).copied();
    let Some(alert) = alert else {
        model.runs.alerts.remove(dir);
        return None;
    };
    if before.is_some_and(|(before, _)| before.is_like(alert)) {
        return None;
    }
    let looked = if lived { Looked::NotYet } else { model.runs.looked_before(dir, alert) };
    model.runs.alerts.insert(dir.clone(), (alert, looked));
    lived.then(|| Effect::Ring(format!("elth: {} {}", dir.id(), alert.words())))
}

/// A followed run said something; what was on its way when the following ended is not taken in.
pub fn heard(model: &mut Model, dir: &RunDir, events: &[Event]) -> Vec<Effect> {
    if !is_watched(model, dir) {
        return Vec::new();
    }
    let standing = model.runs.standing(dir);
    let is_alive = standing.is_some_and(|standing| standing.state.is_alive());
    let moves = standing.is_some_and(masks_move);
    let story = model.runs.stories.entry(dir.clone()).or_default();
    // Of a long log the end is told first, which may not say it.
    story.masks_move |= moves;
    for event in events {
        story.hear(event);
    }
    let changed = story.mask_changed();
    let is_known = model.runs.alerts.contains_key(dir);
    let alert = (changed && is_alive && !is_known).then_some(Alert::MaskChanged);
    alert.and_then(|alert| alarm(model, dir, Some(alert), true)).into_iter().collect()
}

fn masks_move(standing: &Standing) -> bool {
    matches!(standing.recipe.task, Task::Train { moving: Some(_), .. })
}

/// A followed run's trainer printed something.
pub fn printed(model: &mut Model, dir: RunDir, lines: Vec<String>) {
    if !is_watched(model, &dir) {
        return;
    }
    let story = model.runs.stories.entry(dir).or_default();
    for line in lines {
        story.say(Voice::Printed, line);
    }
}

/// Runs are gone; so are their screens.
pub fn vanished(model: &mut Model, gone: &[RunDir]) {
    model.runs.forget(gone);
    shelf::follow_runs(model);
    model.screens.retain(|screen| match screen {
        Screen::Run(view) => !gone.contains(&view.dir),
        Screen::Compare(compare) => !compare.runs.iter().all(|run| gone.contains(run)),
        _ => true,
    });
    compare::vanished(model, gone);
    if model.screens.is_empty() {
        model.screens.push(Screen::Shelf);
    }
}

/// Does what is asked for in the list.
pub fn act_on_list(model: &mut Model, action: Action) -> Vec<Effect> {
    let selected = model.runs.selected.clone();
    match (action, selected) {
        (Action::Copy, Some(dir)) => return vec![Effect::Copy(dir.id())],
        (Action::CopyDigest, Some(dir)) => {
            return vec![Effect::Copy(dir.path().display().to_string())];
        }
        (Action::Reload, _) => return vec![Effect::LookAtRuns],
        (Action::Filter, _) => model.runs.is_filtering = true,
        (Action::Accept, _) => model.runs.is_filtering = false,
        (Action::Sort, _) => {
            model.runs.order = model.runs.order.next();
            model.say(format!("sorted by {}", model.runs.order.name()));
        }
        (Action::Compare, _) => return compare::open(model),
        (Action::Mark, Some(dir)) => mark(model, dir),
        (Action::Show, Some(dir)) => return show(model, dir),
        (Action::Pause | Action::Stop | Action::Delete | Action::Clone, Some(dir)) => {
            return ask(model, action, dir);
        }
        _ => go(model, action),
    }
    Vec::new()
}

fn go(model: &mut Model, action: Action) {
    let at = model.runs.selected_row().unwrap_or(0);
    let shown = model.runs.shown();
    let to = moved(at, action, shown.len(), page(model)).map(|to| shown[to].dir.clone());
    if let Some(dir) = to {
        model.runs.selected = Some(dir);
    }
}

/// Marks a run, or no longer, and goes on to the next.
fn mark(model: &mut Model, dir: RunDir) {
    if !model.runs.marked.remove(&dir) {
        model.runs.paint(&dir);
        model.runs.marked.insert(dir);
    }
    go(model, Action::Down);
}

/// Opens a run's screen and follows it from its start.
pub fn show(model: &mut Model, dir: RunDir) -> Vec<Effect> {
    if let Some((_, looked)) = model.runs.alerts.get_mut(&dir) {
        *looked = Looked::Yes;
    }
    model.runs.selected = Some(dir.clone());
    let effects = follow(model, std::slice::from_ref(&dir));
    model.screens.push(Screen::Run(Box::new(RunView::open(dir, model.lens))));
    effects
}

/// Follows those of the runs that nobody follows yet.
pub fn follow(model: &Model, dirs: &[RunDir]) -> Vec<Effect> {
    let new = dirs.iter().filter(|dir| !is_watched(model, dir));
    new.cloned().map(Effect::Follow).collect()
}

/// Forgets the stories of runs that no screen shows any more.
pub fn unfollow(model: &mut Model, dirs: &[RunDir]) -> Vec<Effect> {
    let gone: Vec<_> = dirs.iter().filter(|dir| !is_watched(model, dir)).cloned().collect();
    for dir in &gone {
        model.runs.stories.remove(dir);
    }
    gone.into_iter().map(Effect::Unfollow).collect()
}

/// Whether a screen shows the run.
pub(super) fn is_watched(model: &Model, run: &RunDir) -> bool {
    let shows = |screen: &Screen| match screen {
        Screen::Run(view) => view.dir == *run,
        Screen::Compare(compare) => compare.runs.contains(run),
        _ => false,
    };
    demo::watches(model, run) || model.screens.iter().any(shows)
}

/// Asks the world for another state, or the user whether that is meant.
pub fn ask(model: &mut Model, action: Action, dir: RunDir) -> Vec<Effect> {
    let Some(standing) = model.runs.standing(&dir) else { return Vec::new() };
    let (state, wanted) = (standing.state, model.runs.wanted(standing));
    let id = dir.id();
    match (action, state) {
        (Action::Pause, state) => return pause(model, dir, state, wanted),
        (Action::Clone, _) => return read_ticket(model, dir),
        (Action::Stop, state) if state.is_alive() => {
            model.overlay = Some(Overlay::Confirm(Question::Stop(dir)));
        }
        (Action::Stop, state) => {
            model.complain(format!("`{id}` is {state} already: nothing to do"));
        }
        (Action::Delete, state) if state.is_alive() => {
            model.complain(format!("`{id}` is {state}: stop it before deleting it"));
        }
        (Action::Delete, _) => model.overlay = Some(Overlay::Confirm(Question::Delete(dir))),
        _ => {}
    }
    Vec::new()
}

/// Turns what was wanted last into its opposite, whether or not it has come about.
fn pause(model: &mut Model, dir: RunDir, state: State, wanted: Wanted) -> Vec<Effect> {
    let id = dir.id();
    match (state, wanted) {
        (State::Done, _) => {
            model.complain(format!("`{id}` is done already: nothing to do"));
            Vec::new()
        }
        (State::Stopped | State::Lost | State::Failed, _) => vec![Effect::Resume(dir)],
        (_, Wanted::Stop) => {
            model.complain(format!("`{id}` is about to stop: resume it when it has ended"));
            Vec::new()
        }
        (_, Wanted::Pause) => {
            model.runs.wishes.insert(dir.clone(), Wanted::Run);
            vec![Effect::Resume(dir)]
        }
        // Paused by somebody who has been answered and outlived: going on is all that is left.
        (State::Paused, Wanted::Run) if !model.runs.wishes.contains_key(&dir) => {
            vec![Effect::Resume(dir)]
        }
        (_, Wanted::Run) => {
            model.runs.wishes.insert(dir.clone(), Wanted::Pause);
            vec![Effect::Ask(dir, Wanted::Pause)]
        }
    }
}

/// A search is started again at once; of a retraining the ticket is read first.
fn read_ticket(model: &mut Model, dir: RunDir) -> Vec<Effect> {
    let Some(standing) = model.runs.standing(&dir) else { return Vec::new() };
    match &standing.recipe.task {
        Task::Imp { .. } => search_again(model, &dir),
        Task::Train { moving: Some(moving), .. } => {
            let method = moving.method.clone();
            model.complain(format!(
                "the masks of `{}` move while it trains: start another with `elth train --dynamic {method}`",
                dir.id()
            ));
            Vec::new()
        }
        Task::Train { moving: None, .. } => vec![Effect::ReadTicketOf(dir)],
    }
}

fn search_again(model: &mut Model, dir: &RunDir) -> Vec<Effect> {
    let parked = model.parked.launch(dir.path().to_owned(), Some(dir.clone()));
    let Some(standing) = model.runs.standing(dir) else { return Vec::new() };
    let opened = || Launch::search_again(dir, &standing.recipe, &model.shelf).map(Box::new);
    match parked.map_or_else(opened, Ok) {
        Ok(mut launch) => {
            launch.cloned = Some(dir.clone());
            model.screens.push(Screen::Launch(launch));
            vec![Effect::LookAtMachine]
        }
        Err(reason) => {
            model.complain(reason);
            Vec::new()
        }
    }
}

/// A run's ticket was read: the dialog opens with the run's numbers.
pub fn clone(model: &mut Model, dir: &RunDir, path: &Path, about: &About) {
    let Some(standing) = model.runs.standing(dir) else { return };
    let Task::Train { ticket, .. } = &standing.recipe.task else { return };
    // Its own name is a better one than that of the run's copy.
    let tickets = model.shelf.listing.iter().flat_map(|listing| &listing.tickets);
    let known = tickets.filter(|known| known.digest.as_ref() == Some(ticket)).map(|it| &it.path);
    let path = known.min_by_key(|path| path.components().count()).map_or(path, |path| path);
    let path = path.to_owned();
    let opened = || {
        let mut launch = Launch::open(&path, about, &model.shelf);
        launch.adopt(&standing.recipe);
        launch.refresh(&model.shelf);
        launch.cloned = Some(dir.clone());
        Box::new(launch)
    };
    let launch = model.parked.launch(path.clone(), Some(dir.clone())).unwrap_or_else(opened);
    model.screens.push(Screen::Launch(launch));
}
