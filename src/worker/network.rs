//! A model on a device: tensors under their official names, and the forward pass over them.

mod cifarhe;
mod imagenet;
mod mlp;
mod mobilenet;
mod resnet;
mod vgg;
mod vggnfc;

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use elth_core::{
    blueprint::{Blueprint, Family, TensorPlan},
    slot::Role,
    weights::{Values, Weights},
};
use tch::{Device, Kind, Tensor};

/// PyTorch's default, which the official code keeps.
const NORM_EPSILON: f64 = 1e-5;

/// PyTorch's default, which the official code keeps: the share that a batch has in the running statistics.
const NORM_MOMENTUM: f64 = 0.1;

/// What a forward pass does with batch norms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// Normalises by the batch and remembers a tenth of its statistics.
    Train,
    /// Normalises by the batch and remembers this share of its statistics.
    Recalibrate(f64),
    /// Normalises by the running statistics.
    Evaluate,
}

/// How images and convolutions lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Each channel's rows and columns together, as files have them.
    ChannelsFirst,
    /// All channels of a pixel together, which convolutions run faster on.
    ChannelsLast,
}

impl Layout {
    /// The faster one: see `tests/bench/step.py` for the evidence.
    pub fn best_for(family: Family) -> Self {
        if family.is_flat() { Self::ChannelsFirst } else { Self::ChannelsLast }
    }

    /// The same values in this layout.
    pub fn of(self, tensor: Tensor) -> Result<Tensor> {
        match self {
            Self::ChannelsLast if tensor.dim() == 4 => Ok(elth_shim::channels_last(&tensor)?),
            _ => Ok(tensor),
        }
    }
}

/// A model whose tensors lie on a device.
#[derive(Debug)]
pub struct Network {
    /// What it is a model of.
    pub blueprint: Blueprint,
    /// Everything that training changes by gradient; the prunable tensors come first.
    pub parameters: Vec<Tensor>,
    /// How many of the parameters are prunable.
    pub prunable: usize,
    places: HashMap<String, usize>,
    statistics: HashMap<String, Tensor>,
    batches: BTreeMap<String, i64>,
}

impl Network {
    /// Puts weights that fit the blueprint onto a device.
    pub fn new(
        blueprint: &Blueprint,
        weights: &Weights,
        device: Device,
        layout: Layout,
    ) -> Result<Self> {
        weights.fits(blueprint)?;
        let mut network = Self {
            blueprint: blueprint.clone(),
            parameters: Vec::new(),
            prunable: blueprint.prunable().count(),
            places: HashMap::new(),
            statistics: HashMap::new(),
            batches: BTreeMap::new(),
        };
        for plan in parameter_order(blueprint) {
            let tensor = layout.of(on_device(plan, weights, device))?;
            network.places.insert(plan.name.clone(), network.parameters.len());
            network.parameters.push(tensor.set_requires_grad(true));
        }
        for plan in blueprint.tensors.iter().filter(|plan| !plan.role.is_parameter()) {
            if let Some(Values::Count(count)) = weights.0.get(&plan.name) {
                network.batches.insert(plan.name.clone(), *count);
            } else {
                network.statistics.insert(plan.name.clone(), on_device(plan, weights, device));
            }
        }
        Ok(network)
    }

    /// The values of every tensor, brought to the host.
    pub fn weights(&self) -> Result<Weights> {
        let mut all = BTreeMap::new();
        for (name, tensor) in self.named_parameters().chain(&self.statistics) {
            all.insert(name.clone(), Values::Floats(on_host(tensor)?));
        }
        let counts = self.batches.iter().map(|(name, count)| (name.clone(), Values::Count(*count)));
        all.extend(counts);
        Ok(Weights(all))
    }

    /// Goes on in double precision.
    pub fn go_double(&mut self) {
        let double = |tensor: &Tensor| tensor.detach().to_kind(Kind::Double);
        self.parameters.iter_mut().for_each(|it| *it = double(it).set_requires_grad(true));
        self.statistics.values_mut().for_each(|it| *it = double(it));
    }

    /// Parameters by name, in no particular order.
    pub fn named_parameters(&self) -> impl Iterator<Item = (&String, &Tensor)> {
        self.places.iter().map(|(name, place)| (name, &self.parameters[*place]))
    }

