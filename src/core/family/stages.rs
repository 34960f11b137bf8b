//! Names that no official list has: the units of each stage one by one, such as `cifar_resnet_3-5-3`.
//!
//! Where they are those of an official network the model gets the official name, so that a model has one name.

use super::{number, numbers_error};
use crate::blueprint::{Family, UnknownModel};

/// What a name says of a network's size.
pub(super) enum Size {
    /// The official numbers: depth and width, or whatever the family counts.
    Numbers(Vec<usize>),
    /// Units of each stage.
    Stages(Stages),
}

/// Units of each stage, and what else the name says.
pub(super) struct Stages {
    /// In the order of the stages.
    pub depths: Vec<usize>,
    /// Whether the blocks are bottlenecks: a `b` ends the depths.
    pub bottleneck: bool,
    /// Width of the first stage, where the name gives one.
    pub width: Option<usize>,
}

/// What follows a family's prefix.
pub(super) fn read(name: &str, family: Family, rest: &str) -> Result<Size, UnknownModel> {
    let wrong = |reason| numbers_error(name, family, reason);
    let mut words = rest.split('_').skip(1);
    let Some(list) = words.clone().next().filter(|word| word.contains('-')) else {
        let numbers: Option<Vec<usize>> = words.map(number).collect();
        let numbers =
            numbers.ok_or_else(|| wrong("what follows the prefix must be whole numbers"))?;
        return Ok(Size::Numbers(numbers));
    };
    let (plain, bottleneck) = match list.strip_suffix('b') {
        Some(plain) => (plain, true),
        None => (list, false),
    };
    let depths: Option<Vec<usize>> = plain.split('-').map(number).collect();
    let rest: Option<Vec<usize>> = words.by_ref().skip(1).map(number).collect();
    match (depths, rest.as_deref()) {
        (Some(depths), Some([])) => Ok(Size::Stages(Stages { depths, bottleneck, width: None })),
        (Some(depths), Some(&[width])) => {
            Ok(Size::Stages(Stages { depths, bottleneck, width: Some(width) }))
        }
        _ => Err(wrong("units of each stage are written as `3-5-3`, a width follows as `_16`")),
    }
}

impl Stages {
    /// Exactly so many stages of at most 3,000 units, and bottlenecks only where there are some.
    pub(super) fn checked<const N: usize>(
        &self,
        name: &str,
        family: Family,
        may_be_bottleneck: bool,
    ) -> Result<[usize; N], UnknownModel> {
        let wrong = |reason: &str| numbers_error(name, family, reason);
        if self.bottleneck && !may_be_bottleneck {
            return Err(wrong("its blocks are no bottlenecks: leave the `b` out"));
        }
        if self.depths.iter().any(|depth| *depth > 3_000) {
            return Err(wrong("a stage must have 3,000 units or fewer"));
        }
        let few = |_| wrong(&format!("it has {N} stages: name the units of each"));
        self.depths.as_slice().try_into().map_err(few)
    }

    /// The depths as names have them.
    pub(super) fn listed(depths: &[usize], bottleneck: bool) -> String {
        let list = depths.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
        if bottleneck { list + "b" } else { list }
    }
}

#[cfg(test)]
mod tests {
    use crate::blueprint::Blueprint;

    fn check(name: &str, canonical: &str, depths: &[usize]) {
        let model = Blueprint::new(name, None, None).unwrap();
        assert_eq!((model.name.as_str(), model.depths().as_slice()), (canonical, depths));
        assert_eq!(Blueprint::new(canonical, None, None), Ok(model));
    }

    fn refused(name: &str, words: &str) {
        let error = Blueprint::new(name, None, None).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
    }

    #[test]
    fn stages_of_their_own_depths_are_named_one_by_one() {
        check("cifar_resnet_3-5-3", "cifar_resnet_3-5-3", &[3, 5, 3]);
        check("cifar_resnet_1-2-3_8", "cifar_resnet_1-2-3_8", &[1, 2, 3]);
        check("cifar_vgg_1-1-4-1-2_8", "cifar_vgg_1-1-4-1-2_8", &[1, 1, 4, 1, 2]);
        check("imagenet_resnet_2-3-5-2_8", "imagenet_resnet_2-3-5-2_8", &[2, 3, 5, 2]);
        check("cifarhe_resnet_2-3-5-2b_8", "cifarhe_resnet_2-3-5-2b_8", &[2, 3, 5, 2]);
    }

    #[test]
    fn an_official_network_has_its_official_name() {
        check("cifar_resnet_3-3-3", "cifar_resnet_20", &[3, 3, 3]);
        check("cifar_resnet_3-3-3_8", "cifar_resnet_20_8", &[3, 3, 3]);
        check("cifar_vgg_2-2-3-3-3_8", "cifar_vgg_16_8", &[2, 2, 3, 3, 3]);
        check("imagenet_resnet_3-4-6-3_8", "imagenet_resnet_34_8", &[3, 4, 6, 3]);
        check("imagenet_resnet_3-4-6-3b_8", "imagenet_resnet_50_8", &[3, 4, 6, 3]);
        check("cifarhe_resnet_2-2-2-2_8", "cifarhe_resnet_18_8", &[2, 2, 2, 2]);
    }

    #[test]
    fn lists_that_name_no_network_are_refused() {
        refused("cifar_resnet_3-5", "it has 3 stages");
        refused("cifar_resnet_3-5-3b", "no bottlenecks");
        refused("cifar_resnet_3-0-3", "written as `3-5-3`");
        refused("cifar_resnet_3-5-3_8_8", "written as `3-5-3`");
        refused("cifar_resnet_3-5-3_0", "written as `3-5-3`");
        refused("cifar_resnet_3-5000-3", "3,000");
        refused("cifar_resnet_3-5-3_9999", "too large");
        refused("cifar_vgg_1-1-1-1", "it has 5 stages");
        refused("cifar_vgg_3000-3000-3000-3000-3000_9999", "too large");
        refused("imagenet_resnet_3000-3000-3000-3000_999", "too large");
        refused("cifar_mobilenetv1_3-3", "named by numbers");
        refused("mnist_lenet_300-100", "named by numbers");
        refused("cifar_vggnfc_2-2-2-2-2_64_3", "written as");
    }
}
