//! The mapping as a picture that keys edit: where one is in it, and what each key makes of the mapping.

use elth_core::reshape::draft::{Draft, Edit};

use super::{ALL, BY_HAND, NONE, Transform, history::History, label, presets};
use crate::{model::shelf::Shelf, portrait::Portrait};

/// Where keys go, and where in the picture one is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Whether keys go to the picture, not to the answers.
    pub has_focus: bool,
    /// The elastic stage.
    pub stage: usize,
    /// The target unit.
    pub unit: usize,
    /// Whether an edit is of this stage alone, not of all that are as deep.
    pub alone: bool,
    /// The unit that waits for the one it changes places with.
    pub held: Option<usize>,
    /// Digits of the source unit that is being typed.
    pub typed: String,
}

impl Picture {
    /// Stays inside the picture.
    pub fn keep_within(&mut self, draft: &Draft) {
        let stages = draft.stages();
        self.stage = self.stage.min(stages.len().saturating_sub(1));
        let units = stages.get(self.stage).map_or(0, Vec::len);
        self.unit = self.unit.min(units.saturating_sub(1));
        self.held = self.held.filter(|held| *held < units);
    }

    /// Moves by so many stages and units.
    pub fn go(&mut self, draft: &Draft, stages: isize, units: isize) {
        self.typed.clear();
        if stages != 0 {
            self.held = None;
        }
        self.stage = self.stage.saturating_add_signed(stages);
        self.unit = self.unit.saturating_add_signed(units);
        self.keep_within(draft);
    }
}

/// What a key of the picture wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// This change at the cursor.
    Edit(Edit),
    /// The unit changes places with the one so far away, and the cursor goes along.
    Carry(isize),
    /// Another source unit, so many on.
    Turn(isize),
    /// The preset so many on.
    Preset(isize),
    /// This stage in every stage that is as deep.
    Spread,
    /// The target that is as deep as the picture.
    Target,
}

impl Transform {
    /// Draws in the picture; says what hinders where nothing was drawn.
    ///
    /// # Errors
    /// When there is nothing to draw on, no other preset, or no model as deep as the picture.
    pub fn draw_in(
        &mut self,
        stroke: Stroke,
        portrait: Option<&Portrait>,
        on: &Shelf,
    ) -> Result<(), String> {
        let Some(drawn) = &self.drawn else { return Err(self.no_picture()) };
        let (stage, unit) = (self.picture.stage, self.picture.unit);
        let last = drawn.draft.stages().get(stage).map_or(0, Vec::len).saturating_sub(1);
        self.history.pause();
        let edit = match stroke {
            Stroke::Edit(edit) => edit,
            Stroke::Carry(by) => match unit.checked_add_signed(by).filter(|to| *to <= last) {
                Some(to) => Edit::Swap(to),
                None => return Ok(()),
            },
            Stroke::Turn(by) => Edit::Assign(self.turned(by)),
            Stroke::Preset(by) => return self.preset(by, portrait, on),
            Stroke::Spread => {
                let text = drawn.draft.repeated(stage).official();
                self.answer(|form| form.set(label::MAPPING, &text), portrait, on);
                return Ok(());
            }
            Stroke::Target => return self.fit_target(portrait, on),
        };
        let edited = drawn.draft.edited(stage, unit, edit);
        let edited = if self.picture.alone { edited } else { edited.repeated(stage) };
        let text = edited.official();
        self.answer(|form| form.set(label::MAPPING, &text), portrait, on);
        self.history.pause();
        if let (Edit::Swap(to), Stroke::Carry(_)) = (edit, stroke) {
            self.picture.unit = to;
        }
        if edit == Edit::Replicate {
            self.picture.unit = unit + 1;
        }
        if let Some(drawn) = &self.drawn {
            self.picture.keep_within(&drawn.draft);
        }
        Ok(())
    }

    /// The source unit so many on from the one that fills the unit, round at the ends.
    fn turned(&self, by: isize) -> usize {
        let (stage, unit) = (self.picture.stage, self.picture.unit);
        let depth = self.about.blueprint.depths().get(stage).copied().unwrap_or(1).max(1);
        let filled = self.drawn.as_ref().and_then(|it| it.draft.stages().get(stage)?.get(unit));
        match filled.and_then(|filled| filled.first()) {
            Some(from) => (from % depth + depth).saturating_add_signed(by) % depth,
            None if by < 0 => depth - 1,
            None => 0,
        }
    }

