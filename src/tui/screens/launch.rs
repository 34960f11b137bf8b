//! The dialog that retrains a ticket: every number on the left, the commands they make on the right.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    keymap::{Action, Context},
    layout,
    model::{Model, launch::Launch, shelf::stem},
    theme::styles::Styles,
    widgets::{
        form,
        pane::{self, Focus},
        text::{shell, wrap},
    },
};

/// Draws the dialog.
pub fn draw(model: &Model, dialog: &Launch, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let (left, right) = layout::panes(body, model.split);
    let title = stem(&dialog.ticket);
    let inside = pane::frame(buffer, left, &title, Focus::Here, styles);
    form::draw(buffer, inside, &dialog.form, styles);
    let Some(area) = right else { return };
    let inside = pane::frame(buffer, area, "what is done", Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let lines = explained(model, dialog, inside.width.into(), styles);
    pane::lines(buffer, inside, &lines, dialog.scrolled, styles);
}

fn explained(
    model: &Model,
    dialog: &Launch,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut say = |text: &str, style| {
        lines.extend(wrap(text, width).into_iter().map(|line| Line::styled(line, style)));
    };
    say(
        &format!("{}, proposed numbers: {}", dialog.about.blueprint.name, dialog.origin),
        styles.text(),
    );
    say("", styles.text());
    let key = model.keys.key_for(Context::Launch, Action::Launch);
    say(
        &format!("{key} runs these commands; the run goes on without the workbench:"),
        styles.faint(),
    );
    for command in dialog.commands(&model.places) {
        say("", styles.text());
        let shown: Vec<String> = command.into_iter().filter(|word| word != "--json").collect();
        say(&format!("elth {}", shell(&shown)), styles.strong());
    }
    if dialog.is_starting {
        say("", styles.text());
        say("starting…", styles.warn());
    }
    lines
}
