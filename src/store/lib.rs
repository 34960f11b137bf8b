//! What is on disk and nothing else: the contract between the workbench and the trainer.

pub mod dataset;
