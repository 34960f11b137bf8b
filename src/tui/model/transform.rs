//! The dialog that transforms a ticket: its answers, and what would come of them.

use std::path::{Path, PathBuf};

use elth_core::{
    blueprint::Blueprint,
    chance::Seeds,
    family,
    reshape::{
        reorder::{Order, reorder},
        strategy::{Strategy, Units, plan},
    },
    ticket::About,
    unit_map::{UnitMap, check_models},
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
const DEFAULT: &str = "default";
/// No re-ordering.
const NONE: &str = "none";

/// A ticket on its way to another model.
#[derive(Debug, Clone)]
pub struct Transform {
    /// The source ticket's file.
    pub source: PathBuf,
    /// What its header says.
    pub about: About,
    /// The answers.
    pub form: Form,
    /// What would come of them, or why nothing would.
    pub preview: Result<Preview, String>,
    /// Lines that the right pane is scrolled by.
    pub scrolled: usize,
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
}

impl Transform {
    /// Opens the dialog with the next deeper model as target.
    #[must_use]
    pub fn open(source: &Path, about: &About, shelf: &Shelf, portrait: Option<&Portrait>) -> Self {
        let targets = targets(about, shelf);
        let proposed = next_deeper(&about.blueprint, &targets);
        let strategies: Vec<&str> =
            [DEFAULT].into_iter().chain(Strategy::ALL.map(Strategy::name)).collect();
        let orders = [NONE, "reverse", "random"].map(str::to_owned).to_vec();
        let form = Form::new(vec![
            Field::either(
                label::TARGET,
                targets,
                &proposed,
                "the model that the ticket becomes one of; any of its family and width can be typed",
            ),
            Field::choice(
                label::STRATEGY,
                &strategies,
                "default: interpolate to stretch, tail to squeeze",
            ),
            Field::text_line(
                label::UNITS,
                "all",
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
                "the mapping outright, 0:0;1:1,2 with | between stages; empty: as above",
            ),
            Field::text_line(
                label::NAME,
                "",
                "the new ticket's name on the shelf; a ticket that is there is never replaced",
            ),
        ]);
        let (source, about) = (source.to_owned(), about.clone());
        let preview = Err(String::new());
        let mut transform = Self { source, about, form, preview, scrolled: 0 };
        transform.refresh(portrait, shelf);
        transform
    }

    /// Works out the preview again, and the name that goes with it.
    pub fn refresh(&mut self, portrait: Option<&Portrait>, on: &Shelf) {
        let name = self.proposed_name(on);
        self.form.propose(label::NAME, &name);
        self.preview = self.planned().map(|(target, map)| {
            let stages = portrait.map_or(Vec::new(), |source| source.mapped(&target, &map));
            Preview { target, map, stages }
        });
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
        let name = name.strip_suffix(".safetensors").unwrap_or(name);
        Ok(Transformation {
            source: self.source.clone(),
            target: preview.target.name.clone(),
            map: preview.map.stages().to_vec(),
            output: folder.join(format!("{name}.safetensors")),
        })
    }

    /// The command that does the same.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let mut words = vec!["transform".to_owned(), called(&self.source)];
        let mut option = |flag: &str, value: &str, unless: &str| {
            if value != unless && !value.is_empty() {
                words.extend([flag.to_owned(), value.to_owned()]);
            }
        };
        option("--to", self.form.answer(label::TARGET), "");
        if self.form.answer(label::MAPPING).trim().is_empty() {
            option("--strategy", self.form.answer(label::STRATEGY), DEFAULT);
            option("--units", self.form.answer(label::UNITS), "all");
        } else {
            option("--map", self.form.answer(label::MAPPING).trim(), "");
        }
        option("--reorder", self.form.answer(label::REORDER), NONE);
        option("-o", &format!("{}.safetensors", self.form.answer(label::NAME)), "");
        words
    }

    fn planned(&self) -> Result<(Blueprint, UnitMap), String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let source = &self.about.blueprint;
        let target = self.form.answer(label::TARGET).trim();
        let target = Blueprint::new(target, Some(source.classes), Some(source.input));
        let target = target.map_err(|error| said(&error))?;
        let outright = self.form.answer(label::MAPPING).trim();
        let map = if outright.is_empty() {
            let strategy = Some(self.form.answer(label::STRATEGY)).filter(|name| *name != DEFAULT);
            let strategy = strategy.map(str::parse::<Strategy>).transpose()?;
            let units: Units = self.form.answer(label::UNITS).trim().parse()?;
            plan(source, &target, strategy, &units).map_err(|error| said(&error))?
        } else {
            UnitMap::parse(source, &target, outright).map_err(|error| said(&error))?
        };
        let order = self.form.answer(label::REORDER).trim();
        if order == NONE || order.is_empty() {
            return Ok((target, map));
        }
        // The seed that `elth transform` derives where none is given.
        let order = Order::parse(order, Seeds::derive(0).mask)?;
        let map = reorder(source, &target, &map, &order).map_err(|error| said(&error))?;
        Ok((target, map))
    }

    fn proposed_name(&self, on: &Shelf) -> String {
        let target = self.form.answer(label::TARGET);
        let depth = target.trim_start_matches(self.about.blueprint.family.name());
        let depth = depth.trim_matches('_').replace('_', "x");
        let strategy = match self.form.answer(label::STRATEGY) {
            DEFAULT => String::new(),
            chosen => format!("-{chosen}"),
        };
        free_name(&format!("{}-to-{depth}{strategy}", stem(&self.source)), on)
    }
}

/// The name, with a number where a ticket of that name is on the shelf.
#[must_use]
pub fn free_name(name: &str, shelf: &Shelf) -> String {
    let tickets = shelf.listing.as_ref().map(|listing| listing.tickets.as_slice());
    let taken = |name: &str| tickets.unwrap_or_default().iter().any(|t| stem(&t.path) == name);
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// Models that the ticket can become one of: the listed ones in its width, and those on the shelf.
fn targets(about: &About, shelf: &Shelf) -> Vec<String> {
    let source = &about.blueprint;
    let width =
        source.name.splitn(4, '_').nth(3).map_or(String::new(), |width| format!("_{width}"));
    let listed = family::listed(source.family).iter();
    let listed = listed.flat_map(|name| [(*name).to_owned(), format!("{name}{width}")]);
    let there = shelf.listing.iter().flat_map(|listing| &listing.models);
    let names = listed.chain(there.map(|model| model.name.clone()));
    let mut fitting: Vec<(usize, String)> = names
        .filter_map(|name| {
            let model = Blueprint::new(&name, Some(source.classes), Some(source.input)).ok()?;
            check_models(source, &model).ok().map(|()| (model.prunable_weights(), name))
        })
        .collect();
    fitting.sort();
    fitting.dedup();
    fitting.into_iter().map(|(_, name)| name).collect()
}

fn next_deeper(source: &Blueprint, targets: &[String]) -> String {
    let at = targets.iter().position(|name| *name == source.name);
    let next = at.and_then(|at| targets.get(at + 1)).or(targets.first());
    next.cloned().unwrap_or_else(|| source.name.clone())
}
