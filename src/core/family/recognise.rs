//! Which model a set of tensors is of: from names and shapes back to the official name.

use std::collections::BTreeMap;

use crate::blueprint::{Blueprint, Input};

/// Shapes of tensors by official name.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// The model that holds exactly these tensors, where there is one.
///
/// The size of the images is that of the family's own data set, which tensors say only of flat networks.
#[must_use]
pub fn recognise(shapes: &Shapes) -> Option<Blueprint> {
    let candidates = [resnet, perceptron, vgg, mobilenet, imagenet];
    let name = candidates.into_iter().find_map(|name| name(shapes))?;
    let blueprint = Blueprint::new(&name, Some(classes(shapes)?), input(shapes)).ok()?;
    fits(&blueprint, shapes).then_some(blueprint)
}

/// Whether a model has exactly these tensors.
#[must_use]
pub fn fits(blueprint: &Blueprint, shapes: &Shapes) -> bool {
    blueprint.tensors.len() == shapes.len()
        && blueprint.tensors.iter().all(|tensor| shapes.get(&tensor.name) == Some(&tensor.shape))
}

/// Outputs of the last layer.
#[must_use]
pub fn classes(shapes: &Shapes) -> Option<usize> {
    let head = shapes.get("fc.weight").or_else(|| shapes.get("model.fc.weight"))?;
    head.first().copied()
}

/// The images that a flat network takes, where a known set has so many values.
fn input(shapes: &Shapes) -> Option<Input> {
    match *shapes.get("fc_layers.0.weight")?.get(1)? {
        784 => Some(Input::new(1, 28, 28)),
        3072 => Some(Input::new(3, 32, 32)),
        64 => Some(Input::new(1, 8, 8)),
        values => Some(Input::new(1, 1, values)),
    }
}

/// Channels that leave a convolution.
fn width(shapes: &Shapes, conv: &str) -> Option<usize> {
    shapes.get(conv)?.first().copied()
}

/// How many layers `prefix.0.suffix`, `prefix.1.suffix`… there are.
fn count(shapes: &Shapes, prefix: &str, suffix: &str) -> usize {
    let there = |layer: &usize| shapes.contains_key(&format!("{prefix}{layer}{suffix}"));
    (0..shapes.len()).take_while(there).count()
}

/// `_W`, where the width is not the family's own.
fn suffix(width: usize, usual: usize) -> String {
    if width == usual { String::new() } else { format!("_{width}") }
}

/// The units of each stage as names list them; official networks are known by them too.
fn listed(depths: &[usize]) -> String {
    depths.iter().map(ToString::to_string).collect::<Vec<_>>().join("-")
}

fn resnet(shapes: &Shapes) -> Option<String> {
    let blocks = count(shapes, "blocks.", ".conv1.weight");
    let width = width(shapes, "conv.weight").filter(|_| blocks > 0)?;
    // A block with a shortcut of its own opens a stage.
    let opens = |block: &usize| shapes.contains_key(&format!("blocks.{block}.shortcut.0.weight"));
    let starts: Vec<usize> = (1..blocks).filter(opens).collect();
    let &[second, third] = starts.as_slice() else { return None };
    let depths = listed(&[second, third - second, blocks - third]);
    Some(format!("cifar_resnet_{depths}{}", suffix(width, 16)))
}

fn perceptron(shapes: &Shapes) -> Option<String> {
    let layers = count(shapes, "fc_layers.", ".weight");
    let widths = (0..layers).map(|layer| width(shapes, &format!("fc_layers.{layer}.weight")));
    let widths: Option<Vec<_>> = widths.map(|width| Some(width?.to_string())).collect();
    widths
        .filter(|widths| !widths.is_empty())
        .map(|widths| format!("mnist_lenet_{}", widths.join("_")))
}

fn vgg(shapes: &Shapes) -> Option<String> {
    let width = width(shapes, "layers.0.conv.weight")?;
    let hidden = shapes.keys().filter(|name| is_classifier(name)).count();
    if hidden > 0 {
        let convolutions = shapes.keys().filter(|name| name.ends_with(".conv.weight")).count();
        return Some(format!("cifar_vggnfc_{}_{width}_{}", convolutions + 3, hidden + 1));
    }
    // Where a number is missing a pooling stands, between two stages.
    let there = |layer: &usize| shapes.contains_key(&format!("layers.{layer}.conv.weight"));
    let mut depths = vec![0];
    for layer in 0..shapes.len() {
        match depths.last_mut() {
            Some(depth) if there(&layer) => *depth += 1,
            _ if there(&(layer + 1)) => depths.push(0),
            _ => break,
        }
    }
    Some(format!("cifar_vgg_{}{}", listed(&depths), suffix(width, 64)))
}

