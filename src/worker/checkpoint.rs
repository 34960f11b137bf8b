//! What a killed trainer goes on from: weights, momentum and place, in one file that is replaced whole.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    env, fs, io,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use elth_core::{
    blueprint::{Blueprint, TensorPlan},
    digest::Summer,
    mask::Mask,
    safetensors::{self, Dtype, Header, Piece},
    slot::Role,
    weights::{Values, Weights},
};
use elth_store::{atomic, run::dir::RunDir};

use crate::{
    network::parameter_order,
    state::{Momenta, Moved, State},
};

/// 10 s: little is lost, and writing takes a thousandth of the time.
const EVERY: Duration = Duration::from_secs(10);

/// Which of a run's trainings a checkpoint belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Dense training up to the rewind step.
    Pretraining,
    /// Training at a level, or of the one ticket.
    Level(u32),
}

/// A training as it lay on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Which training.
    pub part: Part,
    /// Steps behind it.
    pub step: u64,
    /// Every tensor.
    pub weights: Weights,
    /// Momentum of every parameter.
    pub momenta: Momenta,
    /// Where masks have come to, if they move.
    pub moved: Option<Moved>,
}

/// The run's checkpoint file and when it is due.
#[derive(Debug)]
pub struct Checkpoints {
    path: PathBuf,
    every: Duration,
    last: Instant,
    epoch_began: Instant,
    after_epoch: bool,
}

impl Checkpoints {
    /// The checkpoints of a run; `ELTH_CHECKPOINT_SECONDS` sets how often (0: after each step).
    pub fn of(dir: &RunDir) -> Result<Self> {
        let every = match env::var("ELTH_CHECKPOINT_SECONDS") {
            Ok(text) => text
                .parse()
                .ok()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .with_context(|| {
                    format!("ELTH_CHECKPOINT_SECONDS=`{text}` is no time: unset it")
                })?,
            Err(_) => EVERY,
        };
        let path = dir.checkpoints().join("latest.safetensors");
        let now = Instant::now();
        Ok(Self { path, every, last: now, epoch_began: now, after_epoch: false })
    }

    /// Whether one is due.
    pub fn is_due(&self) -> bool {
        self.after_epoch || self.last.elapsed() >= self.every
    }

    /// Notes the end of an epoch: after one that took longer than the usual time, a checkpoint is due.
    pub fn epoch_ended(&mut self) {
        self.after_epoch = self.epoch_began.elapsed() >= self.every;
        self.epoch_began = Instant::now();
    }

    /// Writes the checkpoint; the one before stays where that fails.
    pub fn write(
        &mut self,
        part: Part,
        blueprint: &Blueprint,
        state: &State,
        weights: Weights,
    ) -> Result<()> {
        let (momenta, moved) = (state.momenta()?, state.moved().cloned());
        let saved = Saved { part, step: state.step, weights, momenta, moved };
        atomic::replace(&self.path, &encode(blueprint, &saved))?;
        (self.last, self.after_epoch) = (Instant::now(), false);
        Ok(())
    }

    /// Reads the checkpoint; nothing where there is none.
    ///
    /// An error says why it cannot be used; the run can always go on from its last finished ticket.
    pub fn read(&self, blueprint: &Blueprint) -> Result<Option<Saved>> {
        match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => bail!("the checkpoint cannot be read ({error})"),
            Ok(bytes) => decode(blueprint, &bytes).map(Some).context("the checkpoint is damaged"),
        }
    }
}

fn encode(blueprint: &Blueprint, saved: &Saved) -> Vec<u8> {
    let mut pieces: Vec<Piece<'_>> =
        blueprint.tensors.iter().map(|plan| weight(plan, saved)).collect();
    pieces.extend(parameter_order(blueprint).map(|plan| momentum(plan, saved)));
    for plan in blueprint.prunable() {
        pieces.extend(saved.moved.iter().flat_map(|moved| moved_masks(plan, moved)));
    }
    pieces.sort_by(|one, two| one.name.cmp(&two.name));
    let mut summer = Summer::new();
    for piece in &pieces {
        summer.tensor(&piece.name, piece.dtype.name(), &piece.shape, &piece.bytes);
    }
    let (phase, level) = match saved.part {
        Part::Pretraining => ("pretraining", 0),
        Part::Level(level) => ("training", level),
    };
    let metadata = [
        ("format", "elth-checkpoint".to_owned()),
        ("version", "1".to_owned()),
        ("phase", phase.to_owned()),
        ("level", level.to_string()),
        ("step", saved.step.to_string()),
        ("digest", summer.finish().to_string()),
    ];
    let moves = saved.moved.as_ref().map(|moved| ("moves", moved.moves.to_string()));
    let metadata = metadata.into_iter().chain(moves);
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).collect();
    safetensors::encode(&metadata, pieces)
}

