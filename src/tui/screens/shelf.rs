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
    layout::Rect,
    text::{Line, Span},
};

use super::look;
use crate::{
    keymap::{Action, Context},
    layout,
    model::{
        Model,
        shelf::{Branch, ModelLine, Row, count, stem},
    },
    theme::styles::Styles,
    widgets::{
        form::with_cursor,
        pane::{self, Focus},
        text::{brief, cut, ending, fit, right, short},
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

fn tree(model: &Model, buffer: &mut Buffer, area: Rect, styles: Styles<'_>) {
    let mut inside = pane::frame(buffer, area, "shelf", Focus::Here, styles);
    let shelf = &model.shelf;
    let rows = shelf.rows();
    if shelf.is_filtering || !shelf.filter.value().is_empty() {
        filter(model, buffer, inside, styles);
        inside = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    }
    if rows.is_empty() {
        let text = if shelf.listing.is_none() { "reading…" } else { "nothing has these words" };
        buffer.set_stringn(inside.x + 1, inside.y, text, inside.width.into(), styles.faint());
        return;
    }
    let selected = shelf.selected_row(&rows);
    let height = usize::from(inside.height);
    let first = layout::first_row(selected.unwrap_or(0), rows.len(), height);
    let shown = rows.iter().enumerate().skip(first);
    for (y, (at, row)) in (inside.y..inside.y + inside.height).zip(shown) {
        let line = line(row, selected == Some(at), inside.width.into(), styles);
        buffer.set_line(inside.x, y, &line, inside.width);
        if selected == Some(at) {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), styles.selected());
        }
    }
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

fn line(row: &Row<'_>, is_selected: bool, width: usize, styles: Styles<'_>) -> Line<'static> {
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
        Row::Model(model, tickets, branch) => {
            model_line(model, *tickets, *branch, marker, width, styles)
        }
        Row::Ticket(ticket) => ticket_line(ticket, marker, width, styles),
        Row::Unreadable(files) => {
            let text = format!("{marker}✗ {files} files that are no tickets");
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

fn ticket_line(ticket: &Summary, marker: &str, width: usize, styles: Styles<'_>) -> Line<'static> {
    let level = ticket.about.level.map_or("  -".to_owned(), |level| format!("L{level}"));
    let kept = count(ticket).map_or("?".to_owned(), |count| brief(count.density()));
    let dataset = ticket.about.dataset.as_deref().unwrap_or("-");
    let head = format!("{marker}   {} {} ", fit(&level, 3), right(&kept, 5));
    let wide = width >= 44;
    let set = if wide { format!("{} ", fit(dataset, 13)) } else { String::new() };
    let room = width.saturating_sub(head.chars().count() + set.chars().count());
    Line::from_iter([
        Span::raw(head),
        Span::styled(set, styles.faint()),
        Span::raw(ending(&stem(&ticket.path), room)),
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
