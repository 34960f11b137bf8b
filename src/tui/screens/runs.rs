//! What runs and ran: a row each, the selected one's numbers below.
//!
//! ```text
//!  cuda:0 ███░ 73 %  ██░░ 12.3 GiB of 139.8 GiB  54 °C  310 W  train-3   where there are GPUs
//! ┌ runs ─────────────────────────────────────────────┐
//! │› ▶ running  train-3  r14-l12 on digits ████░ 52 % … │
//! └────────────────────────────────────────────────────┘
//! ┌ train-3 ──────────────────────────────────────────┐
//! └────────────────────────────────────────────────────┘
//! ```

mod strip;

use elth_core::schedule::tidy;
use elth_store::run::{
    control::Wanted,
    standing::{Standing, State},
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    style::Style,
    text::{Line, Span},
};

use super::compare::letter;
use crate::{
    layout,
    model::{
        Model,
        runs::{
            Looked, alert::Alert, order::Order, progress, seconds_left, seeds, task, time_left,
        },
    },
    story::line::counted,
    theme::styles::Styles,
    widgets::{
        bar::bar,
        pane::{self, Focus},
        text::{brief, fit, percent, right, wrap},
    },
};

/// Draws the list and the selected run's numbers.
pub fn draw(model: &Model, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let [strip, list, detail] = parts(model, body);
    let width = usize::from(strip.width);
    let lines: Vec<_> = model.runs.gpus.iter().map(|gpu| strip::line(gpu, width, styles)).collect();
    pane::text(buffer, strip, &lines);
    rows(model, buffer, list, styles);
    let selected = model.runs.selected.as_ref().and_then(|dir| model.runs.standing(dir));
    if let Some(standing) = selected.filter(|_| detail.height > 0) {
        let inside = pane::frame(buffer, detail, &standing.dir.id(), Focus::Elsewhere, styles);
        let lines = numbers(model, standing, usize::from(inside.width).saturating_sub(2), styles);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        pane::text(buffer, inside, &lines);
    }
}

/// GPUs, the list, and the selected run's numbers.
fn parts(model: &Model, body: Rect) -> [Rect; 3] {
    let below = if body.height >= 16 { 7 } else { 0 };
    let gpus = u16::try_from(model.runs.gpus.len()).unwrap_or(u16::MAX).min(body.height / 4);
    let parts = [Constraint::Length(gpus), Constraint::Min(3), Constraint::Length(below)];
    Layout::vertical(parts).areas(body)
}

/// The run that lies there in the list, with the first row that is shown.
#[must_use]
pub fn row_at(model: &Model, body: Rect, at: Position) -> Option<(usize, usize)> {
    let area = layout::inside(parts(model, body)[1]);
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let runs = model.runs.shown().len();
    let selected = model.runs.selected_row().unwrap_or(0);
    let lines = runs + model.runs.broken.len();
    let first = layout::first_shown(model.pinned, selected, lines, area.height.into());
    let row = first + usize::from(at.y.saturating_sub(area.y));
    (area.contains(at) && row < runs).then_some((row, first))
}

/// What the list is sorted by where the head of that column is clicked.
#[must_use]
pub fn order_at(model: &Model, body: Rect, at: Position) -> Option<Order> {
    let area = layout::inside(parts(model, body)[1]);
    if at.y != area.y || !area.contains(at) {
        return None;
    }
    let head = head_text(usize::from(area.width));
    let column = |word: &str| head.find(word);
    let orders = [
        ("state", Order::State),
        ("run", Order::Youngest),
        ("task", Order::Task),
        ("accuracy", Order::Accuracy),
        ("left", Order::Left),
    ];
    let x = usize::from(at.x - area.x);
    let hit = |word: &str| column(word).is_some_and(|from| (from..from + word.len()).contains(&x));
    orders.into_iter().find(|(word, _)| hit(word)).map(|(_, order)| order)
}

