//! From one official folder to a ticket, from one official file to trained weights.

use std::{path::Path, sync::Arc};

use elth_core::{
    blueprint::{Blueprint, UnknownModel},
    family::recognise::{self, Shapes},
    reshape::reshape,
    schedule::Step,
    ticket::{
        About, Outside, Ticket,
        lineage::{Act, Lineage},
    },
    trained::Trained,
    weights::{Misfit, Weights},
};

use super::{Wishes, rewind};
use crate::{
    dataset::{Name, preprocessing::entering_shape},
    openlth::{
        branch::Mapping,
        log::{self, Hparams, Point},
        pth,
        tree::{self, Folder, Place},
    },
};

/// Why an official folder or file gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum CannotAssemble {
    /// A file of it cannot be read.
    #[error("{0}")]
    Read(String),
    /// Names and shapes are no model's.
    #[error("holds tensors of no model that elth knows: `elth models` lists them")]
    Unknown,
    /// The model that was named has other tensors.
    #[error("holds no `{0}`: its tensors have other names or shapes")]
    Other(String),
    /// The number of classes is another.
    #[error("tells {found} classes apart, not {wanted}")]
    Classes {
        /// What the last layer has.
        found: usize,
        /// What was named.
        wanted: usize,
    },
    /// The model that was named is none.
    #[error(transparent)]
    Model(#[from] UnknownModel),
    /// Weights and masks do not go together.
    #[error("is incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// What a file of weights says.
struct Loaded {
    blueprint: Arc<Blueprint>,
    weights: Weights,
}

/// What the neighbourhood of a file says.
struct Known {
    place: Place,
    hparams: Hparams,
    points: Vec<Point>,
    per_epoch: Option<u64>,
}

impl Known {
    fn of(folder: &Folder) -> Self {
        let place = Place::of(&folder.path);
        let hparams = tree::hparams(&folder.path, &place);
        let points = tree::small_text(&folder.path.join("logger"));
        let points = points.map(|text| log::points(&text)).unwrap_or_default();
        let last = folder.models.last().map(|(step, _)| *step);
        let per_epoch = last.and_then(|last| log::iterations_per_epoch(&points, last));
        Self { place, hparams, points, per_epoch }
    }

    fn dataset(&self) -> Option<String> {
        self.hparams.value("Dataset", "dataset_name").map(elth_core::quote::quote)
    }
}

/// The ticket of a folder: its mask over its earliest weights, dense ones where the tree has them.
pub fn ticket(folder: &Folder, wishes: &Wishes) -> Result<Ticket, CannotAssemble> {
    let known = Known::of(folder);
    let (step, path) = folder.models.first().ok_or(CannotAssemble::Unknown)?;
    let loaded = load(path, Some(&known), wishes)?;
    let mask = folder.mask.as_ref().ok_or(CannotAssemble::Unknown)?;
    let masks = pth::read(&pth::bytes(mask)?)?.of_network().masks()?;
    let about = About {
        blueprint: loaded.blueprint,
        dataset: known.dataset(),
        data_digest: None,
        level: known.place.level.as_ref().map(|(level, _)| *level),
        rewind: Some(rewind(&known.hparams, *step, known.per_epoch)),
        outside: Outside::Masked,
        lineage: Lineage::new(vec![act(folder, &known)]),
    };
    let masked = Ticket::assemble(about, loaded.weights.clone(), masks)?;
    let file = path.file_name().unwrap_or_default();
    match &known.place.branch {
        Some(branch) if branch.changes_depth() => {
            Ok(transformed(masked, &loaded.weights, &known, file.as_ref(), wishes))
        }
        _ => Ok(with_dense(masked, &loaded.weights, dense(&known, file.as_ref(), wishes))),
    }
}

/// The trained weights of a file.
pub fn trained(
    path: &Path,
    folder: Option<&Folder>,
    wishes: &Wishes,
) -> Result<Trained, CannotAssemble> {
    let known = folder.map(Known::of);
    let loaded = load(path, known.as_ref(), wishes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let step = log::step_of(&name);
    let step = step.and_then(|step| iterations(step, known.as_ref()));
    let points = known.as_ref().map_or(&[][..], |known| &known.points);
    let is_it = |point: &&Point| point.metric == "test_accuracy" && Some(point.iteration) == step;
    Ok(Trained {
        blueprint: Arc::unwrap_or_clone(loaded.blueprint),
        dataset: known.as_ref().and_then(Known::dataset),
        data_digest: None,
        step,
        test_accuracy: points.iter().find(is_it).map(|point| point.value),
        ticket: None,
        weights: loaded.weights,
    })
}

fn iterations(step: Step, known: Option<&Known>) -> Option<u64> {
    match known.and_then(|known| known.per_epoch) {
        Some(per_epoch) => Some(step.at(per_epoch)),
        None => (step.epochs == 0).then_some(step.iterations),
    }
}

fn load(path: &Path, known: Option<&Known>, wishes: &Wishes) -> Result<Loaded, CannotAssemble> {
    let bytes = pth::bytes(path)?;
    let tensors = pth::read(&bytes)?.of_network();
    let blueprint = blueprint(&tensors.shapes(), known, wishes)?;
    let weights = tensors.weights()?;
    weights.fits(&blueprint)?;
    Ok(Loaded { blueprint: Arc::new(blueprint), weights })
}

/// The model that was named, or that the tree names, where it fits; else what the tensors say.
fn blueprint(
    shapes: &Shapes,
    known: Option<&Known>,
    wishes: &Wishes,
) -> Result<Blueprint, CannotAssemble> {
    let classes = recognise::classes(shapes).ok_or(CannotAssemble::Unknown)?;
    if let Some(wanted) = wishes.classes.filter(|wanted| *wanted != classes) {
        return Err(CannotAssemble::Classes { found: classes, wanted });
    }
    let dataset = known.and_then(Known::dataset).and_then(|name| name.parse::<Name>().ok());
    let build = |name: &str| -> Result<Blueprint, UnknownModel> {
        let family = Blueprint::new(name, None, None)?.family;
        let input = dataset.map(|dataset| entering_shape(dataset, family));
        Blueprint::new(name, Some(classes), input)
    };
    let fits = |model: &Blueprint| recognise::fits(model, shapes);
    let in_branch = known.is_some_and(|known| known.place.branch.is_some());
    if let Some(name) = &wishes.model {
        let named = build(name)?;
        match fits(&named) {
            true => return Ok(named),
            // A branch may be of another model than its tree.
            false if !in_branch => return Err(CannotAssemble::Other(name.clone())),
            false => {}
        }
    }
    let said = known.and_then(|known| known.hparams.value("Model", "model_name"));
    let said = said.and_then(|name| build(name).ok()).filter(fits);
    let found = || recognise::recognise(shapes);
    let found = || found().map(|model| build(&model.name).ok().filter(fits).unwrap_or(model));
    said.or_else(found).ok_or(CannotAssemble::Unknown)
}

/// The dense weights at the step that a start file is named after.
fn dense(known: &Known, file: &Path, wishes: &Wishes) -> Option<Weights> {
    let path = known.place.pretrain()?.join(file);
    Some(load(&path, Some(known), wishes).ok()?.weights)
}

/// The ticket with dense weights, where they are the start's under the mask, bit for bit.
fn with_dense(masked: Ticket, start: &Weights, dense: Option<Weights>) -> Ticket {
    let Some(dense) = dense else { return masked };
    let about = About { outside: Outside::Dense, ..masked.about.clone() };
    match Ticket::assemble(about, dense, masked.masks().clone()) {
        Ok(ticket) if under(&ticket) == *start => ticket,
        _ => masked,
    }
}

fn under(ticket: &Ticket) -> Weights {
    ticket.clone().masked().weights().clone()
}

/// A branch of another depth: its mapping told, and dense where its level's ticket can be.
fn transformed(
    masked: Ticket,
    start: &Weights,
    known: &Known,
    file: &Path,
    wishes: &Wishes,
) -> Ticket {
    let Some((source, mapping)) = source(&masked, start, known, file, wishes) else {
        return masked;
    };
    let target = Blueprint::clone(masked.blueprint());
    let mut act = Act::new("transform")
        .with("from", &source.blueprint().name)
        .with("to", &target.name)
        .with("map", mapping.map.official())
        .with("found-by", if mapping.confirmed { "sum" } else { "weights" })
        .of("ticket", &source.digest());
    if let Some(seed) = mapping.seed {
        act = act.with("permuted-copies-seed", seed.to_string());
    }
    let lineage = masked.about.lineage.then(act);
    let about = About { lineage, ..masked.about.clone() };
    let told = Ticket::assemble(about, masked.weights().clone(), masked.masks().clone());
    let told = told.unwrap_or(masked);
    let dense = match source.about.outside {
        Outside::Dense => reshape(&source, &target, &mapping.map).ok(),
        Outside::Masked => None,
    };
    with_dense(told, start, dense.map(|made| made.weights().clone()))
}

/// The ticket of the branch's level, and the mapping from it.
fn source(
    masked: &Ticket,
    start: &Weights,
    known: &Known,
    file: &Path,
    wishes: &Wishes,
) -> Option<(Ticket, Mapping)> {
    let main = known.place.level.as_ref()?.1.join("main");
    let files: Vec<_> = ["mask.pth".as_ref(), file].map(|name: &Path| main.join(name)).to_vec();
    let level = ticket(&tree::folder(&main, &files)?, wishes).ok()?;
    let plain = level.clone().masked();
    let mapping = known.place.branch.as_ref()?.mapping(&plain, masked.blueprint(), start)?;
    Some((level, mapping))
}

/// The first act of a lineage: where the files came from, and how they were made.
fn act(folder: &Folder, known: &Known) -> Act {
    let mut act = Act::new("import").with("code", "openlth");
    if let Some(experiment) = &known.place.experiment {
        act = act.with("experiment", experiment);
    }
    if let Some(name) = known.place.name() {
        act = act.with("place", name);
    }
    if let Some((_, path)) = folder.models.first() {
        act = act.with("file", path.file_name().unwrap_or_default().to_string_lossy());
    }
    if let Some(branch) = &known.place.branch {
        act = act.with("branch", &branch.kind);
        let seed = branch.seed();
        if let Some(seed) = seed {
            act = act.with("seed", seed.to_string());
        }
        if let Some(strategy) = seed.and_then(|seed| branch.strategy(seed)) {
            act = act.with("strategy", strategy);
        }
    }
    known.hparams.all().fold(act, |act, (name, value)| act.with(&name, value))
}
