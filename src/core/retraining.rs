//! Three ways to train a pruned network again (Renda, Frankle, Carbin 2020): what it starts with, and at which rate.

use crate::{
    schedule::Training,
    ticket::{About, Outside, Ticket, lineage::Act},
    trained::{self, Trained},
    weights::Misfit,
};

/// How a pruned network is trained again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retraining {
    /// The weights go back to the rewind step, and so does the schedule: the paper's.
    #[default]
    WeightRewinding,
    /// The weights stay as they were trained; the schedule goes back to the rewind step.
    LrRewinding,
    /// The weights stay as they were trained, and so does the learning rate that the schedule ended with.
    FineTuning,
}

impl Retraining {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::WeightRewinding, Self::LrRewinding, Self::FineTuning];

    /// The name on the command line and in lineages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WeightRewinding => "weight-rewinding",
            Self::LrRewinding => "lr-rewinding",
            Self::FineTuning => "fine-tuning",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == text)
    }

    /// The schedule to train by: at the rate of its last step throughout, where the rate stays.
    #[must_use]
    pub fn schedule(self, training: &Training, iterations_per_epoch: u64) -> Training {
        if self != Self::FineTuning {
            return training.clone();
        }
        let last = training.training_steps.at(iterations_per_epoch).saturating_sub(1);
        Training {
            lr: training.lr_at(last, iterations_per_epoch),
            milestone_steps: Vec::new(),
            warmup_steps: crate::schedule::Step::iterations(0),
            ..training.clone()
        }
    }
}

/// Why a ticket cannot go on from trained weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotGoOn {
    /// They are of another model.
    #[error(
        "the ticket is of `{ticket}` and the trained weights of `{trained}`: give the weights that the ticket was pruned from"
    )]
    Model {
        /// The ticket's model.
        ticket: String,
        /// That of the weights.
        trained: String,
    },
    /// They do not fit, which equal models rule out.
    #[error("the trained weights are incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// The ticket's mask over trained weights, with their norms and statistics; what the mask leaves out is zero.
///
/// # Errors
/// When the weights are of another model.
pub fn from_trained(
    ticket: &Ticket,
    trained: &Trained,
    way: Retraining,
) -> Result<Ticket, CannotGoOn> {
    if *ticket.blueprint() != trained.blueprint {
        let (ticket, trained) = (ticket.blueprint().name.clone(), trained.blueprint.name.clone());
        return Err(CannotGoOn::Model { ticket, trained });
    }
    let act = Act::new("retraining")
        .with("way", way.name())
        .of("ticket", &ticket.digest())
        .of("trained", &trained::digest(&trained.blueprint, &trained.weights));
    let lineage = ticket.about.lineage.then(act);
    let about = About { outside: Outside::Masked, lineage, ..ticket.about.clone() };
    Ok(Ticket::assemble(about, trained.weights.clone(), ticket.masks().clone())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        blueprint::Blueprint,
        initialise::initialise,
        prune::{Counting, magnitude, round},
        schedule::Step,
        ticket::{full_masks, lineage::Lineage},
    };

    fn training() -> Training {
        Training {
            batch_size: 10,
            training_steps: Step::iterations(100),
            rewinding_steps: Step::iterations(10),
            milestone_steps: vec![
                Step::iterations(50),
                Step::iterations(75),
                Step::iterations(400),
            ],
            warmup_steps: Step::iterations(5),
            lr: 0.5,
            gamma: 0.1,
            momentum: 0.9,
            weight_decay: 0.0,
        }
    }

    #[test]
    fn only_fine_tuning_stays_at_the_last_rate() {
        let given = training();
        for way in [Retraining::WeightRewinding, Retraining::LrRewinding] {
            assert_eq!(way.schedule(&given, 7), given);
        }
        let fine = Retraining::FineTuning.schedule(&given, 7);
        for step in [0, 10, 60, 99] {
            assert!((fine.lr_at(step, 7) - given.lr_at(99, 7)).abs() < 1e-15);
        }
        assert!((fine.lr - 0.005).abs() < 1e-15);
        assert_eq!(
            (fine.training_steps, fine.momentum.to_bits()),
            (given.training_steps, given.momentum.to_bits())
        );
    }

    #[test]
    fn a_ticket_goes_on_from_trained_weights_of_its_model_alone() {
        let blueprint = Blueprint::new("cifar_resnet_8_2", None, None).unwrap();
        let (first, last) = (initialise(&blueprint, 1), initialise(&blueprint, 2));
        let masks = full_masks(&blueprint);
        let masks = round(&magnitude(&blueprint, &first), &masks, 0.5, Counting::Exact).unwrap();
        let lineage = Lineage::default();
        let (dataset, data_digest, level, rewind) =
            (None, None, Some(3), Some(Step::iterations(7)));
        let shared = blueprint.clone().into();
        let outside = Outside::Dense;
        let about =
            About { blueprint: shared, dataset, data_digest, level, rewind, outside, lineage };
        let ticket = Ticket::assemble(about, first, masks).unwrap();
        let trained = |blueprint: &Blueprint, weights| Trained {
            blueprint: blueprint.clone(),
            dataset: None,
            data_digest: None,
            step: Some(100),
            test_accuracy: None,
            ticket: None,
            weights,
        };
        let made =
            from_trained(&ticket, &trained(&blueprint, last.clone()), Retraining::LrRewinding)
                .unwrap();
        assert_eq!(
            (made.masks(), made.about.level, made.about.rewind),
            (ticket.masks(), Some(3), Some(Step::iterations(7)))
        );
        for (name, mask) in made.masks() {
            let (now, then) = (made.weights().floats(name).unwrap(), last.floats(name).unwrap());
            let right = |at: usize| {
                if mask.keeps(at) {
                    now[at].to_bits() == then[at].to_bits()
                } else {
                    now[at].abs() <= 0.0
                }
            };
            assert!((0..mask.len()).all(right), "{name}");
        }
        assert_eq!(made.weights().0["bn.weight"], last.0["bn.weight"]);
        let other = Blueprint::new("cifar_resnet_14_2", None, None).unwrap();
        let wrong = trained(&other, initialise(&other, 1));
        let error = from_trained(&ticket, &wrong, Retraining::FineTuning).unwrap_err().to_string();
        assert!(
            error.contains("`cifar_resnet_8_2`") && error.contains("`cifar_resnet_14_2`"),
            "{error}"
        );
    }
}
