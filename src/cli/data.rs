//! `elth data`: which sets are at hand, whether they are whole, and how to get them.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use elth_store::dataset::{
    self, Dataset, Error, Name, digest,
    fetch::{self, Outcome},
    pipeline,
};
use serde_json::{Value, json};

use crate::cli::answer;

/// What to do with data sets.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  elth data fetch fashion-mnist --data-dir ~/data")]
pub struct Args {
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Lists the sets, what they hold and where they lie
    #[command(after_help = "Example:\n  elth data list --json")]
    List,
    /// Downloads a set, checked against its published sum
    #[command(after_help = "Example:\n  elth data fetch mnist --data-dir ~/data")]
    Fetch {
        /// One of those that `elth data list` names
        #[arg(value_parser = str::parse::<Name>)]
        name: Name,
    },
    /// Reads sets whole and says whether they are damaged
    #[command(after_help = "Example:\n  elth data check cifar10 --data-dir ~/data")]
    Check {
        /// The set to read, or folder:PATH; by default every one that is there
        #[arg(value_parser = str::parse::<Name>)]
        name: Option<Name>,
    },
}

/// Runs the command.
pub fn run(args: &Args, data_dir: &Path, json: bool) -> anyhow::Result<()> {
    let data_dir = std::path::absolute(data_dir).with_context(|| {
        format!("`{}` is no folder: name one with --data-dir", data_dir.display())
    })?;
    match &args.act {
        None | Some(Act::List) => list(&data_dir, json),
        Some(Act::Fetch { name }) => get(*name, &data_dir, json),
        Some(Act::Check { name: Some(name) }) => check(&[*name], &data_dir, json),
        Some(Act::Check { name: None }) => check(&present(&data_dir), &data_dir, json),
    }
}

/// One set as it lies in the data directory.
struct Found {
    name: Name,
    path: Option<PathBuf>,
    /// Nothing of a large set, which is not read in passing.
    loaded: Result<Option<Dataset>, Error>,
}

impl Found {
    /// Reads it whole.
    fn read(name: Name, data_dir: &Path) -> Self {
        let loaded = dataset::load(name, data_dir).map(Some);
        Self { name, path: dataset::find(name, data_dir), loaded }
    }

    /// Reads it where that takes seconds.
    fn new(name: Name, data_dir: &Path) -> Self {
        let path = dataset::find(name, data_dir);
        if dataset::is_large(name) && path.is_some() {
            return Self { name, path, loaded: Ok(None) };
        }
        Self::read(name, data_dir)
    }

    fn set(&self) -> Option<&Dataset> {
        self.loaded.as_ref().ok()?.as_ref()
    }

    fn is_present(&self) -> bool {
        self.path.is_some() || self.loaded.is_ok()
    }

    /// Images of the copy at hand, else of the published one.
    fn sizes(&self) -> [usize; 2] {
        match self.set() {
            Some(set) => [set.train.len(), set.test.len()],
            None => self.name.published_sizes(),
        }
    }

    fn digest(&self) -> Option<String> {
        self.set().map(|set| set.digest.to_string())
    }

    fn shown(&self) -> String {
        match self.digest() {
            Some(digest) => digest::shown_name(self.name.as_str(), &digest),
            None => self.name.to_string(),
        }
    }

    fn place(&self) -> String {
        match (&self.loaded, &self.path) {
            (Ok(_), None) => "built in".to_owned(),
            (Ok(_), Some(path)) => path.display().to_string(),
            (Err(_), None) => format!("not here: elth data fetch {}", self.name),
            (Err(_), Some(path)) => {
                format!("not whole in {}: elth data check {}", path.display(), self.name)
            }
        }
    }

    fn json(&self) -> Value {
        let ([train, test], shape) = (self.sizes(), self.name.shape());
        json!({
            "name": self.name.as_str(),
            "shown": self.shown(),
            "present": self.is_present(),
            "path": self.path.as_deref().map(answer::path),
            "train": train,
            "test": test,
            "classes": self.name.classes(),
            "shape": [shape.channels, shape.height, shape.width],
            "digest": self.digest(),
            "error": self.loaded.as_ref().err().filter(|_| self.is_present()).map(ToString::to_string),
        })
    }
}

fn list(data_dir: &Path, json: bool) -> anyhow::Result<()> {
    let sets = Name::ALL.map(|name| Found::new(name, data_dir));
    if json {
        return print(&format!("{:#}", sets.iter().map(Found::json).collect::<Value>()));
    }
    print(&format!(
        "{:24} {:>6} {:>6} {:>7} {:8} where",
        "data set", "train", "test", "classes", "shape"
    ))?;
    for set in &sets {
        let [train, test] = set.sizes();
        let (shown, classes, shape) =
            (set.shown(), set.name.classes(), set.name.shape().to_string());
        print(&format!("{shown:24} {train:>6} {test:>6} {classes:>7} {shape:8} {}", set.place()))?;
    }
    Ok(())
}

