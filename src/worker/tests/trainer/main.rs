//! What can be seen of the trainer from outside: run directories in, events and tickets out.

mod running;

mod faults;
mod imp;
mod resume;
mod retrain;
