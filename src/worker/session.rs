//! The process's device, threads and switches of libtorch.

use anyhow::{Context, Result, bail};
use tch::{Cuda, Device};

/// Where this process computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The device.
    pub device: Device,
    /// Threads of one operation on the processor.
    pub threads: usize,
}

impl Session {
    /// Sets libtorch up; must come before the first tensor.
    ///
    /// Numbers below 1e-38 are rounded to zero in every session, on every thread (threads inherit it): the momentum
    /// of weights without gradient would end there, where processors compute ten times slower.
    pub fn open(device: &str, threads: usize) -> Result<Self> {
        let device = parse(device)?;
        if device != Device::Cpu {
            elth_shim::load_cuda()?;
        }
        let _slower_where_another_allocator_is = elth_shim::keep_memory();
        let _slow_where_the_processor_cannot = elth_shim::set_flush_denormal(true);
        tch::set_num_threads(i32::try_from(threads.max(1)).context("too many threads")?);
        tch::set_num_interop_threads(1);
        elth_shim::tf32(false)?;
        check(device)?;
        Ok(Self { device, threads: threads.max(1) })
    }

    /// `cpu` or `cuda:N`.
    pub fn device_name(&self) -> String {
        match self.device {
            Device::Cuda(index) => format!("cuda:{index}"),
            _ => "cpu".to_owned(),
        }
    }
}

/// `auto` is for the supervisor to decide: alone, the trainer takes no device from anybody.
fn parse(text: &str) -> Result<Device> {
    match text.split_once(':') {
        None if text == "cpu" || text == "auto" => Ok(Device::Cpu),
        None if text == "cuda" => Ok(Device::Cuda(0)),
        Some(("cuda", index)) => Ok(Device::Cuda(index.parse().with_context(|| unknown(text))?)),
        _ => bail!(unknown(text)),
    }
}

fn unknown(text: &str) -> String {
    format!("`{text}` is no device: use cpu, cuda or cuda:N")
}

fn check(device: Device) -> Result<()> {
    let Device::Cuda(index) = device else { return Ok(()) };
    let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
    if !Cuda::is_available() || index >= count {
        bail!("cuda:{index} cannot be used, {count} CUDA devices are visible: choose another");
    }
    Ok(())
}
