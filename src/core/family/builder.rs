//! Collects tensors into a blueprint, so that a family file only says what its layers are.

use std::collections::BTreeMap;

use crate::{
    blueprint::{Blueprint, Family, Input, Stage, TensorPlan, Unit, UnitKind},
    slot::{Role, Slot},
};

/// A blueprint under construction.
pub(super) struct Builder {
    stages: Vec<Stage>,
    tensors: Vec<TensorPlan>,
    prefix: String,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { stages: Vec::new(), tensors: Vec::new(), prefix: String::new() }
    }

    /// Opens the next stage; units follow.
    pub(super) fn stage(&mut self, name: impl Into<String>, elastic: bool) {
        self.stages.push(Stage { name: name.into(), elastic, units: Vec::new() });
    }

    /// Opens the next unit of the stage; its tensors' names begin with `prefix`.
    pub(super) fn unit(&mut self, prefix: impl Into<String>, kind: UnitKind) {
        self.prefix = prefix.into();
        if let Some(stage) = self.stages.last_mut() {
            stage.units.push(Unit { kind, parts: BTreeMap::new() });
        }
    }

    /// A convolution's weight: (out, in, kernel, kernel), applied at `positions` of the output map.
    pub(super) fn conv(
        &mut self,
        part: &str,
        out: usize,
        input: usize,
        kernel: usize,
        positions: usize,
    ) {
        let shape = vec![out, input, kernel, kernel];
        self.tensor([part, ".weight"].concat(), shape, Role::Weight, positions);
    }

    /// The bias of a layer, one value a channel.
    pub(super) fn bias(&mut self, part: &str, out: usize) {
        self.tensor([part, ".bias"].concat(), vec![out], Role::Bias, 0);
    }

    /// A batch norm: scale, shift, running mean and variance, batches tracked.
    pub(super) fn norm(&mut self, part: &str, channels: usize) {
        for (name, role) in [
            ("weight", Role::NormWeight),
            ("bias", Role::NormBias),
            ("running_mean", Role::RunningMean),
            ("running_var", Role::RunningVar),
        ] {
            self.tensor([part, ".", name].concat(), vec![channels], role, 0);
        }
        let tracked = [part, ".num_batches_tracked"].concat();
        self.tensor(tracked, Vec::new(), Role::BatchesTracked, 0);
    }

    /// A linear layer: weight (out, in) and bias (out). An empty `part` names them `weight` and `bias`.
    pub(super) fn linear(&mut self, part: &str, out: usize, input: usize) {
        let dot = if part.is_empty() { "" } else { "." };
        self.tensor([part, dot, "weight"].concat(), vec![out, input], Role::Weight, 1);
        self.tensor([part, dot, "bias"].concat(), vec![out], Role::Bias, 0);
    }

    pub(super) fn finish(
        self,
        name: &str,
        family: Family,
        classes: usize,
        input: Input,
    ) -> Blueprint {
        Blueprint {
            name: name.to_owned(),
            family,
            classes,
            input,
            stages: self.stages,
            tensors: self.tensors,
        }
    }

    fn tensor(&mut self, part: String, shape: Vec<usize>, role: Role, positions: usize) {
        let stage_index = self.stages.len() - 1;
        let unit_index = self.stages[stage_index].units.len() - 1;
        let parts = &mut self.stages[stage_index].units[unit_index].parts;
        parts.insert(part.clone(), shape.clone());
        // Every model on a shelf is built before its first frame: texts of the right length at once.
        let name = [self.prefix.as_str(), &part].concat();
        let slot = Slot { stage: stage_index, unit: unit_index, part };
        self.tensors.push(TensorPlan { name, shape, role, slot, positions });
    }
}
