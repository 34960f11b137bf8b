//! What the cursor is on, in exact numbers.

use elth_core::{mask::share, ticket::Count};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Scene, picture::shape};
use crate::{
    model::ticket::{TicketView, Zoom},
    portrait::{TensorPortrait, UnitPortrait},
    study::{
        Finding, Part, Study,
        change::pruned,
        grid::{Block, kernel},
    },
    theme::styles::Styles,
    widgets::{
        bits::bit,
        text::{brief, ending, number, percent},
    },
};

/// A rule that names the place, and lines of numbers under it.
pub fn lines(scene: Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let (open, styles) = (scene.open, scene.styles);
    let Some(tensor) = open.tensor(scene.portrait) else {
        return vec![Line::styled("nothing can be pruned here", styles.faint())];
    };
    let mut lines = vec![rule(&tensor.name, columns, styles)];
    if open.zoom < Zoom::Tensor {
        lines.push(kept(&shape(&tensor.shape), tensor.count(), styles));
        lines.extend(since(scene));
        lines.extend(dead(tensor, styles));
        lines.push(around(scene));
        return lines;
    }
    match open.part(scene.portrait, &scene.model.shelf) {
        Some(Ok(part)) => lines.extend(of_part(scene, tensor, part)),
        _ => lines.push(kept(&shape(&tensor.shape), tensor.count(), styles)),
    }
    lines
}

