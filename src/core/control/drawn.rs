//! The ticket's weights under a mask by lot: is it these positions that matter, or only how many each tensor keeps?

use crate::{
    chance::stream,
    control::{Compat, NoControl, started, told},
    mask::Mask,
    ticket::{About, Ticket, lineage::Act},
};

/// The name on the command line.
pub const RANDOM_MASK: &str = "random-mask";

/// Draws as many positions of every tensor as the ticket keeps of it, whatever its own mask is.
///
/// # Errors
/// When the weights outside the masks are zero.
pub fn random_mask(ticket: &Ticket, seed: u64, compat: Compat) -> Result<Ticket, NoControl> {
    let (weights, outside) = started(ticket, RANDOM_MASK, compat)?;
    let masks = ticket.masks().iter().map(|(name, mask)| {
        let mut places: Vec<usize> = (0..mask.len()).collect();
        stream(seed, &format!("random mask {name}")).shuffle(&mut places);
        let mut bits = vec![false; mask.len()];
        places[..mask.kept()].iter().for_each(|place| bits[*place] = true);
        (name.clone(), Mask::from_bits(&bits))
    });
    let act = Act::new("control")
        .with("kind", RANDOM_MASK)
        .with("seed-mask", seed.to_string())
        .of("ticket", &ticket.digest());
    let lineage = ticket.about.lineage.then(told(act, compat));
    let about = About { outside, lineage, ..ticket.about.clone() };
    Ok(Ticket::assemble(about, weights, masks.collect())?)
}