fn rows(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let inside = pane::frame(buffer, area, &title(model), Focus::Here, styles);
    let runs = model.runs.shown();
    if model.runs.list().is_empty() && model.runs.broken.is_empty() {
        let text = if model.runs.all.is_none() {
            "reading…"
        } else {
            "no run yet: retrain a ticket of the shelf, or start `elth imp`"
        };
        buffer.set_stringn(inside.x + 1, inside.y, text, inside.width.into(), styles.faint());
        return;
    }
    let selected = model.runs.selected_row();
    let width = usize::from(inside.width);
    buffer.set_line(inside.x, inside.y, &head(width, styles), inside.width);
    let inside = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let varied = seeds::varied(model.runs.list());
    let lines = runs.iter().enumerate().map(|(at, run)| {
        let seed = varied.contains(&task(run)).then(|| seeds::words(&run.recipe));
        row(model, run, seed.as_deref(), selected == Some(at), width, styles)
    });
    let broken = model.runs.broken.iter().map(|(id, reason)| {
        Line::styled(fit(&format!("   ✗ {id}: {reason}"), width), styles.bad())
    });
    let lines: Vec<_> = lines.chain(broken).collect();
    let height = usize::from(inside.height);
    let first = layout::first_shown(model.pinned, selected.unwrap_or(0), lines.len(), height);
    for (y, (at, line)) in
        (inside.y..inside.y + inside.height).zip(lines.iter().enumerate().skip(first))
    {
        buffer.set_line(inside.x, y, line, inside.width);
        if selected == Some(at) {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), styles.selected());
        }
    }
}

