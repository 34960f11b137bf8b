//! The shelf: families, models and tickets on the left, what the selected one looks like on the right.
//!
//! ```text
//! ┌ shelf ─────────────────────┐┌ r14-l12 ──────────────────┐
//! │▾ cifar_resnet     9 tickets││ kept, density, sparsity   │
//! │  ▾ cifar_resnet_14_8   2·2·2││ heatmap, stage by stage   │
//! │    › L12   6.9%  r14-l12   ││ lineage, digest           │
//! └────────────────────────────┘└───────────────────────────┘
//! ```

use elth_store::ticket_file::Summary;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::look;
use crate::{
    keymap::{Action, Context},
    layout,
    model::{
        Model,
        shelf::{
            Branch, ModelLine, Row, count,
            offspring::Child,
            order::{Order, matched},
            stem,
        },
    },
    theme::styles::Styles,
    widgets::{
        form::with_cursor,
        pane::{self, Focus},
        text::{brief, cut, ending, fit, middle, right, short},
    },
};

/// Draws the shelf.
pub fn draw(model: &Model, buffer: &mut Buffer, body: Rect, styles: Styles<'_>) {
    let (list, right) = layout::panes(body, model.split);
    tree(model, buffer, list, styles);
    if let Some(area) = right {
        look::draw(model, buffer, area, styles);
    }
}

/// Where the rows lie in the list's pane: below the filter, where there is one.
fn rows_area(model: &Model, list: Rect) -> Rect {
    let (inside, shelf) = (layout::inside(list), &model.shelf);
    let taken = u16::from(shelf.is_filtering || !shelf.filter.value().is_empty());
    Rect { y: inside.y + taken, height: inside.height.saturating_sub(taken), ..inside }
}

/// The row that lies there, with the first one that is shown.
#[must_use]
pub fn row_at(model: &Model, body: Rect, at: Position) -> Option<(usize, usize)> {
    let area = rows_area(model, layout::panes(body, model.split).0);
    let rows = model.shelf.rows();
    let selected = model.shelf.selected_row(&rows).unwrap_or(0);
    let first = layout::first_shown(model.pinned, selected, rows.len(), area.height.into());
    let row = first + usize::from(at.y.saturating_sub(area.y));
    (area.contains(at) && row < rows.len()).then_some((row, first))
}

fn tree(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let framed = pane::frame(buffer, area, &title(model), Focus::Here, styles);
    let inside = rows_area(model, area);
    let shelf = &model.shelf;
    let rows = shelf.rows();
    if inside.y > framed.y {
        filter(model, buffer, framed, styles);
    }
    if rows.is_empty() {
        let text = if shelf.listing.is_none() { "reading…" } else { "nothing has these words" };
        buffer.set_stringn(inside.x + 1, inside.y, text, inside.width.into(), styles.faint());
        return;
    }
    let selected = shelf.selected_row(&rows);
    let height = usize::from(inside.height);
    let first = layout::first_shown(model.pinned, selected.unwrap_or(0), rows.len(), height);
    let shown = rows.iter().enumerate().skip(first);
    for (y, (at, row)) in (inside.y..inside.y + inside.height).zip(shown) {
        let line = line(model, row, selected == Some(at), inside.width.into(), styles);
        buffer.set_line(inside.x, y, &line, inside.width);
        if selected == Some(at) {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), styles.selected());
        }
    }
}

/// What tickets are ordered by, where it is not as usual, and how many are marked.
fn title(model: &Model) -> String {
    let shelf = &model.shelf;
    let order = match shelf.order {
        Order::Level => String::new(),
        other => format!(" · by {}", other.name()),
    };
    let marked = if shelf.marked.is_empty() {
        String::new()
    } else {
        format!(" · {} marked", shelf.marked.len())
    };
    format!("shelf{order}{marked}")
}

