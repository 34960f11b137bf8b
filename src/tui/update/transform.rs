//! What keys do to the dialog that transforms a ticket: to its answers, and to the mapping's picture.

use elth_core::reshape::draft::Edit;

use super::shelf;
use crate::{
    effect::Effect,
    keymap::Action,
    model::{
        Model, Screen,
        form::Form,
        transform::{Transform, picture::Stroke},
    },
    portrait::Portrait,
    widgets::text::shell,
};

/// Does what is asked for, in the answers or in the picture.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Save => return save(model),
        Action::Copy | Action::CopyDigest => return copy(model, action),
        Action::Undo | Action::Redo => travel(model, action),
        Action::OtherPane => focus(model),
        _ if has_picture_focus(model) => draw(model, action),
        _ => answer(model, |form| match action {
            Action::Up => form.step(-1),
            Action::Down => form.step(1),
            Action::Earlier => form.turn(-1),
            Action::Later => form.turn(1),
            _ => {}
        }),
    }
    look(model)
}

/// Changes the answers, and what depends on them.
pub fn answer(model: &mut Model, change: impl FnOnce(&mut Form)) {
    with(model, |dialog, portrait, shelf| {
        let at = dialog.form.at;
        dialog.answer(change, portrait, shelf);
        if dialog.form.at != at {
            dialog.rest();
        }
    });
}

/// A ticket or the shelf was read: the preview may have waited for it.
pub fn refresh(model: &mut Model) {
    with(model, Transform::refresh);
}

/// A digit in the picture names a source unit.
pub fn type_digit(model: &mut Model, digit: char) -> Vec<Effect> {
    let mut done = Ok(());
    with(model, |dialog, portrait, shelf| {
        dialog.scrolled = 0;
        done = dialog.type_digit(digit, portrait, shelf);
    });
    if let Err(reason) = done {
        model.complain(reason);
    }
    look(model)
}

/// Asks for the portraits that the preview is drawn from.
pub fn look(model: &mut Model) -> Vec<Effect> {
    let Screen::Transform(dialog) = model.screen() else { return Vec::new() };
    let wanted = [Some(dialog.source.clone()), dialog.rival.clone()];
    let unread = wanted.into_iter().flatten().filter(|path| !model.portraits.contains_key(path));
    let unread: Vec<_> = unread.collect();
    unread.into_iter().map(|path| shelf::portray(model, path)).collect()
}

/// Lets go of what is held in the picture; says whether there was something.
pub fn let_go(model: &mut Model) -> bool {
    match model.screens.last_mut() {
        Some(Screen::Transform(dialog)) => dialog.picture.held.take().is_some(),
        _ => false,
    }
}

fn with(
    model: &mut Model,
    change: impl FnOnce(&mut Transform, Option<&Portrait>, &crate::model::shelf::Shelf),
) {
    let (portraits, shelf) = (&model.portraits, &model.shelf);
    if let Some(Screen::Transform(dialog)) = model.screens.last_mut() {
        let portrait = portraits.get(&dialog.source).and_then(|known| known.as_deref().ok());
        change(dialog, portrait, shelf);
    }
}

fn has_picture_focus(model: &Model) -> bool {
    matches!(model.screen(), Screen::Transform(dialog) if dialog.picture.has_focus)
}

fn focus(model: &mut Model) {
    with(model, |dialog, _, _| {
        dialog.rest();
        dialog.picture.has_focus = !dialog.picture.has_focus;
        dialog.picture.held = None;
        dialog.scrolled = 0;
    });
}

fn draw(model: &mut Model, action: Action) {
    let mut done = Ok(());
    with(model, |dialog, portrait, shelf| {
        // What is drawn is looked at.
        dialog.scrolled = 0;
        if let Some(stroke) = stroke(action) {
            done = dialog.draw_in(stroke, portrait, shelf);
        } else if action == Action::SwapUnits {
            done = dialog.swap(portrait, shelf);
        } else if action == Action::Together {
            dialog.picture.alone = !dialog.picture.alone;
        } else {
            go(dialog, action);
        }
    });
    if let Err(reason) = done {
        model.complain(reason);
    }
}

fn stroke(action: Action) -> Option<Stroke> {
    Some(match action {
        Action::Replicate => Stroke::Edit(Edit::Replicate),
        Action::DropUnit => Stroke::Edit(Edit::Drop),
        Action::ClearUnit => Stroke::Edit(Edit::Clear),
        Action::CarryUp => Stroke::Carry(-1),
        Action::CarryDown => Stroke::Carry(1),
        Action::SourceBefore => Stroke::Turn(-1),
        Action::SourceAfter => Stroke::Turn(1),
        Action::NextPreset => Stroke::Preset(1),
        Action::PresetBefore => Stroke::Preset(-1),
        Action::Spread => Stroke::Spread,
        Action::FitTarget => Stroke::Target,
        _ => return None,
    })
}

fn go(dialog: &mut Transform, action: Action) {
    let Some(drawn) = &dialog.drawn else { return };
    let (stages, units) = match action {
        Action::Up => (0, -1),
        Action::Down => (0, 1),
        Action::Earlier => (-1, 0),
        Action::Later => (1, 0),
        Action::Top => (0, isize::MIN),
        Action::Bottom => (0, isize::MAX),
        _ => return,
    };
    dialog.picture.go(&drawn.draft, stages, units);
}

fn travel(model: &mut Model, action: Action) {
    let mut moved = false;
    with(model, |dialog, portrait, shelf| {
        moved = if action == Action::Undo {
            dialog.undo(portrait, shelf)
        } else {
            dialog.redo(portrait, shelf)
        };
    });
    if !moved {
        let what = if action == Action::Undo { "to undo" } else { "to do again" };
        model.say(format!("nothing {what}"));
    }
}

fn copy(model: &mut Model, action: Action) -> Vec<Effect> {
    let folder = model.places.home.tickets();
    let Screen::Transform(dialog) = model.screen() else { return Vec::new() };
    let (text, what) = match (action, &dialog.drawn) {
        (Action::CopyDigest, Some(drawn)) => (drawn.draft.official(), "mapping"),
        (Action::CopyDigest, None) => return Vec::new(),
        _ => (format!("elth {}", shell(&dialog.command(&folder))), "command"),
    };
    model.say(format!("copied the {what}: {text}"));
    vec![Effect::Copy(text)]
}

fn save(model: &mut Model) -> Vec<Effect> {
    let folder = model.places.home.tickets();
    let Some(Screen::Transform(dialog)) = model.screens.last_mut() else { return Vec::new() };
    if dialog.asking.is_some() {
        return Vec::new();
    }
    match dialog.transformation(&folder) {
        Ok(transformation) => {
            model.asked += 1;
            dialog.asking = Some(model.asked);
            vec![Effect::SaveTransformed(model.asked, transformation)]
        }
        Err(reason) => {
            model.complain(reason);
            Vec::new()
        }
    }
}
