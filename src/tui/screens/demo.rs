//! The demo: a ticket, what it was stretched to, and two runs beside one another.
//!
//! ```text
//! ┌ source → target: mapping ──────────────────────────┐
//! │ heatmap of the source   heatmap of the target      │
//! └────────────────────────────────────────────────────┘
//! ┌ a stretched ticket ─────┐┌ b permuted control ─────┐
//! └─────────────────────────┘└─────────────────────────┘
//! ┌ loss ───────────────────┐┌ test accuracy ──────────┐
//! └─────────────────────────┘└─────────────────────────┘
//!  what can be said of it, in images
//! ```

use elth_core::{mask::share, reshape::draft::Draft, unit_map::UnitMap};
use elth_store::run::standing::{Standing, State};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
};

use super::{run::loss_title, runs};
use crate::{
    DemoWatch, curves,
    model::{
        Model,
        lens::Lens,
        runs::{progress, seconds_left, time_left},
    },
    story::{Story, Trace},
    theme::styles::Styles,
    widgets::{
        bar::bar,
        chart::{self, Chart, Point, Scale, Series, Stroke},
        heatmap, mapping,
        pane::{self, Focus},
        text::{brief, fit, percent, wrap},
    },
};

/// Letters of the runs, so that they differ without colours.
const LETTERS: [char; 4] = ['a', 'b', 'c', 'd'];

/// Draws the demo.
pub fn draw(model: &Model, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let Some(demo) = &model.demo else { return };
    let verdict = wrap(&verdict(model, demo), usize::from(body.width).saturating_sub(2));
    let verdict_rows = u16::try_from(verdict.len()).unwrap_or(3).min(5);
    let (mut picture, mapping) =
        picture(model, demo, usize::from(body.width).saturating_sub(4), styles);
    // Five rows for the runs and six for the curves are the least that can be read.
    let most = body.height.saturating_sub(verdict_rows + 11).max(3);
    // Where there is no room for the mapping's picture, its string in the first line must do.
    if picture.len() + mapping.len() + 2 <= usize::from(most) {
        picture.extend(mapping);
    }
    let picture_rows = u16::try_from(picture.len() + 2).unwrap_or(most).min(most);
    let rows = Layout::vertical([
        Constraint::Length(picture_rows),
        Constraint::Length(5),
        Constraint::Min(4),
        Constraint::Length(verdict_rows),
    ]);
    let [top, middle, charts, below] = rows.areas(body);
    let inside = pane::frame(buffer, top, "the stretched ticket", Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    pane::text(buffer, inside, &picture);
    beside(model, demo, buffer, middle, styles);
    curves(model, demo, buffer, charts, styles);
    for (row, text) in (below.y..below.y + below.height).zip(verdict) {
        buffer.set_stringn(below.x + 1, row, text, below.width.into(), styles.strong());
    }
}

/// Source and target, and the mapping between them.
fn picture(
    model: &Model,
    demo: &DemoWatch,
    width: usize,
    styles: Styles<'_>,
) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    let (source, target) = (model.portrait(&demo.source), model.portrait(&demo.stretched));
    let (Some(source), Some(target)) = (source, target) else {
        let mut paths = [&demo.source, &demo.stretched].into_iter();
        let problem = paths.find_map(|path| model.portraits.get(path)?.as_ref().err());
        let text =
            problem.map_or("reading the masks…".to_owned(), |reason| format!("✗ {reason}"));
        return (vec![Line::styled(text, styles.faint())], Vec::new());
    };
    let (from, to) = (&source.about.blueprint, &target.about.blueprint);
    let acts = target.about.lineage.acts().iter().rev();
    let map = acts.filter(|act| act.act == "transform").find_map(|act| act.arguments.get("map"));
    let map = map.and_then(|text| UnitMap::parse(from, to, text).ok());
    let official = map.as_ref().map_or(String::new(), |map| format!("   {}", map.official()));
    let (before, after) = (source.count().density(), target.count().density());
    let mut lines = vec![Line::from_iter([
        Span::styled(format!("{} → {}", from.name, to.name), styles.strong()),
        Span::raw(official),
        Span::styled(format!("   kept {} → {}", percent(before), percent(after)), styles.faint()),
    ])];
    let half = width / 2;
    let left = heatmap::stages(&source.stages, |_, unit| unit.to_string(), half - 2, styles);
    let label = |stage: usize, unit: usize| {
        let from = map.as_ref().and_then(|map| map.stages().get(stage)?.get(unit));
        from.map_or(unit.to_string(), |from| format!("{unit}←{from}"))
    };
    let right = heatmap::stages(&target.stages, label, half, styles);
    for at in 0..left.len().max(right.len()) {
        let mut spans = left.get(at).cloned().unwrap_or_default().spans;
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::raw(" ".repeat(half.saturating_sub(used))));
        spans.extend(right.get(at).cloned().unwrap_or_default().spans);
        lines.push(Line::from(spans));
    }
    let mapping = map.map(|map| {
        let draft = Draft::of(from, to, &map);
        let stages = mapping::stages(from, to, draft.stages(), None);
        mapping::picture(&stages, mapping::Cursor::default(), &[], width, styles).lines
    });
    (lines, mapping.unwrap_or_default())
}

