//! `masks.history`: every move of a run's masks, appended by the trainer, cut back where it goes on from a checkpoint.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use elth_core::moving::history::{self, Frame, MAGIC};

/// An open history, at its end.
#[derive(Debug)]
pub struct MaskHistory {
    file: File,
}

impl MaskHistory {
    /// Opens a history for a training that goes on from `step`: what was moved there or later is done again.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(path: &Path, step: u64) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let end = end_before(&bytes, step);
        file.set_len(end as u64)?;
        file.seek(SeekFrom::End(0))?;
        if end == 0 {
            file.write_all(MAGIC)?;
        }
        Ok(Self { file })
    }

    /// Writes one move.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn append(&mut self, frame: &Frame) -> io::Result<()> {
        self.file.write_all(&history::encode(frame))
    }
}

/// Where the moves before a step end; 0 where it is no history.
fn end_before(bytes: &[u8], step: u64) -> usize {
    let frames = history::frames(bytes);
    if let Some((at, _)) = frames.iter().find(|(_, moved)| *moved >= step) {
        return *at;
    }
    match frames.last() {
        // What follows the last whole frame is torn.
        Some((at, _)) => history::end(bytes, *at).unwrap_or(*at),
        None if bytes.starts_with(MAGIC) => MAGIC.len(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(step: u64) -> Frame {
        Frame { step, flips: vec![vec![1, 5, 900], vec![]] }
    }

    fn check(step: u64, torn: &[u8], left: &[u64]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("masks.history");
        let mut history = MaskHistory::open(&path, 0).unwrap();
        for step in [100, 200, 300] {
            history.append(&frame(step)).unwrap();
        }
        history.file.write_all(torn).unwrap();
        drop(history);
        let mut again = MaskHistory::open(&path, step).unwrap();
        again.append(&frame(step)).unwrap();
        let steps = history::frames(&std::fs::read(&path).unwrap());
        let steps: Vec<u64> = steps.into_iter().map(|(_, step)| step).collect();
        assert_eq!(steps, [left, &[step]].concat(), "going on from {step}");
    }

    #[test]
    fn a_history_is_cut_back_to_the_step_that_a_run_goes_on_from() {
        check(0, b"", &[]);
        check(200, b"", &[100]);
        check(250, b"torn", &[100, 200]);
        check(999, b"torn", &[100, 200, 300]);
    }
}
