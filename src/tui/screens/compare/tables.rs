//! Runs in numbers: means and intervals over seeds, and what differs between recipes.

use elth_core::statistics::Sample;
use elth_store::run::compare::{Group, differences, not_done};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    model::{Model, compare::Compare},
    theme::styles::Styles,
    widgets::{
        pane,
        text::{brief, fit, percent, right, wrap},
    },
};

/// Columns of a recipe's value where several stand beside one another.
const VALUE: usize = 24;

/// A row for each group of runs that differ by chance alone.
pub fn over_seeds(
    model: &Model,
    compare: &Compare,
    buffer: &mut Buffer,
    area: Rect,
    styles: Styles<'_>,
) {
    let groups = compare.groups(&model.runs);
    let width = usize::from(area.width);
    let head = cells(&["tickets", "runs", "mean", "sd", "95 % interval"].map(str::to_owned));
    let named = width.saturating_sub(head.chars().count() + 8);
    let head = format!(" {}{}{head}", fit("what", named), right("kept", 6));
    let mut lines = vec![Line::styled(head, styles.faint())];
    lines.extend(groups.iter().map(|group| Line::raw(row(group, named))));
    if groups.is_empty() {
        lines.push(Line::styled(" no accuracy yet", styles.faint()));
    }
    let note = "interval of the mean by Student's t; runs with equal recipes but seeds are one row";
    lines
        .extend([String::new(), format!(" {note}")].map(|text| Line::styled(text, styles.faint())));
    lines.extend(left_out(model, compare, width, styles));
    pane::lines(buffer, area, &lines, compare.at, styles);
}

/// Which runs count for nothing because they are not done; no line where all are.
pub fn left_out(
    model: &Model,
    compare: &Compare,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let open = not_done(&compare.standings(&model.runs));
    if open.is_empty() {
        return Vec::new();
    }
    let text = format!("not done, so not counted: {}", open.join(", "));
    let lines = wrap(&text, width.saturating_sub(2)).into_iter();
    lines.map(|line| Line::styled(format!(" {line}"), styles.warn())).collect()
}

fn row(group: &Group, named: usize) -> String {
    let sample = group.sample.as_ref();
    let interval = sample.and_then(Sample::interval_of_shares);
    let interval = interval
        .map_or("-".to_owned(), |[low, high]| format!("{} – {}", percent(low), percent(high)));
    let open = if group.not_done.is_empty() { "" } else { " …" };
    let numbers = [
        group.tickets.to_string(),
        format!("{}{open}", group.values.len()),
        sample.map_or("-".to_owned(), |sample| percent(sample.mean)),
        sample.and_then(|sample| sample.deviation).map_or("-".to_owned(), percent),
        interval,
    ];
    let kept = group.like.density.map_or("-".to_owned(), brief);
    format!(" {}{}{}", fit(&group.like.label(), named), right(&kept, 6), cells(&numbers))
}

fn cells(texts: &[String; 5]) -> String {
    let widths = [9, 7, 10, 9, 20];
    texts.iter().zip(widths).map(|(text, width)| right(text, width)).collect()
}

/// A row for each line that is not the same in all recipes.
pub fn recipes(
    model: &Model,
    compare: &Compare,
    buffer: &mut Buffer,
    area: Rect,
    styles: Styles<'_>,
) {
    let standings = compare.standings(&model.runs);
    let recipes: Vec<_> = standings.iter().map(|standing| &standing.recipe).collect();
    let differing = differences(&recipes);
    let keys = differing.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let keys = keys.max(23).min(usize::from(area.width) / 2) + 1;
    let width = usize::from(area.width).saturating_sub(keys + 2) / recipes.len().max(1);
    let value = |text: &str| fit(text, width.clamp(8, VALUE).saturating_sub(1)) + " ";
    let ids: String = standings.iter().map(|standing| value(&standing.dir.id())).collect();
    let mut lines = vec![Line::styled(format!(" {}{ids}", fit("", keys)), styles.strong())];
    lines.extend(differing.iter().map(|(key, said)| {
        let said = said.iter().map(|text| match text.as_str() {
            "" | "-" => "none",
            text => text,
        });
        let said: String = said.map(value).collect();
        Line::raw(format!(" {} {said}", fit(key, keys - 1)))
    }));
    if differing.is_empty() {
        let text = if recipes.len() < 2 { " mark a second run" } else { " the recipes are equal" };
        lines.push(Line::styled(text, styles.faint()));
    }
    pane::lines(buffer, area, &lines, compare.at, styles);
}
