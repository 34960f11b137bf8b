//! The dialog that transforms a ticket: answers on the left, the mapping's picture and what would come of it on the right.
//!
//! ```text
//! ┌ r14-l12 ───────────────────┐┌ cifar_resnet_14 → cifar_resnet_20 ┐
//! │› target  ‹ cifar_resnet_20 ›││ stage1 2 → 3       stage2 2 → 3    │
//! │  strategy   default        ││  0 ⠒⠒⠒⠒  0←0 ▄▅▄    0 ⠒⠒⠒⠒  0←0    │
//! │  …                         ││  1 ⠒⠢⠒⠒ ›1←1 ▂▃▂    1 ⠒⠢⠒⠒  1←1    │
//! │ what the line means        ││      ⠑⠒  2←1 ▂▃▂        ⠑⠒  2←1    │
//! │ ✓ mapping, or ✗ why not    ││ what the unit under the cursor is  │
//! │ command                    ││ densities: source, target, IMP's   │
//! └────────────────────────────┘└────────────────────────────────────┘
//! ```
//! Where there is room for one pane only, it is the one that keys go to.

mod densities;

use elth_core::reshape::draft::Flaw;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

pub use densities::table;

use super::look;
use crate::{
    keymap::{Action, Context},
    layout,
    model::{
        Model,
        shelf::stem,
        transform::{Drawn, Preview, Transform},
    },
    portrait::{Portrait, total},
    theme::styles::Styles,
    widgets::{
        form::{self, Touched},
        heatmap, mapping,
        pane::{self, Focus},
        text::{brief, shell, wrap},
    },
};

/// Draws the dialog.
pub fn draw(
    model: &Model,
    dialog: &Transform,
    buffer: &mut Buffer,
    body: Rect,
    styles: Styles<'_>,
) {
    let [left, right] = panes(model, dialog, body);
    if let Some(area) = left {
        answers(model, dialog, buffer, area, styles);
    }
    if let Some(area) = right {
        picture(model, dialog, buffer, area, styles);
    }
}

/// The answers and the picture, as far as there is room.
#[must_use]
pub fn panes(model: &Model, dialog: &Transform, body: Rect) -> [Option<Rect>; 2] {
    match layout::panes(body, model.split) {
        (left, Some(right)) => [Some(left), Some(right)],
        (only, None) if dialog.picture.has_focus => [None, Some(only)],
        (only, None) => [Some(only), None],
    }
}

/// What lies there in the answers.
#[must_use]
pub fn touched(model: &Model, dialog: &Transform, body: Rect, at: Position) -> Option<Touched> {
    let area = panes(model, dialog, body)[0]?;
    form::touched(layout::inside(area), &dialog.form, at)
}

/// The target unit that lies there in the picture, by stage and number.
#[must_use]
pub fn unit_at(
    model: &Model,
    dialog: &Transform,
    body: Rect,
    at: Position,
) -> Option<(usize, usize)> {
    let area = inside(panes(model, dialog, body)[1]?);
    let drawn = dialog.drawn.as_ref().filter(|_| area.contains(at) && dialog.scrolled == 0)?;
    let stages = stages(dialog, drawn, None);
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let cursor = cursor(dialog).and_then(|unit| mapping::line_of(&stages, width, unit));
    let top = cursor.map_or(0, |cursor| top(cursor, height));
    let line = top + usize::from(at.y - area.y);
    mapping::unit_at(&stages, width, line, usize::from(at.x - area.x))
}

/// What a pane leaves for the picture.
fn inside(pane: Rect) -> Rect {
    let inside = layout::inside(pane);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside }
}

/// The first line that is shown, so that the cursor's and two below it are in sight.
fn top(cursor: usize, height: usize) -> usize {
    (cursor + 3).saturating_sub(height)
}

