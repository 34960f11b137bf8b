//! How sound a training is, in a line.

use ratatui::text::{Line, Span};

use crate::{model::Axis, story::Health, theme::styles::Styles, widgets::chart::Scale};

/// Gradient, dead channels and mask after the last epoch; what is wrong stands out by its sign.
#[must_use]
pub fn line(health: &Health, styles: Styles<'_>) -> Line<'static> {
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
    spans.extend(match (&health.mask, health.mask_changed()) {
        (_, true) => Some(Span::styled(", ! the mask changed", styles.bad())),
        (Some(mask), false) => {
            let short = mask.get(..8).unwrap_or(mask);
            Some(Span::raw(format!(", mask {short} as at the start")))
        }
        (None, false) => None,
    });
    Line::from(spans)
}