fn weight(plan: &TensorPlan, saved: &Saved) -> Piece<'static> {
    let (dtype, bytes) = match saved.weights.0.get(&plan.name) {
        Some(Values::Count(count)) => (Dtype::I64, count.to_le_bytes().to_vec()),
        Some(Values::Floats(floats)) => (Dtype::F32, safetensors::bytes_of_floats(floats)),
        None => (Dtype::F32, Vec::new()),
    };
    let name = format!("weights.{}", plan.name);
    Piece { name, dtype, shape: plan.shape.clone(), bytes: Cow::Owned(bytes) }
}

fn momentum(plan: &TensorPlan, saved: &Saved) -> Piece<'static> {
    let values = saved.momenta.get(&plan.name).map_or(&[][..], Vec::as_slice);
    let bytes = Cow::Owned(safetensors::bytes_of_floats(values));
    let name = format!("momentum.{}", plan.name);
    Piece { name, dtype: Dtype::F32, shape: plan.shape.clone(), bytes }
}

fn moved_masks(plan: &TensorPlan, moved: &Moved) -> [Piece<'static>; 2] {
    [("mask", &moved.masks), ("seen", &moved.seen)].map(|(kind, masks)| {
        let name = format!("{kind}.{}", plan.name);
        let bytes = Cow::Owned(masks[&plan.name].to_bytes());
        Piece { name, dtype: Dtype::BOOL, shape: plan.shape.clone(), bytes }
    })
}

fn read_moved(blueprint: &Blueprint, header: &Header, data: &[u8]) -> Result<Option<Moved>> {
    if header.said("moves").is_none() {
        return Ok(None);
    }
    let masks = |kind: &str| {
        let masks = blueprint.prunable().map(|plan| {
            let mask = Mask::from_bytes(slice(header, data, kind, plan)?);
            Ok((plan.name.clone(), mask.context("a mask holds more than zeros and ones")?))
        });
        masks.collect::<Result<BTreeMap<_, _>>>()
    };
    let (masks, seen) = (masks("mask")?, masks("seen")?);
    Ok(Some(Moved { masks, seen, moves: said(header, "moves")? }))
}

fn decode(blueprint: &Blueprint, bytes: &[u8]) -> Result<Saved> {
    let header = safetensors::read_header(bytes, bytes.len() as u64)?;
    ensure!(header.said("format") == Some("elth-checkpoint"), "it is no checkpoint");
    ensure!(header.said("version") == Some("1"), "it is of another version");
    let data = &bytes[header.data_at..];
    let mut summer = Summer::new();
    for (name, entry) in &header.tensors {
        summer.tensor(name, entry.dtype.name(), &entry.shape, &data[entry.start..entry.end]);
    }
    let digest = summer.finish().to_string();
    ensure!(header.said("digest") == Some(digest.as_str()), "its sum is not the one it names");
    let level = said(&header, "level")?;
    let part = match header.said("phase") {
        Some("pretraining") => Part::Pretraining,
        Some("training") => Part::Level(u32::try_from(level).context("no level")?),
        _ => bail!("it does not say which training it is of"),
    };
    let mut weights = BTreeMap::new();
    for plan in &blueprint.tensors {
        weights.insert(plan.name.clone(), values(plan, slice(&header, data, "weights", plan)?)?);
    }
    let momenta = parameter_order(blueprint).map(|plan| {
        let bytes = slice(&header, data, "momentum", plan)?;
        Ok((plan.name.clone(), safetensors::floats_of_bytes(bytes)))
    });
    let momenta = momenta.collect::<Result<_>>()?;
    let weights = Weights(weights);
    weights.fits(blueprint)?;
    let moved = read_moved(blueprint, &header, data)?;
    Ok(Saved { part, step: said(&header, "step")?, weights, momenta, moved })
}

fn values(plan: &TensorPlan, bytes: &[u8]) -> Result<Values> {
    if plan.role == Role::BatchesTracked {
        let eight = bytes.first_chunk().context("a count is cut off")?;
        return Ok(Values::Count(i64::from_le_bytes(*eight)));
    }
    Ok(Values::Floats(safetensors::floats_of_bytes(bytes)))
}

fn slice<'a>(header: &Header, data: &'a [u8], kind: &str, plan: &TensorPlan) -> Result<&'a [u8]> {
    let name = format!("{kind}.{}", plan.name);
    let entry = header.tensors.get(&name).filter(|entry| entry.shape == plan.shape);
    let entry = entry.with_context(|| format!("it lacks `{name}`"))?;
    Ok(&data[entry.start..entry.end])
}

fn said(header: &Header, key: &str) -> Result<u64> {
    header
        .said(key)
        .and_then(|text| text.parse().ok())
        .with_context(|| format!("its metadata name no {key}"))
}
