//! The picture of a ticket's masks, from all stages down to the bits of kernels.

use std::path::PathBuf;

use elth_core::ticket::Count;
use elth_store::ticket_file::Summary;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Scene, facts};
use crate::{
    layout,
    model::{
        Model,
        shelf::stem,
        ticket::{Focus, Measure, TicketView, Zoom, cursor},
    },
    portrait::{Portrait, StagePortrait, UnitPortrait},
    widgets::{
        bar::bar,
        bits::{self, Closely},
        heatmap,
        map::{self, Row, band, common, flag},
        pane,
        text::{brief, fit, number, percent, wrap},
    },
};

/// Draws the picture's pane.
pub fn draw(scene: Scene<'_>, buffer: &mut Buffer, area: Rect) {
    let (open, styles) = (scene.open, scene.styles);
    let level =
        scene.portrait.about.level.map_or(String::new(), |level| format!(" · level {level}"));
    let title = format!("{}{level}", stem(&open.path));
    pane::frame(buffer, area, &title, pane::Focus::Here, styles);
    let parts = open.parts(area, scene.portrait);
    buffer.set_line(parts.levels.x, parts.levels.y, &levels(scene), parts.levels.width);
    let (columns, rows) = (usize::from(parts.picture.width), usize::from(parts.picture.height));
    let (lines, chosen) = lines(scene, columns, rows);
    let first = layout::first_shown(scene.model.pinned, chosen, lines.len(), rows);
    pane::lines(buffer, parts.picture, &lines, first, styles);
    buffer.set_line(parts.legend.x, parts.legend.y, &legend(scene), parts.legend.width);
    pane::text(buffer, parts.facts, &facts::lines(scene, parts.facts.width.into()));
}

