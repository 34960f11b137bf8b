//! The dialog that transforms a ticket: its answers, the mapping they give, and what would come of it.
//!
//! Everything follows from the answers: the picture edits the mapping's text, so undoing restores answers only.

pub mod history;
pub mod picture;
mod presets;
mod rival;
mod targets;

use std::path::{Path, PathBuf};

use elth_core::{
    blueprint::Blueprint,
    chance::Seeds,
    reshape::{
        advice::advice,
        draft::{Draft, Wrong},
        reorder::{Order, reorder},
        strategy::{Strategy, Units, plan},
    },
    ticket::About,
    unit_map::{UnitMap, check_models},
};

pub use targets::free_name;

use self::{
    history::History,
    picture::Picture,
    targets::{next_deeper, targets},
};
use super::{
    form::{Field, Form},
    shelf::{Shelf, called, stem},
};
use crate::{
    effect::Transformation,
    portrait::{Portrait, StagePortrait},
};

/// Labels of the dialog's lines.
pub mod label {
    /// The target model.
    pub const TARGET: &str = "target";
    /// How units are replicated or dropped.
    pub const STRATEGY: &str = "strategy";
    /// Which units a stretch replicates.
    pub const UNITS: &str = "units";
    /// The order on top.
    pub const REORDER: &str = "re-order";
    /// The mapping outright.
    pub const MAPPING: &str = "mapping";
    /// The new ticket's name.
    pub const NAME: &str = "name";
}

/// What the strategy is called when the models decide.
pub const DEFAULT: &str = "default";
/// What it is called when the mapping was drawn or typed.
pub const BY_HAND: &str = "by hand";
/// No re-ordering.
pub const NONE: &str = "none";
/// As many unique units as there are copies to make.
pub const ALL: &str = "all";

/// A ticket on its way to another model.
#[derive(Debug, Clone)]
pub struct Transform {
    /// The source ticket's file.
    pub source: PathBuf,
    /// What its header says.
    pub about: About,
    /// The answers.
    pub form: Form,
    /// Where keys go, and where in the picture one is.
    pub picture: Picture,
    /// The target and the mapping as far as it goes; nothing where there is no such target.
    pub drawn: Option<Drawn>,
    /// What would come of it, or why nothing would.
    pub preview: Result<Preview, String>,
    /// A ticket that was found in the target itself, at the nearest level.
    pub rival: Option<PathBuf>,
    /// The number by which it was sent to be saved, while there is no answer.
    pub asking: Option<u64>,
    /// Lines that the right pane is scrolled by.
    pub scrolled: usize,
    history: History,
}

/// A mapping as it is drawn, complete or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The target model.
    pub target: Blueprint,
    /// What fills each target unit.
    pub draft: Draft,
    /// What is wrong with it.
    pub wrong: Vec<Wrong>,
}

/// What would come of the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The target model.
    pub target: Blueprint,
    /// Which source unit fills which target unit.
    pub map: UnitMap,
    /// The target's stages; empty until the source's tensors are read.
    pub stages: Vec<StagePortrait>,
    /// What the paper advises against in it.
    pub advice: Vec<String>,
}

impl Transform {
    /// Opens the dialog with the next deeper model as target.
    #[must_use]
    pub fn open(source: &Path, about: &About, shelf: &Shelf, portrait: Option<&Portrait>) -> Self {
        let mut transform = Self {
            source: source.to_owned(),
            about: about.clone(),
            form: form(about, shelf),
            picture: Picture::default(),
            drawn: None,
            preview: Err(String::new()),
            rival: None,
            asking: None,
            scrolled: 0,
            history: History::default(),
        };
        transform.refresh(portrait, shelf);
        transform
    }

    /// Changes the answers, and what follows from them; the answers before can be had again.
    pub fn answer(
        &mut self,
        change: impl FnOnce(&mut Form),
        portrait: Option<&Portrait>,
        on: &Shelf,
    ) {
        let before = self.form.answers();
        change(&mut self.form);
        let changed = self.form.differing(&before);
        if let Some(label) = changed {
            self.history.note(before, label);
            self.settle(label);
            self.refresh(portrait, on);
        }
    }

    /// What comes next is a change of its own, to be undone by itself.
    pub fn rest(&mut self) {
        self.history.pause();
    }

