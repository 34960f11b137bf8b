//! Cargo's build script of the trainer: its build id, and where it finds libtorch.

use std::env;
use std::path::PathBuf;

#[path = "../build_id.rs"]
mod build_id;
#[path = "../shim/rpath.rs"]
mod rpath;

fn main() {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("Cargo names the package's folder");
    let package = PathBuf::from(package);
    let checkout = package.ancestors().nth(2).expect("the trainer lies in <checkout>/src/worker");
    build_id::emit(checkout);
    rpath::emit();
}