/// What the columns of a row are.
fn head(width: usize, styles: Styles<'_>) -> Line<'static> {
    Line::styled(head_text(width), styles.faint())
}

fn head_text(width: usize) -> String {
    let wide = if width >= 100 {
        format!("{}{}", right("speed", 13), right("left", 14))
    } else {
        String::new()
    };
    let done = if width >= 100 { 22 } else { 12 };
    let tail = format!(
        "{}{}{}{}{wide}",
        right("done", done),
        right("lvl", 4),
        right("loss", 8),
        right("accuracy", 9)
    );
    let begin = "   state     run       task";
    let gap = width.saturating_sub(begin.len() + tail.len());
    format!("{begin}{}{tail}", " ".repeat(gap))
}

/// How many there are, which of them are shown, and in which order.
fn title(model: &Model) -> String {
    let runs = &model.runs;
    let mut parts = vec!["runs".to_owned()];
    let text = runs.filter.value();
    if runs.is_filtering {
        parts.push(format!("filter: {text}▌"));
    }
    if !text.is_empty() {
        parts.push(format!("{} of {} with `{text}`", runs.shown().len(), runs.list().len()));
    }
    if runs.order != Order::Youngest {
        parts.push(format!("by {}", runs.order.name()));
    }
    if !runs.marked.is_empty() {
        parts.push(format!("{} marked", runs.marked.len()));
    }
    parts.join(", ")
}

fn row(
    model: &Model,
    standing: &Standing,
    seed: Option<&str>,
    is_selected: bool,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let said = &standing.said;
    let is_marked = model.runs.marked.contains(&standing.dir);
    let sign = if is_marked { letter(model.runs.number(&standing.dir)) } else { ' ' };
    let marker = format!("{}{sign} ", if is_selected { '›' } else { ' ' });
    let accuracy = said.test_accuracy.map_or("-".to_owned(), percent);
    let loss = said.train_loss.map_or("-".to_owned(), |loss| format!("{loss:.3}"));
    let pace = said.images_per_second.filter(|_| standing.state == State::Running);
    let pace = pace.map_or(String::new(), |speed| format!("{speed:.0} img/s"));
    let left = seconds_left(standing).map_or(String::new(), time_left);
    let level = said.level.map_or(String::new(), |level| format!("L{level}"));
    let bar_cells = if width >= 100 { 16 } else { 6 };
    let done = progress(standing);
    let mut tail = vec![
        Span::styled(
            done.map_or(" ".repeat(bar_cells), |d| bar(d, bar_cells)),
            styles.state(standing.state),
        ),
        Span::raw(right(&done.map_or(String::new(), brief), 6)),
        Span::raw(right(&level, 4)),
        Span::raw(right(&loss, 8)),
        Span::raw(right(&accuracy, 9)),
    ];
    if width >= 100 {
        tail.push(Span::styled(right(&pace, 13), styles.faint()));
        tail.push(Span::styled(right(&left, 14), styles.faint()));
    }
    let mut spans = vec![
        Span::styled(marker, styles.focus()),
        state(standing.state, styles),
        Span::raw(format!(" {} ", fit(&standing.dir.id(), 9))),
    ];
    let used: usize = spans.iter().chain(&tail).map(Span::width).sum();
    let room = width.saturating_sub(used + 1);
    let (text, style) = about(model, standing, styles);
    // Where both do not fit, the pane below says the seed.
    let seed = seed.map(|seed| format!(" {seed}")).unwrap_or_default();
    let seed = Some(seed).filter(|seed| seed.len() + 10 <= room).unwrap_or_default();
    spans.push(Span::styled(fit(&text, room - seed.len()), style));
    spans.push(Span::raw(seed));
    spans.push(Span::raw(" "));
    spans.extend(tail);
    Line::from(spans)
}

/// What the run does, and before that what is wrong with it or what it waits for.
fn about(model: &Model, standing: &Standing, styles: Styles<'_>) -> (String, Style) {
    let task = task(standing);
    if let Some((alert, looked)) = model.runs.alerts.get(&standing.dir) {
        let style = if *looked == Looked::Yes { styles.text() } else { styles.bad() };
        // The state itself says that a run failed or was lost.
        return match alert {
            Alert::Failed | Alert::Lost => (format!("! {task}"), style),
            _ => (format!("! {} · {task}", alert.words()), style),
        };
    }
    let wanted = model.runs.wanted(standing);
    match (standing.state, &standing.reason) {
        (State::Running | State::Waiting, _) if wanted != Wanted::Run => {
            let word = if wanted == Wanted::Stop { "stopping" } else { "pausing" };
            (format!("{word} · {task}"), styles.warn())
        }
        (State::Waiting, Some(reason)) => (format!("{reason} · {task}"), styles.warn()),
        _ => (task, styles.text()),
    }
}

/// The state as a sign and its word.
#[must_use]
pub fn state(state: State, styles: Styles<'_>) -> Span<'static> {
    let sign = match state {
        State::Waiting => "◌",
        State::Running => "▶",
        State::Paused => "‖",
        State::Stopped => "■",
        State::Failed => "✗",
        State::Lost => "?",
        State::Done => "✓",
    };
    Span::styled(format!("{sign} {:<7}", state.name()), styles.state(state))
}

/// How many lines [`numbers`] says.
#[must_use]
pub fn lines_of(standing: &Standing, width: usize) -> usize {
    let reason = standing.reason.as_ref().filter(|_| standing.state != State::Waiting);
    4 + reason.map_or(0, |reason| wrap(&format!("because {reason}"), width).len())
}

/// How a run stands, in a few lines, what matters most first.
#[must_use]
pub fn numbers(
    model: &Model,
    standing: &Standing,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let (said, recipe) = (&standing.said, &standing.recipe);
    let mut lines = vec![Line::from_iter([
        state(standing.state, styles),
        Span::styled(format!(" {}", about(model, standing, styles).0), styles.strong()),
    ])];
    if let Some(reason) = standing.reason.as_ref().filter(|_| standing.state != State::Waiting) {
        let text = wrap(&format!("because {reason}"), width);
        lines.extend(text.into_iter().map(|line| Line::styled(line, styles.state(standing.state))));
    }
    lines.push(steps(standing, styles));
    lines.push(Line::raw(results(standing)));
    let device = said.device.as_deref().unwrap_or(&recipe.device);
    let threads = said.threads.unwrap_or(recipe.threads);
    let training = &recipe.training;
    let facts = format!(
        "{} on {device}, {}, batch {}, lr {}, to {}, {}",
        recipe.model,
        counted(threads, "thread"),
        training.batch_size,
        tidy(training.lr),
        training.training_steps,
        seeds::words(recipe)
    );
    lines.push(Line::styled(facts, styles.faint()));
    lines
}

fn steps(standing: &Standing, styles: Styles<'_>) -> Line<'static> {
    let said = &standing.said;
    let mut spans = Vec::new();
    if let Some(done) = progress(standing) {
        spans.push(Span::styled(bar(done, 20), styles.state(standing.state)));
        spans.push(Span::raw(format!(" {}", brief(done))));
    }
    if let (Some(step), Some(of)) = (said.step, said.steps) {
        spans.push(Span::raw(format!("  step {step} of {of}")));
    }
    let speed = said.images_per_second.filter(|_| standing.state == State::Running);
    spans.extend(speed.map(|speed| Span::raw(format!("  {speed:.0} img/s"))));
    let left = seconds_left(standing);
    spans.extend(left.map(|left| Span::raw(format!("  {} left", time_left(left)))));
    let phase = said.phase.as_deref().filter(|_| standing.state.is_alive()).unwrap_or_default();
    spans.push(Span::styled(format!("  {phase}"), styles.faint()));
    Line::from(spans)
}

fn results(standing: &Standing) -> String {
    let said = &standing.said;
    let accuracy = said.test_accuracy.map(|share| {
        let of = said.correct.map_or(String::new(), |(right, all)| format!(" = {right} of {all}"));
        format!("test accuracy {}{of}", percent(share))
    });
    let results = [
        said.level.map(|level| format!("level {level}")),
        said.train_loss.map(|loss| format!("train loss {loss:.4}")),
        said.test_loss.map(|loss| format!("test loss {loss:.4}")),
        accuracy,
    ];
    results.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
