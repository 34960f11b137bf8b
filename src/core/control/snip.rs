//! The masks of a stretch for the units that it copied once, SNIP's for the copies: is a copied mask better than one that
//! was chosen for the place?
//!
//! The paper's figure 3 has this control and the official code does not. Scores need a network, so that the trainer is asked
//! between [`opened`] and [`closed`].

use std::collections::BTreeMap;

use crate::{
    control::{
        Compat, NoControl,
        copies::{self, NoCopies},
        started,
    },
    mask::Mask,
    ticket::{About, Ticket, lineage::Act},
};

/// The name on the command line.
pub const SNIP_COPIES: &str = "snip-copies";

/// A ticket whose copies keep everything, and what each of their tensors is to keep in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// What is scored.
    pub ticket: Ticket,
    /// Weights that each tensor of a copy shall keep.
    pub counts: BTreeMap<String, usize>,
}

/// The ticket with full masks over the copies that its last stretch made.
///
/// # Errors
/// When the lineage tells of no copies, or the weights outside the masks are zero and so would be their scores.
pub fn opened(ticket: &Ticket) -> Result<Opened, NoCopies> {
    let copies = copies::copies(&ticket.about)?;
    let (weights, _) = started(ticket, SNIP_COPIES, Compat::Refuse)?;
    let (mut masks, mut counts) = (ticket.masks().clone(), BTreeMap::new());
    for tensor in ticket.blueprint().prunable() {
        if copies.contains(&(tensor.slot.stage, tensor.slot.unit)) {
            counts.insert(tensor.name.clone(), ticket.count_of(&tensor.name).kept);
            masks.insert(tensor.name.clone(), Mask::full(tensor.len()));
        }
    }
    let made = Ticket::assemble(ticket.about.clone(), weights, masks);
    Ok(Opened { ticket: made.map_err(NoControl::Misfit)?, counts })
}

/// The ticket with the masks that were chosen for its copies; `act` says how.
///
/// # Errors
/// When the masks are not those of the ticket's model.
pub fn closed(
    ticket: &Ticket,
    masks: BTreeMap<String, Mask>,
    act: Act,
) -> Result<Ticket, NoCopies> {
    let act = act.with("kind", SNIP_COPIES).of("ticket", &ticket.digest());
    let about = About { lineage: ticket.about.lineage.then(act), ..ticket.about.clone() };
    Ok(Ticket::assemble(about, ticket.weights().clone(), masks).map_err(NoControl::Misfit)?)
}
