//! Runs as an outsider sees them: started, followed, told what to do, killed, resumed, damaged.
//!
//! A small script stands in for the trainer, but where one is at hand that belongs to this build.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod given;

mod lifecycle;

mod asked;
mod killed;
mod waiting;

mod damaged;
mod door;
mod golden;

mod real;
