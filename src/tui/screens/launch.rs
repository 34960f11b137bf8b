//! The dialog that starts runs: every answer on the left; the schedule, the numbers and the commands they make on the right.
//!
//! ```text
//! ┌ r14-l12 ─────────────────┐┌ what starts ───────────────────┐
//! │› start      ‹ permuted › ││ lr over the steps, with marks  │
//! │  dataset      digits     ││ runs, steps, weights, time, …  │
//! │  …                       ││ where it runs                  │
//! │ what the line means      ││ elth control … / elth train …  │
//! └──────────────────────────┘└────────────────────────────────┘
//! ```
//! Where there is room for one pane only, the second lies below the first.

mod numbers;

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
};

use crate::{
    keymap::{Action, Context},
    layout,
    model::{
        Model,
        launch::{Launch, Plan, kinds, label},
        shelf::stem,
    },
    theme::styles::Styles,
    widgets::{
        form::{self, Touched},
        pane::{self, Focus},
        schedule::{self, Schedule},
        text::{shell, wrap},
    },
};

/// Draws the dialog.
pub fn draw(model: &Model, dialog: &Launch, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let [left, right] = panes(model, body);
    let inside = pane::frame(buffer, left, &stem(&dialog.ticket), Focus::Here, styles);
    form::draw(buffer, inside, &dialog.form, styles);
    let inside = pane::frame(buffer, right, "what starts", Focus::Elsewhere, styles);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let lines = explained(model, dialog, inside.width.into(), styles);
    pane::lines(buffer, inside, &lines, dialog.scrolled, styles);
}

/// The answers, and what they start.
#[must_use]
pub fn panes(model: &Model, body: Rect) -> [Rect; 2] {
    match layout::panes(body, model.split) {
        (left, Some(right)) => [left, right],
        (only, None) => {
            Layout::vertical([Constraint::Percentage(55), Constraint::Min(1)]).areas(only)
        }
    }
}

/// What lies there in the answers.
#[must_use]
pub fn touched(model: &Model, dialog: &Launch, body: Rect, at: Position) -> Option<Touched> {
    form::touched(layout::inside(panes(model, body)[0]), &dialog.form, at)
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
    say(&format!("proposed numbers: {}", dialog.origin), styles.faint());
    if dialog.asking.is_some() {
        say("starting…", styles.warn());
    }
    match dialog.plan(&model.shelf, &model.places) {
        Ok(plan) => {
            let choice = dialog.form.answer(label::CONTROL);
            say(&meaning(dialog, choice), styles.strong());
            lines.extend(curve(&plan, width, styles));
            lines.extend(numbers::lines(model, dialog, &plan, width, styles));
            for reason in kinds::left_out(choice, dialog, &model.shelf) {
                let text = wrap(&format!("left out: {reason}"), width).into_iter();
                lines.extend(text.map(|line| Line::styled(line, styles.faint())));
            }
            lines.extend(commands(model, &plan, width, styles));
        }
        Err(wrong) => {
            for wrong in wrong {
                say(&format!("✗ {wrong}"), styles.bad());
            }
        }
    }
    lines
}

fn meaning(dialog: &Launch, choice: &str) -> String {
    match &dialog.cloned {
        Some(run) if choice == kinds::SEARCH => format!("the search of {} again", run.id()),
        _ => kinds::meaning(choice).to_owned(),
    }
}

/// The learning rate of the runs, which all have the same.
fn curve(plan: &Plan, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let (training, per_epoch) = (&plan.training, plan.per_epoch);
    let schedule = Schedule { training, per_epoch, start: plan.start, end: plan.end };
    let mut lines = schedule::lines(schedule, width, styles);
    let legend = wrap(&schedule::legend(schedule), width).into_iter();
    lines.extend(legend.map(|line| Line::styled(line, styles.faint())));
    lines.push(Line::default());
    lines
}

fn commands(model: &Model, plan: &Plan, width: usize, styles: Styles<'_>) -> Vec<Line<'static>> {
    let key = |action| model.keys.key_for(Context::Launch, action);
    let said = format!(
        "{} runs these, {} copies them; what they start goes on without the workbench:",
        key(Action::Launch),
        key(Action::Copy)
    );
    let mut lines = vec![Line::default()];
    lines.extend(wrap(&said, width).into_iter().map(|line| Line::styled(line, styles.faint())));
    for command in &plan.commands {
        let text = format!("elth {}", shell(&shown(command)));
        let text = wrap(&text, width).into_iter();
        lines.extend(text.map(|line| Line::styled(line, styles.strong())));
    }
    lines
}

/// A command as one would type it: what only programs read is left out.
#[must_use]
pub fn shown(command: &[String]) -> Vec<String> {
    command.iter().filter(|word| *word != "--json").cloned().collect()
}
