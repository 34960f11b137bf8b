//! A run's log: followed or scrolled back, cut or wrapped, with what is searched for made plain.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    keymap::{Action, Context},
    model::{
        Model,
        run::{RunView, hits},
    },
    story::{self, Story, Voice},
    theme::styles::Styles,
    widgets::{
        pane::{self, Focus},
        text::{fit, wrap},
    },
};

/// Columns of the word before each line.
const WORD: usize = 7;

/// Draws the last lines, or those one scrolled back to.
pub fn draw(
    model: &Model,
    view: &RunView,
    story: &Story,
    buffer: &mut Buffer,
    area: Rect,
    styles: Styles<'_>,
) {
    let inside = pane::frame(buffer, area, &title(model, view, story), Focus::Here, styles);
    let (width, height) = (usize::from(inside.width.saturating_sub(1)), usize::from(inside.height));
    let needle = view.log.needle();
    let end = view.log.end.map_or(story.lines.len(), |end| end.saturating_sub(story.dropped));
    let mut rows: Vec<Line<'_>> = Vec::new();
    let shown = story.lines.iter().enumerate().take(end.min(story.lines.len())).rev();
    for (at, line) in shown.take(height) {
        let is_found = view.log.found == Some(story.dropped + at);
        let drawn = drawn(line, width, view.log.wraps, needle.as_deref(), styles);
        rows.extend(
            drawn.into_iter().rev().map(
                |row| {
                    if is_found { row.style(styles.selected()) } else { row }
                },
            ),
        );
        if rows.len() >= height {
            break;
        }
    }
    rows.truncate(height);
    for (y, row) in (inside.y..).zip(rows.iter().rev()) {
        buffer.set_line(inside.x + 1, y, row, inside.width.saturating_sub(1));
    }
}

/// What state the log is in, and the key that changes it.
fn title(model: &Model, view: &RunView, story: &Story) -> String {
    let key = |action| model.keys.key_for(Context::Run, action);
    let mut parts = vec!["log".to_owned()];
    if view.log.is_searching {
        parts.push(format!("search: {}▌", view.log.search.value()));
    } else if let Some(needle) = view.log.needle() {
        let hits = hits(story, &needle);
        let at = view.log.found.and_then(|found| hits.iter().position(|hit| *hit == found));
        let at = at.map_or(String::new(), |at| format!("{} of ", at + 1));
        parts.push(format!("`{}` {at}{} found", view.log.search.value(), hits.len()));
    }
    if view.frozen.is_some() {
        parts.push(format!("frozen; {} goes on", key(Action::Freeze)));
    }
    if let Some(end) = view.log.end {
        let below = (story.dropped + story.lines.len()).saturating_sub(end);
        parts.push(format!(
            "{} below; {} follows",
            story::line::counted(below, "line"),
            key(Action::Follow)
        ));
    }
    parts.join(", ")
}

/// A line as one row, or more where lines wrap.
fn drawn<'a>(
    line: &'a story::Line,
    width: usize,
    wraps: bool,
    needle: Option<&str>,
    styles: Styles<'_>,
) -> Vec<Line<'a>> {
    let style = match line.voice {
        Voice::Step | Voice::Printed | Voice::Health => styles.faint(),
        Voice::Test => styles.text(),
        Voice::Mark => styles.good(),
        Voice::Trouble => styles.bad(),
    };
    let texts = if wraps {
        wrap(&line.text, width.saturating_sub(WORD).max(8))
    } else {
        vec![line.text.clone()]
    };
    let row = |(at, text): (usize, String)| {
        let word = if at == 0 { line.voice.word() } else { "" };
        let mut spans = vec![Span::styled(fit(word, WORD), styles.faint())];
        spans.extend(pieces(text, needle).into_iter().map(|(piece, is_hit)| {
            Span::styled(piece, if is_hit { styles.selected() } else { style })
        }));
        Line::from(spans)
    };
    texts.into_iter().enumerate().map(row).collect()
}

/// The text cut where what is searched for begins and ends.
fn pieces(text: String, needle: Option<&str>) -> Vec<(String, bool)> {
    let lower = text.to_lowercase();
    // Letters whose lower case has another length cannot be told apart here; the line itself is marked anyway.
    let Some(needle) = needle.filter(|_| lower.len() == text.len()) else {
        return vec![(text, false)];
    };
    let (mut pieces, mut done) = (Vec::new(), 0);
    for (at, _) in lower.match_indices(needle) {
        let end = at + needle.len();
        if let (Some(before), Some(hit)) = (text.get(done..at), text.get(at..end)) {
            pieces.extend([(before.to_owned(), false), (hit.to_owned(), true)]);
            done = end;
        }
    }
    pieces.push((text.get(done..).unwrap_or_default().to_owned(), false));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_cut_out_whatever_its_case() {
        let hits = |text: &str, needle| -> Vec<String> {
            let pieces = pieces(text.to_owned(), needle);
            assert_eq!(pieces.iter().map(|piece| piece.0.as_str()).collect::<String>(), text);
            pieces.into_iter().filter(|piece| piece.1).map(|piece| piece.0).collect()
        };
        assert_eq!(hits("Loss is loss", Some("loss")), ["Loss", "loss"]);
        assert_eq!(hits("ÄÖ ä", Some("ä")), ["Ä", "ä"]);
        assert!(hits("nothing", Some("x")).is_empty());
        assert!(hits("nothing", None).is_empty());
    }
}
