//! Switches of libtorch for the whole process, and half precision for a stretch of code.

use std::ffi::CStr;

use tch::{Device, Kind};

use crate::{Error, ffi};

/// The version of libtorch that this program was compiled against, as `2.11.0`.
#[must_use]
pub fn torch_version() -> String {
    // SAFETY: a constant of `shim.cpp` that ends in zero.
    unsafe { CStr::from_ptr(ffi::elth_torch_version()) }.to_string_lossy().into_owned()
}

/// Lets CUDA multiply floats with ten bits of mantissa, several times as fast.
///
/// # Errors
/// What libtorch refuses.
pub fn tf32(on: bool) -> Result<(), Error> {
    // SAFETY: takes a plain value.
    ffi::read(unsafe { ffi::elth_tf32(on) })
}

/// Lets libtorch use only algorithms that give the same bits each time, and refuse the others.
///
/// On CUDA, cuBLAS also wants `CUBLAS_WORKSPACE_CONFIG=:4096:8` in the process's environment.
///
/// # Errors
/// What libtorch refuses.
pub fn deterministic(on: bool) -> Result<(), Error> {
    // SAFETY: takes a plain value.
    ffi::read(unsafe { ffi::elth_deterministic(on) })
}

/// Makes freed memory stay with the process, for the next step; false where the system's allocator is another.
///
/// Every step frees and asks for the same hundreds of megabytes: `tests/bench/step.py` is an eighth faster so.
#[must_use]
pub fn keep_memory() -> bool {
    // SAFETY: takes nothing; `mallopt` may be called at any time.
    unsafe { ffi::elth_keep_memory() }
}

/// Makes this thread round numbers below 1e-38 to zero; false where the processor can't.
#[must_use]
pub fn set_flush_denormal(on: bool) -> bool {
    // SAFETY: takes and gives plain values.
    unsafe { ffi::elth_flush_denormal(on) }
}

/// While it lives, this thread's forward passes run in half precision where that is sound.
#[derive(Debug)]
pub struct Autocast {
    device: i32,
    was_on: bool,
    was_kind: i32,
}

impl Autocast {
    /// Turns it on for a device's kind of operations, with `Kind::BFloat16` or `Kind::Half`.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn enter(device: Device, kind: Kind) -> Result<Self, Error> {
        // c10's numbers: DeviceType has CPU at 0 and CUDA at 1, ScalarType has 5 and 15.
        let device = i32::from(matches!(device, Device::Cuda(_)));
        let kind = match kind {
            Kind::BFloat16 => 15,
            Kind::Half => 5,
            other => return Err(Error::Torch(format!("{other:?} is no half precision"))),
        };
        let mut before = Self { device, was_on: false, was_kind: kind };
        // SAFETY: both places outlive the call.
        ffi::read(unsafe {
            ffi::elth_autocast_enter(device, kind, &raw mut before.was_on, &raw mut before.was_kind)
        })
        .map(|()| before)
    }
}

impl Drop for Autocast {
    fn drop(&mut self) {
        // SAFETY: takes plain values; it undoes what `enter` did on this thread.
        let left =
            ffi::read(unsafe { ffi::elth_autocast_exit(self.device, self.was_on, self.was_kind) });
        debug_assert!(left.is_ok(), "libtorch could not leave autocast: {left:?}");
    }
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    use super::*;

    fn product_kind() -> Kind {
        let square = Tensor::ones([4, 4], (Kind::Float, Device::Cpu));
        square.matmul(&square).kind()
    }

    #[test]
    fn the_version_is_the_one_that_tch_wants() {
        assert_eq!(torch_version(), "2.11.0");
    }

    #[test]
    fn autocast_ends_with_its_guard_and_nests() {
        let outer = Autocast::enter(Device::Cpu, Kind::BFloat16).unwrap();
        drop(Autocast::enter(Device::Cpu, Kind::BFloat16).unwrap());
        assert_eq!(product_kind(), Kind::BFloat16);
        drop(outer);
        assert_eq!(product_kind(), Kind::Float);
        assert!(Autocast::enter(Device::Cpu, Kind::Int64).is_err());
    }

    #[test]
    fn switches_take_both_positions() {
        for on in [true, false] {
            tf32(on).unwrap();
            deterministic(on).unwrap();
        }
    }
}
