//! What an outsider sees of the commands on tickets: answers, mistakes, files, looks.

mod given;

mod answers;
mod files;
mod help;
mod looks;
mod mistakes;
