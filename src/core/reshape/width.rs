//! An experiment of its own: a ticket in a wider or narrower network of the same depth.
//!
//! Channels are replicated consistently wherever they pass, and what reads a channel of r copies reads an r-th of each
//! (`Net2WiderNet`; Chen, Goodfellow, Shlens 2016). So a wider network computes what the ticket computed, up to rounding, in
//! training and in evaluation. A narrower one keeps its strongest channels, and computes something else.

mod axes;

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use crate::{
    blueprint::Blueprint,
    chance::stream,
    mask::Mask,
    reshape::copies::{Copies, perturb},
    slot::Role,
    ticket::{About, Ticket, lineage::Act},
    weights::{Misfit, Values, Weights},
};
use axes::{Axes, Group, axes, sizes};

/// Which channels are replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replicated {
    /// All in turn, so that none has two copies more than another.
    #[default]
    InTurn,
    /// By lot.
    Random,
}

impl Replicated {
    /// The name on the command line and in lineages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InTurn => "in-turn",
            Self::Random => "random",
        }
    }
}

impl FromStr for Replicated {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = [Self::InTurn, Self::Random].into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| format!("`{text}` chooses no channels: in-turn or random"))
    }
}

/// How a width is changed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Widening {
    /// Which channels are replicated.
    pub replicated: Replicated,
    /// Whether the weights that compute a copy are perturbed, so that training can tell it from its source.
    pub copies: Copies,
    /// Seed of channels by lot and of noise.
    pub seed: u64,
}

/// A ticket of another width.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewidthed {
    /// The ticket.
    pub ticket: Ticket,
    /// Whether it computes what the ticket before computed, up to rounding.
    pub keeps_function: bool,
}

/// Why a width cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotRewidth {
    /// The models differ in more than their widths.
    #[error(
        "`{from}` and `{to}` differ in more than their widths: change the depth in a hop of its own, before or after"
    )]
    Models {
        /// The ticket's model.
        from: String,
        /// The target.
        to: String,
    },
    /// Channels have no unit of their own whose weights could be drawn.
    #[error(
        "copies of channels cannot be drawn anew without changing everything else: use copied or perturbed"
    )]
    Reinit,
    /// What came out is no complete ticket, which matching models rule out.
    #[error("the target is incomplete: {0}")]
    Misfit(#[from] Misfit),
}

/// Whether two models differ in their widths and in nothing else.
#[must_use]
pub fn is_other_width(source: &Blueprint, target: &Blueprint) -> bool {
    let names =
        |model: &Blueprint| model.tensors.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    let shapes =
        |model: &Blueprint| model.tensors.iter().map(|it| it.shape.clone()).collect::<Vec<_>>();
    let same = source.family == target.family
        && (source.classes, source.input) == (target.classes, target.input)
        && names(source) == names(target);
    same && shapes(source) != shapes(target) && axes(source) == axes(target)
}

/// The ticket in a network of another width.
///
/// # Errors
/// When the models differ in more, or copies are to be drawn anew.
pub fn rewidth(
    ticket: &Ticket,
    target: &Blueprint,
    widening: &Widening,
) -> Result<Rewidthed, CannotRewidth> {
    let source = ticket.blueprint();
    if !is_other_width(source, target) {
        let (from, to) = (source.name.clone(), target.name.clone());
        return Err(CannotRewidth::Models { from, to });
    }
    if widening.copies == Copies::Reinit {
        return Err(CannotRewidth::Reinit);
    }
    let axes = axes(source);
    let picks = picks(ticket, target, &axes, widening);
    let narrows = picks.values().any(|picks| picks.channels.len() < picks.of);
    let (mut weights, mut masks) = (Weights::default(), BTreeMap::new());
    for ((from, to), axes) in source.tensors.iter().zip(&target.tensors).zip(&axes) {
        let taken = Taken::of(axes, &picks, &from.shape);
        let mask = ticket.masks().get(&from.name);
        let mask = mask.map(|mask| Mask::from_fn(to.len(), |at| mask.keeps(taken.place(at).0)));
        let mut values = ticket.weights().0.get(&from.name).cloned().unwrap_or(Values::Count(0));
        if let Values::Floats(given) = &values {
            let divides = from.role == Role::Weight;
            let mut floats: Vec<f32> =
                (0..to.len()).map(|at| taken.value(given, at, divides)).collect();
            if let (Copies::Perturbed(sigma), Some(mask)) = (widening.copies, &mask) {
                let chosen: Vec<bool> = (0..to.len()).map(|at| taken.is_copy(at)).collect();
                let purpose = format!("perturb {} {}", target.name, to.name);
                perturb(&mut floats, mask, &chosen, (sigma, widening.seed), &purpose);
            }
            values = Values::Floats(floats);
        }
        weights.0.insert(to.name.clone(), values);
        masks.extend(mask.map(|mask| (to.name.clone(), mask)));
    }
    let keeps_function = !narrows && widening.copies == Copies::Copied;
    let about = About {
        blueprint: Arc::new(target.clone()),
        lineage: ticket.about.lineage.then(act(ticket, target, widening, keeps_function)),
        ..ticket.about.clone()
    };
    Ok(Rewidthed { ticket: Ticket::assemble(about, weights, masks)?, keeps_function })
}

