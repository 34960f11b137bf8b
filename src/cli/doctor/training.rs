//! What training needs: libtorch, the trainer, a GPU if there is one.

use std::ffi::OsStr;

use elth_store::{device, handshake::Hello};
use nvml_wrapper::Nvml;

use super::Check;
use crate::cli::setup::{self, BUILD, Trainer};

/// libtorch, trainer, CUDA, NVML.
pub fn checks() -> Vec<Check> {
    let (trainer, hello) = trainer();
    vec![libtorch(), trainer, cuda(hello.as_ref()), nvml()]
}

fn libtorch() -> Check {
    match setup::libtorch_in_use() {
        Ok(Some(found)) => {
            let cuda = if found.has_cuda() { "with CUDA" } else { "for the CPU" };
            let place = found.torch.canonicalize().unwrap_or(found.torch);
            Check::fine("libtorch", format!("{} {cuda}, {}", found.version, place.display()))
        }
        Ok(None) => Check::wrong("libtorch", "not found", "elth setup"),
        Err(error) => Check::wrong("libtorch", error.to_string(), "unset ELTH_LIBTORCH"),
    }
}

fn trainer() -> (Check, Option<Hello>) {
    let greeted =
        setup::find_trainer().and_then(|trainer| Ok((setup::handshake(&trainer)?, trainer)));
    match greeted {
        Ok((hello, Trainer { path, .. })) => {
            let detail = format!("build {BUILD}, libtorch {}, {}", hello.libtorch, path.display());
            (Check::fine("trainer", detail), Some(hello))
        }
        Err(error) => (Check::wrong("trainer", error.to_string(), "elth setup"), None),
    }
}

fn cuda(hello: Option<&Hello>) -> Check {
    let name = "CUDA";
    match (device::has_driver(), hello) {
        (_, Some(hello)) if hello.cuda => {
            Check::fine(name, format!("{} ({})", hello.devices.len(), hello.devices.join(", ")))
        }
        (false, _) => Check::fine(name, "no NVIDIA driver: the CPU trains"),
        (true, None) => Check::wrong(name, "a driver is here, but no trainer to ask", "elth setup"),
        (true, Some(_)) => Check::wrong(
            name,
            "a driver is here, but the trainer can't use it",
            "elth setup --cuda yes",
        ),
    }
}

/// NVIDIA's management library tells who uses a GPU, which `--device auto` asks.
fn nvml() -> Check {
    let name = "NVML";
    if !device::has_driver() {
        return Check::fine(name, "not needed without an NVIDIA driver");
    }
    // The name without a number belongs to the development package.
    let library = Nvml::builder().lib_path(OsStr::new("libnvidia-ml.so.1")).init();
    let asked = library.and_then(|nvml| Ok((nvml.sys_driver_version()?, nvml.device_count()?)));
    match asked {
        Ok((driver, count)) => Check::fine(name, format!("driver {driver}, devices: {count}")),
        Err(error) => Check::wrong(
            name,
            error.to_string(),
            "install libnvidia-ml, which belongs to the driver (in a container: its `utility` part)",
        ),
    }
}
