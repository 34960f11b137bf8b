//! One run: how it stands, its curves, its log, and for pruning its levels.

mod health;
mod log;

use elth_core::{blueprint::Blueprint, mask::share};
use elth_store::run::standing::Standing;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::runs;
use crate::{
    curves::{self, Source},
    layout,
    model::{Axis, Model, run::RunView},
    story::Story,
    theme::styles::Styles,
    widgets::{
        chart::{self, Scale},
        pane::{self, Focus},
        text::{brief, percent, right},
    },
};

/// Draws the run.
pub fn draw(model: &Model, view: &RunView, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let empty = Story::default();
    let Some((standing, story)) = shown(model, view, &empty) else {
        let inside = pane::frame(buffer, body, &view.dir.id(), Focus::Here, styles);
        buffer.set_stringn(inside.x + 1, inside.y, "reading…", inside.width.into(), styles.faint());
        return;
    };
    let width = usize::from(body.width).saturating_sub(3);
    let mut lines = runs::numbers(model, standing, width, styles);
    lines.extend(health::line(story, styles));
    let panes = panes(standing, story, body);
    let inside = pane::frame(buffer, panes.standing, &view.dir.id(), Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    pane::text(buffer, inside, &lines);
    charts(model, view, Source { standing, story }, buffer, &panes, styles);
    log::draw(model, view, story, buffer, panes.log, styles);
    if panes.levels.width > 0 {
        levels(standing, story, buffer, panes.levels, styles);
    }
}

/// What is shown of the run: what it is now, or was when the screen was frozen.
fn shown<'a>(
    model: &'a Model,
    view: &'a RunView,
    empty: &'a Story,
) -> Option<(&'a Standing, &'a Story)> {
    let known = model
        .runs
        .standing(&view.dir)
        .map(|standing| (standing, model.runs.stories.get(&view.dir).unwrap_or(empty)));
    view.frozen.as_deref().map(|(standing, story)| (standing, story)).or(known)
}

/// The panes, as high as what is said of the run needs.
fn panes(standing: &Standing, story: &Story, body: Rect) -> layout::RunPanes {
    let width = usize::from(body.width).saturating_sub(3);
    let lines = runs::lines_of(standing, width) + usize::from(story.health.is_some());
    let rows = u16::try_from(lines).unwrap_or(u16::MAX - 2);
    layout::run(body, rows, !story.levels.is_empty())
}

/// Where on the width of the curves under the pointer that place lies.
#[must_use]
pub fn share_at(model: &Model, view: &RunView, body: Rect, at: Position) -> Option<f64> {
    let empty = Story::default();
    let (standing, story) = shown(model, view, &empty)?;
    let panes = panes(standing, story, body);
    let areas = [panes.loss, panes.accuracy, panes.gradient].map(layout::inside);
    areas.into_iter().find_map(|area| chart::share_at(area, at))
}

/// Losses, accuracy, and where there is room the gradient's norm.
fn charts(
    model: &Model,
    view: &RunView,
    source: Source<'_>,
    buffer: &mut Buffer,
    panes: &layout::RunPanes,
    styles: Styles<'_>,
) {
    let story = source.story;
    let loss = [("train", 'a', 0, &story.train_loss), ("test", 'b', 1, &story.test_loss)];
    let accuracy = [("test", 'b', 1, &story.test_accuracy)];
    let gradient = [("norm", 'g', 2, &story.gradient_norm)];
    let reach = curves::extent(&[source], view.lens.along).1;
    let words = view.lens.words(model.axis == Axis::Logarithmic, reach);
    let loss_scale = Scale::Loss(model.axis);
    let drawn = [
        (panes.loss, format!("loss {words}"), &loss[..], loss_scale),
        (panes.accuracy, "test accuracy".to_owned(), &accuracy[..], Scale::Accuracy),
        (panes.gradient, "gradient".to_owned(), &gradient[..], loss_scale),
    ];
    for (area, title, traces, scale) in drawn.into_iter().filter(|(area, ..)| area.width > 0) {
        let inside = pane::frame(buffer, area, &title, Focus::Elsewhere, styles);
        chart::draw(buffer, inside, &curves::chart(source, traces, &view.lens, scale), styles);
    }
}

/// What the pane of the losses is called.
#[must_use]
pub fn loss_title(axis: Axis) -> &'static str {
    match axis {
        Axis::Linear => "loss",
        Axis::Logarithmic => "loss, logarithmic",
    }
}

fn levels(standing: &Standing, story: &Story, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let inside = pane::frame(buffer, area, "level   kept  accuracy", Focus::Elsewhere, styles);
    let recipe = &standing.recipe;
    let model = Blueprint::new(&recipe.model, Some(recipe.classes), None);
    let weights = model.map_or(0, |model| model.prunable_weights());
    let rows = story.levels.iter().map(|(number, level)| {
        let kept = level.kept.map_or(String::new(), |kept| brief(share(kept, weights)));
        let accuracy = level.accuracy.map_or(String::new(), percent);
        let text = format!(
            " {} {} {}",
            right(&number.to_string(), 5),
            right(&kept, 7),
            right(&accuracy, 9)
        );
        Line::raw(text)
    });
    let lines: Vec<_> = rows.collect();
    let hidden = lines.len().saturating_sub(inside.height.into());
    pane::lines(buffer, inside, &lines, hidden, styles);
}
