//! `elth control`: a ticket's matched control, which must fail where the ticket works.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use elth_core::{
    control::{Compat, ControlSeeds, Kind, control, copies, own},
    ticket::Ticket,
};
use elth_store::ticket_file;
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::usage,
    globals::Globals,
    output::{self, OutputArgs},
    paper::{Paper, number, percent},
    seeds::SeedArgs,
    source,
};

/// Makes a ticket's matched control
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth control ticket.safetensors --kind permuted --seed 7 -o permuted.safetensors
  elth control ticket.safetensors --kind reinit -o reinit.safetensors
  elth control stretched.safetensors --kind own-weights --own imp-3-level_0 -o mask_only.safetensors
  elth control stretched.safetensors --kind own-imp --own runs/imp-3/tickets/level_9.safetensors -o imp.safetensors")]
pub struct Args {
    /// A ticket file, or the name of a ticket on the shelf
    ticket: PathBuf,

    /// What changes: permuted (masks shuffled), permuted-copies (masks of a stretch's copies shuffled),
    /// reinit (weights drawn anew), random (both), dense (every weight kept), own-weights (the mask on the weights of
    /// --own), own-imp (--own pruned by its trained weights to the ticket's kept count)
    #[arg(long, value_name = "KIND", value_parser = change)]
    kind: Change,

    /// A ticket that was found on the ticket's own model: of its level 0 for own-weights, of the level before for own-imp
    #[arg(long, value_name = "TICKET")]
    own: Option<PathBuf>,

    /// Weights at the end of that level's training, for own-imp [default: those beside --own]
    #[arg(long, value_name = "FILE")]
    trained: Option<PathBuf>,

    /// Makes the official code's weaker control of a ticket without dense weights: what is newly kept starts at zero
    #[arg(long)]
    compat: bool,

    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    seeds: SeedArgs,
}

/// What a control changes.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Something that every ticket has.
    Kind(Kind),
    /// The copies that a stretch made.
    Copies,
    /// The weights: the target's own.
    OwnWeights,
    /// The whole ticket: what the target's own pruning comes to.
    OwnImp,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Copies => copies::NAME,
            Self::OwnWeights => own::OWN_WEIGHTS,
            Self::OwnImp => own::OWN_IMP,
        }
    }
}

fn change(text: &str) -> Result<Change, String> {
    match text {
        copies::NAME => return Ok(Change::Copies),
        own::OWN_WEIGHTS => return Ok(Change::OwnWeights),
        own::OWN_IMP => return Ok(Change::OwnImp),
        _ => {}
    }
    let kinds = "permuted, permuted-copies, reinit, random, dense, own-weights or own-imp";
    let unknown = |_| format!("`{text}` is no control elth makes: {kinds}");
    text.parse().map(Change::Kind).map_err(unknown)
}

/// Writes the control and says what it holds.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    args.check()?;
    let found = source::ticket(globals, &args.ticket)?;
    args.output.check(Some(&found.path))?;
    let seeds = args.seeds.seeds();
    let seeds = ControlSeeds { mask: seeds.mask, init: seeds.init };
    let compat = if args.compat { Compat::OpenLth } else { Compat::Refuse };
    let made = match args.kind {
        Change::Kind(kind) => control(&found.ticket, kind, seeds, compat)?,
        Change::Copies => copies::permuted_copies(&found.ticket, seeds.mask, compat)?,
        Change::OwnWeights => own::own_weights(&found.ticket, &args.own(globals)?.ticket)?,
        Change::OwnImp => {
            let own = args.own(globals)?;
            let trained = ticket_file::read_trained(&args.trained(&own)?)?;
            own::own_imp(&found.ticket, &own.ticket, &trained.weights)?
        }
    };
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
    /// Refuses the target's own ticket where the kind has no use for it.
    fn check(&self) -> Result<()> {
        let takes_own = matches!(self.kind, Change::OwnWeights | Change::OwnImp);
        if self.own.is_some() && !takes_own {
            return Err(usage("--own is for own-weights and own-imp: leave it out"));
        }
        if self.trained.is_some() && !matches!(self.kind, Change::OwnImp) {
            return Err(usage("--trained is for own-imp: leave it out"));
        }
        Ok(())
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
