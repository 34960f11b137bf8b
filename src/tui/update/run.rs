//! What keys and news do to the screen of one run.

use elth_store::run::dir::RunDir;

use super::{page, runs};
use crate::{
    curves,
    effect::Effect,
    keymap::Action,
    model::{
        Model, Screen,
        run::{RunView, Way},
    },
    story::Story,
};

/// The past of a followed run was read.
pub fn recalled(model: &mut Model, dir: &RunDir, past: Story) {
    if !runs::is_watched(model, dir) {
        return;
    }
    let Some(story) = model.runs.stories.get_mut(dir) else { return };
    let before = story.dropped + story.lines.len();
    story.prepend(past);
    let by = (story.dropped + story.lines.len()).saturating_sub(before).cast_signed();
    for screen in &mut model.screens {
        match screen {
            Screen::Run(view) if view.dir == *dir => view.log.renumber(by),
            _ => {}
        }
    }
}

/// Does what is asked for on a run's screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = page(model) / 2;
    if look(model, action) {
        return Vec::new();
    }
    let Some(Screen::Run(view)) = model.screens.last_mut() else { return Vec::new() };
    let empty = Story::default();
    let heard = model.runs.stories.get(&view.dir).unwrap_or(&empty);
    match action {
        Action::Copy => return vec![Effect::Copy(view.dir.id())],
        Action::CopyDigest => return vec![Effect::Copy(view.dir.path().display().to_string())],
        Action::Freeze => freeze(model),
        Action::Wrap => view.log.wraps = !view.log.wraps,
        Action::Filter => (view.log.is_searching, view.log.found) = (true, None),
        Action::Accept => {
            view.log.is_searching = false;
            find(model, Way::Back);
        }
        Action::Find => find(model, Way::On),
        Action::FindBack => find(model, Way::Back),
        Action::Bottom | Action::Follow => view.log.end = None,
        _ if !scroll(view, heard, action, page) => {
            let dir = view.dir.clone();
            return runs::ask(model, action, dir);
        }
        _ => {}
    }
    Vec::new()
}

/// Looks at the curves in another way; says whether that was meant.
pub fn look(model: &mut Model, action: Action) -> bool {
    let Some((lens, reach)) = curves::lens(model) else { return false };
    let is_meant = lens.act(action, reach);
    let settings = lens.settings();
    if is_meant {
        model.lens = settings;
    }
    is_meant
}

/// Undoes what the curves and the log are looked at with; says whether there was anything.
pub fn back(model: &mut Model) -> bool {
    let Some(Screen::Run(view)) = model.screens.last_mut() else { return false };
    if view.log.is_searching || view.log.needle().is_some() {
        view.log.is_searching = false;
        view.log.search.reset();
        view.log.found = None;
        return true;
    }
    view.lens.reset()
}

fn scroll(view: &mut RunView, heard: &Story, action: Action, page: usize) -> bool {
    let RunView { frozen, log, .. } = view;
    let story = frozen.as_ref().map_or(heard, |frozen| &frozen.1);
    let page = page.cast_signed();
    match action {
        Action::Up => log.scroll(story, -1),
        Action::Down => log.scroll(story, 1),
        Action::PageUp => log.scroll(story, -page),
        Action::PageDown => log.scroll(story, page),
        Action::Top => log.to_top(story, page.unsigned_abs() / 2),
        _ => return false,
    }
    true
}

fn freeze(model: &mut Model) {
    let runs = &model.runs;
    let Some(Screen::Run(view)) = model.screens.last_mut() else { return };
    if view.frozen.take().is_none() {
        let standing = runs.standing(&view.dir).cloned();
        let story = runs.stories.get(&view.dir).cloned();
        view.frozen = standing.zip(story).map(Box::new);
    }
}

fn find(model: &mut Model, way: Way) {
    let stories = &model.runs.stories;
    let Some(Screen::Run(view)) = model.screens.last_mut() else { return };
    let RunView { frozen, log, dir, .. } = &mut **view;
    let heard = stories.get(dir);
    let Some(story) = frozen.as_ref().map(|frozen| &frozen.1).or(heard) else { return };
    if log.needle().is_some() && !log.find(story, way) {
        let text = format!("no line of the log has `{}`", log.search.value());
        model.complain(text);
    }
}
