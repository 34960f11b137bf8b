//! What the mouse does: nothing that keys cannot do.

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
};

/// Rows that a turn of the wheel moves.
const TURN: usize = 3;

/// Does what the mouse asks for.
pub fn pointed(model: &mut Model, pointer: Pointer) -> Vec<Effect> {
    let at = Position::new(pointer.column, pointer.row);
    if !model.size.is_enough() {
        return Vec::new();
    }
    match pointer.act {
        Act::Press => pressed(model, at),
        Act::Drag => {
            let body = notice::parts(model).body;
            if model.is_dragging {
                model.split = Some(at.x.saturating_sub(body.x) + 1);
            }
            Vec::new()
        }
        Act::Release => {
            model.is_dragging = false;
            Vec::new()
        }
        Act::WheelUp => turned(model, at, [Action::Up, Action::ScrollUp]),
        Act::WheelDown => turned(model, at, [Action::Down, Action::ScrollDown]),
    }
}

fn pressed(model: &mut Model, at: Position) -> Vec<Effect> {
    let parts = notice::parts(model);
    model.notice = None;
    if parts.footer.contains(at) {
        return footer::at(model, at.x).map_or(Vec::new(), |action| act(model, action));
    }
    if model.overlay.is_some() {
        return pressed_above(model, at);
    }
    if parts.header.contains(at) {
        return header::at(model, at.x).map_or(Vec::new(), |root| go(model, root));
    }
    model.is_dragging = border(model, parts.body).is_some_and(|border| border.contains(at));
    if model.is_dragging { Vec::new() } else { pressed_on_shelf(model, parts.body, at) }
}

/// A click goes to a row of the shelf's tree.
fn pressed_on_shelf(model: &mut Model, body: Rect, at: Position) -> Vec<Effect> {
    let shelf = &model.shelf;
    let inside = layout::inside(layout::panes(body, model.split).0);
    let taken = u16::from(shelf.is_filtering || !shelf.filter.value().is_empty());
    let area = Rect { y: inside.y + taken, height: inside.height.saturating_sub(taken), ..inside };
    let rows = shelf.rows();
    let Some(selected) = shelf.selected_row(&rows) else { return Vec::new() };
    let first = layout::first_row(selected, rows.len(), area.height.into());
    let row = first + usize::from(at.y.saturating_sub(area.y));
    let is_there = matches!(model.screen(), Screen::Shelf) && area.contains(at) && row < rows.len();
    if !is_there {
        return Vec::new();
    }
    let step = if row > selected { Action::Down } else { Action::Up };
    (0..row.abs_diff(selected)).flat_map(|_| act(model, step)).collect()
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
        return act(model, Action::Back);
    }
    let Some(line) = overlays::line_at(model, overlay, at) else { return Vec::new() };
    if above::chosen(model) == Some(line) {
        return act(model, Action::Accept);
    }
    above::choose(model, line);
    Vec::new()
}

/// The wheel moves what lies under it: the pane on the right, or the list.
fn turned(model: &mut Model, at: Position, [list, pane]: [Action; 2]) -> Vec<Effect> {
    let parts = notice::parts(model);
    let knows = |action| model.keys.entries(model.context()).any(|b| b.entry.action == action);
    let beside = layout::panes(parts.body, model.split).1.filter(|_| model.overlay.is_none());
    let is_beside = beside.is_some_and(|beside| beside.contains(at));
    if knows(pane) && (is_beside || !knows(list)) {
        return act(model, pane);
    }
    // In a dialog the list is a form: the wheel would change what one is asked.
    if model.context().types() && model.overlay.is_none() || !knows(list) {
        return Vec::new();
    }
    (0..TURN).flat_map(|_| act(model, list)).collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        keymap::Context,
        message::Message,
        model::Overlay,
        pointer::{Act, Pointer},
        trying::{Bench, given, shelf_of},
    };

    fn point(bench: Bench, act: Act, column: u16, row: u16) -> Bench {
        bench.happens(Message::Pointed(Pointer { act, column, row }))
    }

    /// A click on the first place where the screen has this text.
    #[track_caller]
    fn click(bench: Bench, text: &str) -> Bench {
        let screen = bench.screen();
        let row = screen.lines().position(|line| line.contains(text));
        let row = row.unwrap_or_else(|| panic!("no `{text}` on\n{screen}"));
        let line = screen.lines().nth(row).unwrap();
        let column = line[..line.find(text).unwrap()].chars().count();
        point(bench, Act::Press, u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
    }

    #[test]
    fn the_footer_and_the_tabs_can_be_clicked() {
        click(given(shelf_of(3)), "transform").shows("› transform");
        let bench = click(given(shelf_of(3)), " runs ").shows("┌ runs");
        click(bench, " shelf ").shows("ticket-1");
        let bench = click(given(shelf_of(3)).press("t"), " runs ").shows("┌ runs");
        click(bench, " shelf ").hides("› transform");
    }

    #[test]
    fn a_click_chooses_a_line_of_an_overlay_and_another_does_it() {
        let bench = click(given(shelf_of(3)).press("?"), "stretch, squeeze");
        click(bench, "stretch, squeeze").shows("› transform");
        let bench = click(given(shelf_of(3)).press("T"), "light");
        assert_eq!(bench.model.theme, 2);
        let bench = point(bench, Act::Press, 2, 20);
        assert!(bench.model.overlay.is_none() && bench.model.theme == 0);
    }

    #[test]
    fn a_click_goes_to_a_row_of_the_shelf() {
        let bench = click(given(shelf_of(3)), "ticket-3").shows("┌ ticket-3");
        click(bench, "cifar_resnet_56").shows("┌ cifar_resnet_56");
    }

    #[test]
    fn the_border_is_dragged_and_stays_where_it_was_left() {
        let bench = point(given(shelf_of(3)), Act::Press, 33, 5);
        let bench = point(point(bench, Act::Drag, 49, 5), Act::Release, 49, 5);
        assert_eq!(bench.model.split, Some(50));
        let bench = point(bench, Act::Drag, 20, 5);
        assert_eq!(bench.model.split, Some(50));
    }

    #[test]
    fn the_wheel_moves_what_lies_under_it() {
        let bench = point(given(shelf_of(3)), Act::WheelDown, 70, 5);
        assert_eq!(bench.model.shelf.scrolled, 4);
        let bench = point(given(shelf_of(12)), Act::WheelDown, 5, 5);
        bench.shows("┌ ticket-12");
        let bench = point(given(shelf_of(3)).press(":"), Act::WheelDown, 5, 5);
        assert_eq!(bench.model.context(), Context::Palette);
        assert!(matches!(bench.model.overlay, Some(Overlay::Palette { selected: 3, .. })));
    }
}
