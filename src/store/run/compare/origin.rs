//! Where a ticket came from, in the paper's words.

use elth_core::{blueprint::Blueprint, ticket::About};

/// Where the ticket of a run came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The run searches itself: iterative magnitude pruning.
    Search,
    /// Found by iterative magnitude pruning.
    Found,
    /// Stretched to a deeper network.
    Stretched,
    /// Squeezed to a shallower network.
    Squeezed,
    /// Re-ordered within its network.
    Reordered,
    /// A control of that kind.
    Control(String),
    /// Pruned by that method in one shot.
    Pruned(String),
    /// Trained on from trained weights, in that way.
    GoneOn(String),
    /// Something else, or not known.
    Other,
}

impl Origin {
    /// The words for it.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Search | Self::Found => "IMP",
            Self::Stretched => "stretched",
            Self::Squeezed => "squeezed",
            Self::Reordered => "re-ordered",
            Self::Control(kind) => kind,
            Self::Pruned(method) => method,
            Self::GoneOn(way) => way,
            Self::Other => "ticket",
        }
    }
}

/// Where a ticket came from: what was done to it last, as far as it has a name.
#[must_use]
pub fn origin(about: &About) -> Origin {
    let last = about.lineage.acts().iter().rev();
    let mut named = last.filter_map(|act| {
        let argument = |name: &str| act.arguments.get(name).cloned();
        match act.act.as_str() {
            "control" => Some(Origin::Control(argument("kind").unwrap_or("control".to_owned()))),
            "transform" => Some(transformed(&argument("from")?, &argument("to")?)),
            "prune" => Some(Origin::Pruned(argument("method").unwrap_or("pruned".to_owned()))),
            "train" => argument("dynamic").map(Origin::Pruned),
            "retraining" => Some(Origin::GoneOn(argument("way").unwrap_or("retrained".to_owned()))),
            "imp" => Some(Origin::Found),
            _ => None,
        }
    });
    named.next().unwrap_or(Origin::Other)
}

fn transformed(from: &str, to: &str) -> Origin {
    let weights = |name| Blueprint::new(name, None, None).map(|model| model.prunable_weights());
    match (weights(from), weights(to)) {
        (Ok(from), Ok(to)) if from < to => Origin::Stretched,
        (Ok(from), Ok(to)) if from > to => Origin::Squeezed,
        (Ok(_), Ok(_)) => Origin::Reordered,
        _ => Origin::Other,
    }
}

/// How a ticket came to be, without seeds, levels, digests and the machine.
pub(super) fn without_chance(about: &About) -> String {
    let acts = about.lineage.acts().iter().map(|act| {
        let kept = act.arguments.iter().filter(|(name, _)| {
            !name.starts_with("seed") && !["level", "levels", "threads"].contains(&name.as_str())
        });
        let kept: Vec<_> = kept.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}({})", act.act, kept.join(","))
    });
    acts.collect::<Vec<_>>().join(" > ")
}
