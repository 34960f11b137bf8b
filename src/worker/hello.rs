//! Who this trainer is: what `elth` asks before a run starts.

use anyhow::Result;
use elth_store::handshake::{Hello, PROTOCOL};
use tch::Cuda;

/// Prints one line of JSON.
pub fn print() -> Result<()> {
    let cuda = elth_shim::load_cuda().is_ok() && Cuda::is_available();
    let devices = if cuda { Cuda::device_count() } else { 0 };
    let hello = Hello {
        program: "elth-worker".to_owned(),
        protocol: PROTOCOL,
        build: env!("ELTH_BUILD").to_owned(),
        libtorch: elth_shim::torch_version(),
        cuda,
        devices: (0..devices).map(|index| format!("cuda:{index}")).collect(),
    };
    println!("{}", serde_json::to_string(&hello)?);
    Ok(())
}
