//! What a run leaves in `tickets/`: written once, found again when it starts anew.

use anyhow::{Result, bail, ensure};
use elth_core::{
    digest::Digest,
    schedule::Step,
    ticket::{
        About, Outside, Ticket, full_masks,
        lineage::{Act, Lineage},
    },
    trained::{self, Trained},
    weights::{Values, Weights},
};
use elth_store::{
    run::{
        event::Event,
        recipe::{CriterionTable, Task},
    },
    ticket_file,
};

use crate::{
    evaluate::Score,
    run::Run,
    state::{Moved, State},
    train::Course,
};

/// Name of a level's ticket.
pub fn ticket_name(level: u32) -> String {
    format!("level_{level}.safetensors")
}

/// Name of a level's ticket with the weights of another step.
pub fn snapshot_name(level: u32, step: Step) -> String {
    format!("level_{level}.rewind_{step}.safetensors")
}

/// Name of a level's trained weights.
pub fn trained_name(level: u32) -> String {
    format!("level_{level}.trained.safetensors")
}

/// The run's ticket of that name, if it is there already.
pub fn find_ticket(run: &mut Run, name: &str, level: u32) -> Result<Option<Ticket>> {
    let path = run.dir.tickets().join(name);
    if !path.exists() {
        return Ok(None);
    }
    let ticket = ticket_file::read(&path)?;
    let same = *ticket.blueprint() == run.blueprint;
    ensure!(same, "`{}` is no ticket of this run: move it away and resume", path.display());
    say_ticket(run, name, &ticket, level)?;
    Ok(Some(ticket))
}

/// Writes a ticket of the run.
pub fn write_ticket(run: &mut Run, name: &str, ticket: &Ticket, level: u32) -> Result<()> {
    ticket_file::write(&run.dir.tickets().join(name), ticket)?;
    say_ticket(run, name, ticket, level)
}

/// The run's trained weights of that name, if they are there already.
pub fn find_trained(run: &mut Run, name: &str, level: Option<u32>) -> Result<Option<Trained>> {
    let path = run.dir.tickets().join(name);
    if !path.exists() {
        return Ok(None);
    }
    let trained = ticket_file::read_trained(&path)?;
    let same = trained.blueprint == run.blueprint;
    ensure!(same, "`{}` is not of this run: move it away and resume", path.display());
    say_trained(run, name, &trained, level)?;
    Ok(Some(trained))
}

/// Writes the end of a training: weights, step, test accuracy and the ticket it started from.
pub fn write_trained(
    run: &mut Run,
    name: &str,
    course: &Course,
    (state, score): (&State, &Score),
    ticket: Digest,
) -> Result<Trained> {
    let trained = Trained {
        blueprint: run.blueprint.clone(),
        dataset: Some(run.recipe.dataset.clone()),
        data_digest: Some(run.recipe.data_digest.clone()),
        step: Some(state.step),
        test_accuracy: Some(score.accuracy()),
        ticket: Some(ticket),
        weights: sound_weights(course, state)?,
    };
    ticket_file::write_trained(&run.dir.tickets().join(name), &trained)?;
    say_trained(run, name, &trained, course.level)?;
    Ok(trained)
}

/// The last masks of a training that moved them, over the weights that it began with.
pub fn moved_ticket(run: &Run, begin: &Ticket, moved: &Moved) -> Result<Ticket> {
    let Task::Train { start_at, moving: Some(table), .. } = &run.recipe.task else {
        bail!("only a training moves masks");
    };
    let mut act = training_numbers(Act::new("train"), run).with("dynamic", &*table.method);
    let optional = [
        ("update-from", Some(table.update_from.clone())),
        ("update-every", Some(table.update_every.clone())),
        ("update-until", Some(table.update_until.clone())),
        ("drop-fraction", table.drop_fraction.map(|it| it.to_string())),
        ("grow", table.grow.clone()),
        ("sparsity", table.sparsity.map(|it| it.to_string())),
        ("ramp-until", table.ramp_until.clone()),
        ("allocation", table.allocation.clone()),
        ("keep-dense", Some(table.keep_dense.join(","))),
        ("start-at", Some(start_at.clone())),
        ("seed-mask", Some(run.recipe.seeds.mask.to_string())),
    ];
    for (name, value) in optional {
        act = value.into_iter().fold(act, |act, value| act.with(name, value));
    }
    let act = act.of("ticket", &begin.digest());
    let about = About {
        level: None,
        dataset: Some(run.recipe.dataset.clone()),
        data_digest: Some(run.recipe.data_digest.clone()),
        lineage: begin.about.lineage.then(act),
        ..begin.about.clone()
    };
    Ok(Ticket::assemble(about, begin.weights().clone(), moved.masks.clone())?)
}

/// Writes a ticket that is of no level.
pub fn write_moved(run: &mut Run, name: &str, ticket: &Ticket) -> Result<()> {
    ticket_file::write(&run.dir.tickets().join(name), ticket)?;
    say(run, name, None, Some(ticket.count().kept), ticket.digest())
}

/// Says again what a ticket of no level holds that was written before.
pub fn say_found(run: &mut Run, name: &str) -> Result<()> {
    let ticket = ticket_file::read(&run.dir.tickets().join(name))?;
    say(run, name, None, Some(ticket.count().kept), ticket.digest())
}

