//! `elth train --dynamic`: masks that move while a network trains, and the ticket that they start from.

use anyhow::{Result, bail};
use elth_core::{
    blueprint::Blueprint,
    moving::{Growth, Method},
    prune::{
        Counting, Ranking,
        allocation::{Allocation, Rule, prune_more},
        random,
    },
    schedule::{Step, Training},
    ticket::{About, Outside, Ticket, full_masks, lineage::Act},
};
use elth_store::run::plan::Moves;

use crate::cli::{failure::usage, rule::allocation};

/// Options of masks that move.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Masks that move (defaults: as published)")]
pub struct DynamicArgs {
    /// Lets the mask move: rigl or set (drop the smallest, grow by gradient or by chance, exact counts), itop (the
    /// same, rarer and to the end), dpf (dense weights kept, mask chosen anew), gradual (prunes ever more on a cubic curve)
    #[arg(long, value_name = "METHOD", value_parser = method)]
    pub dynamic: Option<Method>,

    /// Share of zeros over all prunable weights: of the random mask that rigl, set and itop start from
    /// [default: the ticket's own mask], or that dpf and gradual come to
    #[arg(long, value_name = "S", value_parser = sparsity, requires = "dynamic")]
    sparsity: Option<f64>,

    /// Where the kept weights lie: erk, uniform, layerwise, global [default: erk to start from, global to come to]
    #[arg(long, value_name = "NAME", value_parser = allocation, requires = "dynamic")]
    allocation: Option<Allocation>,

    /// Tensors left dense: names, first, last
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "dynamic")]
    keep_dense: Vec<String>,

    /// First step at which masks move [default: one --update-every after the start; dpf, gradual: the start]
    #[arg(long, value_name = "STEP", value_parser = Step::parse, requires = "dynamic")]
    update_from: Option<Step>,

    /// Steps between two moves [default: 100it; itop 1500it, dpf 16it]
    #[arg(long, value_name = "STEP", value_parser = Step::parse, requires = "dynamic")]
    update_every: Option<Step>,

    /// Step from which on masks stay [default: three quarters of the training; itop, dpf: its end]
    #[arg(long, value_name = "STEP", value_parser = Step::parse, requires = "dynamic")]
    update_until: Option<Step>,

    /// Share of a tensor's kept weights that an exchange begins with; for rigl and itop it falls as a cosine
    /// [default: 0.3; itop 0.5]
    #[arg(long, value_name = "SHARE", requires = "dynamic")]
    drop_fraction: Option<f64>,

    /// What comes for what goes: gradient or random [default: rigl gradient, set and itop random]
    #[arg(long, value_name = "HOW", value_parser = growth, requires = "dynamic")]
    grow: Option<Growth>,

    /// Step at which dpf and gradual have come to --sparsity [default: half of the training]
    #[arg(long, value_name = "STEP", value_parser = Step::parse, requires = "dynamic")]
    ramp_until: Option<Step>,

    /// Trains N times as long, milestones and warm-up too: 5 makes RigL-5x
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000), requires = "dynamic")]
    training_steps_multiplier: Option<u64>,
}

impl DynamicArgs {
    /// What is asked for; nothing where masks stay.
    pub fn moves(&self, blueprint: &Blueprint) -> Result<Option<Moves>> {
        let Some(method) = self.dynamic else { return Ok(None) };
        self.check(method)?;
        let to_come_to = !method.exchanges();
        Ok(Some(Moves {
            method,
            from: self.update_from,
            every: self.update_every,
            until: self.update_until,
            fraction: self.drop_fraction,
            growth: self.grow,
            sparsity: self.sparsity.filter(|_| to_come_to),
            ramp_until: self.ramp_until,
            allocation: self.allocation.unwrap_or_default(),
            keep_dense: self.keep_dense(blueprint),
        }))
    }

