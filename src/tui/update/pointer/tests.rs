//! Clicks and wheels on every screen.

use ratatui::{layout::Position, style::Modifier};

use crate::{
    keymap::Context,
    message::Message,
    model::{Overlay, Screen, launch::label, runs::order::Order, ticket::Zoom},
    notice,
    pointer::{Act, Pointer},
    screens::spot::{self, Spot},
    trying::{Bench, given, runs, shelf_of},
    update::comparing,
};

fn point(bench: Bench, act: Act, column: u16, row: u16) -> Bench {
    bench.happens(Message::Pointed(Pointer { act, column, row }))
}

/// The first place where the screen has this text.
#[track_caller]
fn place(bench: &Bench, text: &str) -> (u16, u16) {
    let screen = bench.screen();
    let row = screen.lines().position(|line| line.contains(text));
    let row = row.unwrap_or_else(|| panic!("no `{text}` on\n{screen}"));
    let line = screen.lines().nth(row).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count();
    (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
}

/// A click there.
#[track_caller]
fn click(bench: Bench, text: &str) -> Bench {
    let (column, row) = place(&bench, text);
    point(bench, Act::Press, column, row)
}

/// Two clicks at one place, however the list moves between them.
#[track_caller]
fn click_twice(bench: Bench, text: &str) -> Bench {
    let (column, row) = place(&bench, text);
    point(point(bench, Act::Press, column, row), Act::Twice, column, row)
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

#[test]
fn a_second_click_soon_opens_what_the_first_chose_also_in_a_long_list() {
    let bench = click_twice(given(shelf_of(3)), "ticket-2");
    assert!(matches!(bench.model.screen(), Screen::Ticket(_)));
    let bench = click_twice(given(shelf_of(24)), "ticket-18");
    bench.shows("› ticket").shows("┌ ticket-18 ");
    click_twice(given(shelf_of(3)).press("g"), "▾ cifar_resnet ").shows("▸ cifar_resnet");
    let bench = click_twice(runs(), "train-3");
    assert!(matches!(bench.model.screen(), Screen::Run(_)));
    bench.shows("┌ train-3 ");
}

#[test]
fn a_list_does_not_move_under_the_pointer() {
    let palette = given(shelf_of(24)).sized(80, 16).press(":").types("ticket");
    let palette = palette.press("down down down down down down down down");
    for bench in [given(shelf_of(24)).sized(80, 16).press("j j j j j j j j"), palette] {
        let line = |bench: &Bench, row: usize| {
            let line = bench.screen().lines().nth(row).unwrap().to_owned();
            line.chars().take(30).collect::<String>().replace('›', " ")
        };
        let bench = point(bench, Act::Press, 10, 11);
        let below = line(&bench, 11);
        let bench = point(bench, Act::Press, 10, 4);
        assert_eq!(line(&bench, 11), below);
        let chosen = bench.screen().lines().nth(4).unwrap().to_owned();
        assert!(chosen.contains('›'), "{}", bench.screen());
    }
}

#[test]
fn a_run_is_chosen_by_a_click_and_a_head_sorts() {
    let bench = click(runs(), "train-5");
    assert_eq!(bench.model.runs.selected.as_ref().unwrap().id(), "train-5");
    for (head, order) in [
        ("state", Order::State),
        ("accuracy", Order::Accuracy),
        ("task", Order::Task),
        (" run  ", Order::Youngest),
    ] {
        let (column, row) = place(&runs(), head);
        let bench = point(runs().press("o o"), Act::Press, column + 1, row);
        assert_eq!(bench.model.runs.order, order, "{head}");
    }
}

#[test]
fn compared_runs_are_chosen_and_the_cursor_goes_along_the_curves() {
    let bench = comparing::compared();
    let id = |bench: &Bench| match bench.model.screen() {
        Screen::Compare(compare) => compare.runs[compare.at].id(),
        other => panic!("{other:?}"),
    };
    let lens = |bench: &Bench| match bench.model.screen() {
        Screen::Compare(compare) => compare.lens,
        other => panic!("{other:?}"),
    };
    let bench = click(bench, "train-2");
    assert_eq!(id(&bench), "train-2");
    let bench = point(bench, Act::Press, 40, 6);
    let at = lens(&bench).cursor.unwrap();
    assert!((0.3..0.7).contains(&at), "{at}");
    let bench = point(bench, Act::Drag, 60, 6);
    assert!(lens(&bench).cursor.unwrap() > at);
    let bench = point(bench, Act::WheelUp, 60, 6);
    let (from, to) = lens(&bench).seen(1.0);
    assert!((to - from - 0.5).abs() < 1e-9);
    let bench = point(bench, Act::WheelDown, 60, 6);
    assert_eq!(lens(&bench).seen(1.0), (0.0, 1.0));
    let bench = click_twice(bench, "train-2");
    assert!(matches!(bench.model.screen(), Screen::Run(_)));
}

#[test]
fn the_cursor_goes_along_a_runs_curves() {
    let bench = point(runs().press("enter"), Act::Press, 30, 12);
    let Screen::Run(view) = bench.model.screen() else { panic!("no run") };
    assert!(view.lens.cursor.is_some(), "{}", bench.screen());
}

#[test]
fn the_lines_of_a_dialog_are_chosen_turned_and_typed_into() {
    let focus = |bench: &Bench| match bench.model.screen() {
        Screen::Launch(dialog) => dialog.form.focused().unwrap().label,
        other => panic!("{other:?}"),
    };
    let answer = |bench: &Bench, label: &str| match bench.model.screen() {
        Screen::Launch(dialog) => dialog.form.answer(label).to_owned(),
        other => panic!("{other:?}"),
    };
    for (columns, rows) in [(120, 40), (62, 40)] {
        let bench = click(given(shelf_of(3)).press("r").sized(columns, rows), "dataset");
        assert_eq!((focus(&bench), answer(&bench, label::DATASET).as_str()), ("dataset", "digits"));
        let bench = click(bench, "digits ›");
        assert_ne!(answer(&bench, label::DATASET), "digits");
        let bench = click(bench, "‹");
        assert_eq!(answer(&bench, label::DATASET), "digits");
        let bench = click(bench, "batch size");
        let bench = click(bench, "batch size").press("end 7");
        let typed = answer(&bench, "batch size");
        assert!(typed.ends_with('7'), "{typed}");
        let (column, row) = place(&bench, &typed);
        let bench = point(bench, Act::Press, column + 1, row).press("5");
        let expected = format!("{}5{}", &typed[..1], &typed[1..]);
        assert_eq!(answer(&bench, "batch size"), expected);
        let bench = point(bench, Act::WheelDown, column, row);
        assert_eq!(focus(&bench), "lr");
    }
}

#[test]
fn what_is_typed_in_place_of_a_choice_stays_when_the_words_are_clicked() {
    let bench = click(given(shelf_of(3)).press("r").sized(120, 40), "device ");
    let bench = bench.press("backspace backspace backspace backspace").types("cuda:3");
    let bench = click(bench, "cuda:3").shows("cuda:3");
    let (column, row) = place(&bench, "cuda:3");
    let bench = point(bench, Act::Press, column + 7, row).shows("‹ auto");
    click(bench, "‹").press("left right").shows("cuda:3");
}

#[test]
fn the_units_of_a_mapping_are_chosen_in_its_picture() {
    for (columns, rows) in [(120, 40), (80, 24), (62, 30)] {
        let bench = given(shelf_of(3)).press("t").sized(columns, rows);
        let bench = if columns < 64 { bench.press("tab") } else { bench };
        let (column, row) = place(&bench, "2←1");
        let bench = point(bench, Act::Press, column, row);
        let picture = |bench: &Bench| match bench.model.screen() {
            Screen::Transform(dialog) => dialog.picture.clone(),
            other => panic!("{other:?}"),
        };
        let there = picture(&bench);
        assert!(there.has_focus && (there.stage, there.unit) == (0, 2), "{there:?}");
        assert_eq!(bench.model.context(), Context::Mapping);
        if columns >= 64 {
            let bench = click(bench, "strategy");
            assert!(!picture(&bench).has_focus);
        }
    }
}

/// Wherever a sign of the masks is clicked, the cursor is there.
#[track_caller]
fn cursor_follows(bench: &Bench, keys: &str) {
    let (before, body) = (bench.buffer(), notice::parts(&bench.model).body);
    let is_sign = |column, row| "▁▂▃▄▅▆▇█".contains(before[(column, row)].symbol());
    let cells = (0..before.area.height).flat_map(|row| (0..80).map(move |column| (column, row)));
    let masks = cells.filter(|(column, row)| {
        let spot = || spot::at(&bench.model, body, Position::new(*column, *row));
        is_sign(*column, *row) && matches!(spot(), Some(Spot::Mask(..)))
    });
    let masks: Vec<_> = masks.collect();
    assert!(masks.len() > 20, "{keys}: {} signs\n{}", masks.len(), bench.screen());
    for (column, row) in masks.into_iter().step_by(7) {
        let clicked = point(bench.clone(), Act::Press, column, row);
        let modifier = clicked.buffer()[(column, row)].modifier;
        let is_here = modifier.contains(Modifier::REVERSED);
        assert!(is_here, "{keys}: {column},{row}\n{}", clicked.screen());
    }
}

#[test]
fn the_cursor_of_a_ticket_goes_where_the_masks_are_clicked() {
    for keys in ["enter", "enter enter", "enter enter enter enter"] {
        cursor_follows(&shelf_of(3).press("j").press(keys), keys);
    }
    let bench = given(shelf_of(3)).press("j enter enter enter").sized(80, 30);
    let (column, row) = place(&bench, "conv2");
    let bench = point(bench, Act::Press, column, row + 1).shows("› conv2");
    let bench = bench.press("enter enter").shows("■ kept");
    let (column, row) = place(&bench, "    2 ");
    point(bench, Act::Press, column + 11, row).shows("output 2 × input 1 ");
}

#[test]
fn a_click_goes_to_a_level_of_the_chain_and_a_second_looks_closer() {
    let bench = given(shelf_of(3)).press("j enter").shows("┌ ticket-2 ");
    let (column, row) = place(&bench, " 3 ");
    let bench = point(bench, Act::Press, column + 1, row).shows("┌ ticket-3 ");
    let (column, row) = place(&bench, "stage2");
    let bench = point(bench, Act::Press, column + 4, row + 1);
    let bench = point(bench, Act::Twice, column + 4, row + 1);
    let Screen::Ticket(open) = bench.model.screen() else { panic!("no ticket") };
    assert_eq!((open.zoom, open.cursor.stage), (Zoom::Stage, 2));
    let bench = bench.sized(200, 60);
    let (column, row) = place(&bench, "┌ weights");
    let bench = point(bench, Act::WheelDown, column + 3, row + 3);
    let Screen::Ticket(open) = bench.model.screen() else { panic!("no ticket") };
    assert_eq!(open.scrolled, 4);
}
