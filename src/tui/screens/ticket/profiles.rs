//! Densities of several tickets on one axis, unit by unit.

use elth_core::ticket::Count;
use ratatui::text::Line;

use super::{Scene, Text};
use crate::{
    keymap::{Action, Context},
    model::shelf::stem,
    portrait::Portrait,
    widgets::{
        profile::{self, Profile, letter},
        text::{ending, wrap},
    },
};

/// The lines of the pane.
pub fn text(scene: Scene<'_>, columns: usize) -> Text {
    let (open, model, styles) = (scene.open, scene.model, scene.styles);
    let paths = open.profiled(&model.shelf);
    let known: Vec<(String, &Portrait)> =
        paths.iter().filter_map(|path| Some((name(scene, path), model.portrait(path)?))).collect();
    let rows = units(&known);
    let names: Vec<String> = rows.iter().map(|(stage, unit)| format!("{stage} {unit}")).collect();
    let profiles: Vec<Profile> = known
        .iter()
        .enumerate()
        .map(|(number, (name, portrait))| Profile {
            name: ending(name, columns.saturating_sub(20)),
            letter: letter(number),
            counts: rows.iter().map(|row| count(portrait, row)).collect(),
        })
        .collect();
    let here = (scene.stage().to_owned(), open.cursor.unit);
    let chosen = rows.iter().position(|row| *row == here).unwrap_or(0);
    let totals: Vec<Count> = known.iter().map(|(_, portrait)| portrait.count()).collect();
    let mut lines = profile::profiles(&profiles, &names, chosen, columns, open.axis, styles);
    lines.push(Line::default());
    lines.extend(profile::legend(&profiles, &totals, chosen, columns, styles));
    let missing = paths.iter().filter(|path| !model.portraits.contains_key(*path)).count();
    if missing > 0 {
        lines.push(Line::styled(format!("reading {missing} more…"), styles.faint()));
    }
    let key = model.keys.key_for(Context::Shelf, Action::Mark);
    let whose = if open.profiles.is_empty() {
        format!(" All levels of this ticket; {key} on the shelf marks others.")
    } else {
        String::new()
    };
    let hint = format!("* stands for several tickets in one place.{whose}");
    lines.extend(wrap(&hint, columns).into_iter().map(|line| Line::styled(line, styles.faint())));
    Text { lines, chosen: chosen + 1 }
}

fn name(scene: Scene<'_>, path: &std::path::Path) -> String {
    let ticket = scene.model.shelf.ticket_at(path);
    let level = ticket.and_then(|ticket| ticket.about.level);
    level.map_or(stem(path), |level| format!("L{level} {}", stem(path)))
}

/// The stages and units that any of the tickets has, in order: deeper models bring more units.
fn units(known: &[(String, &Portrait)]) -> Vec<(String, usize)> {
    let mut stages: Vec<(String, usize)> = Vec::new();
    for stage in known.iter().flat_map(|(_, portrait)| &portrait.stages) {
        match stages.iter_mut().find(|(name, _)| *name == stage.name) {
            Some((_, units)) => *units = (*units).max(stage.units.len()),
            None => stages.push((stage.name.clone(), stage.units.len())),
        }
    }
    let units = |(name, units): (String, usize)| (0..units).map(move |unit| (name.clone(), unit));
    stages.into_iter().flat_map(units).collect()
}

fn count(portrait: &Portrait, (name, unit): &(String, usize)) -> Option<Count> {
    let stage = portrait.stages.iter().find(|stage| stage.name == *name)?;
    stage.units.get(*unit).map(crate::portrait::UnitPortrait::count)
}
