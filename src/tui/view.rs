//! Model to cells: header, screen, notice, footer, and what lies over them. Never changes anything.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget as _},
};

use crate::{
    footer, header, layout,
    model::{Model, Overlay, Screen},
    notice, overlays, screens,
    theme::styles::Styles,
};

/// Draws everything.
pub fn view(model: &Model, styles: Styles<'_>, buffer: &mut Buffer) {
    buffer.set_style(buffer.area, styles.text());
    if !model.size.is_enough() {
        return too_small(buffer, styles);
    }
    let frame = notice::parts(model);
    header::draw(model, buffer, frame.header, styles);
    match model.screen() {
        Screen::Shelf => screens::shelf::draw(model, buffer, frame.body, styles),
        Screen::Ticket(open) => screens::ticket::draw(model, open, buffer, frame.body, styles),
        Screen::Runs => screens::runs::draw(model, buffer, frame.body, styles),
        Screen::Compare(compare) => {
            screens::compare::draw(model, compare, buffer, frame.body, styles);
        }
        Screen::Run(view) => screens::run::draw(model, view, buffer, frame.body, styles),
        Screen::Demo => screens::demo::draw(model, buffer, frame.body, styles),
        Screen::Transform(dialog) => {
            screens::transform::draw(model, dialog, buffer, frame.body, styles);
        }
        Screen::Launch(dialog) => screens::launch::draw(model, dialog, buffer, frame.body, styles),
    }
    notice::draw(model, buffer, frame.notice, styles);
    footer::draw(model, buffer, frame.footer, styles);
    match &model.overlay {
        Some(Overlay::Help { context, search, selected }) => {
            overlays::help::draw(model, *context, search, *selected, buffer, styles);
        }
        Some(Overlay::Palette { context, search, selected }) => {
            overlays::palette::draw(model, *context, search, *selected, buffer, styles);
        }
        Some(Overlay::Themes { .. }) => overlays::themes::draw(model, buffer, styles),
        Some(Overlay::Others { search, selected }) => {
            overlays::others::draw(model, search, *selected, buffer, styles);
        }
        Some(Overlay::Confirm(question)) => {
            overlays::confirm::draw(model.size, &model.keys, question, buffer, styles);
        }
        None => {}
    }
}

/// Makes room for an overlay.
pub fn clear(buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    Clear.render(area, buffer);
    buffer.set_style(area, styles.text());
}

fn too_small(buffer: &mut Buffer, styles: Styles<'_>) {
    let least = layout::Size::LEAST;
    let text = [
        "terminal too small".to_owned(),
        format!("{} x {} at the least", least.columns, least.rows),
    ];
    for (row, line) in (0..buffer.area.height).zip(text) {
        buffer.set_stringn(0, row, line, buffer.area.width.into(), styles.text());
    }
}
