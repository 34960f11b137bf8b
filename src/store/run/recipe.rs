//! `recipe.toml`: what a run is to do, complete down to every number, seed and digest.

mod criterion;
mod moving;

use std::{io, path::PathBuf};

use elth_core::{
    blueprint::{Blueprint, Input, UnknownModel},
    chance::Seeds,
    prune::Counting,
    schedule::{Step, Training},
};
use serde::{Deserialize, Serialize};

use crate::{
    atomic::{self, CannotWrite},
    dataset::choice::Choice,
    regular::{self, SMALL},
    run::dir::RunDir,
};
pub use criterion::CriterionTable;
pub use moving::MovingTable;

/// The version of `recipe.toml` that this program writes.
pub const SCHEMA: u32 = 1;

/// A recipe as it lies on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Version of this file's format.
    pub schema: u32,
    /// Hash of the sources of the `elth` that wrote it: the trainer must be of the same.
    pub build: String,
    /// The trainer that will run it.
    pub trainer: PathBuf,
    /// Official model name.
    pub model: String,
    /// Outputs of the last layer.
    pub classes: usize,
    /// Channels × height × width of one image as it enters the network.
    pub input: String,
    /// Data set.
    pub dataset: String,
    /// Digest of the decoded data set.
    pub data_digest: String,
    /// Where data sets lie.
    pub data_dir: PathBuf,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// CPU threads.
    pub threads: usize,
    /// `exact`: single precision throughout.
    pub precision: String,
    /// What is done.
    pub task: Task,
    /// How it is trained.
    pub training: TrainingTable,
    /// The four chance streams.
    pub seeds: SeedTable,
    /// What is made of the training images first; they are taken as they are where it is left out.
    #[serde(default, skip_serializing_if = "Choice::is_whole")]
    pub choice: Choice,
}

/// What a run does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Iterative magnitude pruning with rewinding.
    Imp {
        /// The last level; level 0 is the dense network.
        levels: u32,
        /// Share of the remaining weights that each round prunes.
        pruning_fraction: f64,
        /// `exact` or `openlth`.
        counting: String,
        /// More rewind points to keep, as steps.
        #[serde(default)]
        snapshot_steps: Vec<String>,
        /// What decides which weights go; global magnitude where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        criterion: Option<CriterionTable>,
    },
    /// Retraining of the ticket in `input.safetensors`.
    Train {
        /// Digest of that ticket.
        ticket: String,
        /// What it was called where it came from.
        ticket_name: String,
        /// The iteration that training starts at: the ticket's rewind step, or 0.
        start_at: String,
        /// How the mask moves; it stays where this is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moving: Option<MovingTable>,
    },
}

/// [`Training`] on disk, under the official names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `Training`")]
pub struct TrainingTable {
    pub training_steps: String,
    pub rewinding_steps: String,
    pub milestone_steps: Vec<String>,
    pub warmup_steps: String,
    pub batch_size: usize,
    pub lr: f64,
    pub gamma: f64,
    pub momentum: f64,
    pub weight_decay: f64,
}

/// [`Seeds`] on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `Seeds`")]
pub struct SeedTable {
    pub init: u64,
    pub order: u64,
    pub augment: u64,
    pub mask: u64,
}

/// Why a recipe cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadRecipe {
    /// It cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is not the TOML it should be.
    #[error("`{}` line {line}: {reason}: mend or remove it", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong, one line.
        reason: String,
    },
    /// It is of a newer version.
    #[error("`{}` is of version {found}, newer than this elth: update elth", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// A value makes no sense.
    #[error("the recipe says {key} = `{value}`, which is no {wanted}: mend it")]
    Value {
        /// The key.
        key: &'static str,
        /// What it says.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The model cannot be built.
    #[error(transparent)]
    Model(#[from] UnknownModel),
}

/// Writes the recipe of a new run.
///
/// # Errors
/// When the disk refuses.
///
/// # Panics
/// Never: every recipe has a TOML form, which a test shows.
pub fn write(dir: &RunDir, recipe: &Recipe) -> Result<(), CannotWrite> {
    let text = toml::to_string(recipe).expect("a recipe holds strings, numbers and lists only");
    atomic::replace(&dir.recipe(), text.as_bytes())
}

/// Reads a run's recipe; a key it does not know is an error, because it would change what is trained.
///
/// # Errors
/// When the file is missing, is no recipe, or is newer than this program.
pub fn read(dir: &RunDir) -> Result<Recipe, BadRecipe> {
    let path = dir.recipe();
    let text = regular::read_text(&path, SMALL)
        .map_err(|error| BadRecipe::Io { path: path.clone(), error })?;
    let torn = |error: toml::de::Error| BadRecipe::Toml {
        path: path.clone(),
        line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
        reason: error.message().lines().next().unwrap_or_default().to_owned(),
    };
    // A newer recipe may hold keys that only a newer elth knows: the way out is another one then.
    let Version { schema } = toml::from_str(&text).map_err(torn)?;
    if schema > SCHEMA {
        return Err(BadRecipe::Newer { path, found: schema });
    }
    toml::from_str(&text).map_err(torn)
}

/// What every version of a recipe holds.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Recipe {
    /// The network.
    ///
    /// # Errors
    /// When the model or its input cannot be built.
    pub fn blueprint(&self) -> Result<Blueprint, BadRecipe> {
        let input = Input::parse(&self.input)
            .ok_or_else(|| bad("input", &self.input, "shape such as 3x32x32"))?;
        Ok(Blueprint::new(&self.model, Some(self.classes), Some(input))?)
    }

    /// The hyper-parameters.
    ///
    /// # Errors
    /// When a step cannot be read.
    pub fn training(&self) -> Result<Training, BadRecipe> {
        let table = &self.training;
        let milestones = table.milestone_steps.iter().map(|text| step("milestone_steps", text));
        Ok(Training {
            batch_size: table.batch_size,
            training_steps: step("training_steps", &table.training_steps)?,
            rewinding_steps: step("rewinding_steps", &table.rewinding_steps)?,
            milestone_steps: milestones.collect::<Result<_, _>>()?,
            warmup_steps: step("warmup_steps", &table.warmup_steps)?,
            lr: table.lr,
            gamma: table.gamma,
            momentum: table.momentum,
            weight_decay: table.weight_decay,
        })
    }

    /// The chance streams.
    #[must_use]
    pub fn seeds(&self) -> Seeds {
        let SeedTable { init, order, augment, mask } = self.seeds;
        Seeds { init, order, augment, mask }
    }

    /// `imp` or `train`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.task {
            Task::Imp { .. } => "imp",
            Task::Train { .. } => "train",
        }
    }
}

