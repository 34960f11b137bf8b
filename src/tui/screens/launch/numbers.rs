//! Every number of what starts: runs, steps, images, weights, operations, time, disk and devices.

use elth_core::{blueprint::Blueprint, ticket::Count};
use elth_store::device::machine::{Machine, Seen};
use ratatui::text::{Line, Span};

use crate::{
    model::{
        Model,
        launch::{Launch, Plan, kinds, label},
        runs::duration,
    },
    portrait::Portrait,
    theme::styles::Styles,
    widgets::text::{fit, number, percent, short, wrap},
};

/// Columns of the words before the numbers.
const LABELS: usize = 9;
/// Passes through the network that a training step costs: one forward, and backward about two.
const PASSES: f64 = 3.0;

/// The lines, a number each.
#[must_use]
pub fn lines(
    model: &Model,
    dialog: &Launch,
    plan: &Plan,
    width: usize,
    styles: Styles<'_>,
) -> Vec<Line<'static>> {
    let rows = [
        ("runs", runs(plan)),
        ("steps", steps(plan)),
        ("images", images(plan)),
        ("chosen", chosen(dialog, plan)),
        ("head", head(dialog, plan)),
        ("kept", kept(model, dialog, plan)),
        ("work", work(model, dialog, plan)),
        ("time", time(model, dialog, plan)),
        ("disk", disk(model, plan)),
        ("device", devices(dialog.form.answer(label::DEVICE), model.machine.as_ref())),
        ("queue", queue(model.machine.as_ref(), dialog, plan)),
    ];
    let mut lines = Vec::new();
    for (name, text) in rows.into_iter().filter(|(_, text)| !text.is_empty()) {
        for (at, line) in wrap(&text, width.saturating_sub(LABELS)).into_iter().enumerate() {
            let name = fit(if at == 0 { name } else { "" }, LABELS);
            lines.push(Line::from_iter([Span::styled(name, styles.faint()), Span::raw(line)]));
        }
    }
    lines
}