fn rule(name: &str, columns: usize, styles: Styles<'_>) -> Line<'static> {
    let name = ending(name, columns.saturating_sub(6));
    let rest = columns.saturating_sub(name.chars().count() + 4);
    Line::from_iter([
        Span::styled("── ", styles.border()),
        Span::styled(name, styles.heading()),
        Span::styled(format!(" {}", "─".repeat(rest)), styles.border()),
    ])
}

fn kept(what: &str, count: Count, styles: Styles<'_>) -> Line<'static> {
    let numbers = format!("{} of {} weights kept", number(count.kept), number(count.weights));
    Line::from_iter([
        Span::styled(format!("{what}   "), styles.faint()),
        Span::styled(numbers, styles.strong()),
        Span::raw(format!("   density {}", percent(count.density()))),
    ])
}

/// What was pruned since the level before, as far as it is read.
fn since(scene: Scene<'_>) -> Option<Line<'static>> {
    let open = scene.open;
    let before = open.before(&scene.model.shelf)?;
    let level = scene.model.shelf.ticket_at(&before)?.about.level?;
    let cursor = open.cursor;
    let text = match open.change(open.pruned_study(&scene.model.shelf).as_ref()) {
        Some(Ok(change)) => {
            let overlap = change.tensor(cursor.stage, cursor.unit, cursor.tensor)?;
            let lost = pruned(overlap);
            let back = overlap.kept_a - overlap.both;
            let back =
                if back > 0 { format!(", {} came back", number(back)) } else { String::new() };
            lost_text(lost, level) + &back
        }
        Some(Err(reason)) => format!("✗ level {level}: {reason}"),
        None => format!("comparing with level {level}…"),
    };
    Some(Line::styled(text, scene.styles.warn()))
}

fn lost_text(lost: Count, level: u32) -> String {
    format!(
        "× {} pruned since level {level}, {} of the {} that it kept",
        number(lost.kept),
        percent(lost.density()),
        number(lost.weights)
    )
}

fn dead(tensor: &TensorPortrait, styles: Styles<'_>) -> Option<Line<'static>> {
    let outputs = number(tensor.outputs());
    if tensor.is_empty() {
        return Some(Line::styled(
            "✗ the tensor is empty: nothing passes through it",
            styles.bad(),
        ));
    }
    let text = format!("! {} of {outputs} output channels keep no weight", number(tensor.dead));
    (tensor.dead > 0).then(|| Line::styled(text, styles.warn()))
}

/// The densities of what the tensor lies in.
fn around(scene: Scene<'_>) -> Line<'static> {
    let (portrait, cursor) = (scene.portrait, scene.open.cursor);
    let stage = &portrait.stages[cursor.stage];
    let unit = stage.units.get(cursor.unit).map_or(Count::default(), UnitPortrait::count);
    let text = format!(
        "unit {} {}   {} {}   all {}",
        cursor.unit,
        brief(unit.density()),
        stage.name,
        brief(stage.count().density()),
        percent(portrait.count().density())
    );
    Line::styled(text, scene.styles.faint())
}

/// What is said of a tensor that one looks at closely.
fn of_part(scene: Scene<'_>, tensor: &TensorPortrait, part: &Part) -> Vec<Line<'static>> {
    let (open, styles) = (scene.open, scene.styles);
    let at = open.cursor;
    if open.zoom == Zoom::Tensor {
        let (columns, rows) = open.room(scene.model.size, scene.portrait);
        let size = part.grid.fitting(rows, columns);
        let (row, column) = part.grid.cell(size, at.output, at.input);
        let block = part.grid.block(size, row, column);
        let lost =
            part.pruned.as_ref().map(|pruned| pruned.grid.block(size, row, column).count.kept);
        return [kept(&place(&block), block.count, styles)]
            .into_iter()
            .chain(lost.map(|lost| lost_here(lost, block.count, styles)))
            .chain(dead(tensor, styles))
            .chain([kept(&format!("all of {}", shape(&tensor.shape)), tensor.count(), styles)])
            .collect();
    }
    let count = kernel(&part.mask, &part.grid, at.output, at.input);
    let lost = part.pruned.as_ref();
    let lost = lost.map(|lost| kernel(&lost.mask, &part.grid, at.output, at.input).kept);
    let what = format!("output {} × input {}", at.output, at.input);
    let mut lines = vec![kept(&what, count, styles)];
    if open.zoom == Zoom::Bits {
        lines.extend(values(open, scene, tensor, part));
        return lines;
    }
    lines.extend(lost.map(|lost| lost_here(lost, count, styles)));
    let each = part.grid.inputs * part.grid.weights_of_kernel();
    let channel = part.mask.kept_in(at.output * each..(at.output + 1) * each);
    let count = Count { kept: channel, weights: each };
    let what = format!("output {}", at.output);
    let style = if channel == 0 { styles.warn() } else { Style::new() };
    lines.push(kept(&what, count, styles).patch_style(style));
    lines
}

fn place(block: &Block) -> String {
    let range = |range: &std::ops::Range<usize>| match range.len() {
        0 | 1 => range.start.to_string(),
        _ => format!("{}–{}", range.start, range.end - 1),
    };
    format!("outputs {} × inputs {}", range(&block.outputs), range(&block.inputs))
}

fn lost_here(lost: usize, count: Count, styles: Styles<'_>) -> Line<'static> {
    let before = lost + count.kept;
    let text = format!(
        "× {} pruned since the level before, {} of the {} that it kept",
        number(lost),
        percent(share(lost, before)),
        number(before)
    );
    Line::styled(text, styles.warn())
}

/// The rewind weights of the kernel under the cursor, row by row, each behind its sign.
fn values(
    open: &TicketView,
    scene: Scene<'_>,
    tensor: &TensorPortrait,
    part: &Part,
) -> Vec<Line<'static>> {
    let styles = scene.styles;
    let study = Study::Channel {
        path: open.path.clone(),
        tensor: tensor.name.clone(),
        output: open.cursor.output,
    };
    let weights = match open.finding(&study) {
        Some(Ok(Finding::Channel(weights))) => weights,
        Some(Err(reason)) => return vec![Line::styled(format!("✗ {reason}"), styles.bad())],
        _ => return vec![Line::styled("reading the weights…", styles.faint())],
    };
    let (high, wide) = part.grid.kernel;
    let each = high * wide;
    let first = open.cursor.input * each;
    let start = (open.cursor.output * part.grid.inputs + open.cursor.input) * each;
    let rows = (0..high).map(|y| {
        let mut spans = vec![Span::styled("rewind weights  ", styles.faint())];
        for at in y * wide..(y + 1) * wide {
            let value = weights.get(first + at).copied().unwrap_or(f32::NAN);
            spans.push(bit(&part.mask, part, start + at, styles));
            spans.push(Span::raw(format!("{value:>9.5} ")));
        }
        Line::from(spans)
    });
    rows.collect()
}
