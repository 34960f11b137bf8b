//! Iterative magnitude pruning: train, prune, rewind, again. What exists is done.

mod choice;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use elth_core::{
    initialise::initialise,
    prune::Counting,
    schedule::Step,
    ticket::{About, Ticket},
    weights::Weights,
};
use elth_store::run::recipe::{self, CriterionTable, Task};

use crate::{
    checkpoint::{Part, Saved},
    halt::Halt,
    outputs,
    run::Run,
    state::State,
    train::{Course, finish, train},
};

/// The numbers of the whole pruning.
#[derive(Debug)]
struct Plan {
    levels: u32,
    fraction: f64,
    counting: Counting,
    /// The rewind step, as the recipe writes it and in iterations.
    rewind: (Step, u64),
    end: u64,
    per_epoch: u64,
    /// Further rewind points by iteration.
    keep: BTreeMap<u64, Step>,
    criterion: CriterionTable,
}

/// Carries out the rounds of the recipe, from wherever they were left.
pub fn imp(run: &mut Run) -> Result<(), Halt> {
    let plan = Plan::of(run)?;
    let mut saved = run.saved()?;
    run.started(plan.steps(), standing(run, &plan, saved.as_ref()))?;
    let mut before: Option<(Ticket, Weights)> = None;
    for level in 0..=plan.levels {
        let ticket = ticket(run, &plan, level, before, &mut saved)?;
        snapshots(run, &plan, level, &ticket)?;
        let end = trained(run, &plan, level, &ticket, &mut saved)?;
        before = Some((ticket, end));
    }
    Ok(())
}

impl Plan {
    fn of(run: &Run) -> Result<Self> {
        let Task::Imp { levels, pruning_fraction, counting, snapshot_steps, .. } = &run.recipe.task
        else {
            unreachable!("only a recipe of this kind comes here")
        };
        let per_epoch = run.per_epoch();
        let (rewind, end) = (run.training.rewinding_steps, run.training.training_steps);
        let keep = snapshot_steps.iter().map(|text| {
            let step = recipe::step("snapshot_steps", text)?;
            Ok((step.at(per_epoch), step))
        });
        let plan = Self {
            levels: *levels,
            fraction: *pruning_fraction,
            counting: recipe::counting(counting)?,
            rewind: (rewind, rewind.at(per_epoch)),
            end: end.at(per_epoch),
            per_epoch,
            keep: keep.collect::<Result<_>>()?,
            criterion: choice::table(run)?,
        };
        plan.check("rewinding", rewind, end)?;
        plan.keep.values().try_for_each(|step| plan.check("snapshot", *step, end))?;
        Ok(plan)
    }

    fn check(&self, name: &str, step: Step, end: Step) -> Result<()> {
        ensure!(
            step.at(self.per_epoch) <= self.end,
            "the {name} step {step} lies past the end of training, {end}: take an earlier one"
        );
        Ok(())
    }

    /// Steps of the whole run.
    fn steps(&self) -> u64 {
        self.rewind.1 + u64::from(self.levels + 1) * self.level_steps()
    }

    fn level_steps(&self) -> u64 {
        self.end - self.rewind.1
    }

    /// Dense training up to the rewind step: the beginning of level 0.
    fn pretraining(&self) -> Course {
        Course { part: Part::Pretraining, from: 0, to: self.rewind.1, ..self.course(0) }
    }

    fn course(&self, level: u32) -> Course {
        Course {
            part: Part::Level(level),
            level: Some(level),
            from: self.rewind.1,
            to: self.end,
            before: u64::from(level) * self.level_steps(),
            per_epoch: self.per_epoch,
            keep: if level == 0 { self.keep.clone() } else { BTreeMap::new() },
        }
    }
}

/// The step of the whole run that it goes on from.
fn standing(run: &Run, plan: &Plan, saved: Option<&Saved>) -> u64 {
    let there = |name: String| run.dir.tickets().join(name).exists();
    let from = |course: &Course| {
        let saved = saved.filter(|saved| saved.part == course.part);
        course.whole(saved.map_or(course.from, |saved| saved.step))
    };
    if !there(outputs::ticket_name(0)) {
        return from(&plan.pretraining());
    }
    let open = (0..=plan.levels).find(|level| !there(outputs::trained_name(*level)));
    open.map_or(plan.steps(), |level| from(&plan.course(level)))
}

