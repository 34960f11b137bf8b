//! Which channels a tensor's sides count: the same channels must be replicated or dropped wherever they pass.

use std::collections::BTreeMap;

use crate::{
    blueprint::{Blueprint, Family, TensorPlan},
    slot::Role,
};

/// Channels that belong together: a residual stream, the inside of a block, what one layer hands to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The image's own values or channels, which no width changes.
    Image,
    /// The classes.
    Classes,
    /// What the tensor of that number, in the order of the model, computes first.
    Of(usize),
}

/// What the sides of a tensor count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    /// The first side; nothing where the tensor is a single number.
    pub out: Option<Group>,
    /// The second side of a weight, where each output looks at all channels.
    pub input: Option<Group>,
}

/// The axes of every tensor, in the order of the blueprint's.
pub fn axes(blueprint: &Blueprint) -> Vec<Axes> {
    let mut walk = Walk { stream: Group::Image, layer: Group::Image, opened: Group::Image };
    let tensors = blueprint.tensors.iter().enumerate();
    tensors.map(|(at, tensor)| walk.axes(blueprint, at, tensor)).collect()
}

/// How many channels each group has.
pub fn sizes(blueprint: &Blueprint, axes: &[Axes]) -> BTreeMap<Group, usize> {
    let mut sizes = BTreeMap::new();
    for (tensor, axes) in blueprint.tensors.iter().zip(axes) {
        for (group, size) in [&axes.out, &axes.input].into_iter().zip(&tensor.shape) {
            if let Some(group) = group {
                sizes.insert(group.clone(), *size);
            }
        }
    }
    sizes
}

/// A walk along the network, tensor by tensor.
struct Walk {
    /// What enters the unit.
    stream: Group,
    /// What the last layer computes.
    layer: Group,
    /// What the shortcut of a block opens.
    opened: Group,
}

impl Walk {
    fn axes(&mut self, blueprint: &Blueprint, at: usize, tensor: &TensorPlan) -> Axes {
        if tensor.role != Role::Weight {
            // Biases, norms and their statistics are of the layer before them.
            let out = (!tensor.shape.is_empty()).then(|| self.layer.clone());
            return Axes { out, input: None };
        }
        if is_head(blueprint, tensor) {
            self.layer = Group::Classes;
            return Axes { out: Some(Group::Classes), input: Some(self.stream.clone()) };
        }
        if is_residual(blueprint.family) && blueprint.stages[tensor.slot.stage].elastic {
            return self.residual(blueprint, at, tensor);
        }
        if is_depthwise(blueprint.family, tensor) {
            return Axes { out: Some(self.stream.clone()), input: None };
        }
        let input = std::mem::replace(&mut self.stream, Group::Of(at));
        self.layer = self.stream.clone();
        Axes { out: Some(self.stream.clone()), input: Some(input) }
    }

    /// A convolution of a residual block: the last one adds to the stream, or to what the shortcut makes of it.
    fn residual(&mut self, blueprint: &Blueprint, at: usize, tensor: &TensorPlan) -> Axes {
        let parts = &blueprint.stages[tensor.slot.stage].units[tensor.slot.unit].parts;
        let last = if parts.contains_key("conv3.weight") { "conv3" } else { "conv2" };
        let shortcut = parts.keys().any(|part| part.ends_with(".0.weight"));
        let input = match tensor.slot.part.as_str() {
            "conv1.weight" => self.stream.clone(),
            part if part.ends_with(".0.weight") => {
                // The block's own convolutions came first: the shortcut leads from the stream to what they add to.
                let before = std::mem::replace(&mut self.stream, self.opened.clone());
                self.layer = self.stream.clone();
                return Axes { out: Some(self.stream.clone()), input: Some(before) };
            }
            _ => self.layer.clone(),
        };
        self.layer = match tensor.slot.part.strip_suffix(".weight") {
            Some(part) if part == last && !shortcut => self.stream.clone(),
            _ => Group::Of(at),
        };
        self.opened = self.layer.clone();
        Axes { out: Some(self.layer.clone()), input: Some(input) }
    }
}

fn is_residual(family: Family) -> bool {
    matches!(family, Family::CifarResnet | Family::ImagenetResnet | Family::CifarheResnet)
}

fn is_head(blueprint: &Blueprint, tensor: &TensorPlan) -> bool {
    tensor.slot.stage + 1 == blueprint.stages.len()
}

/// Each channel for itself: the first convolution of a depthwise-separable block.
fn is_depthwise(family: Family, tensor: &TensorPlan) -> bool {
    family == Family::CifarMobilenetv1 && tensor.slot.part == "conv1.weight"
}
