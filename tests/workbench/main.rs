//! What only a terminal shows: the real workbench in a pseudo-terminal, with an emulator behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod given;
mod session;

mod comfort;
mod leaving;
mod looks;
mod trainers;
mod work;
