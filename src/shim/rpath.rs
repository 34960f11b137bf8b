//! Build scripts' part: where a program looks for libtorch when nobody tells it.

use std::env;
use std::path::PathBuf;

/// The folder of libtorch's libraries that torch-sys was built against.
///
/// Cargo tells it only to packages that list `torch-sys` themselves.
pub fn libtorch_lib() -> PathBuf {
    println!("cargo::rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let lib = env::var_os("DEP_TCH_LIBTORCH_LIB").expect("torch-sys tells where libtorch is");
    PathBuf::from(&lib).canonicalize().unwrap_or_else(|_| lib.into())
}

/// Makes this package's programs and tests find libtorch: the checkout's own link first, wherever
/// the checkout is moved to, then the place that it was linked against.
///
/// It becomes a RUNPATH, so `LD_LIBRARY_PATH` still wins: the launcher decides.
pub fn emit() {
    // target/<profile>/ for programs, target/<profile>/deps/ for tests.
    for up in ["../..", "../../.."] {
        println!("cargo::rustc-link-arg=-Wl,-rpath,$ORIGIN/{up}/.libtorch/torch/lib");
    }
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", libtorch_lib().display());
}
