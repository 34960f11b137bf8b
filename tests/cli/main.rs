//! What an outsider sees of the commands on tickets: answers, mistakes, files, looks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod given;

mod answers;
mod files;
mod help;
mod looks;
mod mistakes;
mod official;
mod settings;
mod shapes;
