//! How weights are chosen to go: the options that `elth prune` and `elth imp` share.

use anyhow::Result;
use elth_core::prune::{Counting, allocation::Allocation, criterion::Criterion};

use crate::cli::failure::usage;

/// What decides beside the criterion's name.
#[derive(Debug, clap::Args)]
pub struct RuleArgs {
    /// Where the kept weights lie: global (one threshold), layerwise (each tensor loses the same share), uniform
    /// (equal densities), erk (Erdős-Rényi-Kernel)
    #[arg(long, value_name = "NAME", default_value = "global", value_parser = allocation)]
    pub allocation: Allocation,

    /// exact, or openlth: the official code's, which prunes one weight more [default: exact]
    #[arg(long, value_name = "NAME", value_parser = counting)]
    counting: Option<Counting>,

    /// Scores and prunes in so many rounds [default: 100 for synflow, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,

    /// Images of each class that gradients are taken from, or all [default: 10 for snip, 25 for grasp]
    #[arg(long, value_name = "N|all", value_parser = examples)]
    examples: Option<Examples>,

    /// Batch norms while scores are computed: train (by the batch) or eval (running statistics) [default: train]
    #[arg(long, value_name = "MODE", value_parser = ["train", "eval"])]
    bn: Option<String>,

    /// Crops, shifts and flips the images as training does
    #[arg(long)]
    augment: bool,

    /// openlth: chooses as the official code does. Gradients come from all augmented training images in eval mode,
    /// GraSP ranks without the sign, SynFlow is SNIP, and one weight more goes
    #[arg(long, value_name = "CODE", value_parser = ["openlth"])]
    compat: Option<String>,
}

/// Images of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Examples {
    Some(usize),
    All,
}

impl RuleArgs {
    /// Refuses options that the criterion does not use.
    pub fn check(&self, method: Criterion) -> Result<()> {
        let name = method.name();
        let images = self.looks_at_images(method);
        let unused = [
            ("--examples", self.examples.is_some() && !images),
            ("--bn", self.bn.is_some() && !images),
            ("--augment", self.augment && !images),
            ("--rounds", self.rounds.is_some() && !method.needs_network()),
        ];
        match unused.into_iter().find(|(_, unused)| *unused) {
            Some((option, _)) => {
                Err(usage(format!("`{option}` means nothing to {name}: leave it out")))
            }
            None => Ok(()),
        }
    }

    /// Whether the official code is followed.
    pub fn is_official(&self) -> bool {
        self.compat.is_some()
    }

    /// Whether training images are needed: the official SynFlow looks at them too.
    pub fn looks_at_images(&self, method: Criterion) -> bool {
        method.needs_images() || (self.is_official() && method == Criterion::Synflow)
    }

    /// What the scores do where the official code ranks otherwise.
    pub fn criterion(&self, method: Criterion) -> Criterion {
        match method {
            Criterion::Grasp if self.is_official() => Criterion::GraspAbs,
            other => other,
        }
    }

    /// How zeros are counted.
    pub fn counting(&self) -> Counting {
        let usual = if self.is_official() { Counting::OpenLth } else { Counting::Exact };
        self.counting.unwrap_or(usual)
    }

    /// Rounds of scoring and pruning.
    pub fn rounds(&self, method: Criterion) -> u32 {
        let usual = if self.is_official() { 1 } else { method.usual_rounds() };
        self.rounds.unwrap_or(usual)
    }

    /// Images of each class; all, where there is no number.
    pub fn examples(&self, method: Criterion) -> Option<usize> {
        match self.examples {
            Some(Examples::All) => None,
            Some(Examples::Some(count)) => Some(count),
            None if self.is_official() => None,
            None => Some(method.usual_examples()),
        }
    }

    /// What batch norms do.
    pub fn norms(&self) -> &str {
        let usual = if self.is_official() { "eval" } else { "train" };
        self.bn.as_deref().unwrap_or(usual)
    }

    /// Whether images are cropped, shifted and mirrored.
    pub fn is_augmented(&self) -> bool {
        self.augment || self.is_official()
    }
}

/// Criteria that are spoken for: this version says so instead of calling them unknown.
const NOT_YET: [&str; 1] = ["distill"];

/// Reads the name of a criterion.
pub fn criterion(text: &str) -> Result<Criterion, String> {
    Criterion::parse(text).ok_or_else(|| {
        let known = Criterion::ALL.map(Criterion::name).join(", ");
        match text {
            "gradual" => {
                "`gradual` prunes while it trains: `elth train MODEL --dynamic gradual`".to_owned()
            }
            _ if NOT_YET.contains(&text) => {
                format!("`{text}` is not in this version yet: choose one of {known}")
            }
            _ => format!("`{text}` is no way to prune: choose one of {known}"),
        }
    })
}

/// Reads the name of an allocation.
pub fn allocation(text: &str) -> Result<Allocation, String> {
    let known = Allocation::ALL.map(Allocation::name).join(", ");
    Allocation::parse(text)
        .ok_or_else(|| format!("`{text}` is no allocation: choose one of {known}"))
}

fn counting(text: &str) -> Result<Counting, String> {
    Counting::parse(text).ok_or_else(|| format!("`{text}` is no counting: exact or openlth"))
}

fn examples(text: &str) -> Result<Examples, String> {
    match text.parse() {
        _ if text == "all" => Ok(Examples::All),
        Ok(count) if count > 0 => Ok(Examples::Some(count)),
        _ => Err(format!("`{text}` is no number of images of each class: give 1 or more, or all")),
    }
}
