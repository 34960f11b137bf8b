//! Where a ticket came from, act by act, and what became of it.

use elth_core::{quote::quote, ticket::lineage::Act};
use ratatui::text::{Line, Span};

use super::{Scene, Text};
use crate::{
    model::{
        shelf::stem,
        ticket::kin::{runs_from, ticket_of, tickets_from},
    },
    widgets::text::{fit, percent, wrap},
};

/// The lines of the pane.
pub fn text(scene: Scene<'_>, columns: usize) -> Text {
    let styles = scene.styles;
    let mut lines = Vec::new();
    let mut say = |text: &str, style| {
        lines.extend(wrap(text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    let digest = scene.portrait.digest.to_string();
    say("how it came to be, the oldest act first", styles.faint());
    for (at, act) in scene.portrait.about.lineage.acts().iter().enumerate() {
        say(&format!("{}. {}", at + 1, quote(&act.act)), styles.heading());
        say(&arguments(act), styles.text());
        for (role, input) in &act.inputs {
            let known = ticket_of(&scene.model.shelf, input);
            let known = known.map_or(String::new(), |ticket| format!(" = {}", stem(&ticket.path)));
            say(&format!("   {} {}{known}", quote(role), quote(input)), styles.text());
        }
    }
    if scene.portrait.about.lineage.acts().is_empty() {
        say("the file does not say", styles.text());
    }
    say("", styles.text());
    say("what became of it", styles.faint());
    lines.extend(offspring(scene, &digest, columns));
    let mut say = |text: &str| {
        let wrapped = wrap(text, columns).into_iter();
        lines.extend(wrapped.map(|line| Line::styled(line, styles.faint())));
    };
    say("");
    say(&format!("digest {digest}"));
    say(&format!("file {}", scene.open.path.display()));
    Text { lines, chosen: 0 }
}

fn arguments(act: &Act) -> String {
    let words = act.arguments.iter().map(|(name, value)| quote(&format!("{name} {value}")));
    format!("   {}", words.collect::<Vec<_>>().join(", "))
}

fn offspring(scene: Scene<'_>, digest: &str, columns: usize) -> Vec<Line<'static>> {
    let styles = scene.styles;
    let mut lines = Vec::new();
    for ticket in tickets_from(&scene.model.shelf, digest) {
        let about = &ticket.about;
        let act = about.lineage.acts().last().map_or("made from it", |act| act.act.as_str());
        let text = format!("{} → {} ({})", quote(act), stem(&ticket.path), about.blueprint.name);
        lines.extend(wrap(&text, columns).into_iter().map(Line::from));
    }
    for run in runs_from(scene.model.runs.list(), digest) {
        let accuracy =
            run.said.test_accuracy.map_or(String::new(), |a| format!(", accuracy {}", percent(a)));
        lines.push(Line::from_iter([
            Span::raw("run "),
            Span::styled(fit(run.state.name(), 8), styles.state(run.state)),
            Span::raw(format!("{} on {}{accuracy}", run.dir.id(), run.recipe.dataset)),
        ]));
    }
    if lines.is_empty() {
        lines.push(Line::styled("nothing on this shelf was made from it", styles.faint()));
    }
    lines
}
