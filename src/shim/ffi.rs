//! The C functions of `shim.cpp`, and how their answers are read.

use std::ffi::{CStr, c_char, c_int, c_void};

use tch::Tensor;
pub(crate) use torch_sys::C_tensor;

use crate::Error;

/// Null when done, else the reason.
pub(crate) type Answer = *const c_char;

unsafe extern "C" {
    pub(crate) fn elth_torch_version() -> *const c_char;
    pub(crate) fn elth_fused_sgd(
        weights: *const *mut C_tensor,
        gradients: *const *mut C_tensor,
        momenta: *const *mut C_tensor,
        count: usize,
        device_lr: *const C_tensor,
        lr: f64,
        momentum: f64,
        weight_decay: f64,
        nesterov: bool,
    ) -> Answer;
    pub(crate) fn elth_foreach_mul(
        tensors: *const *mut C_tensor,
        factors: *const *mut C_tensor,
        count: usize,
    ) -> Answer;
    pub(crate) fn elth_foreach_copy(
        tensors: *const *mut C_tensor,
        sources: *const *mut C_tensor,
        count: usize,
    ) -> Answer;
    pub(crate) fn elth_foreach_zero(tensors: *const *mut C_tensor, count: usize) -> Answer;
    pub(crate) fn elth_channels_last(tensor: *const C_tensor, result: *mut *mut C_tensor)
    -> Answer;
    pub(crate) fn elth_set_data_channels_last(tensor: *mut C_tensor) -> Answer;
    pub(crate) fn elth_tf32(on: bool) -> Answer;
    pub(crate) fn elth_deterministic(on: bool) -> Answer;
    pub(crate) fn elth_keep_memory() -> bool;
    pub(crate) fn elth_flush_denormal(on: bool) -> bool;
    pub(crate) fn elth_autocast_enter(
        device: c_int,
        kind: c_int,
        was_on: *mut bool,
        was_kind: *mut c_int,
    ) -> Answer;
    pub(crate) fn elth_autocast_exit(device: c_int, was_on: bool, was_kind: c_int) -> Answer;
    pub(crate) fn elth_stream_new(device: c_int, result: *mut *mut c_void) -> Answer;
    pub(crate) fn elth_stream_enter(stream: *mut c_void) -> Answer;
    pub(crate) fn elth_stream_leave(stream: *mut c_void) -> Answer;
    pub(crate) fn elth_stream_free(stream: *mut c_void);
    pub(crate) fn elth_graph_new(result: *mut *mut c_void) -> Answer;
    pub(crate) fn elth_graph_begin(graph: *mut c_void, pool_of: *mut c_void) -> Answer;
    pub(crate) fn elth_graph_end(graph: *mut c_void) -> Answer;
    pub(crate) fn elth_graph_replay(graph: *mut c_void) -> Answer;
    pub(crate) fn elth_graph_free(graph: *mut c_void) -> Answer;
}

/// Turns an answer of `shim.cpp` into a result.
pub(crate) fn read(answer: Answer) -> Result<(), Error> {
    if answer.is_null() {
        return Ok(());
    }
    // SAFETY: a non-null answer is text that ends in zero and lives until this thread's next call.
    let reason = unsafe { CStr::from_ptr(answer) }.to_string_lossy();
    Err(Error::Torch(reason.lines().next().unwrap_or("no reason given").to_owned()))
}

/// The tensors' addresses, in the form that C takes a list in.
///
/// A `Tensor` is a handle: what the C side does through it, it does to the memory behind it.
pub(crate) fn pointers(tensors: &[Tensor]) -> Vec<*mut C_tensor> {
    tensors.iter().map(|tensor| tensor.as_ptr().cast_mut()).collect()
}
