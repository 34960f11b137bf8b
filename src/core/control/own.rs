//! Controls that need the target's own tickets: what a transformed ticket is held against.

use crate::{
    control::NoControl,
    prune::{
        self, CannotPrune, Counting, Ranking,
        allocation::{Allocation, Demand, prune},
    },
    ticket::{About, Outside, Ticket, full_masks, lineage::Act},
    weights::{Misfit, Weights},
};

/// The name of the transformed mask on the target's own rewind weights.
pub const OWN_WEIGHTS: &str = "own-weights";

/// The name of the target's own pruning, to the transformed ticket's kept count.
pub const OWN_IMP: &str = "own-imp";

/// The name of the target's own ticket of the ticket's level.
pub const OWN_LEVEL: &str = "own-level";

/// The name of the target's own network before any pruning.
pub const OWN_DENSE: &str = "own-dense";

/// Why a control of the target's own cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoOwn {
    /// It is of another model.
    #[error("the ticket is of {ticket} and the target's own is of {own}: give one of {ticket}")]
    Model {
        /// The ticket's model.
        ticket: String,
        /// That of the other.
        own: String,
    },
    /// It is too sparse to be pruned to the ticket's count.
    #[error(
        "the target's own ticket keeps {own} weights, fewer than the {ticket} that the control shall keep: give one of a lower level"
    )]
    TooSparse {
        /// Weights that the ticket keeps.
        ticket: usize,
        /// Weights that the other keeps.
        own: usize,
    },
    /// It is of another level, or one of them is of none.
    #[error(
        "the ticket is of {ticket} and the target's own of {own}: give the one of the ticket's level"
    )]
    Level {
        /// The ticket's level, in words.
        ticket: String,
        /// That of the other.
        own: String,
    },
    /// The scores cannot be pruned by.
    #[error(transparent)]
    Prune(#[from] CannotPrune),
    /// As for the other controls.
    #[error(transparent)]
    Control(#[from] NoControl),
}

impl From<Misfit> for NoOwn {
    fn from(misfit: Misfit) -> Self {
        Self::Control(misfit.into())
    }
}

/// The ticket's mask over the target's own rewind weights: is it the mask alone that was carried over?
///
/// # Errors
/// When the other ticket is of another model, or holds zeros outside its mask.
pub fn own_weights(ticket: &Ticket, own: &Ticket) -> Result<Ticket, NoOwn> {
    same_model(ticket, own)?;
    if own.about.outside == Outside::Masked {
        return Err(NoControl::MaskedWeights(OWN_WEIGHTS).into());
    }
    let act = act(OWN_WEIGHTS, ticket, own);
    let about = About {
        level: None,
        rewind: own.about.rewind,
        outside: Outside::Dense,
        lineage: ticket.about.lineage.then(act),
        ..ticket.about.clone()
    };
    Ok(Ticket::assemble(about, own.weights().clone(), ticket.masks().clone())?)
}

/// The target's own pruning with a last round that ends at exactly the ticket's kept count.
///
/// `own` is the target's ticket of the level before, `trained` the weights at the end of that level's training.
///
/// # Errors
/// When the other ticket is of another model or keeps too little, or a trained weight is not a number.
pub fn own_imp(ticket: &Ticket, own: &Ticket, trained: &Weights) -> Result<Ticket, NoOwn> {
    same_model(ticket, own)?;
    let (wanted, there) = (ticket.count(), own.count());
    if there.kept < wanted.kept {
        return Err(NoOwn::TooSparse { ticket: wanted.kept, own: there.kept });
    }
    trained.fits(own.blueprint())?;
    let scores = prune::magnitude(own.blueprint(), trained);
    let demand = Demand {
        sparsity: wanted.sparsity(),
        counting: Counting::Exact,
        allocation: Allocation::Global,
        ranking: Ranking::Absolute,
    };
    let masks = prune(own.blueprint(), &scores, own.masks(), &demand)?.masks;
    let act = act(OWN_IMP, ticket, own);
    let about = About { level: None, lineage: own.about.lineage.then(act), ..own.about.clone() };
    Ok(Ticket::assemble(about, own.weights().clone(), masks)?)
}

/// The target's own ticket of the ticket's nominal level, as its own search left it.
///
/// # Errors
/// When the other ticket is of another model or level.
pub fn own_level(ticket: &Ticket, own: &Ticket) -> Result<Ticket, NoOwn> {
    same_model(ticket, own)?;
    if ticket.about.level.is_none() || ticket.about.level != own.about.level {
        let name =
            |level: Option<u32>| level.map_or("no level".to_owned(), |it| format!("level {it}"));
        return Err(NoOwn::Level { ticket: name(ticket.about.level), own: name(own.about.level) });
    }
    let lineage = own.about.lineage.then(act(OWN_LEVEL, ticket, own));
    let about = About { lineage, ..own.about.clone() };
    Ok(Ticket::assemble(about, own.weights().clone(), own.masks().clone())?)
}

/// The target's own network with every rewind weight: what a ticket of it is to match.
///
/// # Errors
/// When the other ticket is of another model, or holds zeros outside its mask.
pub fn own_dense(ticket: &Ticket, own: &Ticket) -> Result<Ticket, NoOwn> {
    same_model(ticket, own)?;
    if own.about.outside == Outside::Masked {
        return Err(NoControl::MaskedWeights(OWN_DENSE).into());
    }
    let lineage = own.about.lineage.then(act(OWN_DENSE, ticket, own));
    let about = About { level: None, lineage, ..own.about.clone() };
    Ok(Ticket::assemble(about, own.weights().clone(), full_masks(own.blueprint()))?)
}

fn same_model(ticket: &Ticket, own: &Ticket) -> Result<(), NoOwn> {
    if ticket.blueprint() == own.blueprint() {
        return Ok(());
    }
    let name = |ticket: &Ticket| {
        let blueprint = ticket.blueprint();
        format!("{} of {} ({} classes)", blueprint.name, blueprint.input, blueprint.classes)
    };
    Err(NoOwn::Model { ticket: name(ticket), own: name(own) })
}

fn act(kind: &str, ticket: &Ticket, own: &Ticket) -> Act {
    Act::new("control").with("kind", kind).of("ticket", &ticket.digest()).of("own", &own.digest())
}