fn is_classifier(name: &str) -> bool {
    name.starts_with("classifier.") && name.ends_with(".weight")
}

fn mobilenet(shapes: &Shapes) -> Option<String> {
    let blocks = count(shapes, "layers_part2.", ".conv1.weight");
    let width = width(shapes, "conv.weight")?;
    (blocks > 0).then(|| format!("cifar_mobilenetv1_{blocks}{}", suffix(width, 32)))
}

fn imagenet(shapes: &Shapes) -> Option<String> {
    let stem = shapes.get("model.conv1.weight")?;
    let family = if stem.last() == Some(&7) { "imagenet_resnet" } else { "cifarhe_resnet" };
    let depths =
        [1, 2, 3, 4].map(|stage| count(shapes, &format!("model.layer{stage}."), ".conv1.weight"));
    let deep = shapes.contains_key("model.layer1.0.conv3.weight");
    let width = stem.first().copied()?;
    let (depths, kind) = (listed(&depths), if deep { "b" } else { "" });
    Some(format!("{family}_{depths}{kind}{}", suffix(width, 64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{blueprint::Family, family::listed};

    fn check(name: &str, classes: usize, input: Option<Input>, found: &str) {
        let blueprint = Blueprint::new(name, Some(classes), input).unwrap();
        let tensors = blueprint.tensors.iter();
        let mut shapes: Shapes = tensors.map(|t| (t.name.clone(), t.shape.clone())).collect();
        let read = recognise(&shapes).unwrap();
        assert_eq!((read.name.as_str(), read.classes), (found, classes), "{name}");
        assert_eq!(read.tensors.len(), blueprint.tensors.len());
        shapes.insert("fc.more".to_owned(), vec![1]);
        assert_eq!(recognise(&shapes), None, "{name}");
    }

    #[test]
    fn every_listed_model_is_known_by_its_tensors() {
        for name in Family::ALL.into_iter().flat_map(listed) {
            check(name, 10, None, name);
        }
        check("cifar_resnet_20_4", 100, None, "cifar_resnet_20_4");
        check("cifar_vgg_16_8", 7, None, "cifar_vgg_16_8");
        check("cifar_vggnfc_19_8_4", 7, None, "cifar_vggnfc_19_8_4");
        check("cifar_mobilenetv1", 10, None, "cifar_mobilenetv1_5");
        check("cifar_mobilenetv1_2_4", 10, None, "cifar_mobilenetv1_2_4");
        check("cifar_resnet_3-5-3_4", 7, None, "cifar_resnet_3-5-3_4");
        check("cifar_vgg_1-3-1-2-1_8", 7, None, "cifar_vgg_1-3-1-2-1_8");
        check("imagenet_resnet_2-3-5-2_8", 3, None, "imagenet_resnet_2-3-5-2_8");
        check("cifarhe_resnet_2-3-5-2b_8", 3, None, "cifarhe_resnet_2-3-5-2b_8");
        check("imagenet_resnet_50_8", 3, None, "imagenet_resnet_50_8");
        check("cifarhe_resnet_18_8", 3, None, "cifarhe_resnet_18_8");
        check("mnist_lenet_300_100", 10, Some(Input::new(3, 32, 32)), "mnist_lenet_300_100");
    }

    #[test]
    fn what_is_no_model_is_none() {
        let shapes = |pairs: &[(&str, &[usize])]| -> Shapes {
            pairs.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect()
        };
        assert_eq!(recognise(&Shapes::new()), None);
        assert_eq!(recognise(&shapes(&[("fc.weight", &[10, 64])])), None);
        assert_eq!(recognise(&shapes(&[("conv.weight", &[]), ("fc.weight", &[])])), None);
        assert_eq!(
            recognise(&shapes(&[("model.conv1.weight", &[64]), ("model.fc.weight", &[10])])),
            None
        );
        let odd: &[(&str, &[usize])] =
            &[("layers.0.conv.weight", &[64, 3, 3, 3]), ("fc.weight", &[10])];
        assert_eq!(recognise(&shapes(odd)), None);
    }
}