fn beside(model: &Model, demo: &DemoWatch, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let shares = vec![Constraint::Fill(1); demo.runs.len()];
    let areas = Layout::horizontal(shares).split(area);
    for ((at, (label, dir)), area) in demo.runs.iter().enumerate().zip(areas.iter()) {
        let title = format!("{} {label}", LETTERS[at % LETTERS.len()]);
        let inside = pane::frame(buffer, *area, &title, Focus::Elsewhere, styles);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        let lines = match model.runs.standing(dir) {
            Some(standing) => in_short(standing, inside.width.into(), styles),
            None => vec![Line::styled("not started yet", styles.faint())],
        };
        pane::text(buffer, inside, &lines);
    }
}

fn in_short(standing: &Standing, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let said = &standing.said;
    let done = progress(standing).unwrap_or(0.0);
    let left =
        seconds_left(standing).map_or(String::new(), |left| format!("{} left", time_left(left)));
    let accuracy = match (said.correct, said.test_accuracy) {
        (Some((right, all)), Some(share)) => {
            format!("{right} of {all} images right, {}", percent(share))
        }
        _ => "not tested yet".to_owned(),
    };
    let phase = said.phase.clone().filter(|_| standing.state.is_alive());
    let why = standing.reason.clone().or(phase).unwrap_or_default();
    vec![
        Line::from_iter([
            runs::state(standing.state, styles),
            Span::styled(format!(" {} {why}", fit(&standing.dir.id(), 9)), styles.faint()),
        ]),
        Line::from_iter([
            Span::styled(bar(done, (width / 3).clamp(6, 30)), styles.state(standing.state)),
            Span::raw(format!(" {}  {left}", brief(done))),
        ]),
        Line::raw(accuracy),
    ]
}

fn curves(model: &Model, demo: &DemoWatch, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    let known = demo.runs.iter().filter_map(|(_, dir)| model.runs.standing(dir)?.said.steps);
    let steps = known.max().unwrap_or(1);
    let empty = Story::default();
    let stories: Vec<&Story> =
        demo.runs.iter().map(|(_, dir)| model.runs.stories.get(dir).unwrap_or(&empty)).collect();
    for (area, title, scale, name) in [
        (left, loss_title(model.axis), Scale::Loss(model.axis), "train"),
        (right, "test accuracy", Scale::Accuracy, "test"),
    ] {
        let trace = |story: &&Story| match scale {
            Scale::Loss(_) => points(&story.train_loss),
            Scale::Accuracy => points(&story.test_accuracy),
        };
        let curves = LETTERS.into_iter().zip(stories.iter().map(trace)).enumerate();
        let named = |(color, (letter, points))| {
            let (name, stroke) = (name.to_owned(), Stroke::Line);
            Series { name, points, letter, color, stroke }
        };
        let series = curves.map(named).collect();
        let inside = pane::frame(buffer, area, title, Focus::Elsewhere, styles);
        #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
        let across = curves::across((steps as f64, 1.0), &Lens::default());
        chart::draw(buffer, inside, &Chart { series, across, scale }, styles);
    }
}

/// A trace by its steps.
fn points(trace: &Trace) -> Vec<Point> {
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
    let point = |(step, value): (u64, f64)| Point::at(step as f64, value);
    trace.buckets().map(|bucket| point(bucket.last)).collect()
}

/// What can be said once the runs are done: the difference in images, and that one seed is no evidence.
fn verdict(model: &Model, demo: &DemoWatch) -> String {
    let ended = |(_, dir): &(String, _)| {
        let standing = model.runs.standing(dir)?;
        (standing.state == State::Done).then_some(standing.said.correct?)
    };
    let results: Option<Vec<_>> = demo.runs.iter().map(ended).collect();
    let Some([(ticket, all), (control, of)]) =
        results.and_then(|results| results.first_chunk().copied())
    else {
        return "Both train on the same images from the same step; only the masks differ."
            .to_owned();
    };
    let (accuracy, other) = (share_of(ticket, all), share_of(control, of));
    let difference = match ticket.abs_diff(control) {
        0 => "not one image between them".to_owned(),
        1 => format!("1 image of {all} in favour of {}", favoured(demo, ticket > control)),
        images => {
            format!("{images} images of {all} in favour of {}", favoured(demo, ticket > control))
        }
    };
    format!(
        "Done: a {ticket} of {all} right ({}), b {control} of {of} ({}): {difference}. One seed is no evidence: repeat it with others before you believe it.",
        percent(accuracy),
        percent(other),
    )
}

fn favoured(demo: &DemoWatch, first: bool) -> String {
    let at = usize::from(!first);
    demo.runs.get(at).map_or(String::new(), |(label, _)| format!("the {label}"))
}

fn share_of(right: u64, all: u64) -> f64 {
    share(usize::try_from(right).unwrap_or(0), usize::try_from(all).unwrap_or(0))
}
