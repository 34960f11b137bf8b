//! Cargo's build script of the shim: compiles `shim.cpp` against libtorch's headers.

mod rpath;

fn main() {
    println!("cargo::rerun-if-changed=shim.cpp");
    rpath::emit();
    let lib = rpath::libtorch_lib();
    let include = lib.parent().expect("libtorch's libraries lie in a folder of it").join("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        // libtorch's headers are not ours to mend.
        .flag("-isystem")
        .flag(&include)
        .flag("-isystem")
        .flag(include.join("torch/csrc/api/include"))
        .opt_level(1)
        .file("shim.cpp")
        .compile("elth_shim");
}
