//! The sample tickets that travel inside `elth`: found by this program on `digits`, see `sample_tickets/README.md`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use elth_core::ticket::{Ticket, format};
use elth_store::atomic;

use crate::cli::globals::Globals;

/// Name and bytes of the sample of one level; the path is the same in a checkout and in a package.
macro_rules! sample {
    ($level:literal) => {
        (
            concat!("digits_resnet_14_8_level_", $level),
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/sample_tickets/digits_resnet_14_8_level_",
                $level,
                ".safetensors"
            )),
        )
    };
}

/// Name and bytes of each embedded ticket.
const EMBEDDED: &[(&str, &[u8])] = &[
    sample!("0"),
    sample!("6"),
    sample!("7"),
    sample!("8"),
    sample!("9"),
    sample!("10"),
    sample!("11"),
    sample!("12"),
    sample!("13"),
    sample!("14"),
];

/// The folder of the samples: the checkout's, else the home's, where those that are missing are written first.
pub fn folder(globals: &Globals) -> Result<PathBuf> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_tickets");
    if shipped.is_dir() {
        return Ok(shipped);
    }
    let folder = globals.home()?.samples();
    for (name, bytes) in EMBEDDED {
        let path = folder.join(format!("{name}.safetensors"));
        let there = fs::metadata(&path).is_ok_and(|file| file.len() == bytes.len() as u64);
        if !there {
            atomic::create_folder(&folder)?;
            atomic::replace(&path, bytes)?;
        }
    }
    Ok(folder)
}

/// The file of the sample of that level.
pub fn path(globals: &Globals, level: u32) -> Result<PathBuf> {
    let (name, _) = embedded(level)?;
    Ok(folder(globals)?.join(format!("{name}.safetensors")))
}

/// The sample of that level.
pub fn level(level: u32) -> Result<Ticket> {
    let (name, bytes) = embedded(level)?;
    format::decode(bytes).with_context(|| format!("the sample `{name}` cannot be read"))
}

fn embedded(level: u32) -> Result<(&'static str, &'static [u8])> {
    let ending = format!("_level_{level}");
    let found = EMBEDDED.iter().find(|(name, _)| name.ends_with(&ending));
    found.copied().with_context(|| format!("there is no sample of level {level}"))
}