impl From<&Training> for TrainingTable {
    fn from(training: &Training) -> Self {
        Self {
            training_steps: training.training_steps.to_string(),
            rewinding_steps: training.rewinding_steps.to_string(),
            milestone_steps: training.milestone_steps.iter().map(Step::to_string).collect(),
            warmup_steps: training.warmup_steps.to_string(),
            batch_size: training.batch_size,
            lr: training.lr,
            gamma: training.gamma,
            momentum: training.momentum,
            weight_decay: training.weight_decay,
        }
    }
}

impl From<Seeds> for SeedTable {
    fn from(Seeds { init, order, augment, mask }: Seeds) -> Self {
        Self { init, order, augment, mask }
    }
}

/// Reads a step of a recipe.
///
/// # Errors
/// When the text is no step.
pub fn step(key: &'static str, text: &str) -> Result<Step, BadRecipe> {
    Step::parse(text).map_err(|_| bad(key, text, "step such as 1000it"))
}

/// Reads a counting of a recipe.
///
/// # Errors
/// When the text is none.
pub fn counting(text: &str) -> Result<Counting, BadRecipe> {
    Counting::parse(text).ok_or_else(|| bad("counting", text, "counting (exact or openlth)"))
}

fn bad(key: &'static str, value: &str, wanted: &'static str) -> BadRecipe {
    BadRecipe::Value { key, value: value.to_owned(), wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"schema = 1
build = "0"
trainer = "/bin/elth-worker"
model = "cifar_resnet_8_2"
classes = 10
input = "3x8x8"
dataset = "digits"
data_digest = "c9"
data_dir = "/data"
device = "auto"
threads = 2
precision = "exact"

[task]
kind = "imp"
levels = 3
pruning_fraction = 0.2
counting = "exact"
snapshot_steps = ["0it"]

[training]
training_steps = "840it"
rewinding_steps = "42it"
milestone_steps = ["420it", "630it"]
warmup_steps = "0it"
batch_size = 64
lr = 0.1
gamma = 0.1
momentum = 0.9
weight_decay = 0.0001

[seeds]
init = 1
order = 281474976710655
augment = 9223372036854775807
mask = 0
"#;

    fn read_text(text: &str) -> Result<Recipe, String> {
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        std::fs::write(dir.recipe(), text).unwrap();
        read(&dir).map_err(|error| error.to_string().replace(&*dir.recipe().to_string_lossy(), "F"))
    }

    #[test]
    fn a_recipe_reads_as_it_was_written() {
        let recipe = read_text(TEXT).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let dir = RunDir::at(folder.path());
        write(&dir, &recipe).unwrap();
        assert_eq!(std::fs::read_to_string(dir.recipe()).unwrap(), TEXT);
        assert_eq!(read(&dir).unwrap(), recipe);
        assert_eq!(recipe.training().unwrap().milestone_steps.len(), 2);
        assert_eq!(recipe.blueprint().unwrap().name, "cifar_resnet_8_2");
    }

    #[test]
    fn a_recipe_says_what_is_made_of_the_images_only_where_something_is() {
        let more =
            "\n[choice]\nvalidation = 50\nsubsample = \"0.5\"\nlabel_noise = 0.2\nseed = 7\n";
        let text = format!("{TEXT}{more}");
        let recipe = read_text(&text).unwrap();
        assert_eq!(
            recipe.choice.to_string(),
            "validation 50, subsample 0.5, label noise 0.2 (data seed 7)"
        );
        assert_eq!(toml::to_string(&recipe).unwrap(), text);
        assert!(read_text(TEXT).unwrap().choice.is_whole());
        assert!(
            read_text(&text.replace("0.5", "many"))
                .unwrap_err()
                .contains("is no part of the images")
        );
        assert!(read_text(&text.replace("seed = 7", "sede = 7")).is_err());
    }

    #[test]
    fn a_recipe_that_cannot_be_used_names_its_file_and_line() {
        for (from, to, words) in [
            ("threads = 2", "threads = 2\nthraeds = 3", "`F` line 12: unknown field `thraeds`"),
            ("levels = 3", "levels = 3\nlevel = 3", "`F` line 14: unknown field `level`"),
            ("lr = 0.1", "lr = 0.1\nlearning_rate = 1", "`F` line 28: unknown field"),
            ("kind = \"imp\"", "kind = \"dream\"", "`F` line 15: unknown variant `dream`"),
            ("classes = 10", "classes = ", "`F` line 5: "),
            ("classes = 10", "classes = -1", "`F` line 5: "),
            ("threads = 2\n", "", "`F` line 1: missing field `threads`"),
            ("schema = 1", "schema = 2", "`F` is of version 2, newer than this elth"),
        ] {
            let error = read_text(&TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with(words), "{to:?} gives {error}");
        }
    }
}
