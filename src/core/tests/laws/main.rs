//! Laws of the core that hold for every model, ticket and mapping, tried on drawn ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod forward;
mod given;

mod allocation;
mod balance;
mod controls;
mod copies;
mod drafts;
mod files;
mod hostile;
mod mappings;
mod pruning;
mod widths;