/// Keeps the dense network's weights at a step that the recipe names as a further rewind point.
pub fn keep_snapshot(run: &mut Run, course: &Course, state: &State) -> Result<()> {
    let Some(&step) = course.keep.get(&state.step) else { return Ok(()) };
    let name = snapshot_name(0, step);
    if run.dir.tickets().join(&name).exists() {
        return Ok(());
    }
    run.report.mean_loss(course)?;
    let ticket = dense_ticket(run, step, sound_weights(course, state)?)?;
    write_ticket(run, &name, &ticket, 0)
}

/// A ticket of level 0: every weight kept.
pub fn dense_ticket(run: &Run, rewind: Step, weights: Weights) -> Result<Ticket> {
    let about = About {
        blueprint: run.blueprint.clone().into(),
        dataset: Some(run.recipe.dataset.clone()),
        data_digest: Some(run.recipe.data_digest.clone()),
        level: Some(0),
        rewind: Some(rewind),
        outside: Outside::Dense,
        lineage: lineage(run, 0, rewind),
    };
    Ok(Ticket::assemble(about, weights, full_masks(&run.blueprint))?)
}

/// How a ticket of iterative magnitude pruning came to be: every number that decides its bytes.
pub fn lineage(run: &Run, level: u32, rewind: Step) -> Lineage {
    let recipe = &run.recipe;
    let seeds = &recipe.seeds;
    let mut act = training_numbers(Act::new("imp"), run)
        .with("level", level.to_string())
        .with("rewind", rewind.to_string())
        .with("seed-init", seeds.init.to_string());
    if let Task::Imp { pruning_fraction, counting, criterion, .. } = &recipe.task {
        act = act
            .with("pruning-fraction", pruning_fraction.to_string())
            .with("counting", &**counting);
        act = criterion.iter().fold(act, |act, table| chosen(act, table, seeds.mask));
    }
    act.inputs.insert("data".to_owned(), recipe.data_digest.clone());
    Lineage::new(vec![act])
}

/// The act with every number of its training.
fn training_numbers(act: Act, run: &Run) -> Act {
    let recipe = &run.recipe;
    let (seeds, training) = (&recipe.seeds, &recipe.training);
    act.with("model", &*recipe.model)
        .with("dataset", &*recipe.dataset)
        .with("seed-order", seeds.order.to_string())
        .with("seed-augment", seeds.augment.to_string())
        .with("threads", recipe.threads.to_string())
        .with("precision", &*recipe.precision)
        .with("training-steps", &*training.training_steps)
        .with("rewinding-steps", &*training.rewinding_steps)
        .with("milestone-steps", training.milestone_steps.join(","))
        .with("warmup-steps", &*training.warmup_steps)
        .with("batch-size", training.batch_size.to_string())
        .with("lr", training.lr.to_string())
        .with("gamma", training.gamma.to_string())
        .with("momentum", training.momentum.to_string())
        .with("weight-decay", training.weight_decay.to_string())
}

/// The act with a criterion other than the usual one.
fn chosen(act: Act, table: &CriterionTable, seed_mask: u64) -> Act {
    let examples = table.examples.map_or("all".to_owned(), |count| count.to_string());
    let mut act = act
        .with("method", &*table.method)
        .with("allocation", &*table.allocation)
        .with("rounds", table.rounds.to_string())
        .with("score-at", &*table.score_at)
        .with("pruning-layers-to-ignore", table.layers_to_ignore.join(","));
    if table.method().is_ok_and(elth_core::prune::criterion::Criterion::needs_network) {
        let (augmented, compat) = (table.augmented.to_string(), table.compat.to_string());
        act = act.with("examples", examples).with("bn", &*table.bn);
        act = act.with("augmented", augmented).with("compat", compat);
    }
    if table.method == "random" { act.with("seed-mask", seed_mask.to_string()) } else { act }
}

/// The network's weights, refused where one is not finite.
pub fn sound_weights(course: &Course, state: &State) -> Result<Weights> {
    sound(course, state.step, state.network.weights()?)
}

/// Weights after a step, refused where one is not finite.
pub fn sound(course: &Course, step: u64, weights: Weights) -> Result<Weights> {
    for (name, values) in &weights.0 {
        let Values::Floats(floats) = values else { continue };
        if !floats.iter().all(|value| value.is_finite()) {
            let what = format!("`{name}` became NaN or infinite");
            bail!(course.broken(&what, step));
        }
    }
    Ok(weights)
}

fn say_ticket(run: &mut Run, name: &str, ticket: &Ticket, level: u32) -> Result<()> {
    let kept = Some(ticket.count().kept);
    say(run, name, Some(level), kept, ticket.digest())
}

fn say_trained(run: &mut Run, name: &str, of: &Trained, level: Option<u32>) -> Result<()> {
    say(run, name, level, None, trained::digest(&of.blueprint, &of.weights))
}

fn say(
    run: &mut Run,
    name: &str,
    level: Option<u32>,
    kept: Option<usize>,
    digest: Digest,
) -> Result<()> {
    let (path, digest) = (format!("tickets/{name}"), digest.to_string());
    run.report.say(&Event::Wrote { path, level, kept, digest })
}
