//! Batches of pictures that threads bring to one size while the network is busy with the batch before.

use std::{cell::RefCell, num::NonZero, thread};

use anyhow::{Context as _, Result};
use elth_store::dataset::{
    Name, Split,
    framing::Framing,
    pipeline::{Job, Pipeline},
};
use tch::{Kind, Tensor};

use crate::dataset::signed;

/// More threads than this only wait for the disk.
const MOST_THREADS: usize = 32;

/// Images that may lie ready: 77 MB at 224×224, enough for the batch after this one.
const AHEAD: usize = 512;

/// Pictures of any size.
#[derive(Debug)]
pub struct Stream {
    name: Name,
    split: Split,
    framing: Framing,
}

/// Examples in their order with what each is looked at, and the threads that are at work on them.
#[derive(Debug)]
pub struct Row {
    jobs: Vec<Job>,
    at_work: RefCell<Option<AtWork>>,
}

/// Threads, and the place in the row of the image that they hand out next.
#[derive(Debug)]
struct AtWork {
    pipeline: Pipeline,
    next: usize,
}

impl Row {
    /// A row on which nobody works yet.
    pub fn new(jobs: Vec<Job>) -> Self {
        Self { jobs, at_work: RefCell::new(None) }
    }
}

impl Stream {
    /// The pictures of a split.
    pub fn new(name: Name, split: &Split, framing: Framing) -> Self {
        Self { name, split: split.clone(), framing }
    }

    /// Raw values of so many images of a row from one on: (batch, height, width, channels).
    pub fn batch(&self, row: &Row, start: usize, length: usize) -> Result<Tensor> {
        let mut at_work = row.at_work.borrow_mut();
        let current = at_work.take().filter(|work| work.next == start);
        let work = at_work.insert(current.unwrap_or_else(|| self.begin(row, start)));
        let size = self.framing.size;
        let mut values = Vec::with_capacity(length * size * size * 3);
        for _ in 0..length {
            let image = work.pipeline.next().context("the row of images is over")??;
            values.extend_from_slice(&image.values);
            work.next += 1;
        }
        let sizes = [length, size, size, 3].map(signed);
        Ok(Tensor::from_slice(&values).to_kind(Kind::Uint8).view(sizes))
    }

    fn begin(&self, row: &Row, start: usize) -> AtWork {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        let jobs = row.jobs[start..].to_vec();
        let pipeline =
            Pipeline::start(self.name, &self.split, self.framing, jobs, [threads, AHEAD]);
        AtWork { pipeline, next: start }
    }
}
