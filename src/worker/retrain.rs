//! Retraining of the one ticket that the run was given.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use elth_core::ticket::Ticket;
use elth_store::{run::recipe, ticket_file};

use crate::{
    checkpoint::Part,
    halt::Halt,
    outputs,
    rounds::begin,
    run::Run,
    train::{Course, finish, train},
};

/// What it leaves in `tickets/`.
const TRAINED: &str = "trained.safetensors";

/// The ticket that masks which move come to: the last ones over the weights that the training began with.
const MOVED: &str = "ticket.safetensors";

/// Trains the ticket from `start_at` to the end of the schedule.
pub fn retrain(run: &mut Run, digest: &str, start_at: &str) -> Result<(), Halt> {
    let ticket = given(run, digest)?;
    let course = course(run, start_at)?;
    let done = run.dir.tickets().join(TRAINED).exists();
    let mut saved = run.saved()?.filter(|saved| saved.part == course.part);
    let step = saved.as_ref().map_or(course.from, |saved| saved.step);
    run.started(course.to, if done { course.to } else { step })?;
    let moving = run.moving()?;
    if outputs::find_trained(run, TRAINED, None)?.is_some() {
        if moving.is_some() {
            outputs::say_found(run, MOVED)?;
        }
        return Ok(());
    }
    run.report.phase("training", None)?;
    if let Some(plan) = &moving {
        run.report.moving(plan, &ticket)?;
    }
    let mut state = begin(run, &course, &ticket, &mut saved)?;
    train(run, &course, &mut state)?;
    let score = finish(run, &course, &mut state)?;
    if let Some(moved) = state.moved() {
        let ticket = outputs::moved_ticket(run, &ticket, moved)?;
        outputs::write_moved(run, MOVED, &ticket)?;
    }
    outputs::write_trained(run, TRAINED, &course, (&state, &score), ticket.digest())?;
    Ok(())
}

/// The ticket in the run directory, checked against the recipe.
fn given(run: &Run, digest: &str) -> Result<Ticket> {
    let path = run.dir.input_ticket();
    let ticket = ticket_file::read(&path)?;
    let found = ticket.digest().to_string();
    ensure!(
        found == digest,
        "`{}` is not the ticket of the recipe (digest {found}): start the run anew",
        path.display()
    );
    let (theirs, ours) = (ticket.blueprint(), &run.blueprint);
    ensure!(
        theirs == ours,
        "the ticket is of `{}` ({} classes, {}), the recipe of `{}` ({} classes, {}): start the run anew",
        theirs.name,
        theirs.classes,
        theirs.input,
        ours.name,
        ours.classes,
        ours.input
    );
    Ok(ticket)
}

fn course(run: &Run, start_at: &str) -> Result<Course> {
    let per_epoch = run.per_epoch();
    let (start, end) = (recipe::step("start_at", start_at)?, run.training.training_steps);
    let (from, to) = (start.at(per_epoch), end.at(per_epoch));
    ensure!(
        from <= to,
        "the ticket starts at step {start}, after the end of training, {end}: train longer, or start at zero"
    );
    let (part, level, before, keep) = (Part::Level(0), None, 0, BTreeMap::new());
    Ok(Course { part, level, from, to, before, per_epoch, keep })
}
