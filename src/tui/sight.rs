//! What a model looks like, for whoever must know how far its panes go: the view alone knows that.

use ratatui::buffer::Buffer;

use crate::{
    model::Model,
    theme::{BUILTIN, Theme, styles::Styles},
    view::view,
};

/// The screen as it would be seen, in whatever colours.
#[must_use]
pub fn drawn(model: &Model) -> Option<Buffer> {
    let (name, text) = BUILTIN[0];
    let theme = Theme::parse(name, text).ok()?;
    let mut buffer = Buffer::empty(model.size.area());
    view(model, Styles(&theme), &mut buffer);
    Some(buffer)
}
