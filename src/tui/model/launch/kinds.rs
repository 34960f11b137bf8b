//! What can be started from a ticket: itself, its matched controls, and the search in its own model.

use elth_core::{
    control::{
        Kind, copies,
        own::{OWN_IMP, OWN_WEIGHTS},
    },
    ticket::Outside,
};

use super::{Launch, own};
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
    Kind::ALL.map(Kind::name).into_iter().chain([copies::NAME, OWN_WEIGHTS, OWN_IMP])
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
    let about = &launch.about;
    let needs_dense = [Kind::Permuted.name(), Kind::Dense.name(), copies::NAME].contains(&kind);
    if needs_dense && about.outside == Outside::Masked {
        return Some(format!(
            "control {kind} needs the weights outside the mask, and this ticket holds zeros there"
        ));
    }
    if own::is_own(kind) {
        return own::source(kind, &launch.ticket, about, on).err();
    }
    let made = || copies::copies(about).err().map(|error| format!("{kind}: {error}"));
    if kind == copies::NAME { made() } else { None }
}

/// Whether each seed makes another ticket of that kind.
#[must_use]
pub fn is_drawn(kind: &str) -> bool {
    ![TICKET, SEARCH, Kind::Dense.name(), OWN_WEIGHTS, OWN_IMP].contains(&kind)
}

/// What it is for, in a few words.
#[must_use]
pub fn meaning(choice: &str) -> &'static str {
    match choice {
        TICKET => "the ticket itself",
        SEARCH => "IMP in the ticket's own model to its own level: what the ticket is to match",
        CONTROLS => "every control that can be made of this ticket, beside one another",
        EVERYTHING => "the ticket and every control of it",
        "permuted" => "its masks shuffled within each tensor, its weights kept",
        "reinit" => "its masks kept, its weights drawn anew",
        "random" => "masks shuffled and weights drawn anew, at the same density",
        "dense" => "every weight kept: the network without a mask",
        OWN_WEIGHTS => "its masks on the rewind weights of a search in its own model",
        OWN_IMP => "what that search comes to where it keeps as many weights",
        _ => "the masks of its stretched copies shuffled, the rest kept",
    }
}
