//! CUDA graphs: a training step recorded once and replayed without asking the processor again.
//!
//! Warm up and capture on one [`SideStream`], with static inputs, no random numbers, no reading back,
//! undefined gradients before the capture and the learning rate as a tensor (`Rate::Device`).

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::ptr;

use crate::{Error, ffi};

/// A stream of work beside the device's usual one.
#[derive(Debug)]
pub struct SideStream {
    stream: *mut c_void,
    /// The current stream is a thread's own matter.
    _stays_on_its_thread: PhantomData<*mut ()>,
}

impl SideStream {
    /// Takes a stream on the CUDA device of this index.
    ///
    /// # Errors
    /// A process without CUDA, or a driver that refuses.
    pub fn new(device: usize) -> Result<Self, Error> {
        let device = c_int::try_from(device)
            .map_err(|_| Error::Torch(format!("there is no CUDA device {device}")))?;
        let mut stream = ptr::null_mut();
        // SAFETY: `stream` outlives the call and is ours afterwards.
        ffi::read(unsafe { ffi::elth_stream_new(device, &raw mut stream) })?;
        Ok(Self { stream, _stays_on_its_thread: PhantomData })
    }

    /// Does `work` on this stream: after all that was asked of the device before, and waits for it.
    ///
    /// # Errors
    /// What `work` says, or an error of the device.
    pub fn run<T, E: From<Error>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        // SAFETY: the stream is alive as long as `self`.
        ffi::read(unsafe { ffi::elth_stream_enter(self.stream) })?;
        let way_back = WayBack(self);
        let result = work();
        let left = way_back.leave();
        let result = result?;
        left?;
        Ok(result)
    }
}

impl Drop for SideStream {
    fn drop(&mut self) {
        // SAFETY: made by `elth_stream_new`, freed once.
        unsafe { ffi::elth_stream_free(self.stream) }
    }
}

/// Leaves the stream also when the work panics.
struct WayBack<'a>(&'a SideStream);

impl WayBack<'_> {
    fn leave(self) -> Result<(), Error> {
        let stream = self.0.stream;
        std::mem::forget(self);
        // SAFETY: the stream is alive and was entered.
        ffi::read(unsafe { ffi::elth_stream_leave(stream) })
    }
}

impl Drop for WayBack<'_> {
    fn drop(&mut self) {
        // SAFETY: the stream is alive and was entered. A panic is on its way: its words come first.
        let _the_panic_matters_more = ffi::read(unsafe { ffi::elth_stream_leave(self.0.stream) });
    }
}

/// Work of the device, recorded.
#[derive(Debug)]
pub struct Graph(*mut c_void);

impl Graph {
    /// Records what `work` asks of the device, without doing it; call it inside [`SideStream::run`].
    ///
    /// Graphs that are replayed in the order of their capture may share memory: `beside` names the
    /// first. After an error drop the stream too and go on without graphs.
    ///
    /// # Errors
    /// What `work` says, a process without CUDA, or work that can't be recorded.
    pub fn capture<T, E: From<Error>>(
        beside: Option<&Self>,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        let mut graph = ptr::null_mut();
        // SAFETY: `graph` outlives the call and is ours afterwards.
        ffi::read(unsafe { ffi::elth_graph_new(&raw mut graph) })?;
        let graph = Self(graph);
        let pool_of = beside.map_or(ptr::null_mut(), |other| other.0);
        // SAFETY: both graphs are alive.
        ffi::read(unsafe { ffi::elth_graph_begin(graph.0, pool_of) })?;
        let open = OpenCapture(&graph);
        let result = work();
        let ended = open.end();
        let result = result?;
        ended?;
        Ok((graph, result))
    }

    /// Does the recorded work again.
    ///
    /// # Errors
    /// An error of the device.
    pub fn replay(&self) -> Result<(), Error> {
        // SAFETY: the graph is alive.
        ffi::read(unsafe { ffi::elth_graph_replay(self.0) })
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: made by `elth_graph_new`, freed once.
        let freed = ffi::read(unsafe { ffi::elth_graph_free(self.0) });
        debug_assert!(freed.is_ok(), "libtorch could not free a graph: {freed:?}");
    }
}

/// Ends the capture also when the work fails or panics: an open one would poison the device.
struct OpenCapture<'a>(&'a Graph);

impl OpenCapture<'_> {
    fn end(self) -> Result<(), Error> {
        let graph = self.0.0;
        std::mem::forget(self);
        // SAFETY: the graph is alive and its capture open.
        ffi::read(unsafe { ffi::elth_graph_end(graph) })
    }
}

impl Drop for OpenCapture<'_> {
    fn drop(&mut self) {
        // SAFETY: the graph is alive and its capture open. A panic is on its way: its words come first.
        let _the_panic_matters_more = ffi::read(unsafe { ffi::elth_graph_end(self.0.0) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_cuda_a_graph_is_an_error_and_the_process_lives() {
        if crate::load_cuda().is_ok() && tch::Cuda::is_available() {
            return;
        }
        let refused = Graph::capture(None, || Ok::<_, Error>(())).unwrap_err();
        assert!(refused.to_string().starts_with("libtorch: "), "{refused}");
        assert!(SideStream::new(0).is_err());
    }
}