fn answers(model: &Model, dialog: &Transform, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let focus = if dialog.picture.has_focus { Focus::Elsewhere } else { Focus::Here };
    let inside = pane::frame(buffer, area, &stem(&dialog.source), focus, styles);
    let used = form::draw(buffer, inside, &dialog.form, styles);
    let rest = Rect {
        y: inside.y + used,
        height: inside.height.saturating_sub(used),
        x: inside.x + 1,
        width: inside.width.saturating_sub(1),
    };
    pane::lines(buffer, rest, &below(model, dialog, rest.width.into(), styles), 0, styles);
}

/// Whether it can be saved, what the paper says to it, and the command that does the same.
fn below(
    model: &Model,
    dialog: &Transform,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let mut say = |text: &str, style| {
        let text = wrap(text, width).into_iter();
        lines.extend(text.map(|line| Line::styled(line, style)));
    };
    if dialog.asking.is_some() {
        say("saving…", styles.warn());
    }
    match &dialog.preview {
        Ok(preview) => {
            say(&format!("✓ {}", preview.map.official()), styles.good());
            for advice in &preview.advice {
                say(&format!("! {advice}"), styles.warn());
            }
        }
        Err(reason) => say(&format!("✗ {reason}"), styles.bad()),
    }
    say("", styles.text());
    let command = dialog.command(&model.places.home.tickets());
    say(&format!("elth {}", shell(&command)), styles.faint());
    lines
}

fn picture(model: &Model, dialog: &Transform, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let focus = if dialog.picture.has_focus { Focus::Here } else { Focus::Elsewhere };
    let source = &dialog.about.blueprint.name;
    let title = match &dialog.drawn {
        Some(drawn) => format!("{source} → {}", drawn.target.name),
        None => source.clone(),
    };
    pane::frame(buffer, area, &title, focus, styles);
    let inside = inside(area);
    let Some(drawn) = &dialog.drawn else {
        let text = wrap("no mapping can be drawn from these answers yet", inside.width.into());
        let lines: Vec<_> =
            text.into_iter().map(|line| Line::styled(line, styles.faint())).collect();
        return pane::lines(buffer, inside, &lines, 0, styles);
    };
    let (lines, cursor) = drawn_lines(model, dialog, drawn, inside.width.into(), styles);
    let top = match cursor.filter(|_| dialog.scrolled == 0) {
        Some(cursor) => top(cursor, inside.height.into()),
        None => dialog.scrolled,
    };
    pane::lines(buffer, inside, &lines, top, styles);
}

/// The picture, what the cursor is on, and the densities; with the line of the cursor.
fn drawn_lines(
    model: &Model,
    dialog: &Transform,
    drawn: &Drawn,
    width: usize,
    styles: Styles<'_>,
) -> (Vec<Line<'static>>, Option<usize>) {
    let portrait = model.portrait(&dialog.source);
    let picture = pictured(dialog, drawn, portrait, width, styles);
    let mut lines = picture.lines;
    lines.extend(under_cursor(model, dialog, drawn, portrait, width, styles));
    lines.push(Line::default());
    let Some(portrait) = portrait else {
        let text = match model.portraits.get(&dialog.source) {
            Some(Err(reason)) => format!("✗ {reason}"),
            _ => "reading the masks…".to_owned(),
        };
        lines.extend(wrap(&text, width).into_iter().map(Line::from));
        return (lines, picture.cursor);
    };
    if let Ok(preview) = &dialog.preview {
        if !picture.has_heat {
            let label = |stage: usize, unit: usize| labelled(preview, stage, unit);
            lines.push(Line::styled("the target, its source units after ←", styles.faint()));
            lines.extend(heatmap::stages(&preview.stages, label, width, styles));
        }
        lines.push(heatmap::legend(styles));
        lines.push(Line::default());
        let rival = dialog.rival.as_ref().and_then(|path| model.portrait(path));
        lines.extend(table(&portrait.stages, &preview.stages, rival, styles));
        lines.extend(look::kept(total(&preview.stages), width, styles));
    }
    (lines, picture.cursor)
}

fn stages<'a>(
    dialog: &'a Transform,
    drawn: &'a Drawn,
    portrait: Option<&'a Portrait>,
) -> Vec<mapping::Stage<'a>> {
    let (source, target) = (&dialog.about.blueprint, &drawn.target);
    mapping::stages(source, target, drawn.draft.stages(), portrait)
}

