//! Cargo's build script of `elth`: the id of the trainer that belongs to this build.

use std::env;
use std::path::PathBuf;

mod build_id;

fn main() {
    let checkout = env::var_os("CARGO_MANIFEST_DIR").expect("Cargo names the package's folder");
    build_id::emit(&PathBuf::from(checkout));
}
