//! Densities stage by stage: the source's, the target's, and those of a ticket that was found in the target itself.

use elth_core::ticket::Count;
use ratatui::text::Line;

use crate::{
    portrait::{Portrait, StagePortrait, total},
    theme::styles::Styles,
    widgets::text::{fit, percent, right},
};

/// Draws the table; the last column only where there is such a ticket.
#[must_use]
pub fn table(
    source: &[StagePortrait],
    target: &[StagePortrait],
    rival: Option<&Portrait>,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let row = |name: &str, units: &str, from: &str, to: &str, found: &str| {
        let found = if rival.is_some() { right(found, 10) } else { String::new() };
        format!("{} {} {} {}{found}", fit(name, 7), fit(units, 8), right(from, 8), right(to, 8))
    };
    let level = rival.and_then(|rival| rival.about.level);
    let found = level.map_or(String::new(), |level| format!("IMP l{level}"));
    let head = row("stage", "units", "source", "target", &found);
    let mut lines = vec![Line::styled(head, styles.faint())];
    let density = |count: Count| percent(count.density());
    for (at, (from, to)) in source.iter().zip(target).enumerate() {
        let units = format!("{} → {}", from.units.len(), to.units.len());
        let found = rival.and_then(|rival| rival.stages.get(at));
        let found = found.map_or(String::new(), |stage| density(stage.count()));
        let text = row(&from.name, &units, &density(from.count()), &density(to.count()), &found);
        lines.push(Line::raw(text));
    }
    let found = rival.map_or(String::new(), |rival| density(rival.count()));
    let all = row("all", "", &density(total(source)), &density(total(target)), &found);
    lines.push(Line::styled(all, styles.strong()));
    lines
}
