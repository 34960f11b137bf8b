//! What can be started from a ticket: itself, its matched controls, and the search in its own model.

use elth_core::{
    control::{Kind, copies},
    ticket::{About, Outside},
};

/// The ticket as it is.
pub const TICKET: &str = "ticket";
/// The search in the ticket's own model, to the ticket's own level.
pub const SEARCH: &str = "own imp";
/// Every control that can be made of it.
pub const CONTROLS: &str = "all controls";
/// The ticket and every control.
pub const EVERYTHING: &str = "ticket + controls";

/// The choices, those first that most people want.
#[must_use]
pub fn choices() -> Vec<&'static str> {
    let controls = Kind::ALL.map(Kind::name).into_iter().chain([copies::NAME]);
    [TICKET].into_iter().chain(controls).chain([SEARCH, CONTROLS, EVERYTHING]).collect()
}

/// What a choice starts, one after the other.
///
/// # Errors
/// When the ticket does not hold what its control is made from.
pub fn of(choice: &str, about: &About) -> Result<Vec<&'static str>, String> {
    let all = choices();
    let controls = || {
        let names = Kind::ALL.map(Kind::name).into_iter().chain([copies::NAME]);
        names.filter(|kind| hindrance(kind, about).is_none()).collect::<Vec<_>>()
    };
    match choice {
        CONTROLS => Ok(controls()),
        EVERYTHING => Ok([vec![TICKET], controls()].concat()),
        one => match (hindrance(one, about), all.into_iter().find(|kind| *kind == one)) {
            (Some(reason), _) => Err(reason),
            (None, Some(kind)) => Ok(vec![kind]),
            (None, None) => Err(format!("`{one}` is nothing that can be started")),
        },
    }
}

/// Why that control cannot be made of the ticket.
fn hindrance(kind: &str, about: &About) -> Option<String> {
    let needs_dense = [Kind::Permuted.name(), Kind::Dense.name(), copies::NAME].contains(&kind);
    if needs_dense && about.outside == Outside::Masked {
        return Some(format!(
            "a {kind} control needs the weights outside the mask, and this ticket holds zeros there"
        ));
    }
    let made = || copies::copies(about).err().map(|error| error.to_string());
    if kind == copies::NAME { made() } else { None }
}

/// Whether each seed makes another ticket of that kind.
#[must_use]
pub fn is_drawn(kind: &str) -> bool {
    ![TICKET, SEARCH, Kind::Dense.name()].contains(&kind)
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
        _ => "the masks of its stretched copies shuffled, the rest kept",
    }
}
