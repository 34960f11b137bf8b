//! The tickets of the demo: the sample, its stretched form, and that one's permuted control.

use anyhow::Result;
use elth_core::{
    blueprint::Blueprint,
    chance::Seeds,
    control::{Compat, ControlSeeds, Kind, control},
    reshape::{
        reshape,
        strategy::{Units, plan},
    },
    ticket::Ticket,
    unit_map::UnitMap,
};
use elth_store::{atomic, ticket_file};

use crate::cli::{globals::Globals, samples};

/// 93 % pruned: above, every control is as good as the ticket on these images (`sample_tickets/README.md`).
pub const LEVEL: u32 = 12;

/// The target, six layers deeper than the sample's `cifar_resnet_14_8`.
const TARGET: &str = "cifar_resnet_20_8";

/// A ticket and what its file is called.
pub struct Named {
    /// File stem.
    pub name: String,
    /// The ticket.
    pub ticket: Ticket,
}

/// Everything that the demo shows.
pub struct Pair {
    /// The sample, as it was found.
    pub source: Ticket,
    /// Which of its units fills each unit of the target.
    pub map: UnitMap,
    /// The sample in the target.
    pub stretched: Named,
    /// The same counts, tensor by tensor, at places drawn by lot.
    pub permuted: Named,
}

/// Stretches the sample, permutes a copy, and puts both on the shelf where their names are free.
pub fn pair(globals: &Globals, seed: u64) -> Result<Pair> {
    let source = samples::level(LEVEL)?;
    let model = source.blueprint();
    let target = Blueprint::new(TARGET, Some(model.classes), Some(model.input))?;
    let map = plan(model, &target, None, &Units::All)?;
    let stretched = reshape(&source, &target, &map)?;
    let Seeds { mask, init, .. } = Seeds::derive(seed);
    let seeds = ControlSeeds { mask, init };
    let permuted = control(&stretched, Kind::Permuted, seeds, Compat::Refuse)?;
    let stretched = Named { name: "demo_stretched".to_owned(), ticket: stretched };
    let permuted = Named { name: format!("demo_permuted_{seed}"), ticket: permuted };
    save(globals, &stretched)?;
    save(globals, &permuted)?;
    Ok(Pair { source, map, stretched, permuted })
}

/// A file of that name stays as it is: the run has its own copy in any case.
fn save(globals: &Globals, named: &Named) -> Result<()> {
    let folder = globals.home()?.tickets();
    atomic::create_folder(&folder)?;
    let path = folder.join(format!("{}.safetensors", named.name));
    if !path.exists() {
        ticket_file::write(&path, &named.ticket)?;
    }
    Ok(())
}
