//! `cargo xtask pictures`: the README's pictures, each a real screen of a real session.
//!
//! A home is made by the commands that a user types: a sample ticket stretched, its control, both retrained. Times and
//! speeds in what the runs wrote are made the same each time, so that the same code gives the same pictures.

mod session;
mod svg;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    cargo::{build_alone, checkout, pass},
    test::set_up,
};
use session::Session;

/// The same on every machine, because the screens show it.
const HOME: &str = "/tmp/elth-pictures";

/// Where the pictures lie.
const FOLDER: &str = "src/pictures";

/// What a user types before the first picture.
const COMMANDS: [&str; 4] = [
    "transform digits_resnet_14_8_level_12 --to cifar_resnet_20_8 -o tickets/stretched.safetensors",
    "control tickets/stretched.safetensors --kind permuted --seed 1 -o tickets/permuted.safetensors",
    "train stretched --dataset digits --seed 1",
    "train permuted --dataset digits --seed 1",
];

/// The recipe that the sample tickets were found with.
const RECIPE: &str = "--batch-size 64 --training-steps 840it --milestone-steps 420it,630it \
                      --rewinding-steps 42it --threads 1 --device cpu";

/// A screen: its name, the terminal's size, what is typed from the shelf on, and what shows that it is there.
struct Picture {
    name: &'static str,
    theme: &'static str,
    size: (u16, u16),
    steps: &'static [(&'static str, &'static str)],
}

const DOWN_TO_STRETCHED: (&str, &str) = (":stretched", "ticket  stretched");

/// Every picture; what was waited for last is what the picture shows.
const PICTURES: &[Picture] = &[
    Picture {
        name: "shelf",
        theme: "dark",
        size: (120, 34),
        steps: &[DOWN_TO_STRETCHED, ("\r", "┌ stretched ─")],
    },
    Picture {
        name: "ticket",
        theme: "dark",
        size: (120, 34),
        steps: &[DOWN_TO_STRETCHED, ("\r", "┌ stretched ─"), ("\r", "› ticket")],
    },
    Picture {
        name: "transform",
        theme: "dark",
        size: (120, 34),
        steps: &[
            (":level_12", "level_12"),
            ("\r", "_12 ─"),
            ("t", "edits the picture"),
            ("\t", "edits go to"),
        ],
    },
    Picture {
        name: "run",
        theme: "dark",
        size: (120, 34),
        steps: &[("\t", "train-2"), ("\r", "done")],
    },
    Picture {
        name: "compare",
        theme: "dark",
        size: (120, 34),
        steps: &[
            ("\t", "train-2"),
            (" ", "1 marked"),
            ("j", "train-1"),
            (" ", "2 marked"),
            ("c", "› compare"),
        ],
    },
    Picture {
        name: "palette",
        theme: "light",
        size: (100, 26),
        steps: &[("\x10", "go to, or do"), ("str", "stretched")],
    },
];

/// Makes the home, then every picture.
pub fn run() -> Result<()> {
    let trainer = match env::var_os("ELTH_WORKER") {
        Some(named) => PathBuf::from(named),
        None => set_up(&[])?,
    };
    let elth = build_alone("elth")?;
    let home = Path::new(HOME);
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| format!("cannot clear `{HOME}`"))?;
    }
    fs::create_dir_all(home.join("tickets"))?;
    for line in COMMANDS {
        let recipe = if line.starts_with("train") { RECIPE } else { "" };
        let mut command = Command::new(&elth);
        command.args(line.split_whitespace()).args(recipe.split_whitespace());
        command.args(["--home", HOME]).current_dir(home).env("ELTH_WORKER", &trainer);
        pass(&mut command)?;
    }
    for run in fs::read_dir(home.join("runs"))? {
        still(&run?.path().join("events.jsonl"))?;
    }
    let folder = checkout().join(FOLDER);
    fs::create_dir_all(&folder)?;
    for picture in PICTURES {
        let path = draw(picture, &elth, &folder)?;
        eprintln!("xtask: drew {}", path.display());
    }
    fs::remove_dir_all(home).with_context(|| format!("cannot clear `{HOME}`"))
}

/// Takes the clock out of what a run wrote.
fn still(events: &Path) -> Result<()> {
    let text = fs::read_to_string(events).with_context(|| format!("no `{}`", events.display()))?;
    let mut lines = String::new();
    for line in text.lines() {
        let mut event: Value = serde_json::from_str(line)?;
        if event.get("at").is_some() {
            event["at"] = "2026-01-01T12:00:00Z".into();
        }
        if event.get("images_per_second").is_some() {
            event["images_per_second"] = 4000.0.into();
        }
        lines += &event.to_string();
        lines.push('\n');
    }
    Ok(fs::write(events, lines)?)
}

fn draw(picture: &Picture, elth: &Path, folder: &Path) -> Result<PathBuf> {
    let mut session = Session::open(elth, HOME, picture.theme, picture.size)?;
    session.shows("weights kept")?;
    for (keys, there) in picture.steps {
        session.types(keys)?;
        session.shows(there)?;
    }
    let drawing = session.rests(svg::of)?;
    let path = folder.join(picture.name).with_extension("svg");
    fs::write(&path, drawing).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}
