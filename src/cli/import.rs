//! `elth import`: official `.pth` files and whole trees as tickets and weights, without running anything of them.

use std::path::PathBuf;

use anyhow::{Result, bail};
use elth_core::blueprint::Blueprint;
use elth_store::openlth::import::{self, CannotImport, Report, Wishes};
use serde_json::{Value, json};

use crate::cli::{
    answer::{self, answer},
    failure::usage,
    globals::{Globals, absolute},
    paper::{self, Paper, number, percent},
    table::{Side, Table},
};

/// Takes official `.pth` files, level folders and whole trees over
///
/// Masks over their start weights become tickets, end weights become files of weights, loggers become tables.
/// Pickles are read, never run; what is not taken is listed with the reason.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  elth import ~/open_lth_data/lottery_231c88c353aecc912eada550c58eff10 -o tickets
  elth import level_10/main -o tickets
  elth import model_ep160_it0.pth --model cifar_resnet_20 -o weights")]
pub struct Args {
    /// A `.pth` file, a level's folder or a tree
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The model [default: as `hparams.log` of the tree says, else as the tensors show]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Classes that the model must tell apart [default: as the tensors show]
    #[arg(long, value_name = "N")]
    classes: Option<usize>,

    /// The folder to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// Replaces files that exist
    #[arg(long)]
    force: bool,
}

/// Imports, and says what was made and what was left out.
pub fn run(args: &Args, globals: &Globals) -> Result<()> {
    if let Some(name) = &args.model {
        Blueprint::new(name, args.classes, None).map_err(usage)?;
    }
    let wishes = Wishes { model: args.model.clone(), classes: args.classes, replace: args.force };
    let report = import::import(&args.paths, &wishes, &absolute(&args.output)?).map_err(refusal)?;
    if report.tickets.is_empty() && report.weights.is_empty() {
        let first = report.skipped.first();
        let why = first.map_or("it holds no official files".to_owned(), |skipped| {
            format!("`{}` {}", skipped.path.display(), skipped.reason)
        });
        bail!("nothing to import in `{}`: {why}", args.paths[0].display());
    }
    answer(globals, || document(&report), || text(&report, Paper::of_stdout()))
}

fn refusal(error: CannotImport) -> anyhow::Error {
    error.into()
}

fn document(report: &Report) -> Value {
    let tickets = report.tickets.iter().map(|made| {
        let count = made.ticket.count();
        json!({
            "output": answer::path(&made.output),
            "model": made.ticket.blueprint().name,
            "level": made.ticket.about.level,
            "kept": count.kept,
            "weights": count.weights,
            "source": answer::path(&made.source),
            "outside": outside(made),
            "rewind": made.ticket.about.rewind.map(|step| step.to_string()),
            "mapping": mapping(made),
            "digest": made.ticket.digest().to_string(),
        })
    });
    let weights = report.weights.iter().map(|made| {
        let (output, source) = (answer::path(&made.output), answer::path(&made.source));
        json!({"output": output, "model": made.model, "step": made.step, "source": source})
    });
    let curves = report.curves.iter().map(
        |made| json!({"output": answer::path(&made.output), "source": answer::path(&made.source)}),
    );
    let skipped = report
        .skipped
        .iter()
        .map(|skipped| json!({"path": answer::path(&skipped.path), "reason": skipped.reason}));
    json!({
        "tickets": tickets.collect::<Value>(),
        "weights_files": weights.collect::<Value>(),
        "curves": curves.collect::<Value>(),
        "skipped": skipped.collect::<Value>(),
    })
}

/// What the weights hold outside the mask.
fn outside(made: &import::MadeTicket) -> &'static str {
    match made.ticket.about.outside {
        elth_core::ticket::Outside::Dense => "dense",
        elth_core::ticket::Outside::Masked => "masked",
    }
}

/// The mapping that made a branch, where it was found.
fn mapping(made: &import::MadeTicket) -> Option<&str> {
    let acts = made.ticket.about.lineage.acts();
    let act = acts.iter().find(|act| act.act == "transform")?;
    act.arguments.get("map").map(String::as_str)
}

fn text(report: &Report, paper: Paper) -> String {
    let mut table = Table::new(&[
        ("wrote", Side::Left),
        ("model", Side::Left),
        ("kept", Side::Right),
        ("density", Side::Right),
        ("holds", Side::Left),
    ]);
    for made in &report.tickets {
        let count = made.ticket.count();
        let holds = mapping(made).map_or_else(|| outside(made).to_owned(), str::to_owned);
        let (output, model) = (paper::path(&made.output), made.ticket.blueprint().name.clone());
        table.row([output, model, number(count.kept), percent(count.density()), holds]);
    }
    for made in &report.weights {
        let step = made.step.map_or("weights".to_owned(), |step| format!("weights at {step}it"));
        let (output, nothing) = (paper::path(&made.output), String::new());
        table.row([output, made.model.clone(), nothing.clone(), nothing, step]);
    }
    let skipped = report
        .skipped
        .iter()
        .map(|skipped| format!("skipped {}: {}\n", paper::path(&skipped.path), skipped.reason));
    format!("{}{}", table.draw(paper), skipped.collect::<String>())
}
