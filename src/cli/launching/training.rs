//! The training options, under their official names in kebab case.

use elth_core::{
    blueprint::Family,
    family::default_training,
    schedule::{NO_MILESTONES, Step, Training, tidy},
};

/// Hyper-parameters; each defaults to the official one of the model's family.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Training (defaults: the official ones of the model's family)")]
pub struct TrainingArgs {
    #[arg(
        long, value_name = "STEP", value_parser = Step::parse,
        help = help("Where training ends: epochs, iterations or both, such as 160ep, 1000it, 2ep218it",
            |it| it.training_steps.to_string())
    )]
    training_steps: Option<Step>,

    /// Where tickets are rewound to.
    #[arg(
        long, value_name = "STEP", value_parser = Step::parse,
        help = help("Step that tickets are rewound to; of a ticket that does not say it, the step it was rewound to",
            |it| it.rewinding_steps.to_string())
    )]
    pub rewinding_steps: Option<Step>,

    #[arg(
        long, value_name = "STEP,…", value_parser = milestones,
        help = help("Where the learning rate is multiplied by gamma, or none",
            |it| shown_milestones(&it.milestone_steps))
    )]
    milestone_steps: Option<Milestones>,

    #[arg(
        long, value_name = "STEP", value_parser = Step::parse,
        help = help("Over how many steps the learning rate rises from 0", |it| it.warmup_steps.to_string())
    )]
    warmup_steps: Option<Step>,

    #[arg(
        long, value_name = "N",
        help = help("Images a step", |it| it.batch_size.to_string())
    )]
    batch_size: Option<usize>,

    #[arg(
        long, value_name = "X", allow_negative_numbers = true,
        help = help("Learning rate", |it| tidy(it.lr))
    )]
    lr: Option<f64>,

    #[arg(
        long, value_name = "X", allow_negative_numbers = true,
        help = help("Factor at each milestone", |it| tidy(it.gamma))
    )]
    gamma: Option<f64>,

    #[arg(
        long, value_name = "X", allow_negative_numbers = true,
        help = help("Momentum of SGD", |it| tidy(it.momentum))
    )]
    momentum: Option<f64>,

    #[arg(
        long, value_name = "X", allow_negative_numbers = true,
        help = help("L2 penalty on every parameter", |it| tidy(it.weight_decay))
    )]
    weight_decay: Option<f64>,
}

/// Points where the learning rate drops; there may be none.
#[derive(Debug, Clone)]
struct Milestones(Vec<Step>);

/// Reads `80ep,120ep`, or `none`.
fn milestones(text: &str) -> Result<Milestones, String> {
    elth_core::schedule::milestones(text).map(Milestones).map_err(|error| error.to_string())
}

fn shown_milestones(steps: &[Step]) -> String {
    let steps: Vec<_> = steps.iter().map(Step::to_string).collect();
    if steps.is_empty() { NO_MILESTONES.to_owned() } else { steps.join(",") }
}

/// What an option means, with every family's default.
fn help(words: &str, value: impl Fn(&Training) -> String) -> String {
    let values = Family::ALL.map(|family| (family, value(&default_training(family))));
    let [(_, first), others @ ..] = &values;
    if others.iter().all(|(_, value)| value == first) {
        return format!("{words} [default: {first}]");
    }
    let each = values.iter().map(|(family, value)| format!("{value} for {family}"));
    format!("{words} [default: {}]", each.collect::<Vec<_>>().join(", "))
}

impl TrainingArgs {
    /// What was asked for, over the defaults.
    pub fn over(&self, defaults: Training) -> Training {
        let asked = self.clone();
        Training {
            batch_size: asked.batch_size.unwrap_or(defaults.batch_size),
            training_steps: asked.training_steps.unwrap_or(defaults.training_steps),
            rewinding_steps: asked.rewinding_steps.unwrap_or(defaults.rewinding_steps),
            milestone_steps: asked.milestone_steps.map_or(defaults.milestone_steps, |it| it.0),
            warmup_steps: asked.warmup_steps.unwrap_or(defaults.warmup_steps),
            lr: asked.lr.unwrap_or(defaults.lr),
            gamma: asked.gamma.unwrap_or(defaults.gamma),
            momentum: asked.momentum.unwrap_or(defaults.momentum),
            weight_decay: asked.weight_decay.unwrap_or(defaults.weight_decay),
        }
    }
}