fn present(data_dir: &Path) -> Vec<Name> {
    let embedded = |name: &Name| *name == Name::Digits;
    let is_there = |name: &Name| embedded(name) || dataset::find(*name, data_dir).is_some();
    Name::ALL.into_iter().filter(is_there).collect()
}

fn check(names: &[Name], data_dir: &Path, json: bool) -> anyhow::Result<()> {
    let sets: Vec<Found> = names.iter().map(|name| Found::read(*name, data_dir)).collect();
    let damaged: Vec<_> = sets.iter().filter_map(Found::set).flat_map(damaged).collect();
    if json {
        print(&format!("{:#}", sets.iter().map(checked).collect::<Value>()))?;
    }
    let mut flaws = Vec::new();
    for set in &sets {
        match &set.loaded {
            Ok(Some(loaded)) if !json => print(&sentence(loaded))?,
            Ok(_) => {}
            Err(error) => flaws.push(error.to_string()),
        }
    }
    flaws.extend(damaged);
    if flaws.is_empty() {
        return Ok(());
    }
    bail!("{}", flaws.join("\n"))
}

/// What is wrong with the pictures of a large set: each is decoded.
fn damaged(set: &Dataset) -> Vec<String> {
    let errors = [&set.train, &set.test].map(|half| pipeline::damaged(set.name, half));
    errors.concat()
}

fn checked(set: &Found) -> Value {
    let mut value = set.json();
    value["ok"] = Value::from(set.loaded.is_ok());
    value["error"] = Value::from(set.loaded.as_ref().err().map(ToString::to_string));
    value
}

fn sentence(set: &Dataset) -> String {
    let digest = set.digest.to_string();
    let copy = if Some(&*digest) == digest::published(set.name) {
        "the published copy".to_owned()
    } else {
        let shown = digest::shown_name(set.name.as_str(), &digest);
        match digest::published(set.name) {
            Some(_) => format!("not the published copy: shown as {shown}"),
            None => format!("shown as {shown}"),
        }
    };
    let (train, test) = (set.train.len(), set.test.len());
    format!("{}: whole, {train} training and {test} test images, {copy}", set.name)
}

fn get(name: Name, data_dir: &Path, json: bool) -> anyhow::Result<()> {
    let outcome = fetch::fetch(name, data_dir, &mut progress);
    clear_progress();
    let outcome = outcome.map_err(|error| with_addresses(&error, name, data_dir))?;
    if json {
        let (path, fetched) = match &outcome {
            Outcome::BuiltIn => (None, false),
            Outcome::Present(path) => (Some(answer::path(path)), false),
            Outcome::Fetched(path) => (Some(answer::path(path)), true),
        };
        return print(&format!(
            "{:#}",
            json!({"name": name.as_str(), "path": path, "fetched": fetched})
        ));
    }
    print(&match outcome {
        Outcome::BuiltIn => format!("{name}: built in, there is nothing to fetch"),
        Outcome::Present(path) => format!("{name}: whole in {} already", path.display()),
        Outcome::Fetched(path) => format!("{name}: fetched to {}", path.display()),
    })
}

/// The failure, then every file with its address, for people who carry them over by hand.
fn with_addresses(error: &fetch::Error, name: Name, data_dir: &Path) -> anyhow::Error {
    let files = fetch::by_hand(name, data_dir).into_iter();
    let lines = files.map(|(url, path)| format!("\n  {url}\n    -> {}", path.display()));
    anyhow::anyhow!("{error}{}", lines.collect::<String>())
}

fn progress(url: &str, bytes: u64) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let tenths = bytes / 100_000;
        // Progress that cannot be drawn is no reason to stop.
        let _drawn = write!(stderr, "\r\x1b[K{url}: {}.{} MB", tenths / 10, tenths % 10);
    }
}

fn clear_progress() {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let _drawn = write!(stderr, "\r\x1b[K");
    }
}

fn print(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("standard output is closed: open it and ask again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_answers_with_the_contracts_keys_wherever_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("mnist");
        std::fs::create_dir(&broken).unwrap();
        std::fs::write(broken.join("train-images-idx3-ubyte"), [0, 0, 8]).unwrap();
        for (name, present, words) in [
            (Name::Digits, true, ""),
            (Name::Mnist, true, "lacks `train-labels-idx1-ubyte.gz`"),
            (Name::FashionMnist, false, ""),
        ] {
            let value = Found::new(name, dir.path()).json();
            assert_eq!(value["present"], present, "{value}");
            assert!(value["error"].as_str().unwrap_or_default().contains(words), "{value}");
            for key in ["name", "path", "train", "test", "classes", "shape", "digest"] {
                assert!(value.get(key).is_some(), "{name} lacks {key}");
            }
        }
    }
}
