//! What keys do to what lies over a screen.

use elth_store::run::control::Wanted;
use tui_input::Input;

use super::{act as act_below, moved, page};
use crate::{
    effect::Effect,
    keymap::{Action, Context, Keymap, bindings::Bound},
    model::{Model, Overlay, Question},
};

/// Opens the help of the visible screen.
pub fn help(model: &mut Model) {
    let context = model.context();
    model.overlay = Some(Overlay::Help { context, search: Input::default(), selected: 0 });
}

/// The lines of the help that have all words searched for, in their keys or their text; first those whose key it is.
#[must_use]
pub fn found<'a>(keys: &'a Keymap, context: Context, search: &str) -> Vec<&'a Bound> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let has = |bound: &&Bound| {
        let Bound { keys, entry, .. } = bound;
        let text = format!("{} {} {}", keys.join(" "), entry.word, entry.help);
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut lines: Vec<_> = keys.entries(context).filter(has).collect();
    lines.sort_by_key(|bound| !bound.keys.iter().any(|key| key == search.trim()));
    lines
}

/// Changes what is searched for in the help.
pub fn search(model: &mut Model, change: impl FnOnce(&mut Input)) {
    if let Some(Overlay::Help { search, selected, .. }) = &mut model.overlay {
        change(search);
        *selected = 0;
    }
}

/// Does what is asked for over the screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let page = page(model);
    let themes = model.themes.len();
    match (&mut model.overlay, action) {
        (Some(Overlay::Themes { before }), Action::Back) => {
            model.theme = *before;
            model.overlay = None;
        }
        (_, Action::Back) | (Some(Overlay::Themes { .. }), Action::Accept) => model.overlay = None,
        (Some(Overlay::Themes { .. }), _) => {
            model.theme = moved(model.theme, action, themes, page).unwrap_or(model.theme);
        }
        (Some(Overlay::Confirm(question)), Action::Agree) => {
            let effect = agreed(question);
            model.overlay = None;
            return vec![effect];
        }
        (Some(Overlay::Help { context, search, selected }), action) => {
            let lines = found(&model.keys, *context, search.value());
            if action == Action::Accept {
                let chosen = lines.get(*selected).map(|bound| bound.entry.action);
                model.overlay = None;
                return chosen.map_or(Vec::new(), |action| act_below(model, action));
            }
            *selected = moved(*selected, action, lines.len(), page).unwrap_or(*selected);
        }
        _ => {}
    }
    Vec::new()
}

fn agreed(question: &Question) -> Effect {
    match question {
        Question::Stop(dir) => Effect::Ask(dir.clone(), Wanted::Stop),
        Question::Delete(dir) => Effect::Delete(dir.clone()),
    }
}
