//! The training options, under their official names in kebab case.

use elth_core::schedule::{Step, Training};

/// Hyper-parameters; each defaults to the official one of the model's family.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Training (defaults: the official ones of the model's family)")]
pub struct TrainingArgs {
    /// Where training ends: epochs, iterations or both, such as 160ep, 1000it, 2ep218it
    #[arg(long, value_name = "STEP", value_parser = Step::parse)]
    training_steps: Option<Step>,

    /// Step that tickets are rewound to; of a ticket that does not say it, the step it was rewound to
    #[arg(long, value_name = "STEP", value_parser = Step::parse)]
    pub rewinding_steps: Option<Step>,

    /// Where the learning rate is multiplied by gamma
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', value_parser = Step::parse)]
    milestone_steps: Option<Vec<Step>>,

    /// Over how many steps the learning rate rises from 0
    #[arg(long, value_name = "STEP", value_parser = Step::parse)]
    warmup_steps: Option<Step>,

    /// Images a step
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,

    /// Learning rate
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Factor at each milestone
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    gamma: Option<f64>,

    /// Momentum of SGD
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    momentum: Option<f64>,

    /// L2 penalty on every parameter
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    weight_decay: Option<f64>,
}

impl TrainingArgs {
    /// What was asked for, over the defaults.
    pub fn over(&self, defaults: Training) -> Training {
        let asked = self.clone();
        Training {
            batch_size: asked.batch_size.unwrap_or(defaults.batch_size),
            training_steps: asked.training_steps.unwrap_or(defaults.training_steps),
            rewinding_steps: asked.rewinding_steps.unwrap_or(defaults.rewinding_steps),
            milestone_steps: asked.milestone_steps.unwrap_or(defaults.milestone_steps),
            warmup_steps: asked.warmup_steps.unwrap_or(defaults.warmup_steps),
            lr: asked.lr.unwrap_or(defaults.lr),
            gamma: asked.gamma.unwrap_or(defaults.gamma),
            momentum: asked.momentum.unwrap_or(defaults.momentum),
            weight_decay: asked.weight_decay.unwrap_or(defaults.weight_decay),
        }
    }
}
