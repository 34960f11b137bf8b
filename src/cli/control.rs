//! `elth control`: a ticket's matched control, which must fail where the ticket works.

mod snip;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use elth_core::{
    control::{Change, Compat, ControlSeeds, control, copies, drawn, own, snip::SNIP_COPIES},
    ticket::Ticket,
};
use elth_store::ticket_file;
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    control::snip::{SnipArgs, snip_copies},
    failure::usage,
    globals::Globals,
    output::{self, OutputArgs},
    paper::{Paper, number, percent},
    seeds::SeedArgs,
    source,
};

/// Makes a ticket's matched control
///
/// permuted         the mask of each tensor shuffled, the weights kept
/// permuted-copies  the same for the copies of a stretch alone
/// random-mask      as many positions of each tensor by lot, the weights kept
/// reinit           the mask kept, the weights drawn anew
/// random           masks shuffled and weights drawn anew
/// dense            every weight kept: a transformed ticket's weights without its mask
/// snip-copies      the copies of a stretch under SNIP's masks, as many weights of each tensor (needs the trainer)
/// own-weights      the mask on the rewind weights of --own, a ticket found on the target itself
/// own-dense        --own with every weight kept: the dense target
/// own-level        --own as it is, checked to be of the ticket's nominal level
/// own-imp          --own pruned by its trained weights to exactly the ticket's kept count
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  elth control ticket.safetensors --kind permuted --seed 7 -o permuted.safetensors
  elth control ticket.safetensors --kind reinit -o reinit.safetensors
  elth control stretched.safetensors --kind snip-copies --dataset cifar10 -o snip.safetensors
  elth control stretched.safetensors --kind own-weights --own imp-3-level_0 -o mask_only.safetensors
  elth control stretched.safetensors --kind own-imp --own runs/imp-3/tickets/level_9.safetensors -o imp.safetensors"
)]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// What changes: one of the names above
    #[arg(long, value_name = "KIND", value_parser = change)]
    kind: Change,

    /// A ticket that was found on the ticket's own model: of its level 0 for own-weights and own-dense, of the ticket's level
    /// for own-level, of the level before for own-imp
    #[arg(long, value_name = "TICKET")]
    own: Option<PathBuf>,

    /// Weights at the end of that level's training, for own-imp [default: those beside --own]
    #[arg(long, value_name = "FILE")]
    trained: Option<PathBuf>,

    /// Makes the official code's weaker control of other masks: whatever the ticket's own mask leaves out starts at zero
    #[arg(long)]
    compat: bool,

    #[command(flatten)]
    snip: SnipArgs,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

fn change(text: &str) -> Result<Change, String> {
    let names = Change::ALL.map(Change::name).join(", ");
    Change::parse(text).ok_or_else(|| format!("`{text}` is no control elth makes: {names}"))
}

/// Writes the control and says what it holds.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    args.check()?;
    let found = source::ticket(globals, &args.ticket)?;
    args.output.check(Some(&found.path))?;
    let made = args.make(&found.ticket, globals)?;
    let output = args.output.save(&made)?;
    let output = output.as_deref();
    let method = args.kind.name();
    answer(
        globals,
        || document(&made, method, output),
        || text(&made, method, output, Paper::of_stdout()),
    )
}

impl Args {
    fn make(&self, ticket: &Ticket, globals: &Globals) -> Result<Ticket> {
        let seeds = self.seeds.seeds();
        let compat = if self.compat { Compat::OpenLth } else { Compat::Refuse };
        Ok(match self.kind {
            Change::Kind(kind) => {
                let seeds = ControlSeeds { mask: seeds.mask, init: seeds.init };
                control(ticket, kind, seeds, compat)?
            }
            Change::Copies => copies::permuted_copies(ticket, seeds.mask, compat)?,
            Change::RandomMask => drawn::random_mask(ticket, seeds.mask, compat)?,
            Change::SnipCopies => snip_copies(ticket, &self.snip, seeds, globals)?,
            Change::OwnWeights => own::own_weights(ticket, &self.own(globals)?.ticket)?,
            Change::OwnDense => own::own_dense(ticket, &self.own(globals)?.ticket)?,
            Change::OwnLevel => own::own_level(ticket, &self.own(globals)?.ticket)?,
            Change::OwnImp => {
                let own = self.own(globals)?;
                let trained = ticket_file::read_trained(&self.trained(&own)?)?;
                own::own_imp(ticket, &own.ticket, &trained.weights)?
            }
        })
    }

    /// Refuses what the kind has no use for.
    fn check(&self) -> Result<()> {
        let snips = matches!(self.kind, Change::SnipCopies);
        let unused = [
            ("--own", self.own.is_some() && !self.kind.takes_own(), "own-weights and own-imp"),
            (
                "--trained",
                self.trained.is_some() && !matches!(self.kind, Change::OwnImp),
                "own-imp",
            ),
            (
                "--compat",
                self.compat && !self.kind.changes_masks(),
                "kinds that change the masks alone",
            ),
            ("--dataset", self.snip.dataset.is_some() && !snips, SNIP_COPIES),
            ("--examples", self.snip.examples.is_some() && !snips, SNIP_COPIES),
        ];
        match unused.into_iter().find(|(_, unused, _)| *unused) {
            Some((option, _, kinds)) => {
                Err(usage(format!("{option} is for {kinds}: leave it out")))
            }
            None => Ok(()),
        }
    }

    fn own(&self, globals: &Globals) -> Result<source::Found> {
        let Some(own) = &self.own else {
            let kind = self.kind.name();
            return Err(usage(format!("{kind} needs a ticket of the target's own: give --own")));
        };
        source::ticket(globals, own)
    }

    /// The weights at the end of a level's training lie beside its ticket.
    fn trained(&self, own: &source::Found) -> Result<PathBuf> {
        if let Some(trained) = &self.trained {
            return Ok(trained.clone());
        }
        let beside = own.path.with_extension("trained.safetensors");
        if beside.is_file() {
            return Ok(beside);
        }
        let shown = beside.display();
        Err(anyhow!("own-imp prunes by trained weights, and there is no `{shown}`: give --trained"))
    }
}

/// What `control` and `prune` answer.
pub fn document(made: &Ticket, method: &str, output: Option<&Path>) -> Value {
    let count = made.count();
    json!({
        "output": output.map(answer::path),
        "model": made.blueprint().name,
        "kept": count.kept,
        "weights": count.weights,
        "density": count.density(),
        "sparsity": count.sparsity(),
        "flops": made.blueprint().flops(),
        "kept_flops": made.flops(),
        "method": method,
        "digest": made.digest().to_string(),
    })
}

/// The same as text.
pub fn text(made: &Ticket, method: &str, output: Option<&Path>, paper: Paper) -> String {
    let count = made.count();
    format!(
        "{}  {method}\nkept     {} of {} weights\ndensity  {}, sparsity {}\nFLOPs    {} an image, of {}\n{}",
        paper.bold(&made.blueprint().name),
        number(count.kept),
        number(count.weights),
        percent(count.density()),
        percent(count.sparsity()),
        number(made.flops()),
        number(made.blueprint().flops()),
        output::closing(output)
    )
}
