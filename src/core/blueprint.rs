//! A model as data: stages of units of named, shaped tensors.

pub mod shared;

use std::{collections::BTreeMap, fmt};

use crate::{
    family,
    slot::{Role, Slot},
};

/// A model of a family, complete down to every tensor of its `state_dict()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blueprint {
    /// The official name, such as `cifar_resnet_20`.
    pub name: String,
    /// The family the name belongs to.
    pub family: Family,
    /// Outputs of the last layer.
    pub classes: usize,
    /// Shape of one input image.
    pub input: Input,
    /// Stem, stages of units, head; in the order of the forward pass.
    pub stages: Vec<Stage>,
    /// Every tensor, in the order of the official `state_dict()`.
    pub tensors: Vec<TensorPlan>,
}

/// Models that differ only in depth, width and classes; a ticket never leaves its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `cifar_resnet_N[_W]`.
    CifarResnet,
    /// `cifar_vgg_N[_W]`.
    CifarVgg,
    /// `cifar_vggnfc_D_W_F`: VGG networks whose fully connected layers are replicated.
    CifarVggnfc,
    /// `cifar_mobilenetv1[_N]`.
    CifarMobilenetv1,
    /// `mnist_lenet_A_B…`, the multi-layer perceptrons.
    MnistLenet,
    /// `imagenet_resnet_N[_W]`.
    ImagenetResnet,
    /// `cifarhe_resnet_N[_W]`: the `imagenet_resnet` networks with a stem for small images.
    CifarheResnet,
}

impl Family {
    /// Every family, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::CifarResnet,
        Self::CifarVgg,
        Self::CifarVggnfc,
        Self::CifarMobilenetv1,
        Self::MnistLenet,
        Self::ImagenetResnet,
        Self::CifarheResnet,
    ];

    /// The official prefix of the family's model names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CifarResnet => "cifar_resnet",
            Self::CifarVgg => "cifar_vgg",
            Self::CifarVggnfc => "cifar_vggnfc",
            Self::CifarMobilenetv1 => "cifar_mobilenetv1",
            Self::MnistLenet => "mnist_lenet",
            Self::ImagenetResnet => "imagenet_resnet",
            Self::CifarheResnet => "cifarhe_resnet",
        }
    }

    /// Whether its networks take flat vectors instead of images.
    #[must_use]
    pub fn is_flat(self) -> bool {
        self == Self::MnistLenet
    }

    /// How far apart the official mappings number neighbouring units: those of `cifar_vggnfc` count the rectifiers too.
    #[must_use]
    pub fn numbering(self) -> usize {
        if self == Self::CifarVggnfc { 2 } else { 1 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Channels, height and width of an input image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Input {
    /// Colour planes.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Input {
    /// Names the three numbers in their usual order.
    #[must_use]
    pub fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// Reads `3x32x32`; `×` is read too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let numbers: Option<Vec<usize>> =
            text.split(['x', '×']).map(|number| number.trim().parse().ok()).collect();
        match *numbers?.as_slice() {
            [channels, height, width] => {
                Some(Self::new(channels, height, width)).filter(|input| input.is_image())
            }
            _ => None,
        }
    }

    /// Values in one image.
    #[must_use]
    pub fn values(self) -> usize {
        self.channels.saturating_mul(self.height).saturating_mul(self.width)
    }

    /// Whether there can be such an image: not empty, and of no more than 100 million values.
    #[must_use]
    pub fn is_image(self) -> bool {
        (1..=100_000_000).contains(&self.values())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}x{}", self.channels, self.height, self.width)
    }
}

/// A run of units between two down-samplings; stem and head are stages too, of one fixed unit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `stem`, `stage1`…, `part1`…, `hidden`, `classifier` or `head`.
    pub name: String,
    /// Whether mappings name its units; the stem and the head are copied as they are.
    pub elastic: bool,
    /// Its units, by local number.
    pub units: Vec<Unit>,
}

/// The least thing that is replicated or dropped: a residual block, a layer with its norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// How mappings may use it.
    pub kind: UnitKind,
    /// Parts with their shapes: units are interchangeable only where these are equal.
    pub parts: BTreeMap<String, Vec<usize>>,
}

/// How mappings may use a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// Opens a stage: maps onto itself, and no strategy counts it (the paper's B0).
    Anchor,
    /// Changes the width, so that it cannot stand twice in a row: kept by every strategy, never replicated.
    Bridge,
    /// Leaves the shape as it is: replicated, dropped and moved.
    Repeatable,
}

/// One tensor of the `state_dict()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorPlan {
    /// The official name, such as `blocks.4.conv1.weight`.
    pub name: String,
    /// Sizes; empty for a single number.
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// Where it sits.
    pub slot: Slot,
    /// Positions of the output map that a weight is applied at, for one image; 0 where it is no weight.
    pub positions: usize,
}

impl TensorPlan {
    /// Values in the tensor.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no value, which no blueprint produces.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Blueprint {
    /// Builds the model of that name.
    ///
    /// `classes` and `input` default to the family's own data set.
    ///
    /// # Errors
    /// When the name is not one of the known families' or its numbers make no network.
    pub fn new(
        name: &str,
        classes: Option<usize>,
        input: Option<Input>,
    ) -> Result<Self, UnknownModel> {
        family::build(name, classes, input)
    }

    /// Tensors under a mask, in `state_dict()` order.
    pub fn prunable(&self) -> impl Iterator<Item = &TensorPlan> + Clone {
        self.tensors.iter().filter(|tensor| tensor.role.is_prunable())
    }

    /// Weights under masks.
    #[must_use]
    pub fn prunable_weights(&self) -> usize {
        self.prunable().map(TensorPlan::len).sum()
    }

    /// Values that training changes by gradient.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.tensors.iter().filter(|t| t.role.is_parameter()).map(TensorPlan::len).sum()
    }

    /// Multiplications and additions of one image's forward pass through all weights (two a weight and position).
    #[must_use]
    pub fn flops(&self) -> usize {
        self.prunable().map(|tensor| 2 * tensor.len() * tensor.positions).sum()
    }

    /// The tensor of that name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&TensorPlan> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// The stages whose units mappings speak of, with their indices.
    pub fn elastic_stages(&self) -> impl Iterator<Item = (usize, &Stage)> {
        self.stages.iter().enumerate().filter(|(_, stage)| stage.elastic)
    }

    /// Units of each elastic stage.
    #[must_use]
    pub fn depths(&self) -> Vec<usize> {
        self.elastic_stages().map(|(_, stage)| stage.units.len()).collect()
    }
}

/// A model name that names no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownModel {
    /// No family has this prefix.
    #[error("`{0}` is no model elth knows: `elth models` lists the families and their names")]
    Family(String),
    /// The family exists, the numbers do not fit it.
    #[error("`{name}` is no {family} model: {reason}")]
    Numbers {
        /// The name asked for.
        name: String,
        /// The family its prefix names.
        family: Family,
        /// What the numbers must be.
        reason: String,
    },
    /// No network ends in so many outputs.
    #[error(
        "`{name}` cannot tell {classes} classes apart: the number of classes must be 1 to 1,000,000"
    )]
    Classes {
        /// The name asked for.
        name: String,
        /// The number asked for.
        classes: usize,
    },
    /// The images are too small, or of another shape than the network takes.
    #[error(
        "`{name}` cannot take images of {input}: it needs at least {least}, choose another data set or model"
    )]
    Input {
        /// The name asked for.
        name: String,
        /// The images offered.
        input: Input,
        /// The least that fits.
        least: Input,
    },
}