/// Where one is in the picture, where keys go to it.
fn cursor(dialog: &Transform) -> Option<(usize, usize)> {
    let picture = &dialog.picture;
    picture.has_focus.then_some((picture.stage, picture.unit))
}

fn pictured(
    dialog: &Transform,
    drawn: &Drawn,
    portrait: Option<&Portrait>,
    width: usize,
    styles: Styles<'_>,
) -> mapping::Picture {
    let stages = stages(dialog, drawn, portrait);
    let wrong: Vec<_> = drawn.wrong.iter().map(|wrong| (wrong.stage, wrong.unit)).collect();
    let cursor = mapping::Cursor { at: cursor(dialog), held: dialog.picture.held };
    mapping::picture(&stages, cursor, &wrong, width, styles)
}

/// What the unit under the cursor is, what is wrong with it, and what keys do there.
fn under_cursor(
    model: &Model,
    dialog: &Transform,
    drawn: &Drawn,
    portrait: Option<&Portrait>,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let picture = &dialog.picture;
    if !picture.has_focus {
        let key = model.keys.key_for(Context::Transform, Action::OtherPane);
        let text = format!("{key} edits the picture");
        return vec![Line::styled(text, styles.faint())];
    }
    let here = drawn.wrong.iter().find(|it| (it.stage, it.unit) == (picture.stage, picture.unit));
    let (text, style) = match here {
        Some(wrong) => (format!("✗ {wrong}"), styles.bad()),
        None => (unit_text(dialog, drawn, portrait), styles.strong()),
    };
    let mut lines: Vec<Line> =
        wrap(&text, width).into_iter().map(|line| Line::styled(line, style)).collect();
    let key = |action| model.keys.key_for(Context::Mapping, action);
    let is_deeper = drawn.wrong.iter().any(|it| matches!(it.flaw, Flaw::NoTarget { .. }));
    let how = match (picture.held, picture.alone) {
        (None, _) if is_deeper => {
            format!("{} takes the target that is as deep as the picture", key(Action::FitTarget))
        }
        (Some(held), _) => {
            format!("holding unit {held}: {} on another one swaps them", key(Action::SwapUnits))
        }
        (None, true) => "edits go to this stage alone".to_owned(),
        (None, false) => "edits go to every stage that is as deep".to_owned(),
    };
    let how = wrap(&how, width).into_iter();
    lines.extend(how.map(|line| Line::styled(line, styles.faint())));
    lines
}

fn unit_text(dialog: &Transform, drawn: &Drawn, portrait: Option<&Portrait>) -> String {
    let (at, unit) = (dialog.picture.stage, dialog.picture.unit);
    let stage = drawn.target.elastic_stages().nth(at);
    let filled = drawn.draft.stages().get(at).and_then(|units| units.get(unit)?.first().copied());
    let (Some((index, stage)), Some(from)) = (stage, filled) else { return String::new() };
    let units = portrait.and_then(|portrait| portrait.stages.get(index)?.units.get(from));
    let kept =
        units.map_or(String::new(), |unit| format!(", {} kept", brief(unit.count().density())));
    let is_first = dialog.about.blueprint.depths().get(at).is_some() && unit == 0 && from == 0;
    let note = if is_first && has_anchor(drawn, at) { ", fixed: it opens the stage" } else { "" };
    format!("{} unit {unit} ← source unit {from}{kept}{note}", stage.name)
}

fn has_anchor(drawn: &Drawn, at: usize) -> bool {
    use elth_core::blueprint::UnitKind;
    let stage = drawn.target.elastic_stages().nth(at);
    stage.is_some_and(|(_, stage)| stage.units.first().is_some_and(|u| u.kind == UnitKind::Anchor))
}

/// A target unit with its source: `3←1`.
fn labelled(preview: &Preview, stage: usize, unit: usize) -> String {
    let from = preview.map.stages().get(stage).and_then(|units| units.get(unit));
    from.map_or(String::new(), |from| format!("{unit}←{from}"))
}
