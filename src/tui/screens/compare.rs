//! Runs over one another: curves, the paper's figure, a table over seeds, and what differs between recipes.
//!
//! ```text
//! ┌ curves › accuracy by kept weights › over seeds › recipes ┐
//! │ chart, table                                             │
//! └──────────────────────────────────────────────────────────┘
//! ┌ runs ────────────────────────────────────────────────────┐  below curves, beside them where it is wide
//! └──────────────────────────────────────────────────────────┘
//! ```

mod figure;
mod mean;
mod tables;

use elth_store::run::{compare::origin, curve::Metric, standing::Standing};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    text::{Line, Span},
};

use super::runs;
use crate::{
    curves::{self, Source},
    layout,
    model::{
        Axis, Model,
        compare::{Compare, Drawn, Panel, Seeds},
        runs::task,
    },
    story::{Story, Trace},
    theme::styles::Styles,
    widgets::{
        chart::{self, Chart, Scale, Series, Stroke},
        pane::{self, Focus},
        text::{fit, percent, right},
    },
};

/// Letters of the runs, so that they differ without colours; after the last they begin anew.
const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The letter of a run by its number.
#[must_use]
pub fn letter(number: usize) -> char {
    char::from(LETTERS[number % LETTERS.len()])
}

/// Draws the chosen panel.
pub fn draw(model: &Model, compare: &Compare, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    if compare.panel != Panel::Curves {
        let inside = pane::frame(buffer, body, &title(model, compare), Focus::Here, styles);
        return match compare.panel {
            Panel::Figure => figure::draw(model, compare, buffer, inside, styles),
            Panel::Table => tables::over_seeds(model, compare, buffer, inside, styles),
            _ => tables::recipes(model, compare, buffer, inside, styles),
        };
    }
    let [above, below] = parts(compare, body);
    let inside = pane::frame(buffer, above, &title(model, compare), Focus::Here, styles);
    chart::draw(buffer, inside, &chart(model, compare), styles);
    list(model, compare, buffer, below, styles);
}

/// The curves, and whose they are.
fn parts(compare: &Compare, body: Rect) -> [Rect; 2] {
    let rows = u16::try_from(compare.runs.len() + 2).unwrap_or(u16::MAX).min(body.height / 3);
    let parts = if body.width >= 140 {
        Layout::horizontal([Constraint::Min(1), Constraint::Length(60)])
    } else {
        Layout::vertical([Constraint::Min(6), Constraint::Length(rows)])
    };
    parts.areas(body)
}

/// Where on the width of the curves that place lies.
#[must_use]
pub fn share_at(compare: &Compare, body: Rect, at: Position) -> Option<f64> {
    let above = layout::inside(parts(compare, body)[0]);
    (compare.panel == Panel::Curves).then(|| chart::share_at(above, at))?
}

/// The run that lies there in the list, with the first row that is shown.
#[must_use]
pub fn row_at(
    model: &Model,
    compare: &Compare,
    body: Rect,
    at: Position,
) -> Option<(usize, usize)> {
    let area = layout::inside(parts(compare, body)[1]);
    let runs = compare.standings(&model.runs).len();
    let first = layout::first_shown(model.pinned, compare.at, runs, area.height.into());
    let row = first + usize::from(at.y.saturating_sub(area.y));
    let is_there = compare.panel == Panel::Curves && area.contains(at) && row < runs;
    is_there.then_some((row, first))
}

/// The panels, the chosen one first, and how the curves are looked at.
fn title(model: &Model, compare: &Compare) -> String {
    match compare.panel {
        Panel::Curves => {
            let sources = curves::compared(&model.runs, compare);
            let reach = curves::extent(&sources, compare.lens.along).1;
            let words = compare.lens.words(model.axis == Axis::Logarithmic, reach);
            let seeds = match compare.seeds {
                Seeds::Apart => "",
                Seeds::Together => ", mean ± sd over seeds",
            };
            format!("{} {words}{seeds}", compare.drawn.name())
        }
        other => other.name().to_owned(),
    }
}

/// What is drawn of a run.
fn trace(drawn: Drawn, story: &Story) -> &Trace {
    match drawn {
        Drawn::Metric(metric) => story.trace(metric),
        Drawn::Gradient => &story.gradient_norm,
    }
}

fn chart(model: &Model, compare: &Compare) -> Chart {
    let scale = match compare.drawn {
        Drawn::Metric(Metric::TestAccuracy) => Scale::Accuracy,
        _ => Scale::Loss(model.axis),
    };
    let sources = curves::compared(&model.runs, compare);
    let along = compare.lens.along;
    let (end, reach) = curves::extent(&sources, along);
    let single = |source: &Source<'_>| {
        let number = model.runs.number(&source.standing.dir);
        Series {
            name: String::new(),
            points: source.points(trace(compare.drawn, source.story), along),
            letter: letter(number),
            color: number,
            stroke: Stroke::Line,
        }
    };
    let series: Vec<Series> = match compare.seeds {
        Seeds::Apart => sources.iter().map(single).collect(),
        Seeds::Together => {
            let groups = compare.groups(&model.runs);
            let group = |source: &Source<'_>| {
                groups.iter().position(|group| group.runs.contains(&source.standing.dir))
            };
            mean::over_groups(&sources, group, single, end * reach)
        }
    };
    let mut series: Vec<Series> = series
        .into_iter()
        .flat_map(|it| match it.stroke {
            Stroke::Line => curves::series(it, &compare.lens),
            _ => vec![it],
        })
        .collect();
    series.sort_by_key(|series| series.stroke == Stroke::Line);
    Chart { series, across: curves::across((end, reach), &compare.lens), scale }
}

/// Whose letter is whose, with the value at the cursor or the last one.
fn list(model: &Model, compare: &Compare, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let inside = pane::frame(buffer, area, "runs", Focus::Elsewhere, styles);
    let width = usize::from(inside.width);
    let height = usize::from(inside.height);
    let standings = compare.standings(&model.runs);
    let first = layout::first_shown(model.pinned, compare.at, standings.len(), height);
    let rows = (inside.y..).zip(standings.iter().enumerate().skip(first).take(height));
    for (y, (at, standing)) in rows {
        let line = row(model, compare, standing, width, styles);
        buffer.set_line(inside.x, y, &line, inside.width);
        if at == compare.at {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), styles.selected());
        }
    }
}

fn row(
    model: &Model,
    compare: &Compare,
    standing: &Standing,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let number = model.runs.number(&standing.dir);
    let sign = if compare.hidden.contains(&standing.dir) { ' ' } else { letter(number) };
    let accuracy = standing.said.test_accuracy.map_or("-".to_owned(), percent);
    let header = compare.headers.get(&standing.dir);
    let what = header.map(|header| {
        let level = header.about.level.map_or(String::new(), |level| format!(" L{level}"));
        format!("{} {}{level}", origin(&header.about).words(), standing.recipe.model)
    });
    let what = what.unwrap_or_else(|| task(standing));
    let seed = format!("seed order {}", standing.recipe.seeds.order);
    let state = runs::state(standing.state, styles);
    let tail = right(&accuracy, 9);
    let head = format!(" {} ", fit(&standing.dir.id(), 9));
    let used = 3 + state.width() + head.chars().count() + tail.chars().count() + 1;
    let text = if width > 90 { format!("{what}  {seed}") } else { what };
    Line::from(vec![
        Span::styled(format!(" {sign} "), styles.series(number)),
        state,
        Span::raw(head),
        Span::raw(fit(&text, width.saturating_sub(used)) + " "),
        Span::styled(tail, styles.strong()),
    ])
}
