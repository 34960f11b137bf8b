//! From wishes to how masks move: every step filled in, with the published defaults.

use elth_core::{
    moving::{Growth, Method},
    prune::allocation::Allocation,
    schedule::{Step, iterations_per_epoch},
    ticket::Ticket,
};

use crate::run::{
    plan::{CannotPlan, checks},
    recipe::{MovingTable, Recipe, Task, step},
};

/// What is asked of masks that move; what nobody asks for is as published.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    /// The method.
    pub method: Method,
    /// The first step at which masks move.
    pub from: Option<Step>,
    /// Steps between two moves.
    pub every: Option<Step>,
    /// The step from which on they stay.
    pub until: Option<Step>,
    /// Share of the kept weights that an exchange begins with.
    pub fraction: Option<f64>,
    /// How an exchange grows.
    pub growth: Option<Growth>,
    /// Share of zeros that pruning comes to.
    pub sparsity: Option<f64>,
    /// The step at which it is there.
    pub ramp_until: Option<Step>,
    /// How pruning shares zeros out.
    pub allocation: Allocation,
    /// Tensors that stay as they are.
    pub keep_dense: Vec<String>,
}

/// The recipe of a retraining of `ticket` whose masks move, on so many training images.
///
/// # Errors
/// When a number is out of range, or masks would never move.
///
/// # Panics
/// Never: the recipe is one that [`super::train`] made.
pub fn moving(
    recipe: Recipe,
    ticket: &Ticket,
    moves: &Moves,
    images: usize,
) -> Result<Recipe, CannotPlan> {
    let per_epoch = iterations_per_epoch(images, recipe.training.batch_size);
    let at = |text: &str| step("step", text).map_or(0, |step| step.at(per_epoch));
    let Task::Train { start_at, .. } = &recipe.task else {
        unreachable!("only a retraining's masks move")
    };
    let (start, end) = (at(start_at), at(&recipe.training.training_steps));
    checks::tensors(&moves.keep_dense, ticket.blueprint())?;
    let table = if moves.method.exchanges() {
        exchange(ticket, moves, per_epoch, (start, end))?
    } else {
        pruning(ticket, moves, per_epoch, (start, end))?
    };
    let mut recipe = recipe;
    if let Task::Train { moving, .. } = &mut recipe.task {
        *moving = Some(table);
    }
    Ok(recipe)
}

/// `RigL` and SET stop at three quarters of the training, as `RigL`'s published schedules do; ITOP goes on to the end.
fn exchange(
    ticket: &Ticket,
    moves: &Moves,
    per_epoch: u64,
    (start, end): (u64, u64),
) -> Result<MovingTable, CannotPlan> {
    let method = moves.method;
    let every = every(moves, per_epoch)?;
    let or = |asked: Option<Step>, usual: u64| asked.map_or(usual, |step| step.at(per_epoch));
    let from = or(moves.from, start + every);
    let usual_end = if method == Method::Itop { end } else { end - end / 4 };
    let until = or(moves.until, usual_end).min(end);
    first_before(from.max(start), until)?;
    let fraction = moves.fraction.unwrap_or(method.usual_fraction());
    let share = |value: f64| value > 0.0 && value < 1.0;
    checks::number("drop_fraction", fraction, share, "above 0 and below 1")?;
    let has_zeros = |(name, mask): (&String, &elth_core::mask::Mask)| {
        mask.kept() < mask.len() && !moves.keep_dense.contains(name)
    };
    if !ticket.masks().iter().any(has_zeros) {
        return Err(CannotPlan::AllDense);
    }
    let growth = moves.growth.unwrap_or(method.usual_growth());
    Ok(MovingTable {
        drop_fraction: Some(fraction),
        grow: Some(growth.name().to_owned()),
        ..table(moves, from, every, until)
    })
}

/// Pruning is done at half of the training where nobody says; DPF chooses masks to the end.
fn pruning(
    ticket: &Ticket,
    moves: &Moves,
    per_epoch: u64,
    (start, end): (u64, u64),
) -> Result<MovingTable, CannotPlan> {
    let every = every(moves, per_epoch)?;
    let or = |asked: Option<Step>, usual: u64| asked.map_or(usual, |step| step.at(per_epoch));
    let from = or(moves.from, start);
    let ramp_until = or(moves.ramp_until, start + (end - start) / 2);
    first_before(from.max(start), ramp_until)?;
    if ramp_until >= end {
        let (step, last) = (Step::iterations(ramp_until), Step::iterations(end));
        return Err(CannotPlan::TooLate { key: "ramp_until", step, end: last, iterations: end });
    }
    let usual_end = if moves.method == Method::Dpf { end } else { ramp_until };
    let until = or(moves.until, usual_end).min(end);
    let have = ticket.count().sparsity();
    let sparsity = moves.sparsity.unwrap_or(have);
    let more = |value: f64| value > have && value < 1.0;
    checks::number("sparsity", sparsity, more, "above the ticket's own and below 1")?;
    Ok(MovingTable {
        sparsity: Some(sparsity),
        ramp_until: Some(iterations(ramp_until)),
        allocation: Some(moves.allocation.name().to_owned()),
        ..table(moves, from, every, until)
    })
}

fn table(moves: &Moves, from: u64, every: u64, until: u64) -> MovingTable {
    MovingTable {
        method: moves.method.name().to_owned(),
        update_from: iterations(from),
        update_every: iterations(every),
        update_until: iterations(until),
        drop_fraction: None,
        grow: None,
        sparsity: None,
        ramp_until: None,
        allocation: None,
        keep_dense: moves.keep_dense.clone(),
    }
}

fn every(moves: &Moves, per_epoch: u64) -> Result<u64, CannotPlan> {
    let every = moves.every.map_or(moves.method.usual_every(), |step| step.at(per_epoch));
    if every == 0 {
        let wanted = "at least one step";
        return Err(CannotPlan::Range { key: "update_every", value: "0it".to_owned(), wanted });
    }
    Ok(every)
}

fn first_before(from: u64, until: u64) -> Result<(), CannotPlan> {
    if from < until { Ok(()) } else { Err(CannotPlan::NoMove { from, until }) }
}

fn iterations(step: u64) -> String {
    Step::iterations(step).to_string()
}

#[cfg(test)]
mod tests;
