//! Families, masks, tickets and transformations: pure data in, pure data out.
//!
//! Nothing here reads a file, an environment variable or a clock, knows a terminal or torch, or draws
//! hidden random numbers: bytes, seeds and steps are arguments.

pub mod slot;

pub mod blueprint;
pub mod family;

pub mod mask;
pub mod weights;

pub mod quote;

pub mod digest;
pub mod safetensors;
mod state_dict;
pub mod ticket;
pub mod trained;

pub mod unit_map;

pub mod reshape;

pub mod chance;
pub mod initialise;

pub mod compare;
pub mod control;
pub mod head;
pub mod moving;
pub mod prune;

pub mod retraining;
pub mod schedule;
pub mod statistics;