fn filter(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let key = model.keys.key_for(Context::Shelf, Action::Filter);
    let mut spans = vec![Span::styled(format!("{key} "), styles.key())];
    let input = &model.shelf.filter;
    let room = usize::from(area.width).saturating_sub(3);
    if model.shelf.is_filtering {
        spans.extend(with_cursor(input.value(), input.cursor(), room, styles));
    } else {
        spans.push(Span::styled(cut(input.value(), room), styles.strong()));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}

fn line(
    model: &Model,
    row: &Row<'_>,
    is_selected: bool,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let marker = if is_selected { "›" } else { " " };
    match row {
        Row::Family(family, tickets, branch) => {
            let name = format!("{marker}{} {family}", sign(*branch));
            let tickets = tickets_text(*tickets);
            let name = fit(&name, width.saturating_sub(tickets.len() + 1));
            Line::from_iter([
                Span::styled(name, styles.heading()),
                Span::styled(tickets, styles.faint()),
            ])
        }
        Row::Model(of, tickets, branch) => model_line(of, *tickets, *branch, marker, width, styles),
        Row::Ticket(ticket) => ticket_line(model, ticket, marker, width, styles),
        Row::Run(run) => run_line(run, marker, width, styles),
        Row::Unreadable(files) => {
            let files = if *files == 1 {
                "1 file that is no ticket".to_owned()
            } else {
                format!("{files} files that are no tickets")
            };
            let text = format!("{marker}✗ {files}");
            Line::styled(fit(&text, width), styles.bad())
        }
    }
}

fn model_line(
    model: &ModelLine,
    tickets: usize,
    branch: Branch,
    marker: &str,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let sign = if tickets == 0 { " " } else { sign(branch) };
    let depths: Vec<_> = model.depths.iter().map(ToString::to_string).collect();
    // A long name says the depths too; in a narrow pane it is enough.
    let depths = if width < 40 { String::new() } else { depths.join("·") };
    let facts = format!("{depths} {}", right(&short(model.prunable), 6));
    let style = if tickets == 0 { styles.faint() } else { styles.text() };
    let room = width.saturating_sub(facts.chars().count() + 1);
    let name = format!("{marker} {sign} {}", ending(&model.name, room.saturating_sub(4)));
    Line::from_iter([
        Span::styled(fit(&name, room) + " ", style),
        Span::styled(facts, styles.faint()),
    ])
}

/// Level, kept share, last accuracy and data set as far as there is room, and the name.
fn ticket_line(
    model: &Model,
    ticket: &Summary,
    marker: &str,
    width: usize,
    styles: Styles<'_>,
) -> Line<'static> {
    let shelf = &model.shelf;
    let mark = if shelf.marked.contains(&ticket.path) { "●" } else { " " };
    let level = ticket.about.level.map_or("  -".to_owned(), |level| format!("L{level}"));
    let kept = count(ticket).map_or("?".to_owned(), |count| brief(count.density()));
    let head = format!("{marker}{mark}  {} {} ", fit(&level, 3), right(&kept, 5));
    let accuracy = shelf.offspring.accuracy(ticket.digest.as_deref());
    let accuracy = accuracy.map_or(String::new(), |accuracy| format!("{:.1}", 100.0 * accuracy));
    let accuracy = if width >= 50 { format!("{} ", right(&accuracy, 5)) } else { String::new() };
    let dataset = ticket.about.dataset.as_deref().unwrap_or("-");
    let set = if width >= 44 { format!("{} ", fit(dataset, 13)) } else { String::new() };
    let used = [&head, &accuracy, &set].map(|text| text.chars().count()).iter().sum();
    let mut spans = vec![
        Span::raw(head),
        Span::styled(accuracy, styles.good()),
        Span::styled(set, styles.faint()),
    ];
    let found = matched(shelf.filter.value(), ticket);
    for (letter, at) in middle(&stem(&ticket.path), width.saturating_sub(used)) {
        let is_found = at.is_some_and(|at| found.contains(&at));
        let style = if is_found { styles.found() } else { styles.text() };
        spans.push(Span::styled(letter.to_string(), style));
    }
    Line::from(spans)
}

/// A run under the ticket that it retrains.
fn run_line(run: &Child, marker: &str, width: usize, styles: Styles<'_>) -> Line<'static> {
    let accuracy =
        run.accuracy.map_or(String::new(), |accuracy| format!("{:.1}%", 100.0 * accuracy));
    let head = format!("{marker}      └ {} ", fit(run.state.name(), 7));
    let room = width.saturating_sub(head.chars().count() + 7);
    let name: String = middle(&format!("{} {}", run.dir.id(), run.dataset), room)
        .iter()
        .map(|(l, _)| *l)
        .collect();
    Line::from_iter([
        Span::styled(head, styles.state(run.state)),
        Span::styled(fit(&name, room), styles.faint()),
        Span::raw(right(&accuracy, 7)),
    ])
}

fn sign(branch: Branch) -> &'static str {
    match branch {
        Branch::Open => "▾",
        Branch::Closed => "▸",
    }
}

fn tickets_text(tickets: usize) -> String {
    match tickets {
        0 => String::new(),
        1 => "1 ticket".to_owned(),
        more => format!("{more} tickets"),
    }
}
