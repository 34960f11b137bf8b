//! What lies over a screen and takes its keys.

pub mod confirm;
pub mod help;
pub mod others;
pub mod palette;
pub mod themes;

use ratatui::layout::{Position, Rect};

use crate::{
    layout,
    model::{Model, Overlay},
};

/// Where an overlay lies.
#[must_use]
pub fn area(model: &Model, overlay: &Overlay) -> Rect {
    match overlay {
        Overlay::Help { .. } => help::area(model.size),
        Overlay::Palette { .. } => palette::area(model.size),
        Overlay::Others { .. } => others::area(model.size),
        Overlay::Themes { .. } => themes::area(model),
        Overlay::Confirm(_) => confirm::area(model.size),
    }
}

/// The number of the line that is drawn there, with the first one that is shown.
#[must_use]
pub fn line_at(model: &Model, overlay: &Overlay, at: Position) -> Option<(usize, usize)> {
    let inside = layout::inside(area(model, overlay));
    let (above, selected, lines) = match overlay {
        Overlay::Help { context, search, selected } => {
            (help::ABOVE, *selected, help::lines(&model.keys, *context, search.value()).len())
        }
        Overlay::Palette { context, search, selected } => {
            let lines = crate::model::palette::lines(model, *context, search.value());
            (palette::ABOVE, *selected, lines.len())
        }
        Overlay::Others { search, selected } => {
            let lines = crate::update::ticket::candidates(model, search.value());
            (others::ABOVE, *selected, lines.len())
        }
        Overlay::Themes { .. } => (0, model.theme, model.themes.len()),
        Overlay::Confirm(_) => return None,
    };
    let row = usize::from(at.y.checked_sub(inside.y + above)?);
    let height = usize::from(inside.height.saturating_sub(above));
    let first = layout::first_shown(model.pinned, selected, lines, height);
    (inside.contains(at) && first + row < lines).then_some((first + row, first))
}