    /// The ticket that a training starts from: random masks where a sparsity to start from is asked for.
    pub fn start(&self, ticket: Ticket, seed: u64) -> Result<Ticket> {
        let Some(sparsity) = self.sparsity.filter(|_| self.exchanges()) else { return Ok(ticket) };
        if ticket.about.outside == Outside::Masked {
            return Err(usage(
                "the ticket holds zeros outside its mask, and a new one needs dense weights: leave out --sparsity",
            ));
        }
        let blueprint = ticket.blueprint().clone();
        let (allocation, full) =
            (self.allocation.unwrap_or(Allocation::Erk), full_masks(&blueprint));
        let ignored = self.keep_dense(&blueprint).into_iter().collect();
        let (counting, ranking) = (Counting::Exact, Ranking::Absolute);
        let rule = Rule { counting, allocation, ranking, ignored: &ignored };
        let zeros = zeros(sparsity, blueprint.prunable_weights());
        let pruned = prune_more(&blueprint, &random(&blueprint, seed), &full, zeros, &rule)?;
        let empty: Vec<&str> = pruned.collapsed().collect();
        if !empty.is_empty() {
            bail!("no weight would be left of {}: ask for less sparsity", empty.join(", "));
        }
        let act = Act::new("prune")
            .with("method", "random")
            .with("sparsity", sparsity.to_string())
            .with("counting", "exact")
            .with("allocation", allocation.name())
            .with("keep-dense", ignored.into_iter().collect::<Vec<_>>().join(","))
            .with("seed-mask", seed.to_string())
            .of("ticket", &ticket.digest());
        let lineage = ticket.about.lineage.then(act);
        let about = About { level: None, lineage, ..ticket.about.clone() };
        Ok(Ticket::assemble(about, ticket.weights().clone(), pruned.masks)?)
    }

    /// The training, so many times as long as was asked for.
    pub fn stretched(&self, training: Training) -> Training {
        let Some(factor) = self.training_steps_multiplier else { return training };
        Training {
            training_steps: training.training_steps.times(factor),
            warmup_steps: training.warmup_steps.times(factor),
            milestone_steps: training.milestone_steps.iter().map(|it| it.times(factor)).collect(),
            ..training
        }
    }

    fn exchanges(&self) -> bool {
        self.dynamic.is_some_and(Method::exchanges)
    }

    /// Refuses options that the method does not use.
    fn check(&self, method: Method) -> Result<()> {
        let exchanges = method.exchanges();
        let unused = [
            ("--drop-fraction", self.drop_fraction.is_some() && !exchanges),
            ("--grow", self.grow.is_some() && !exchanges),
            ("--ramp-until", self.ramp_until.is_some() && exchanges),
            ("--update-until", self.update_until.is_some() && method == Method::Gradual),
            ("--allocation", self.allocation.is_some() && exchanges && self.sparsity.is_none()),
        ];
        if let Some((option, _)) = unused.into_iter().find(|(_, unused)| *unused) {
            let name = method.name();
            return Err(usage(format!("`{option}` means nothing to {name} here: leave it out")));
        }
        if !exchanges && self.sparsity.is_none() {
            return Err(usage(format!(
                "{} needs the share of zeros to come to: give --sparsity",
                method.name()
            )));
        }
        Ok(())
    }

    fn keep_dense(&self, blueprint: &Blueprint) -> Vec<String> {
        let mut prunable = blueprint.prunable().map(|plan| plan.name.clone());
        let first = prunable.next();
        let last = prunable.last().or_else(|| first.clone());
        let named = self.keep_dense.iter().filter_map(|name| match name.as_str() {
            "first" => first.clone(),
            "last" => last.clone(),
            _ => Some(name.clone()),
        });
        named.collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of weights are far below 2^53 and shares below 1"
)]
fn zeros(sparsity: f64, weights: usize) -> usize {
    (sparsity * weights as f64).round() as usize
}

fn method(text: &str) -> Result<Method, String> {
    let known = Method::ALL.map(Method::name).join(", ");
    Method::parse(text).ok_or_else(|| format!("`{text}` moves no masks: choose one of {known}"))
}

fn growth(text: &str) -> Result<Growth, String> {
    Growth::parse(text).ok_or_else(|| format!("`{text}` is no growth: gradient or random"))
}

fn sparsity(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share of zeros: give a number from 0 to below 1"))
}
