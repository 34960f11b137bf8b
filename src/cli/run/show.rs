//! `elth run show`: how one run stands and what came out.

use anyhow::{Result, anyhow};
use elth_store::{
    dataset::digest::shown_name,
    run::{
        dir::RunDir,
        ending,
        recipe::Task,
        said::Motion,
        standing::{Standing, State},
    },
};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    globals::Globals,
    paper::{number, percent, printable},
    run::seen::Seen,
};

/// Shows a run; a damaged one is shown as far as it goes, and named as an error.
pub fn run(dir: &RunDir, globals: &Globals) -> Result<()> {
    match Seen::of(dir) {
        Seen::Sound(standing) => answer(globals, || document(&standing), || text(&standing)),
        Seen::Damaged { reason, .. } if !globals.json => Err(anyhow!(reason)),
        damaged @ Seen::Damaged { .. } => answer(globals, || unknown(&damaged), String::new),
    }
}

/// What [`document`] adds to a run's summary.
const MORE: [&str; 21] = [
    "choice",
    "device_uuid",
    "threads",
    "phase",
    "epoch",
    "step",
    "steps",
    "level",
    "level_step",
    "test_accuracy",
    "test_loss",
    "correct",
    "examples",
    "train_loss",
    "images_per_second",
    "started",
    "finished",
    "ticket",
    "ticket_name",
    "moving",
    "outputs",
];

/// The same keys of a damaged run, of which nothing of that is known.
fn unknown(damaged: &Seen) -> Value {
    let mut document = damaged.summary();
    for key in MORE {
        document[key] = Value::Null;
    }
    document
}

/// Everything that is known of a run.
pub fn document(standing: &Standing) -> Value {
    let said = &standing.said;
    let mut document = Seen::Sound(Box::new(standing.clone())).summary();
    let uuid = || ending::read_waiting(&standing.dir).and_then(|start| start.device_uuid);
    let more = json!({
        "device_uuid": said.device_uuid.clone().or_else(uuid),
        "threads": said.threads.unwrap_or(standing.recipe.threads),
        "phase": said.phase,
        "epoch": said.epoch,
        "step": said.step,
        "steps": said.steps,
        "level": said.level,
        "level_step": said.level_step,
        "test_accuracy": said.test_accuracy,
        "test_loss": said.test_loss,
        "correct": said.correct.map(|(correct, _)| correct),
        "examples": said.correct.map(|(_, examples)| examples),
        "train_loss": said.train_loss,
        "images_per_second": said.images_per_second,
        "started": said.started,
        "finished": standing.finished(),
        "choice": (!standing.recipe.choice.is_whole()).then_some(standing.recipe.choice),
        "ticket": standing.ticket(),
        "ticket_name": ticket_name(standing),
        "moving": said.motion.as_ref().map(moving),
        "outputs": standing.outputs().iter().map(|path| answer::path(path)).collect::<Value>(),
    });
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    document
}

/// What has become of masks that move.
fn moving(motion: &Motion) -> Value {
    let dense = motion.left_dense.iter();
    json!({
        "method": motion.method,
        "moves": motion.moves,
        "kept": motion.kept,
        "weights": motion.weights,
        "ever_active": motion.share_ever_active(),
        "left_dense": dense.map(|(name, weights)| json!({ "name": name, "weights": weights })).collect::<Value>(),
    })
}

/// The same in words.
fn moved(motion: &Motion) -> String {
    let times = if motion.moves == 1 { "once" } else { &format!("{} times", motion.moves) };
    let mut parts = vec![format!("{}, moved {times}", motion.method)];
    let kept = |kept| format!("{} of {} weights kept", number(kept), number(motion.weights));
    parts.extend(motion.kept.map(kept));
    let ever = |share| format!("{} ever active", percent(share));
    parts.extend(motion.share_ever_active().map(ever));
    let dense = motion.left_dense.iter();
    let dense: Vec<_> =
        dense.map(|(name, weights)| format!("{name} ({})", number(*weights))).collect();
    if !dense.is_empty() {
        parts.push(format!("left dense: {}", dense.join(", ")));
    }
    parts.join(", ")
}

/// What a finished run came to: its accuracy, then the files it wrote.
pub fn result(standing: &Standing) -> String {
    let said = |accuracy| format!(": test accuracy {accuracy} at the last step");
    let accuracy = accuracy(standing).map(said).unwrap_or_default();
    let first = format!("{} is done{accuracy}", standing.dir.id());
    let outputs = standing.outputs().into_iter().map(|path| format!("  {}", path.display()));
    [first].into_iter().chain(outputs).collect::<Vec<_>>().join("\n")
}

fn text(standing: &Standing) -> String {
    let (recipe, said) = (&standing.recipe, &standing.said);
    let pair = |now: Option<u64>, all: Option<u64>| Some(format!("{} of {}", now?, all?));
    let levels = match &recipe.task {
        Task::Imp { levels, .. } => Some(u64::from(*levels)),
        Task::Train { .. } => None,
    };
    let lines = [
        ("run", Some(standing.dir.id())),
        ("state", Some(state(standing))),
        ("model", Some(recipe.model.clone())),
        ("data", Some(shown_name(&recipe.dataset, &recipe.data_digest))),
        ("images", (!recipe.choice.is_whole()).then(|| recipe.choice.to_string())),
        ("device", Some(said.device.clone().unwrap_or_else(|| recipe.device.clone()))),
        ("threads", Some(said.threads.unwrap_or(recipe.threads).to_string())),
        ("ticket", ticket_name(standing).map(str::to_owned)),
        ("level", pair(said.level.map(u64::from), levels)),
        ("epoch", said.epoch.map(|epoch| epoch.to_string())),
        ("step", pair(said.step, said.steps)),
        ("loss", said.train_loss.map(|loss| format!("{loss:.4} (training)"))),
        ("accuracy", accuracy(standing)),
        ("mask", said.motion.as_ref().map(moved)),
        ("started", said.started.clone()),
        ("finished", standing.finished()),
        ("folder", Some(standing.dir.path().display().to_string())),
    ];
    let outputs = standing.outputs();
    let outputs = outputs.iter().map(|path| ("wrote", Some(path.display().to_string())));
    let known = lines.into_iter().chain(outputs).filter_map(|(key, value)| Some((key, value?)));
    known
        .map(|(key, value)| format!("{key:9} {}", printable(&value)))
        .collect::<Vec<_>>()
        .join("\n")
}

fn state(standing: &Standing) -> String {
    match (standing.state, &standing.reason) {
        (State::Done, _) | (_, None) => standing.state.to_string(),
        (state, Some(reason)) => format!("{state}: {reason}"),
    }
}

fn accuracy(standing: &Standing) -> Option<String> {
    let share = percent(standing.said.test_accuracy?);
    Some(match standing.said.correct {
        Some((correct, examples)) => {
            let whole = |count: u64| number(usize::try_from(count).unwrap_or(usize::MAX));
            format!("{share} ({} of {} images)", whole(correct), whole(examples))
        }
        None => share,
    })
}

fn ticket_name(standing: &Standing) -> Option<&str> {
    match &standing.recipe.task {
        Task::Train { ticket_name, .. } => Some(ticket_name),
        Task::Imp { .. } => None,
    }
}
