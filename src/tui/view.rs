//! Model to cells: header, screen, notice, footer, and what lies over them. Never changes anything.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Clear, Widget as _},
};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    footer, layout,
    model::{Grade, Model, Overlay, Screen},
    overlays, screens,
    theme::styles::Styles,
    widgets::text::wrap,
};

/// Rows that a notice takes at the most.
const NOTICE: usize = 3;

/// Draws everything.
pub fn view(model: &Model, styles: Styles<'_>, buffer: &mut Buffer) {
    buffer.set_style(buffer.area, styles.text());
    if !model.size.is_enough() {
        return too_small(buffer, styles);
    }
    let notice = notice_lines(model);
    let frame = layout::frame(model.size, u16::try_from(notice.len()).unwrap_or(0));
    header(model, buffer, frame.header, styles);
    match model.screen() {
        Screen::Shelf => screens::shelf::draw(model, buffer, frame.body, styles),
        Screen::Runs => screens::runs::draw(model, buffer, frame.body, styles),
        Screen::Run { dir, back } => {
            screens::run::draw(model, dir, *back, buffer, frame.body, styles);
        }
        Screen::Demo => screens::demo::draw(model, buffer, frame.body, styles),
        Screen::Transform(dialog) => {
            screens::transform::draw(model, dialog, buffer, frame.body, styles);
        }
        Screen::Launch(dialog) => screens::launch::draw(model, dialog, buffer, frame.body, styles),
    }
    say(model, &notice, buffer, frame.notice, styles);
    footer::draw(model, buffer, frame.footer, styles);
    match &model.overlay {
        Some(Overlay::Help { context, search, selected }) => {
            overlays::help::draw(model, *context, search, *selected, buffer, styles);
        }
        Some(Overlay::Themes { .. }) => overlays::themes::draw(model, buffer, styles),
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

fn header(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let alive = model.runs.alive();
    let runs = if alive > 0 { format!(" runs ({alive} alive) ") } else { " runs ".to_owned() };
    let base = model.screens.iter().rev().find(|s| matches!(s, Screen::Shelf | Screen::Runs));
    let tab = |name: String, is_here: bool| {
        Span::styled(name, if is_here { styles.selected() } else { styles.faint() })
    };
    let mut spans = vec![Span::styled(" elth ", styles.heading()), Span::raw(" ")];
    if model.demo.is_some() {
        spans.push(tab(" demo ".to_owned(), matches!(model.screen(), Screen::Demo)));
    }
    let is_demo = matches!(model.screen(), Screen::Demo);
    spans.push(tab(" shelf ".to_owned(), !is_demo && matches!(base, Some(Screen::Shelf))));
    spans.push(tab(runs, !is_demo && matches!(base, Some(Screen::Runs))));
    if !matches!(model.screen(), Screen::Shelf | Screen::Runs | Screen::Demo) {
        spans.push(Span::styled(
            format!(" › {}", model.screen().context().name()),
            styles.heading(),
        ));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    let home = format!("{} ", model.places.home.path().display());
    let room = usize::from(area.width).saturating_sub(used + 2);
    if home.width() <= room {
        let at = area.width - u16::try_from(home.width()).unwrap_or(0);
        buffer.set_stringn(at, area.y, home, room, styles.faint());
    }
}

fn notice_lines(model: &Model) -> Vec<String> {
    let Some(notice) = &model.notice else { return Vec::new() };
    let width = usize::from(model.size.columns).saturating_sub(4);
    let one_line = notice.text.lines().collect::<Vec<_>>().join(" ");
    wrap(&one_line, width).into_iter().take(NOTICE).collect()
}

fn say(model: &Model, lines: &[String], buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let Some(notice) = &model.notice else { return };
    let (sign, style) = match notice.grade {
        Grade::Done => ("✓", styles.good()),
        Grade::Wrong => ("✗", styles.bad()),
    };
    for (row, line) in (area.y..area.y + area.height).zip(lines) {
        let sign = if row == area.y { sign } else { " " };
        buffer.set_stringn(area.x, row, format!(" {sign} {line}"), area.width.into(), style);
    }
}