    /// Makes the other answers agree with the one that changed.
    fn settle(&mut self, changed: &str) {
        match changed {
            label::MAPPING => {
                self.form.set(label::STRATEGY, BY_HAND);
                self.form.set(label::UNITS, ALL);
                self.form.set(label::REORDER, NONE);
            }
            label::UNITS | label::REORDER if self.is_by_hand() => {
                self.form.set(label::STRATEGY, DEFAULT);
            }
            _ => {}
        }
    }

    /// Works out the mapping and its preview again, and the name that goes with it.
    pub fn refresh(&mut self, portrait: Option<&Portrait>, on: &Shelf) {
        let name = self.proposed_name(on);
        self.form.propose(label::NAME, &name);
        let (drawn, problem) = self.draw();
        if let Some(drawn) = &drawn {
            // What a strategy gives is written where it can be changed; what is typed stays as it is typed.
            if !self.is_by_hand() {
                self.form.set(label::MAPPING, &drawn.draft.official());
            }
            self.picture.keep_within(&drawn.draft);
        }
        self.rival = drawn.as_ref().and_then(|drawn| rival::find(&self.about, &drawn.target, on));
        self.preview = match (&drawn, problem) {
            (_, Some(problem)) => Err(problem),
            (None, None) => Err(String::new()),
            (Some(drawn), None) => self.previewed(drawn, portrait),
        };
        self.drawn = drawn;
    }

    fn previewed(&self, drawn: &Drawn, portrait: Option<&Portrait>) -> Result<Preview, String> {
        let (source, target) = (&self.about.blueprint, drawn.target.clone());
        let map = drawn.draft.map(source, &target).map_err(|wrong| summed_up(&wrong))?;
        let stages = portrait.map_or(Vec::new(), |source| source.mapped(&target, &map));
        let advice = advice(source, &target, &map);
        Ok(Preview { target, map, stages, advice })
    }

    /// The mapping that the answers give, as far as it goes, and what is wrong with the answers themselves.
    fn draw(&self) -> (Option<Drawn>, Option<String>) {
        let source = &self.about.blueprint;
        let target = match self.target() {
            Ok(target) => target,
            Err(reason) => return (None, Some(reason)),
        };
        let planned = if self.is_by_hand() {
            let text = self.form.answer(label::MAPPING);
            Draft::read(source, &target, text).map_err(|error| error.to_string())
        } else {
            self.planned(&target).map(|map| Draft::of(source, &target, &map))
        };
        match planned {
            Ok(draft) => {
                let wrong = draft.wrong(source, &target);
                (Some(Drawn { target, draft, wrong }), None)
            }
            // A text that cannot be read yet leaves the picture as it was.
            Err(reason) if self.is_by_hand() => {
                let before = self.drawn.clone().filter(|drawn| drawn.target == target);
                (before, Some(reason))
            }
            Err(reason) => {
                let draft = Draft::begin(source, &target);
                let wrong = draft.wrong(source, &target);
                (Some(Drawn { target, draft, wrong }), Some(reason))
            }
        }
    }

    /// The target that is asked for.
    fn target(&self) -> Result<Blueprint, String> {
        let (source, name) = (&self.about.blueprint, self.form.answer(label::TARGET).trim());
        let target = Blueprint::new(name, Some(source.classes), Some(source.input));
        let target = target.map_err(|error| error.to_string())?;
        check_models(source, &target).map_err(|error| error.to_string())?;
        Ok(target)
    }

    fn planned(&self, target: &Blueprint) -> Result<UnitMap, String> {
        let strategy = Some(self.form.answer(label::STRATEGY)).filter(|name| *name != DEFAULT);
        let strategy = strategy.map(str::parse::<Strategy>).transpose()?;
        let units: Units = self.form.answer(label::UNITS).trim().parse()?;
        let order = self.form.answer(label::REORDER).trim();
        ordered(&self.about.blueprint, target, strategy, &units, order)
    }

