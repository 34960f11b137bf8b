//! What keys and news do to runs that are compared.

use elth_store::run::{
    compare::{Header, differences},
    dir::RunDir,
};

use super::{moved, page, run, runs};
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model, Screen,
        compare::{Compare, Panel, Seeds},
    },
};

/// Opens the screen with the marked runs and follows them; the selected one where none is marked.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let selected = model.runs.selected.iter().cloned();
    let mut dirs: Vec<RunDir> = match model.runs.marked.len() {
        0 => selected.collect(),
        _ => model.runs.marked.iter().cloned().collect(),
    };
    if dirs.is_empty() {
        return Vec::new();
    }
    let rows = model.runs.list().iter().map(|run| &run.dir).collect::<Vec<_>>();
    dirs.sort_by_key(|dir| std::cmp::Reverse(rows.iter().position(|row| *row == dir)));
    for dir in &dirs {
        model.runs.paint(dir);
    }
    // By letter: who is marked first is told first, here and wherever they stand.
    dirs.sort_by_key(|dir| model.runs.number(dir));
    let mut effects = runs::follow(model, &dirs);
    effects.push(Effect::ReadHeaders(dirs.clone()));
    model.screens.push(Screen::Compare(Box::new(Compare::open(dirs, model.lens))));
    effects
}

/// The headers of their tickets were read.
pub fn told(model: &mut Model, headers: &[(RunDir, Header)]) {
    for screen in &mut model.screens {
        if let Screen::Compare(compare) = screen {
            let ours = headers.iter().filter(|(dir, _)| compare.runs.contains(dir));
            compare.headers.extend(ours.cloned());
        }
    }
}

/// Leaves out runs that are there no more.
pub fn vanished(model: &mut Model, gone: &[RunDir]) {
    for screen in &mut model.screens {
        if let Screen::Compare(compare) = screen {
            compare.runs.retain(|dir| !gone.contains(dir));
            compare.at = compare.at.min(compare.runs.len().saturating_sub(1));
        }
    }
}

/// Does what is asked for.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let (page, rows) = (page(model), rows(model));
    if run::look(model, action) {
        return Vec::new();
    }
    let Some(Screen::Compare(compare)) = model.screens.last_mut() else { return Vec::new() };
    match action {
        Action::PanelOn => turn(compare, 1),
        Action::PanelBack => turn(compare, Panel::ALL.len() - 1),
        Action::Metric => compare.drawn = compare.drawn.next(),
        Action::Seeds => {
            compare.seeds = match compare.seeds {
                Seeds::Apart => Seeds::Together,
                Seeds::Together => Seeds::Apart,
            };
        }
        Action::Mark => hide(compare),
        Action::Show => {
            let dir = compare.selected().cloned();
            return dir.map_or(Vec::new(), |dir| runs::show(model, dir));
        }
        _ => {
            compare.at = moved(compare.at, action, rows, page).unwrap_or(compare.at);
        }
    }
    Vec::new()
}

/// Rows that can be gone through: the runs, or the lines of a table.
fn rows(model: &Model) -> usize {
    let Screen::Compare(compare) = model.screen() else { return 0 };
    match compare.panel {
        Panel::Curves | Panel::Figure => compare.runs.len(),
        Panel::Table => compare.groups(&model.runs).len(),
        Panel::Recipes => {
            let standings = compare.standings(&model.runs);
            differences(&standings.iter().map(|run| &run.recipe).collect::<Vec<_>>()).len()
        }
    }
}

/// Undoes the cursor and the zoom; says whether there was anything to undo.
pub fn back(model: &mut Model) -> bool {
    match model.screens.last_mut() {
        Some(Screen::Compare(compare)) => compare.lens.reset(),
        _ => false,
    }
}

fn turn(compare: &mut Compare, by: usize) {
    (compare.panel, compare.at) = (compare.panel.moved(by), 0);
}

/// Leaves a run's curve out, or draws it again.
fn hide(compare: &mut Compare) {
    let Some(dir) = compare.selected().cloned() else { return };
    if !compare.hidden.remove(&dir) {
        compare.hidden.insert(dir);
    }
}