/// The levels of the ticket's chain, its own marked.
fn levels(scene: Scene<'_>) -> Line<'static> {
    let styles = scene.styles;
    let chain = scene.open.chain(&scene.model.shelf);
    if chain.len() < 2 {
        let count = scene.portrait.count();
        let text =
            format!("{}, {} kept", scene.portrait.about.blueprint.name, percent(count.density()));
        return Line::styled(text, styles.faint());
    }
    let is_focused = scene.open.focus == Focus::Levels;
    let (marker, style) = if is_focused { ("›", styles.strong()) } else { (" ", styles.faint()) };
    let mut spans = vec![Span::styled(format!("{marker}{LEVEL}"), style)];
    spans.extend(level_words(scene.model, scene.open, scene.portrait).into_iter().map(|word| {
        let is_here = word.1 == scene.open.path;
        Span::styled(word.0, if is_here { styles.selected() } else { styles.faint() })
    }));
    Line::from(spans)
}

/// What stands before the levels, after the marker.
pub const LEVEL: &str = "level ";

/// The levels as they are written, each with its ticket: those around this one, where there is no room for all.
pub fn level_words(
    model: &Model,
    open: &TicketView,
    portrait: &Portrait,
) -> Vec<(String, PathBuf)> {
    let chain = open.chain(&model.shelf);
    let at = chain.iter().position(|ticket| ticket.path == open.path).unwrap_or(0);
    let around = chain.iter().enumerate().skip(at.saturating_sub(6));
    let words = around.map(|(number, ticket)| {
        let level = level_of(ticket);
        let word = if number == at {
            format!("[{level} · {}]", brief(portrait.count().density()))
        } else {
            format!(" {level} ")
        };
        (word, ticket.path.clone())
    });
    words.collect()
}

fn level_of(ticket: &Summary) -> String {
    ticket.about.level.map_or("-".to_owned(), |level| level.to_string())
}

/// What the signs mean now.
fn legend(scene: Scene<'_>) -> Line<'static> {
    let styles = scene.styles;
    if scene.open.zoom == Zoom::Bits {
        let text = "■ kept   × pruned since the level before   · pruned earlier";
        return Line::styled(text, styles.faint());
    }
    let mut line = heatmap::legend(styles);
    let what = match scene.open.measure {
        Measure::Kept => return line,
        Measure::Pruned => "pruned % of the level before ",
        Measure::Shared => "shared % of kept by either ",
    };
    line.spans[0] = Span::styled(what, styles.warn());
    line
}

/// The picture's lines and the one that the cursor is on.
fn lines(scene: Scene<'_>, columns: usize, rows: usize) -> (Vec<Line<'static>>, usize) {
    match scene.open.zoom {
        Zoom::Ticket => stages(scene, columns),
        Zoom::Stage => stage(scene, columns),
        Zoom::Unit => unit(scene, columns),
        Zoom::Tensor | Zoom::Kernels | Zoom::Bits => (closely(scene, columns, rows), 0),
    }
}

/// What the blocks show; the kept weights until the rest was read.
fn measured(scene: Scene<'_>) -> &[StagePortrait] {
    let (open, shelf) = (scene.open, &scene.model.shelf);
    let study = match open.measure {
        Measure::Kept => None,
        Measure::Pruned => open.pruned_study(shelf),
        Measure::Shared => open.difference_study(),
    };
    match (open.change(study.as_ref()), open.measure) {
        (Some(Ok(change)), Measure::Pruned) => &change.pruned,
        (Some(Ok(change)), Measure::Shared) => &change.shared,
        _ => &scene.portrait.stages,
    }
}

fn row_of(scene: Scene<'_>, stage: usize, unit: usize) -> Option<(&UnitPortrait, Row<'_>)> {
    let cursor = scene.open.cursor;
    let of = &scene.portrait.stages[stage];
    let kept = of.units.get(unit)?;
    let shown = measured(scene).get(stage)?.units.get(unit)?;
    let is_here = (stage, unit) == (cursor.stage, cursor.unit);
    let chosen = is_here.then_some(cursor.tensor);
    Some((kept, Row { unit: shown, kept, common: common(of), chosen }))
}

/// All stages: the elastic ones side by side, the others in a line of their own.
fn stages(scene: Scene<'_>, columns: usize) -> (Vec<Line<'static>>, usize) {
    let (portrait, cursor, styles) = (scene.portrait, scene.open.cursor, scene.styles);
    let (mut lines, mut chosen) = (Vec::new(), 0);
    for beside in cursor::rows(&portrait.stages, columns) {
        let column = ((columns + 2) / beside.len()).saturating_sub(2);
        let is_elastic = portrait.stages[beside[0]].elastic;
        if is_elastic {
            lines.push(beside.iter().map(|stage| head(scene, *stage, column)).collect());
        }
        let units = beside.iter().map(|stage| portrait.stages[*stage].units.len()).max();
        for unit in 0..units.unwrap_or(0) {
            let mut spans = Vec::new();
            for stage in &beside {
                if (*stage, unit) == (cursor.stage, cursor.unit) {
                    chosen = lines.len();
                }
                let name = if is_elastic {
                    unit.to_string()
                } else {
                    fit(&portrait.stages[*stage].name, 4)
                };
                match row_of(scene, *stage, unit) {
                    // A stem or a head of one small tensor needs no whole line.
                    Some((_, row)) if !is_elastic => {
                        spans.extend(map::row(row, &name, column.min(48), styles));
                    }
                    Some((_, row)) => spans.extend(map::row(row, &name, column, styles)),
                    None => spans.push(Span::raw(" ".repeat(column))),
                }
                spans.push(Span::raw("  "));
            }
            lines.push(Line::from(spans));
        }
    }
    (lines, chosen)
}

/// A stage's name over its column, with its density.
fn head(scene: Scene<'_>, stage: usize, column: usize) -> Span<'static> {
    let styles = scene.styles;
    let portrait = &scene.portrait.stages[stage];
    let text = format!("{} {}", portrait.name, brief(portrait.count().density()));
    let is_here = stage == scene.open.cursor.stage;
    Span::styled(fit(&text, column + 2), if is_here { styles.strong() } else { styles.faint() })
}

/// One stage: its units over the whole width, the tensors named.
fn stage(scene: Scene<'_>, columns: usize) -> (Vec<Line<'static>>, usize) {
    let (cursor, styles) = (scene.open.cursor, scene.styles);
    let of = &scene.portrait.stages[cursor.stage];
    let count = of.count();
    let mut lines = vec![head_line(scene, &of.name, count)];
    let mut chosen = 0;
    for unit in 0..of.units.len() {
        let Some((_, row)) = row_of(scene, cursor.stage, unit) else { continue };
        if unit == cursor.unit {
            chosen = lines.len() + 1;
        }
        let name = unit.to_string();
        lines.push(Line::from(map::row(row, &name, columns, styles)));
        lines.push(map::names(row, name.len().max(2) + 1, columns, styles));
    }
    (lines, chosen)
}

fn head_line(scene: Scene<'_>, name: &str, count: Count) -> Line<'static> {
    let kept = format!(
        "   {} of {} kept, {}",
        number(count.kept),
        number(count.weights),
        percent(count.density())
    );
    Line::from_iter([
        Span::styled(name.to_owned(), scene.styles.strong()),
        Span::styled(kept, scene.styles.faint()),
    ])
}

/// One unit: its tensors below one another, each with its numbers and its bands.
fn unit(scene: Scene<'_>, columns: usize) -> (Vec<Line<'static>>, usize) {
    let (cursor, styles) = (scene.open.cursor, scene.styles);
    let Some((kept, row)) = row_of(scene, cursor.stage, cursor.unit) else {
        return (Vec::new(), 0);
    };
    let name = format!("{} · unit {}", scene.stage(), cursor.unit);
    let (mut lines, mut chosen) = (vec![head_line(scene, &name, kept.count())], 0);
    for (at, (tensor, shown)) in kept.tensors.iter().zip(&row.unit.tensors).enumerate() {
        let is_here = at == cursor.tensor;
        if is_here {
            chosen = lines.len() + 2;
        }
        let count = tensor.count();
        let (marker, style) = if is_here { ("›", styles.strong()) } else { (" ", styles.text()) };
        let text = format!("{marker} {}  {}  ", tensor.part, shape(&tensor.shape));
        lines.push(Line::from_iter([
            Span::styled(text, style),
            flag(tensor, styles),
            Span::styled(format!(" {}", bar(count.density(), 20)), styles.series(0)),
            Span::raw(format!(" {}", percent(count.density()))),
        ]));
        let mut bands = vec![Span::raw("  ")];
        bands.extend(band(shown, columns.saturating_sub(2), styles));
        lines.push(Line::from(bands));
        lines.push(Line::default());
    }
    (lines, chosen)
}

/// A shape as it is written: `16×16×3×3`.
pub fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}

fn closely(scene: Scene<'_>, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let (open, styles) = (scene.open, scene.styles);
    let part = match open.part(scene.portrait, &scene.model.shelf) {
        Some(Ok(part)) => part,
        Some(Err(reason)) => {
            let lines = wrap(&format!("✗ {reason}"), columns).into_iter();
            return lines.map(|line| Line::styled(line, styles.bad())).collect();
        }
        None => return vec![Line::styled("reading the mask…", styles.faint())],
    };
    let room =
        (columns.saturating_sub(layout::ticket::LABELS).max(1), rows.saturating_sub(1).max(1));
    let at = (open.cursor.output, open.cursor.input);
    let shown = Closely { part, at, room, is_pruned: open.measure == Measure::Pruned };
    match open.zoom {
        Zoom::Bits => bits::bits(shown, styles),
        Zoom::Kernels => bits::kernels(shown, styles),
        _ => bits::whole(shown, styles),
    }
}