    /// Whether the mapping was drawn or typed.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.form.answer(label::STRATEGY) == BY_HAND
    }

    /// What is to be saved in that folder, or why nothing can be.
    ///
    /// # Errors
    /// When the answers give no mapping, or the name cannot be a file's.
    pub fn transformation(&self, folder: &Path) -> Result<Transformation, String> {
        let preview = self.preview.as_ref().map_err(Clone::clone)?;
        let name = self.form.answer(label::NAME).trim();
        if name.is_empty() || name.starts_with('.') || name.contains('/') {
            return Err(format!("`{name}` cannot be a ticket's name: write one without `/`"));
        }
        Ok(Transformation {
            source: self.source.clone(),
            target: preview.target.name.clone(),
            map: preview.map.stages().to_vec(),
            output: self.output(folder),
        })
    }

    /// The command that does the same.
    #[must_use]
    pub fn command(&self, folder: &Path) -> Vec<String> {
        let mut words = vec!["transform".to_owned(), called(&self.source)];
        let mut option = |flag: &str, value: &str, unless: &str| {
            if value != unless && !value.is_empty() {
                words.extend([flag.to_owned(), value.to_owned()]);
            }
        };
        option("--to", self.form.answer(label::TARGET).trim(), "");
        if self.is_by_hand() {
            let typed = self.form.answer(label::MAPPING).trim();
            let drawn = self.preview.as_ref().map(|preview| preview.map.official());
            option("--map", &drawn.unwrap_or_else(|_| typed.to_owned()), "");
        } else {
            option("--strategy", self.form.answer(label::STRATEGY), DEFAULT);
            option("--units", self.form.answer(label::UNITS).trim(), ALL);
            option("--reorder", self.form.answer(label::REORDER).trim(), NONE);
        }
        option("-o", &self.output(folder).display().to_string(), "");
        words
    }

    fn output(&self, folder: &Path) -> PathBuf {
        let name = self.form.answer(label::NAME).trim();
        let name = name.strip_suffix(".safetensors").unwrap_or(name);
        folder.join(format!("{name}.safetensors"))
    }

    fn proposed_name(&self, on: &Shelf) -> String {
        let target = self.form.answer(label::TARGET).trim();
        let depth = target.trim_start_matches(self.about.blueprint.family.name());
        let depth = depth.trim_matches('_').replace('_', "x");
        let strategy = match self.form.answer(label::STRATEGY) {
            DEFAULT => String::new(),
            BY_HAND => "-by-hand".to_owned(),
            chosen => format!("-{chosen}"),
        };
        let order = match self.form.answer(label::REORDER).trim() {
            "" | NONE => String::new(),
            chosen => format!("-{}", chosen.replace(',', "")),
        };
        free_name(&format!("{}-to-{depth}{strategy}{order}", stem(&self.source)), on)
    }
}

/// A strategy's mapping with an order on top.
fn ordered(
    source: &Blueprint,
    target: &Blueprint,
    strategy: Option<Strategy>,
    units: &Units,
    order: &str,
) -> Result<UnitMap, String> {
    let map = plan(source, target, strategy, units).map_err(|error| error.to_string())?;
    if order == NONE || order.is_empty() {
        return Ok(map);
    }
    // The seed that `elth transform` derives where none is given.
    let order = Order::parse(order, Seeds::derive(0).mask)?;
    reorder(source, target, &map, &order).map_err(|error| error.to_string())
}

/// The first thing that is wrong, and how many more there are.
fn summed_up(wrong: &[Wrong]) -> String {
    match wrong {
        [] => String::new(),
        [only] => only.to_string(),
        [first, others @ ..] => format!("{first} (and {} more)", others.len()),
    }
}

fn form(about: &About, shelf: &Shelf) -> Form {
    let targets = targets(about, shelf);
    let proposed = next_deeper(&about.blueprint, &targets);
    let strategies: Vec<&str> =
        [DEFAULT].into_iter().chain(Strategy::ALL.map(Strategy::name)).chain([BY_HAND]).collect();
    let orders = [NONE, "reverse", "random"].map(str::to_owned).to_vec();
    Form::new(vec![
        Field::either(
            label::TARGET,
            targets,
            &proposed,
            "the model that the ticket becomes one of; any of its family and width can be typed",
        ),
        Field::choice(
            label::STRATEGY,
            &strategies,
            "default: interpolate to stretch, tail to squeeze; by hand: as drawn or typed",
        ),
        Field::text_line(
            label::UNITS,
            ALL,
            "units that a stretch replicates: all, 1,2 or first:2 or last:2",
        ),
        Field::either(
            label::REORDER,
            orders,
            NONE,
            "afterwards permutes units of equal shape: none, reverse, random, or 3,1,2",
        ),
        Field::text_line(
            label::MAPPING,
            "",
            "the mapping as the paper writes it, source unit first: 0:0;1:1,2 with | between stages",
        ),
        Field::text_line(
            label::NAME,
            "",
            "the new ticket's name on the shelf; a ticket that is there is never replaced",
        ),
    ])
}

#[cfg(test)]
mod tests;