fn act(ticket: &Ticket, target: &Blueprint, widening: &Widening, keeps_function: bool) -> Act {
    let act = Act::new("change-width")
        .with("experimental", "width")
        .with("from", &ticket.blueprint().name)
        .with("to", &target.name)
        .with("replicated", widening.replicated.name())
        .with("function", if keeps_function { "kept" } else { "changed" })
        .of("ticket", &ticket.digest());
    let act = match widening.copies {
        Copies::Copied => act,
        changed => act.with("copies", changed.to_string()),
    };
    let by_chance = widening.replicated == Replicated::Random || widening.copies != Copies::Copied;
    if by_chance { act.with("seed-init", widening.seed.to_string()) } else { act }
}

/// Which of a group's channels each channel of the target is.
struct Picks {
    /// The source channel of each target channel.
    channels: Vec<usize>,
    /// How many there were.
    of: usize,
}

impl Picks {
    /// How many target channels each target channel shares its source with.
    fn shares(&self) -> Vec<usize> {
        let mut counts = vec![0; self.of];
        self.channels.iter().for_each(|channel| counts[*channel] += 1);
        self.channels.iter().map(|channel| counts[*channel]).collect()
    }
}

fn picks(
    ticket: &Ticket,
    target: &Blueprint,
    axes: &[Axes],
    widening: &Widening,
) -> BTreeMap<Group, Picks> {
    let (before, after) = (sizes(ticket.blueprint(), axes), sizes(target, axes));
    let groups = before.into_iter().enumerate().map(|(number, (group, of))| {
        let wanted = after.get(&group).copied().unwrap_or(of);
        let channels = if wanted < of {
            strongest(ticket, axes, &group, (wanted, of))
        } else {
            let mut chance = stream(widening.seed, &format!("channels {number}"));
            let copies = (of..wanted).map(|at| match widening.replicated {
                Replicated::InTurn => at % of,
                Replicated::Random => usize::try_from(chance.below(of as u64)).unwrap_or(0),
            });
            (0..of).chain(copies).collect()
        };
        (group, Picks { channels, of })
    });
    groups.collect()
}

/// The so many channels whose kept weights have the largest sum of squares, in their order.
fn strongest(
    ticket: &Ticket,
    axes: &[Axes],
    group: &Group,
    (wanted, of): (usize, usize),
) -> Vec<usize> {
    let mut strength = vec![0.0_f64; of];
    for (tensor, axes) in ticket.blueprint().tensors.iter().zip(axes) {
        let values = ticket.weights().floats(&tensor.name).unwrap_or_default();
        let Some(mask) =
            ticket.masks().get(&tensor.name).filter(|_| axes.out.as_ref() == Some(group))
        else {
            continue;
        };
        let row = (values.len() / of).max(1);
        for (at, value) in values.iter().enumerate().filter(|(at, _)| mask.keeps(*at)) {
            strength[at / row] += f64::from(*value).powi(2);
        }
    }
    let mut order: Vec<usize> = (0..of).collect();
    order.sort_by(|one, two| strength[*two].total_cmp(&strength[*one]).then(one.cmp(two)));
    order.truncate(wanted);
    order.sort_unstable();
    order
}

/// Where the values of a target tensor come from.
struct Taken<'a> {
    out: Option<&'a Picks>,
    input: Option<&'a Picks>,
    /// Sizes of the source's second side and of what lies below it.
    source_columns: usize,
    below: usize,
    columns: usize,
    shares: Vec<usize>,
}

impl<'a> Taken<'a> {
    fn of(axes: &Axes, picks: &'a BTreeMap<Group, Picks>, shape: &[usize]) -> Self {
        let of = |group: &Option<Group>| group.as_ref().and_then(|group| picks.get(group));
        let (out, input) = (of(&axes.out), of(&axes.input));
        let source_columns = shape.get(1).copied().unwrap_or(1);
        let columns = input.map_or(source_columns, |picks| picks.channels.len());
        let below = shape.iter().skip(2).product();
        let shares = input.map_or(vec![1; columns], Picks::shares);
        Self { out, input, source_columns, below, columns, shares }
    }

    /// The place in the source of a place in the target, and the target's row and column.
    fn place(&self, at: usize) -> (usize, usize, usize) {
        let (row, rest) = (at / (self.columns * self.below), at % (self.columns * self.below));
        let (column, inside) = (rest / self.below, rest % self.below);
        let from_row = self.out.map_or(row, |picks| picks.channels[row]);
        let from_column = self.input.map_or(column, |picks| picks.channels[column]);
        ((from_row * self.source_columns + from_column) * self.below + inside, row, column)
    }

    /// A value of the target: an r-th of its source where the channel it reads has r copies.
    #[expect(clippy::cast_precision_loss, reason = "a layer has far fewer channels than 2^24")]
    fn value(&self, given: &[f32], at: usize, divides: bool) -> f32 {
        let (place, _, column) = self.place(at);
        let value = given.get(place).copied().unwrap_or_default();
        if divides && self.shares[column] > 1 { value / self.shares[column] as f32 } else { value }
    }

    /// Whether the channel that the value computes is a second or later copy: those come after all sources.
    fn is_copy(&self, at: usize) -> bool {
        let (_, row, _) = self.place(at);
        self.out.is_some_and(|picks| row >= picks.of)
    }
}
