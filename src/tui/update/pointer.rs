//! What the mouse does: nothing that keys cannot do.

mod press;

use ratatui::layout::{Position, Rect};

use super::{act, go, overlays as above};
use crate::{
    effect::Effect,
    footer, header,
    keymap::Action,
    layout,
    model::{Model, Screen},
    notice, overlays,
    pointer::{Act, Pointer},
    screens::spot::{self, Spot},
};

/// Rows that a turn of the wheel moves.
const TURN: usize = 3;

/// Whether the button went down once, or once more soon after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Click {
    /// Once: chooses.
    Single,
    /// Twice: does what enter does.
    Double,
}

/// Does what the mouse asks for.
pub fn pointed(model: &mut Model, pointer: Pointer) -> Vec<Effect> {
    let at = Position::new(pointer.column, pointer.row);
    if !model.size.is_enough() {
        return Vec::new();
    }
    match pointer.act {
        Act::Press => pressed(model, at, Click::Single),
        Act::Twice => pressed(model, at, Click::Double),
        Act::Drag => dragged(model, at),
        Act::Release => {
            model.is_dragging = false;
            Vec::new()
        }
        Act::WheelUp => turned(model, at, [Action::Up, Action::ScrollUp, Action::ZoomIn]),
        Act::WheelDown => turned(model, at, [Action::Down, Action::ScrollDown, Action::ZoomOut]),
    }
}

fn pressed(model: &mut Model, at: Position, click: Click) -> Vec<Effect> {
    let parts = notice::parts(model);
    model.notice = None;
    if parts.footer.contains(at) {
        model.pinned = None;
        return footer::at(model, at.x).map_or(Vec::new(), |action| act(model, action));
    }
    if model.overlay.is_some() {
        return pressed_above(model, at);
    }
    if parts.header.contains(at) {
        model.pinned = None;
        return header::at(model, at.x).map_or(Vec::new(), |root| go(model, root));
    }
    model.is_dragging = border(model, parts.body).is_some_and(|border| border.contains(at));
    if model.is_dragging {
        return Vec::new();
    }
    if let Some(spot) = spot::at(model, parts.body, at) {
        return press::on(model, spot, click);
    }
    press::focus_pane(model, parts.body, at);
    Vec::new()
}

/// The border between two panes is moved, or the cursor along curves.
fn dragged(model: &mut Model, at: Position) -> Vec<Effect> {
    let body = notice::parts(model).body;
    if model.is_dragging {
        model.split = Some(at.x.saturating_sub(body.x) + 1);
        return Vec::new();
    }
    match spot::at(model, body, at).filter(|_| model.overlay.is_none()) {
        Some(curve @ Spot::Curve(_)) => press::on(model, curve, Click::Single),
        _ => Vec::new(),
    }
}

/// The border between a list and the pane beside it, where the visible screen has both.
fn border(model: &Model, body: Rect) -> Option<Rect> {
    let has_panes =
        matches!(model.screen(), Screen::Shelf | Screen::Transform(_) | Screen::Launch(_));
    let (list, beside) = layout::panes(body, model.split);
    beside.filter(|_| has_panes)?;
    Some(Rect { x: list.right().saturating_sub(1), width: 2, ..body })
}

/// A click chooses a line, or does what the chosen one says; beside the overlay it closes it.
fn pressed_above(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(overlay) = &model.overlay else { return Vec::new() };
    if !overlays::area(model, overlay).contains(at) {
        model.pinned = None;
        return act(model, Action::Back);
    }
    let Some((line, first)) = overlays::line_at(model, overlay, at) else { return Vec::new() };
    if above::chosen(model) == Some(line) {
        model.pinned = None;
        return act(model, Action::Accept);
    }
    model.pinned = Some(first);
    above::choose(model, line);
    Vec::new()
}

/// The wheel moves what lies under it: a pane beside the list, curves, or the list.
fn turned(model: &mut Model, at: Position, [list, pane, zoom]: [Action; 3]) -> Vec<Effect> {
    let body = notice::parts(model).body;
    let is_plain = model.overlay.is_none();
    let knows = |action| model.keys.entries(model.context()).any(|b| b.entry.action == action);
    let is_beside = is_plain && spot::beside(model, body).is_some_and(|area| area.contains(at));
    if knows(pane) && (is_beside || !knows(list)) {
        return act(model, pane);
    }
    if let Some(Spot::Curve(share)) = spot::at(model, body, at).filter(|_| is_plain) {
        press::zoom(model, share, if zoom == Action::ZoomIn { 0.5 } else { 2.0 });
        return Vec::new();
    }
    if !knows(list) {
        return Vec::new();
    }
    model.pinned = None;
    if is_plain && matches!(model.screen(), Screen::Launch(_) | Screen::Transform(_)) {
        return press::step(model, list);
    }
    (0..TURN).flat_map(|_| act(model, list)).collect()
}

#[cfg(test)]
mod tests;