/// The ticket that a level trains: found, or made from the level before.
fn ticket(
    run: &mut Run,
    plan: &Plan,
    level: u32,
    before: Option<(Ticket, Weights)>,
    saved: &mut Option<Saved>,
) -> Result<Ticket, Halt> {
    let name = outputs::ticket_name(level);
    if let Some(ticket) = outputs::find_ticket(run, &name, level)? {
        return Ok(ticket);
    }
    let ticket = match before {
        None => pretrained(run, plan, saved)?,
        Some((ticket, end)) => pruned(run, plan, level, &ticket, &end)?,
    };
    outputs::write_ticket(run, &name, &ticket, level)?;
    Ok(ticket)
}

/// Trains the dense network up to the rewind step.
fn pretrained(run: &mut Run, plan: &Plan, saved: &mut Option<Saved>) -> Result<Ticket, Halt> {
    let fresh =
        outputs::dense_ticket(run, plan.rewind.0, initialise(&run.blueprint, run.seeds.init))?;
    let course = plan.pretraining();
    if course.from == course.to {
        return Ok(fresh);
    }
    run.report.phase("pretraining", Some(0))?;
    let mut state = begin(run, &course, &fresh, saved)?;
    train(run, &course, &mut state)?;
    let weights = outputs::sound_weights(&course, &state)?;
    Ok(outputs::dense_ticket(run, plan.rewind.0, weights)?)
}

/// Prunes by what the level before came to; the ticket keeps its rewind weights.
fn pruned(
    run: &mut Run,
    plan: &Plan,
    level: u32,
    before: &Ticket,
    end: &Weights,
) -> Result<Ticket> {
    run.report.phase("pruning", Some(level))?;
    let amount = (plan.fraction, plan.counting);
    let pruned = choice::next_masks(run, &plan.criterion, amount, before, end)?;
    if let Some(warning) = choice::collapse(&pruned) {
        run.report.note(warning)?;
    }
    let lineage = outputs::lineage(run, level, plan.rewind.0);
    let about = About { level: Some(level), lineage, ..before.about.clone() };
    Ok(Ticket::assemble(about, before.weights().clone(), pruned.masks)?)
}

/// The level's mask over the weights of the further rewind points; those of level 0 come out of its training.
fn snapshots(run: &mut Run, plan: &Plan, level: u32, ticket: &Ticket) -> Result<()> {
    for &step in plan.keep.values().filter(|_| level > 0) {
        let name = outputs::snapshot_name(level, step);
        if outputs::find_ticket(run, &name, level)?.is_some() {
            continue;
        }
        let Some(dense) = outputs::find_ticket(run, &outputs::snapshot_name(0, step), 0)? else {
            run.report
                .note(format!("the weights at step {step} were removed: `{name}` is left out"))?;
            continue;
        };
        let lineage = outputs::lineage(run, level, step);
        let about = About { level: Some(level), lineage, ..dense.about.clone() };
        let snapshot = Ticket::assemble(about, dense.weights().clone(), ticket.masks().clone())?;
        outputs::write_ticket(run, &name, &snapshot, level)?;
    }
    Ok(())
}

/// The weights at the end of a level: found, or trained.
fn trained(
    run: &mut Run,
    plan: &Plan,
    level: u32,
    ticket: &Ticket,
    saved: &mut Option<Saved>,
) -> Result<Weights, Halt> {
    let name = outputs::trained_name(level);
    if let Some(trained) = outputs::find_trained(run, &name, Some(level))? {
        return Ok(trained.weights);
    }
    let course = plan.course(level);
    run.report.phase("training", Some(level))?;
    let mut state = begin(run, &course, ticket, saved)?;
    train(run, &course, &mut state)?;
    let score = finish(run, &course, &mut state)?;
    let end = outputs::write_trained(run, &name, &course, (&state, &score), ticket.digest())?;
    Ok(end.weights)
}

/// Goes on from the checkpoint if it is of this training, else starts from the ticket.
pub fn begin(
    run: &Run,
    course: &Course,
    ticket: &Ticket,
    saved: &mut Option<Saved>,
) -> Result<State> {
    let within = |saved: &Saved| (course.from..=course.to).contains(&saved.step);
    let saved = saved.take_if(|saved| saved.part == course.part && within(saved));
    let (weights, step) = match &saved {
        Some(saved) => (&saved.weights, saved.step),
        None => (ticket.weights(), course.from),
    };
    let moved = saved.as_ref().and_then(|saved| saved.moved.as_ref());
    let masks = moved.map_or(ticket.masks(), |moved| &moved.masks);
    let mut state = State::start(&run.blueprint, weights, masks, step, run.session)?;
    if let Some(plan) = run.moving()? {
        state.let_masks_move(plan, run.seeds.mask, ticket, weights, moved)?;
    }
    if let Some(saved) = &saved {
        state.set_momenta(&saved.momenta)?;
    }
    Ok(state)
}
