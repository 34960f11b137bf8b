//! What the demo asks of the world.

use elth_store::run::dir::RunDir;

use super::shelf;
use crate::{effect::Effect, model::Model};

/// Reads both tickets and follows the runs.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(demo) = model.demo.clone() else { return Vec::new() };
    let tickets = [demo.source, demo.stretched].map(|path| shelf::portray(model, path));
    let runs = demo.runs.into_iter().map(|(_, dir)| Effect::Follow(dir));
    tickets.into_iter().chain(runs).collect()
}

/// Whether the demo shows that run.
#[must_use]
pub fn watches(model: &Model, run: &RunDir) -> bool {
    model.demo.as_ref().is_some_and(|demo| demo.runs.iter().any(|(_, dir)| dir == run))
}
