//! What is on disk and nothing else: the contract between the workbench and the trainer.
//!
//! Nothing here knows a terminal or torch, and nothing waits for a training to end.

pub mod atomic;
pub mod home;
pub mod regular;
pub mod remembered;
pub mod stamp;

pub mod pickle;

pub mod dataset;
pub mod masks;
pub mod openlth;
pub mod shelf;
pub mod ticket_file;
pub mod ticket_part;

pub mod device;
pub mod handshake;
pub mod run;