fn runs(plan: &Plan) -> String {
    let mut seeds: Vec<u64> = plan.jobs.iter().map(|job| job.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let mut kinds: Vec<&str> = Vec::new();
    for job in &plan.jobs {
        if !kinds.contains(&job.kind) {
            kinds.push(job.kind);
        }
    }
    let seeds_text = seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let word = if seeds.len() == 1 { "seed" } else { "seeds" };
    let reused: Vec<&str> = plan.jobs.iter().filter_map(|job| job.reuses.as_deref()).collect();
    let reused = match reused.as_slice() {
        [] => String::new(),
        names => format!("; made before: {}", names.join(", ")),
    };
    format!("{}: {}; {word} {seeds_text}{reused}", plan.jobs.len(), kinds.join(", "))
}

fn steps(plan: &Plan) -> String {
    let Some(first) = plan.jobs.first() else { return String::new() };
    let each = count(plan.steps(first));
    let epochs = plan.end.div_ceil(plan.per_epoch.max(1));
    let from = match first.kind {
        kinds::SEARCH => {
            format!("{} levels of {} steps", plan.levels + 1, count(plan.end))
        }
        _ => format!("{} to {}", count(plan.start), count(plan.end)),
    };
    let all = if plan.jobs.len() > 1 {
        format!(", {} in all", count(plan.all_steps()))
    } else {
        String::new()
    };
    format!("{each} a run ({from}; {epochs} epochs of {}){all}", count(plan.per_epoch))
}

fn images(plan: &Plan) -> String {
    let Some(first) = plan.jobs.first() else { return String::new() };
    format!(
        "{} a run, {} a step; {} {} {}",
        short(whole(seen(plan, plan.steps(first)))),
        number(plan.training.batch_size),
        plan.dataset,
        if plan.images == plan.dataset.published_sizes()[0] { "has" } else { "gives" },
        number(plan.images)
    )
}

/// What is made of the images before any is learned from.
fn chosen(dialog: &Launch, plan: &Plan) -> String {
    if dialog.choice.is_whole() {
        return String::new();
    }
    format!("{}, of {} images", dialog.choice, number(plan.dataset.published_sizes()[0]))
}

/// What becomes of the last layer where the data set has other classes.
fn head(dialog: &Launch, plan: &Plan) -> String {
    let (own, classes) = (dialog.about.blueprint.classes, plan.blueprint.classes);
    if own == classes || plan.jobs.iter().all(|job| job.kind == kinds::SEARCH) {
        return String::new();
    }
    format!(
        "gets a new head: {} has {classes} classes and the ticket {own}; it is drawn from the seed and keeps every weight",
        plan.dataset
    )
}

/// Images that so many steps take; the last step of an epoch takes what is left.
fn seen(plan: &Plan, steps: u64) -> f64 {
    let share = float(steps) / float(plan.per_epoch.max(1));
    share * float(plan.images as u64)
}

fn kept(model: &Model, dialog: &Launch, plan: &Plan) -> String {
    let all = number(plan.blueprint.prunable_weights());
    if plan.jobs.iter().all(|job| kinds::is_dense(job.kind)) {
        return format!("all {all} weights at the start");
    }
    let all = number(dialog.about.blueprint.prunable_weights());
    let is_dense = plan.jobs.iter().any(|job| kinds::is_dense(job.kind));
    let dense = if is_dense { "; dense: all" } else { "" };
    match dialog.kept(&model.shelf) {
        Some(count) => {
            let (kept, density) = (number(count.kept), percent(count.density()));
            format!("{kept} of {all} weights, {density}{dense}")
        }
        None => format!("of {all} weights{dense}"),
    }
}

fn work(model: &Model, dialog: &Launch, plan: &Plan) -> String {
    let Some(first) = plan.jobs.first() else { return String::new() };
    let images = seen(plan, plan.steps(first));
    let dense = float(plan.blueprint.flops() as u64);
    let all = format!("{} as computed", operations(PASSES * images * dense));
    let portrait = model.portrait(&dialog.ticket);
    let alive = portrait.map(|portrait| kept_flops(&plan.blueprint, portrait));
    match alive {
        Some(alive) => {
            format!("{} a run over kept weights, {all}", operations(PASSES * images * alive))
        }
        None => format!("{all} a run"),
    }
}

/// Multiplications and additions of one image's forward pass through the kept weights.
fn kept_flops(blueprint: &Blueprint, portrait: &Portrait) -> f64 {
    let kept = |tensor: &elth_core::blueprint::TensorPlan| {
        let slot = &tensor.slot;
        let unit = portrait.stages.get(slot.stage)?.units.get(slot.unit)?;
        let found = unit.tensors.iter().find(|it| it.part == slot.part)?;
        let Count { kept, weights } = found.count();
        // A new head keeps every weight.
        let kept = if weights == tensor.len() { kept } else { tensor.len() };
        Some(2.0 * float((kept * tensor.positions) as u64))
    };
    blueprint.prunable().filter_map(kept).sum()
}

fn operations(count: f64) -> String {
    format!("{count:.1e} FLOPs")
}

/// As long as the youngest run of the same model took for as many images.
fn time(model: &Model, dialog: &Launch, plan: &Plan) -> String {
    let name = &dialog.about.blueprint.name;
    let runs = model.runs.list().iter().filter(|run| run.recipe.model == *name);
    let mut known = runs.filter_map(|run| Some((run, run.said.images_per_second?)));
    let Some((run, speed)) = known.find(|(_, speed)| *speed > 0.0) else {
        return format!("unknown: no run of {name} has told its speed yet");
    };
    let Some(first) = plan.jobs.first() else { return String::new() };
    let each = seen(plan, plan.steps(first)) / speed;
    let all = seen(plan, plan.all_steps()) / speed;
    let device = run.said.device.as_deref().unwrap_or(&run.recipe.device);
    let all = if plan.jobs.len() > 1 {
        format!(", {} one after the other", duration(all))
    } else {
        String::new()
    };
    let evidence = format!("{speed:.0} images/s of {} on {device}", run.dir.id());
    format!("about {} a run{all} ({evidence})", duration(each))
}

/// What lies on the disk in the end: the ticket, the last checkpoint (weights and momenta), the trained weights.
fn disk(model: &Model, plan: &Plan) -> String {
    let blueprint = &plan.blueprint;
    let weights = 4 * blueprint.parameters() as u64;
    let ticket = weights + blueprint.prunable_weights() as u64;
    let each = |kind: &str| match kind {
        kinds::SEARCH => u64::from(plan.levels + 1) * (ticket + weights) + 2 * weights,
        _ => ticket + 3 * weights,
    };
    let all: u64 = plan.jobs.iter().map(|job| each(job.kind)).sum();
    let free = model.machine.as_ref().and_then(|machine| machine.disk);
    let free = free.map_or(String::new(), |free| format!(", {} free", bytes(free)));
    format!("about {}{free}", bytes(all))
}

/// What the runs could be given, and how busy it is.
fn devices(wish: &str, machine: Option<&Machine>) -> String {
    let Some(machine) = machine else { return format!("{wish}: looking…") };
    let named = wish.strip_prefix("cuda:").and_then(|number| number.parse::<usize>().ok());
    let gpus: Vec<String> = machine
        .gpus
        .iter()
        .filter(|gpu| wish != "cpu" && named.is_none_or(|number| gpu.number == number))
        .map(graphics)
        .collect();
    match (gpus.is_empty(), wish.starts_with("cuda")) {
        (true, true) => format!("{wish}: no such GPU answers here"),
        (true, false) => format!("{wish}: {}", processor(machine)),
        (false, _) => format!("{wish}: {}", gpus.join("; ")),
    }
}

/// How many of the runs work at once, where they would get the CPU and take more of it than there is.
fn queue(machine: Option<&Machine>, dialog: &Launch, plan: &Plan) -> String {
    let Some(machine) = machine else { return String::new() };
    let wish = dialog.form.answer(label::DEVICE);
    let is_cpu = wish == "cpu" || (wish == "auto" && machine.gpus.is_empty());
    let threads = dialog.form.answer(label::THREADS).parse().unwrap_or(machine.cores);
    let at_once = (machine.cores / threads.clamp(1, machine.cores.max(1))).max(1);
    if !is_cpu || plan.jobs.len() <= at_once {
        return String::new();
    }
    format!("{at_once} at a time: the others wait for cores, fewer threads let more work at once")
}

fn processor(machine: &Machine) -> String {
    let cores = if machine.cores == 1 { "core" } else { "cores" };
    let load = machine.load.map_or(String::new(), |load| format!(", load {load:.1}"));
    let memory =
        machine.memory.map_or(String::new(), |free| format!(", {} of memory free", bytes(free)));
    format!("CPU, {} {cores}{load}{memory}", machine.cores)
}

fn graphics(gpu: &Seen) -> String {
    let load = gpu.load.map_or(String::new(), |load| format!(", {load} % busy"));
    let free = gpu.memory.zip(gpu.used).map(|(all, used)| (all.saturating_sub(used), all));
    let free = free
        .map_or(String::new(), |(free, all)| format!(", {} of {} free", bytes(free), bytes(all)));
    format!("cuda:{} {}{load}{free}", gpu.number, gpu.name)
}

/// A size as it is said: `1.6 MB`.
fn bytes(count: u64) -> String {
    let value = float(count);
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}

fn count(steps: u64) -> String {
    number(usize::try_from(steps).unwrap_or(usize::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
fn float(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few digits are shown"
)]
fn whole(count: f64) -> usize {
    count as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wish: &str, machine: &Machine, expected: &str) {
        assert_eq!(devices(wish, Some(machine)), expected);
    }

    #[test]
    fn devices_are_named_with_their_load_and_free_memory() {
        let (load, memory) = (Some(0.5), Some(3_000_000_000));
        let mut machine = Machine { cores: 2, load, memory, ..Machine::default() };
        check("auto", &machine, "auto: CPU, 2 cores, load 0.5, 3.0 GB of memory free");
        check("cuda", &machine, "cuda: no such GPU answers here");
        let gpu = |number, load| Seen {
            number,
            name: "H200".to_owned(),
            load,
            used: Some(1 << 30),
            memory: Some(8 << 30),
        };
        machine.gpus = vec![gpu(0, Some(7)), gpu(1, None)];
        check("cuda:1", &machine, "cuda:1: cuda:1 H200, 7.5 GB of 8.6 GB free");
        check(
            "auto",
            &machine,
            "auto: cuda:0 H200, 7 % busy, 7.5 GB of 8.6 GB free; cuda:1 H200, 7.5 GB of 8.6 GB free",
        );
        check("cpu", &machine, "cpu: CPU, 2 cores, load 0.5, 3.0 GB of memory free");
        assert_eq!(devices("cpu", None), "cpu: looking…");
    }
}
