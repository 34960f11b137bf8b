//! How long a training step takes: forward, backward, SGD, masks, on made-up images.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use elth_core::{
    blueprint::{Blueprint, Input},
    chance::stream,
    family::default_training,
    initialise::initialise,
    mask::Mask,
};
use tch::{Device, Kind, Tensor};

use crate::{
    dataset::{Batch, signed},
    network::Layout,
    option,
    session::Session,
    state::{Measure, State, sgd},
};

/// Steps before the clock starts: libtorch chooses its kernels in the first.
const WARM_UP: usize = 3;

/// Measures as the options say and prints what came out.
pub fn print(options: &[String]) -> Result<()> {
    let model = option(options, "--model")?.unwrap_or("cifar_resnet_20");
    let batch = number(options, "--batch", 128)?;
    let threads = number(options, "--threads", 1)?;
    let steps = number(options, "--steps", 20)?;
    ensure!(batch > 0 && steps > 0, "a batch and the steps must be at least 1");
    let input = option(options, "--input")?.map(|text| {
        Input::parse(text).with_context(|| format!("`--input {text}`: give a shape such as 3x8x8"))
    });
    let blueprint = Blueprint::new(model, None, input.transpose()?)?;
    let layout = layout(options, &blueprint)?;
    let session = Session::open(option(options, "--device")?.unwrap_or("cpu"), threads)?;
    let mut seconds = measure(&blueprint, layout, batch, steps, session)?;
    seconds.sort_by(f64::total_cmp);
    let (median, best) = (seconds[seconds.len() / 2], seconds[0]);
    #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
    let rate = |seconds: f64| batch as f64 / seconds;
    if options.iter().any(|option| option == "--json") {
        let answer = serde_json::json!({
            "model": model, "batch": batch, "threads": threads, "steps": steps,
            "input": blueprint.input.to_string(),
            "layout": format!("{layout:?}"), "libtorch": elth_shim::torch_version(),
            "device": session.device_name(), "step_seconds": median, "best_step_seconds": best,
            "images_per_second": rate(median), "best_images_per_second": rate(best),
        });
        println!("{answer}");
    } else {
        println!("{model}, batch {batch}, {threads} threads, {layout:?}: a step in");
        println!("{:.2} ms, {:.0} images/s (median of {steps})", 1e3 * median, rate(median));
        println!("{:.2} ms, {:.0} images/s (best)", 1e3 * best, rate(best));
    }
    Ok(())
}

fn number(options: &[String], name: &str, default: usize) -> Result<usize> {
    let Some(text) = option(options, name)? else { return Ok(default) };
    text.parse().with_context(|| format!("`{name} {text}`: give a whole number"))
}

fn layout(options: &[String], blueprint: &Blueprint) -> Result<Layout> {
    Ok(match option(options, "--layout")? {
        None => Layout::best_for(blueprint.family),
        Some("first") => Layout::ChannelsFirst,
        Some("last") => Layout::ChannelsLast,
        Some(other) => bail!("`--layout {other}`: first or last"),
    })
}

/// Seconds of each step.
fn measure(
    blueprint: &Blueprint,
    layout: Layout,
    size: usize,
    steps: usize,
    session: Session,
) -> Result<Vec<f64>> {
    let weights = initialise(blueprint, 0);
    // Half of all weights, so that the masks' part of a step is measured too.
    let masks = blueprint.prunable().map(|plan| {
        let mut chance = stream(0, &plan.name);
        (plan.name.clone(), Mask::from_fn(plan.len(), |_| chance.below(2) == 1))
    });
    let mut state = State::start_in(layout, blueprint, &weights, &masks.collect(), 0, session)?;
    let batch = batch(blueprint, layout, size, session.device)?;
    let training = default_training(blueprint.family);
    let mut step = || -> Result<f64> {
        let since = Instant::now();
        let loss = state.learn(&batch, &sgd(&training, 1e-3), Measure::Nothing)?;
        // Reading the loss waits for the device.
        ensure!(loss.double_value(&[]).is_finite(), "the step went wrong");
        Ok(since.elapsed().as_secs_f64())
    };
    for _ in 0..WARM_UP {
        step()?;
    }
    (0..steps).map(|_| step()).collect()
}

fn batch(blueprint: &Blueprint, layout: Layout, size: usize, device: Device) -> Result<Batch> {
    let input = blueprint.input;
    let mut chance = stream(0, "bench images");
    #[expect(clippy::cast_possible_truncation, reason = "images are single precision")]
    let values: Vec<f32> =
        (0..size * input.values()).map(|_| 4.0 * chance.uniform_single() as f32 - 2.0).collect();
    let shape = [size, input.channels, input.height, input.width].map(signed);
    let images = layout.of(Tensor::from_slice(&values).view(shape).to_device(device))?;
    let labels =
        Tensor::arange(shape[0], (Kind::Int64, device)).remainder(signed(blueprint.classes));
    Ok(Batch { images, labels })
}
