//! Brings CUDA into the process where this machine has a driver and libtorch has its CUDA part.

use std::ffi::CStr;

/// Why this process trains without CUDA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCuda {
    /// The machine has no NVIDIA driver.
    #[error("no NVIDIA driver on this machine ({0})")]
    NoDriver(String),
    /// The libtorch found here is a CPU-only one, or a library of it is missing.
    #[error("libtorch has no CUDA part here ({0}): `elth setup --cuda yes` installs it")]
    NoLibrary(String),
}

/// Loads libtorch's CUDA part, which registers its kernels as it loads.
///
/// Must be called before the first use of a tensor: libtorch asks once for CUDA and remembers the
/// answer. The program itself names only the CPU libraries, so it starts on every machine.
///
/// # Errors
/// Says what is missing; the process is then a sound CPU-only one.
pub fn load_cuda() -> Result<(), NoCuda> {
    // Without a driver, 2 GB of libraries would be mapped for nothing.
    load(c"libcuda.so.1").map_err(NoCuda::NoDriver)?;
    load(c"libtorch_cuda.so").map_err(NoCuda::NoLibrary)?;
    // Loaded by libtorch itself when it is first needed: here it is only early.
    let _late_is_fine = load(c"libtorch_cuda_linalg.so");
    Ok(())
}

fn load(name: &CStr) -> Result<(), String> {
    // SAFETY: the name ends in zero; NVIDIA's and PyTorch's initialisers are made to run here.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if !handle.is_null() {
        return Ok(());
    }
    // SAFETY: after a failed `dlopen`, `dlerror` is text that ends in zero, or null.
    let reason = unsafe { libc::dlerror().as_ref().map(|text| CStr::from_ptr(text)) };
    Err(reason.map_or_else(|| "no reason given".to_owned(), |text| text.to_string_lossy().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_named_in_the_reason() {
        let reason = load(c"libelth-has-no-such-library.so").unwrap_err();
        assert!(reason.contains("libelth-has-no-such-library.so"), "{reason}");
    }

    #[test]
    fn a_process_without_cuda_still_computes() {
        if load_cuda().is_err() {
            assert!(!tch::Cuda::is_available());
        }
        let ones = tch::Tensor::ones([2, 3], (tch::Kind::Float, tch::Device::Cpu));
        assert_eq!(ones.numel(), 6);
    }
}
