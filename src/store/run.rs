//! A run directory: the only channel between a trainer and everything that watches it.
//!
//! Each file has one writer; files grow at their end or are replaced whole. Nothing here waits for a trainer.

pub mod dir;

pub mod plan;
pub mod recipe;

pub mod event;
pub mod event_line;
pub mod event_log;
pub mod mask_history;

pub mod control;
pub mod lease;

pub mod ending;
pub mod index;
pub mod rest;
pub mod said;
pub mod standing;

pub mod compare;
pub mod curve;

pub mod launch;
mod start;
