//! One run: how it stands, its curves, its log, and for pruning its levels.

use elth_core::{blueprint::Blueprint, mask::share};
use elth_store::run::{dir::RunDir, standing::Standing};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::runs;
use crate::{
    keymap::{Action, Context},
    layout,
    model::{Axis, Model},
    story::{Story, Voice},
    theme::styles::Styles,
    widgets::{
        chart::{self, Chart, Scale, Series},
        pane::{self, Focus},
        text::{brief, fit, percent, right},
    },
};

/// Draws the run.
pub fn draw(
    model: &Model,
    dir: &RunDir,
    back: usize,
    buffer: &mut Buffer,
    body: Rect,
    styles: Styles<'_>,
) {
    let Some(standing) = model.runs.standing(dir) else {
        let inside = pane::frame(buffer, body, &dir.id(), Focus::Here, styles);
        buffer.set_stringn(inside.x + 1, inside.y, "reading…", inside.width.into(), styles.faint());
        return;
    };
    let empty = Story::default();
    let story = model.runs.stories.get(dir).unwrap_or(&empty);
    let panes = layout::run(body, !story.levels.is_empty());
    let inside = pane::frame(buffer, panes.standing, &dir.id(), Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let lines = runs::numbers(standing, inside.width.into(), styles);
    pane::text(buffer, inside, &lines);
    let last = story.train_loss.0.keys().chain(story.test_loss.0.keys()).max().copied();
    let steps = standing.said.steps.or(last).unwrap_or(1);
    losses(model.axis, story, steps, buffer, panes.loss, styles);
    accuracy(story, steps, buffer, panes.accuracy, styles);
    let key = model.keys.key_for(Context::Run, Action::Follow);
    log(story, back, key, buffer, panes.log, styles);
    if panes.levels.width > 0 {
        levels(standing, story, buffer, panes.levels, styles);
    }
}

fn losses(
    axis: Axis,
    story: &Story,
    steps: u64,
    buffer: &mut Buffer,
    area: Rect,
    styles: Styles<'_>,
) {
    let inside = pane::frame(buffer, area, loss_title(axis), Focus::Elsewhere, styles);
    let series = [
        Series { name: "train", points: &story.train_loss.0, letter: 'a', color: 0 },
        Series { name: "test", points: &story.test_loss.0, letter: 'b', color: 1 },
    ];
    chart::draw(
        buffer,
        inside,
        &Chart { series: &series, steps, scale: Scale::Loss(axis) },
        styles,
    );
}

/// What the pane of the losses is called.
#[must_use]
pub fn loss_title(axis: Axis) -> &'static str {
    match axis {
        Axis::Linear => "loss",
        Axis::Logarithmic => "loss, logarithmic",
    }
}

fn accuracy(story: &Story, steps: u64, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let inside = pane::frame(buffer, area, "test accuracy", Focus::Elsewhere, styles);
    let series = [Series { name: "test", points: &story.test_accuracy.0, letter: 'b', color: 1 }];
    chart::draw(buffer, inside, &Chart { series: &series, steps, scale: Scale::Accuracy }, styles);
}

fn log(story: &Story, back: usize, key: &str, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let title = if back == 0 {
        "log".to_owned()
    } else {
        format!("log, {back} lines below; {key} follows")
    };
    let inside = pane::frame(buffer, area, &title, Focus::Here, styles);
    let height = usize::from(inside.height);
    let end = story.lines.len().saturating_sub(back);
    let first = end.saturating_sub(height);
    let shown = story.lines.iter().skip(first).take(end - first);
    for (row, line) in (inside.y..).zip(shown) {
        let style = match line.voice {
            Voice::Step | Voice::Printed => styles.faint(),
            Voice::Test => styles.text(),
            Voice::Mark => styles.good(),
            Voice::Trouble => styles.bad(),
        };
        let drawn = Line::from_iter([
            Span::styled(fit(line.voice.word(), 6), styles.faint()),
            Span::styled(line.text.clone(), style),
        ]);
        buffer.set_line(inside.x + 1, row, &drawn, inside.width.saturating_sub(1));
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
