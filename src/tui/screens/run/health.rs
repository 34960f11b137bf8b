//! How sound a training is, in a line.

use ratatui::text::{Line, Span};

use crate::{model::Axis, story::Story, theme::styles::Styles, widgets::chart::Scale};

/// Gradient, dead channels and mask after the last epoch, once one has ended; what is wrong stands out by its sign.
#[must_use]
pub fn line(story: &Story, styles: Styles<'_>) -> Option<Line<'static>> {
    let health = story.health.as_ref()?;
    let mut spans =
        vec![Span::styled(format!("health after epoch {}: ", health.epoch), styles.faint())];
    spans.push(match health.gradient_norm {
        Some(norm) => Span::raw(format!("gradient {}", Scale::Loss(Axis::Linear).write(norm))),
        None => Span::styled("! gradient not finite", styles.bad()),
    });
    spans.extend(health.dead_channels.map(|(dead, all)| match dead {
        0 => Span::raw(format!(", no dead channel of {all}")),
        _ => Span::styled(format!(", ! {dead} of {all} channels dead"), styles.warn()),
    }));
    spans.extend(match (&health.mask, story.mask_changed()) {
        (_, true) => Some(Span::styled(", ! the mask changed", styles.bad())),
        (Some(mask), false) => {
            let short = mask.get(..8).unwrap_or(mask);
            let since = if story.masks_move { ", which moves" } else { " as at the start" };
            Some(Span::raw(format!(", mask {short}{since}")))
        }
        (None, false) => None,
    });
    Some(Line::from(spans))
}
