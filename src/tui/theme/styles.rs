//! What each thing on the screen looks like: the only place where colours become styles.

use elth_store::run::standing::State;
use ratatui::style::{Color, Modifier, Style};

use super::Theme;

/// The styles of a theme. Meaning is never left to colour: a sign or a word goes with each.
#[derive(Debug, Clone, Copy)]
pub struct Styles<'a>(pub &'a Theme);

impl Styles<'_> {
    /// Words and numbers.
    #[must_use]
    pub fn text(&self) -> Style {
        Style::new().fg(self.0.text).bg(self.0.background)
    }

    /// What matters less.
    #[must_use]
    pub fn faint(&self) -> Style {
        quiet(self.0.faint)
    }

    /// A heading.
    #[must_use]
    pub fn heading(&self) -> Style {
        Style::new().fg(self.0.accent).add_modifier(Modifier::BOLD)
    }

    /// What is to stand out of a line.
    #[must_use]
    pub fn strong(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A frame around something that keys do not go to.
    #[must_use]
    pub fn border(&self) -> Style {
        quiet(self.0.border)
    }

    /// The frame that keys go to.
    #[must_use]
    pub fn focus(&self) -> Style {
        Style::new().fg(self.0.focus)
    }

    /// The selected row: inverse, so that it is seen without colours too.
    #[must_use]
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// Letters that were searched for: underlined, so that they are seen without colours too.
    #[must_use]
    pub fn found(&self) -> Style {
        Style::new().fg(self.0.key).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// The name of a key.
    #[must_use]
    pub fn key(&self) -> Style {
        Style::new().fg(self.0.key).add_modifier(Modifier::BOLD)
    }

    /// What went well.
    #[must_use]
    pub fn good(&self) -> Style {
        Style::new().fg(self.0.good)
    }

    /// What to look at.
    #[must_use]
    pub fn warn(&self) -> Style {
        Style::new().fg(self.0.warn)
    }

    /// What went wrong.
    #[must_use]
    pub fn bad(&self) -> Style {
        Style::new().fg(self.0.bad)
    }

    /// A density of level 0, nothing kept, to 8, everything kept.
    #[must_use]
    pub fn heat(&self, level: usize) -> Style {
        match level.checked_sub(1) {
            None => self.faint(),
            Some(at) => Style::new().fg(self.0.heat[at.min(self.0.heat.len() - 1)]),
        }
    }

    /// A curve by its number.
    #[must_use]
    pub fn series(&self, number: usize) -> Style {
        Style::new().fg(self.0.series[number % self.0.series.len()])
    }

    /// The state of a run.
    #[must_use]
    pub fn state(&self, state: State) -> Style {
        match state {
            State::Running => Style::new().fg(self.0.accent),
            State::Done => self.good(),
            State::Waiting | State::Paused | State::Stopped => self.warn(),
            State::Failed | State::Lost => self.bad(),
        }
    }
}

/// A quiet colour; the text's own colour where there is none that is quiet on every background.
fn quiet(color: Color) -> Style {
    let style = Style::new().fg(color);
    if color == Color::Reset { style.add_modifier(Modifier::DIM) } else { style }
}
