//! What can be started from a ticket: itself, its matched controls, and the search in its own model.

use elth_core::{
    control::{Change, Kind, copies},
    ticket::Outside,
};
use elth_store::{dataset::Name, run::plan::fits};

use super::{Launch, label, own};
use crate::model::shelf::Shelf;

/// The ticket as it is.
pub const TICKET: &str = "ticket";
/// The search in the ticket's own model, to the ticket's own level.
pub const SEARCH: &str = "search";
/// Every control that can be made of it.
pub const CONTROLS: &str = "all controls";
/// The ticket and every control.
pub const EVERYTHING: &str = "ticket + controls";

/// The choices, those first that most people want.
#[must_use]
pub fn choices() -> Vec<&'static str> {
    let controls = controls();
    [TICKET].into_iter().chain(controls).chain([SEARCH, CONTROLS, EVERYTHING]).collect()
}

fn controls() -> impl Iterator<Item = &'static str> {
    Change::ALL.map(Change::name).into_iter()
}

/// What a choice starts, one after the other.
///
/// # Errors
/// When the ticket or the shelf does not hold what its control is made from.
pub fn of(choice: &str, launch: &Launch, on: &Shelf) -> Result<Vec<&'static str>, String> {
    let possible = || controls().filter(|kind| hindrance(kind, launch, on).is_none());
    match choice {
        CONTROLS => Ok(possible().collect()),
        EVERYTHING => Ok([TICKET].into_iter().chain(possible()).collect()),
        one => {
            match (hindrance(one, launch, on), choices().into_iter().find(|kind| *kind == one)) {
                (Some(reason), _) => Err(reason),
                (None, Some(kind)) => Ok(vec![kind]),
                (None, None) => Err(format!("`{one}` is nothing that can be started")),
            }
        }
    }
}

/// The controls that a choice of several leaves out, with the reason.
#[must_use]
pub fn left_out(choice: &str, launch: &Launch, on: &Shelf) -> Vec<String> {
    if ![CONTROLS, EVERYTHING].contains(&choice) {
        return Vec::new();
    }
    controls().filter_map(|kind| hindrance(kind, launch, on)).collect()
}

/// Why that control cannot be made of the ticket.
fn hindrance(kind: &str, launch: &Launch, on: &Shelf) -> Option<String> {
    let (about, change) = (&launch.about, Change::parse(kind)?);
    let needs_dense = change.changes_masks() || change == Change::SnipCopies;
    if needs_dense && about.outside == Outside::Masked {
        return Some(format!(
            "control {kind} needs the weights outside the mask, and this ticket holds zeros there"
        ));
    }
    let has_copies = || copies::copies(about).err().map(|error| format!("{kind}: {error}"));
    match change {
        Change::OwnWeights | Change::OwnDense | Change::OwnLevel | Change::OwnImp => {
            own::source(change, &launch.ticket, about, on).err()
        }
        Change::Copies => has_copies(),
        Change::SnipCopies => has_copies().or_else(|| unscored(launch)),
        Change::Kind(_) | Change::RandomMask => None,
    }
}

/// Why SNIP cannot score the ticket: its gradients are of images that go through the network as it is.
fn unscored(launch: &Launch) -> Option<String> {
    let dataset: Name = launch.form.answer(label::DATASET).trim().parse().ok()?;
    let error = fits(&launch.about.blueprint, dataset).err()?;
    Some(format!("control {} is scored on `{dataset}`: {error}", Change::SnipCopies.name()))
}

/// Whether each seed makes another ticket of that kind.
#[must_use]
pub fn is_drawn(kind: &str) -> bool {
    Change::parse(kind).is_some_and(Change::is_drawn)
}

/// Whether every weight is there when it starts.
#[must_use]
pub fn is_dense(kind: &str) -> bool {
    let dense = [Change::Kind(Kind::Dense), Change::OwnDense];
    kind == SEARCH || Change::parse(kind).is_some_and(|change| dense.contains(&change))
}

/// What it is for, in a few words.
#[must_use]
pub fn meaning(choice: &str) -> &'static str {
    let Some(change) = Change::parse(choice) else {
        return match choice {
            SEARCH => "IMP in the ticket's own model to its own level: what the ticket is to match",
            CONTROLS => "every control that can be made of this ticket, beside one another",
            EVERYTHING => "the ticket and every control of it",
            _ => "the ticket itself",
        };
    };
    match change {
        Change::Kind(Kind::Permuted) => "its masks shuffled within each tensor, its weights kept",
        Change::Kind(Kind::Reinit) => "its masks kept, its weights drawn anew",
        Change::Kind(Kind::Random) => "masks shuffled and weights drawn anew, at the same density",
        Change::Kind(Kind::Dense) => "every weight kept: the network without a mask",
        Change::Copies => "the masks of its stretched copies shuffled, the rest kept",
        Change::RandomMask => "as many positions of each tensor by lot, its weights kept",
        Change::SnipCopies => {
            "its stretched copies under SNIP's masks, as many weights of each tensor"
        }
        Change::OwnWeights => "its masks on the rewind weights of a search in its own model",
        Change::OwnDense => "the dense network that a search in its own model began with",
        Change::OwnLevel => "the ticket of its own level of a search in its own model",
        Change::OwnImp => "what that search comes to where it keeps as many weights",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_dialog_has_every_control_of_the_command_line_and_says_what_each_is() {
        let choices = choices();
        assert!(Change::ALL.iter().all(|change| choices.contains(&change.name())));
        let meanings: BTreeSet<_> = choices.iter().map(|choice| meaning(choice)).collect();
        assert_eq!(meanings.len(), choices.len());
    }
}
