//! What can be seen of the trainer from outside: run directories in, events and tickets out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall say where")]

mod families;
mod running;

mod eval;
mod faults;
mod imp;
mod moving;
mod resume;
mod retrain;
