//! From an official model name to its blueprint: one file a family.

mod builder;
mod stages;

pub mod cifarhe;
pub mod imagenet;
pub mod mlp;
pub mod mobilenet;
pub mod resnet;
pub mod vgg;
pub mod vggnfc;

pub mod recognise;

use crate::{
    blueprint::{Blueprint, Family, Input, UnknownModel},
    quote::quote,
};
use stages::Size;

/// Classes of the data set that a family's official names imply: CIFAR-10, MNIST or `imagenet`.
#[must_use]
pub fn default_classes(family: Family) -> usize {
    if family == Family::ImagenetResnet { 1000 } else { 10 }
}

/// Numbers that a model's size may not pass: no such network could be held, so a name that asks for it is a mistake.
pub(crate) const MOST_WEIGHTS: usize = 4_000_000_000;

/// Builds the blueprint of any family by name.
pub(crate) fn build(
    name: &str,
    classes: Option<usize>,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let (family, rest) = split(name)?;
    let size = stages::read(name, family, rest)?;
    let classes = classes.unwrap_or(default_classes(family));
    if classes == 0 || classes > 1_000_000 {
        return Err(UnknownModel::Classes { name: quote(name), classes });
    }
    if input.is_some_and(|input| !input.is_image()) {
        return Err(numbers_error(name, family, "its images must hold 1 to 100,000,000 values"));
    }
    match (family, size) {
        (Family::CifarResnet, size) => resnet::build(name, &size, classes, input),
        (Family::CifarVgg, size) => vgg::build(name, &size, classes, input),
        (Family::ImagenetResnet, size) => imagenet::build(name, &size, classes, input),
        (Family::CifarheResnet, size) => cifarhe::build(name, &size, classes, input),
        (_, Size::Stages(_)) => Err(numbers_error(name, family, "it is named by numbers")),
        (Family::CifarVggnfc, Size::Numbers(it)) => vggnfc::build(name, &it, classes, input),
        (Family::CifarMobilenetv1, Size::Numbers(it)) => {
            mobilenet::build(name, &it, classes, input)
        }
        (Family::MnistLenet, Size::Numbers(it)) => mlp::build(name, &it, classes, input),
    }
}

/// The models that are listed and offered by name; every other size of a family can be named too.
#[must_use]
pub fn listed(family: Family) -> &'static [&'static str] {
    match family {
        Family::CifarResnet => resnet::LISTED,
        Family::CifarVgg => vgg::LISTED,
        Family::CifarVggnfc => vggnfc::LISTED,
        Family::CifarMobilenetv1 => mobilenet::LISTED,
        Family::MnistLenet => mlp::LISTED,
        Family::ImagenetResnet => imagenet::LISTED,
        Family::CifarheResnet => cifarhe::LISTED,
    }
}

/// The official training defaults of a family: `--lr`, `--batch-size` and the rest, see [`crate::schedule::Training`].
#[must_use]
pub fn default_training(family: Family) -> crate::schedule::Training {
    match family {
        Family::CifarResnet | Family::CifarMobilenetv1 => resnet::training(),
        Family::CifarVgg | Family::CifarVggnfc => vgg::training(),
        Family::MnistLenet => mlp::training(),
        Family::ImagenetResnet => imagenet::training(),
        Family::CifarheResnet => cifarhe::training(),
    }
}

/// Tensors that the official code never prunes in a family (`pruning_layers_to_ignore` of its defaults).
#[must_use]
pub fn official_layers_to_ignore(family: Family) -> Vec<String> {
    match family {
        Family::CifarVgg | Family::CifarVggnfc | Family::MnistLenet => vec!["fc.weight".to_owned()],
        _ => Vec::new(),
    }
}

/// The family that a name begins with, and the rest of it.
fn split(name: &str) -> Result<(Family, &str), UnknownModel> {
    let rest = |family: &Family| {
        let rest = name.strip_prefix(family.name())?;
        // Only MobileNet's name is whole without a number.
        let alone = rest.is_empty() && *family == Family::CifarMobilenetv1;
        (alone || rest.starts_with('_')).then_some(rest)
    };
    let mut families = Family::ALL.into_iter();
    families
        .find_map(|family| Some((family, rest(&family)?)))
        .ok_or_else(|| UnknownModel::Family(quote(name)))
}

/// Reads a number as the official names write it: no sign, no leading zero, at least 1.
fn number(text: &str) -> Option<usize> {
    let plain =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

pub(crate) fn numbers_error(name: &str, family: Family, reason: &str) -> UnknownModel {
    UnknownModel::Numbers { name: quote(name), family, reason: reason.to_owned() }
}

pub(crate) fn input_error(name: &str, input: Input, least: Input) -> UnknownModel {
    UnknownModel::Input { name: quote(name), input, least }
}