    /// Takes a digit of a source unit: `1` and then `2` is 12 where the source is that deep.
    ///
    /// # Errors
    /// When there is nothing to draw on.
    pub fn type_digit(
        &mut self,
        digit: char,
        portrait: Option<&Portrait>,
        on: &Shelf,
    ) -> Result<(), String> {
        let depths = self.about.blueprint.depths();
        let depth = depths.get(self.picture.stage).copied().unwrap_or(0);
        let longer = format!("{}{digit}", self.picture.typed);
        let fits = longer.parse::<usize>().is_ok_and(|unit| unit < depth);
        let typed = if fits { longer } else { digit.to_string() };
        let unit = typed.parse().unwrap_or(0);
        self.draw_in(Stroke::Edit(Edit::Assign(unit)), portrait, on)?;
        self.picture.typed = typed;
        Ok(())
    }

    /// Holds the unit, or changes the held one's place with it.
    ///
    /// # Errors
    /// When there is nothing to draw on.
    pub fn swap(&mut self, portrait: Option<&Portrait>, on: &Shelf) -> Result<(), String> {
        match self.picture.held.take() {
            None => self.picture.held = Some(self.picture.unit),
            Some(held) => {
                self.draw_in(Stroke::Edit(Edit::Swap(held)), portrait, on)?;
            }
        }
        Ok(())
    }

    fn preset(&mut self, by: isize, portrait: Option<&Portrait>, on: &Shelf) -> Result<(), String> {
        let Some(drawn) = &self.drawn else { return Err(self.no_picture()) };
        let now = [label::STRATEGY, label::UNITS, label::REORDER].map(|l| self.form.answer(l));
        let preset = presets::next(&self.about.blueprint, &drawn.target, now, by)
            .ok_or("there is no other mapping that a strategy gives between these models")?;
        self.answer(
            |form| {
                form.set(label::STRATEGY, preset.strategy);
                form.set(label::UNITS, &preset.units);
                form.set(label::REORDER, preset.order);
            },
            portrait,
            on,
        );
        self.history.pause();
        Ok(())
    }

    /// Takes the model as target whose stages are as deep as those of the picture.
    fn fit_target(&mut self, portrait: Option<&Portrait>, on: &Shelf) -> Result<(), String> {
        let Some(drawn) = &self.drawn else { return Err(self.no_picture()) };
        let depths: Vec<usize> = drawn.draft.stages().iter().map(Vec::len).collect();
        if depths == drawn.target.depths() {
            return Err(format!("`{}` is as deep as the picture already", drawn.target.name));
        }
        let name = presets::of_depths(&self.about, &depths, on).ok_or_else(|| {
            let depths: Vec<_> = depths.iter().map(ToString::to_string).collect();
            format!("no model of the family has stages of {} units", depths.join(", "))
        })?;
        let text = drawn.draft.official();
        self.answer(
            |form| {
                let answers =
                    [(label::STRATEGY, BY_HAND), (label::UNITS, ALL), (label::REORDER, NONE)];
                for (label, answer) in answers {
                    form.set(label, answer);
                }
                form.set(label::MAPPING, &text);
                form.set(label::TARGET, &name);
            },
            portrait,
            on,
        );
        self.history.pause();
        Ok(())
    }

    fn no_picture(&self) -> String {
        let reason = self.preview.as_ref().err().filter(|reason| !reason.is_empty());
        reason.cloned().unwrap_or_else(|| "there is nothing to draw on yet".to_owned())
    }

    /// Takes the last change back; says whether there was one.
    pub fn undo(&mut self, portrait: Option<&Portrait>, on: &Shelf) -> bool {
        self.travel(History::undo, portrait, on)
    }

    /// Does again what was taken back last; says whether there was something.
    pub fn redo(&mut self, portrait: Option<&Portrait>, on: &Shelf) -> bool {
        self.travel(History::redo, portrait, on)
    }

    /// How many changes can be taken back, and how many done again.
    #[must_use]
    pub fn changes(&self) -> (usize, usize) {
        self.history.depth()
    }

    fn travel(
        &mut self,
        way: fn(&mut History, Vec<String>) -> Option<Vec<String>>,
        portrait: Option<&Portrait>,
        on: &Shelf,
    ) -> bool {
        let Some(answers) = way(&mut self.history, self.form.answers()) else { return false };
        self.form.restore(&answers);
        self.refresh(portrait, on);
        true
    }
}