    /// What the network says about images: (batch, classes).
    pub fn logits(&mut self, images: &Tensor, mode: Mode) -> Tensor {
        if mode == Mode::Train {
            self.batches.values_mut().for_each(|count| *count += 1);
        }
        match self.blueprint.family {
            Family::CifarResnet => resnet::forward(self, images, mode),
            Family::CifarVgg => vgg::forward(self, images, mode),
            Family::CifarVggnfc => vggnfc::forward(self, images, mode),
            Family::CifarMobilenetv1 => mobilenet::forward(self, images, mode),
            Family::MnistLenet => mlp::forward(self, images),
            Family::ImagenetResnet => imagenet::forward(self, images, mode),
            Family::CifarheResnet => cifarhe::forward(self, images, mode),
        }
    }

    fn parameter(&self, layer: &str, part: &str) -> &Tensor {
        &self.parameters[self.places[&format!("{layer}.{part}")]]
    }

    /// Whether there is such a layer.
    fn has(&self, layer: &str) -> bool {
        self.places.contains_key(&format!("{layer}.weight"))
    }

    /// A convolution without bias.
    fn conv(&self, layer: &str, images: &Tensor, stride: i64) -> Tensor {
        let weight = self.parameter(layer, "weight");
        let padding = weight.size()[2] / 2;
        images.conv2d(weight, None::<&Tensor>, stride, padding, 1, 1)
    }

    /// A convolution with bias.
    fn biased_conv(&self, layer: &str, images: &Tensor) -> Tensor {
        let (weight, bias) = (self.parameter(layer, "weight"), self.parameter(layer, "bias"));
        images.conv2d(weight, Some(bias), 1, weight.size()[2] / 2, 1, 1)
    }

    /// A convolution in which each channel has a kernel of its own.
    fn depthwise_conv(&self, layer: &str, images: &Tensor, stride: i64) -> Tensor {
        let weight = self.parameter(layer, "weight");
        let (channels, padding) = (weight.size()[0], weight.size()[2] / 2);
        images.conv2d(weight, None::<&Tensor>, stride, padding, 1, channels)
    }

    fn norm(&self, layer: &str, images: &Tensor, mode: Mode) -> Tensor {
        let (training, momentum) = match mode {
            Mode::Train => (true, NORM_MOMENTUM),
            Mode::Recalibrate(share) => (true, share),
            Mode::Evaluate => (false, NORM_MOMENTUM),
        };
        images.batch_norm(
            Some(self.parameter(layer, "weight")),
            Some(self.parameter(layer, "bias")),
            Some(&self.statistics[&format!("{layer}.running_mean")]),
            Some(&self.statistics[&format!("{layer}.running_var")]),
            training,
            momentum,
            NORM_EPSILON,
            true,
        )
    }

    fn linear(&self, layer: &str, features: &Tensor) -> Tensor {
        features.linear(self.parameter(layer, "weight"), Some(self.parameter(layer, "bias")))
    }
}

/// The mean over the whole map: (batch, channels).
fn mean_of_map(maps: &Tensor) -> Tensor {
    maps.mean_dim([2_i64, 3].as_slice(), false, maps.kind())
}

/// Parameters in the order in which a network holds them: what masks lie over comes first.
pub fn parameter_order(blueprint: &Blueprint) -> impl Iterator<Item = &TensorPlan> {
    let others = |plan: &&TensorPlan| plan.role.is_parameter() && plan.role != Role::Weight;
    blueprint.prunable().chain(blueprint.tensors.iter().filter(others))
}

/// A tensor's shape as torch counts.
pub fn shape(plan: &TensorPlan) -> Vec<i64> {
    plan.shape
        .iter()
        .map(|&size| i64::try_from(size).expect("sizes are checked at the door"))
        .collect()
}

/// A tensor's values on the host, in the order that files have.
pub fn on_host(tensor: &Tensor) -> Result<Vec<f32>> {
    let flat = tensor.detach().to_device(Device::Cpu).contiguous().reshape([-1]);
    Ok(Vec::try_from(flat)?)
}

fn on_device(plan: &TensorPlan, weights: &Weights, device: Device) -> Tensor {
    let values = weights.floats(&plan.name).unwrap_or_default();
    Tensor::from_slice(values).view(shape(plan).as_slice()).to_device(device)
}
