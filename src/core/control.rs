//! A ticket's matched controls: what must fail where the ticket works.

pub mod copies;
pub mod drawn;
pub mod own;
pub mod snip;

use std::collections::BTreeMap;

use crate::{
    chance::stream,
    initialise::initialise,
    mask::Mask,
    ticket::{About, Outside, Ticket, full_masks, lineage::Act},
    weights::{Misfit, Weights},
};

/// What a control changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The mask of every tensor shuffled, its count kept; the weights stay.
    Permuted,
    /// The mask kept, the weights drawn anew.
    Reinit,
    /// Mask shuffled and weights drawn anew.
    Random,
    /// Every weight kept: the dense network from the same rewind weights.
    Dense,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Permuted, Self::Reinit, Self::Random, Self::Dense];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Permuted => "permuted",
            Self::Reinit => "reinit",
            Self::Random => "random",
            Self::Dense => "dense",
        }
    }
}

/// What a control changes: every one that elth makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Something that every ticket has.
    Kind(Kind),
    /// The masks of the copies that a stretch made: shuffled.
    Copies,
    /// The mask: drawn by lot.
    RandomMask,
    /// The masks of the copies that a stretch made: SNIP's.
    SnipCopies,
    /// The weights: the target's own.
    OwnWeights,
    /// The whole ticket: the target's own network.
    OwnDense,
    /// The whole ticket: the target's own of that level.
    OwnLevel,
    /// The whole ticket: what the target's own pruning comes to.
    OwnImp,
}

impl Change {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Kind(Kind::Permuted),
        Self::Kind(Kind::Reinit),
        Self::Kind(Kind::Random),
        Self::Kind(Kind::Dense),
        Self::Copies,
        Self::RandomMask,
        Self::SnipCopies,
        Self::OwnWeights,
        Self::OwnDense,
        Self::OwnLevel,
        Self::OwnImp,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Copies => copies::NAME,
            Self::RandomMask => drawn::RANDOM_MASK,
            Self::SnipCopies => snip::SNIP_COPIES,
            Self::OwnWeights => own::OWN_WEIGHTS,
            Self::OwnDense => own::OWN_DENSE,
            Self::OwnLevel => own::OWN_LEVEL,
            Self::OwnImp => own::OWN_IMP,
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == text)
    }

    /// Whether it is made of a ticket of the target's own.
    #[must_use]
    pub fn takes_own(self) -> bool {
        matches!(self, Self::OwnWeights | Self::OwnDense | Self::OwnLevel | Self::OwnImp)
    }

    /// Whether other masks come over the weights, so that it matters what they are outside the ticket's own.
    #[must_use]
    pub fn changes_masks(self) -> bool {
        matches!(self, Self::Kind(Kind::Permuted | Kind::Dense) | Self::Copies | Self::RandomMask)
    }

    /// Whether another seed makes another ticket.
    #[must_use]
    pub fn is_drawn(self) -> bool {
        match self {
            Self::Kind(Kind::Permuted | Kind::Reinit | Kind::Random)
            | Self::Copies
            | Self::RandomMask
            | Self::SnipCopies => true,
            Self::Kind(Kind::Dense)
            | Self::OwnWeights
            | Self::OwnDense
            | Self::OwnLevel
            | Self::OwnImp => false,
        }
    }
}

/// Seeds of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlSeeds {
    /// Of the shuffled masks.
    pub mask: u64,
    /// Of the weights drawn anew.
    pub init: u64,
}

/// Why a control cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoControl {
    /// The ticket's weights are zero outside its mask.
    #[error(
        "a {0} control needs the weights outside the mask, and this ticket holds zeros there: use a ticket with dense rewind weights, or `--compat` for the official code's variant"
    )]
    MaskedWeights(&'static str),
    /// What came out is no complete ticket, which a ticket rules out.
    #[error("the control is incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// Whether the official code's weaker controls are wanted where a ticket's weights are masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compat {
    /// Refuse: newly enabled weights would start at zero.
    Refuse,
    /// As the official code: whatever the ticket's own mask leaves out starts at zero (fact sheet 5.1, point 4).
    OpenLth,
}

/// Makes a control of equal counts, tensor by tensor.
///
/// # Errors
/// When the ticket's weights are masked and the control needs those outside the mask.
pub fn control(
    ticket: &Ticket,
    kind: Kind,
    seeds: ControlSeeds,
    compat: Compat,
) -> Result<Ticket, NoControl> {
    let (weights, outside) = match kind {
        Kind::Permuted | Kind::Dense => started(ticket, kind.name(), compat)?,
        Kind::Reinit | Kind::Random => (initialise(ticket.blueprint(), seeds.init), Outside::Dense),
    };
    let masks = match kind {
        Kind::Reinit => ticket.masks().clone(),
        Kind::Permuted | Kind::Random => permuted(ticket.masks(), seeds.mask),
        Kind::Dense => full_masks(ticket.blueprint()),
    };
    // Only the ticket's own counts are those of its level; `dense` keeps every weight, and `random` keeps no part of it.
    let level = match kind {
        Kind::Permuted | Kind::Reinit => ticket.about.level,
        Kind::Random | Kind::Dense => None,
    };
    let about = About {
        outside,
        level,
        lineage: ticket.about.lineage.then(act(ticket, kind, seeds, compat)),
        ..ticket.about.clone()
    };
    Ok(Ticket::assemble(about, weights, masks)?)
}

/// The weights that a control of other masks starts from: the dense rewind weights, or those of the official code, which are
/// zero wherever the ticket's own mask is off.
pub(crate) fn started(
    ticket: &Ticket,
    kind: &'static str,
    compat: Compat,
) -> Result<(Weights, Outside), NoControl> {
    match (compat, ticket.about.outside) {
        (Compat::Refuse, Outside::Masked) => Err(NoControl::MaskedWeights(kind)),
        (Compat::Refuse, Outside::Dense) => Ok((ticket.weights().clone(), Outside::Dense)),
        (Compat::OpenLth, _) => Ok((ticket.clone().masked().weights().clone(), Outside::Masked)),
    }
}

/// The act with the official code's name, where its weaker control was made.
pub(crate) fn told(act: Act, compat: Compat) -> Act {
    if compat == Compat::OpenLth { act.with("compat", "openlth") } else { act }
}

fn act(ticket: &Ticket, kind: Kind, seeds: ControlSeeds, compat: Compat) -> Act {
    let other_masks = matches!(kind, Kind::Permuted | Kind::Dense);
    let compat = if other_masks { compat } else { Compat::Refuse };
    let act = Act::new("control").with("kind", kind.name()).of("ticket", &ticket.digest());
    let shuffles = matches!(kind, Kind::Permuted | Kind::Random);
    let draws = matches!(kind, Kind::Reinit | Kind::Random);
    let act = told(act, compat);
    let act = if shuffles { act.with("seed-mask", seeds.mask.to_string()) } else { act };
    if draws { act.with("seed-init", seeds.init.to_string()) } else { act }
}

/// Each mask shuffled within its own tensor.
fn permuted(masks: &BTreeMap<String, Mask>, seed: u64) -> BTreeMap<String, Mask> {
    let shuffled = masks.iter().map(|(name, mask)| {
        let mut bits: Vec<bool> = mask.bits().collect();
        stream(seed, &format!("permute {name}")).shuffle(&mut bits);
        (name.clone(), Mask::from_bits(&bits))
    });
    shuffled.collect()
}
