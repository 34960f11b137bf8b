//! `cifar_vggnfc_D_W_F`: a VGG network with F fully connected layers (`models/cifar_vggnfc.py` of the official code).
//!
//! The official code reads the width only from names of four parts, so that its `cifar_vggnfc_13_32_3` has 64 channels
//! in the first stage; here a name means what it says.

use super::{MOST_WEIGHTS, builder::Builder, numbers_error, vgg};
use crate::blueprint::{Blueprint, Family, Input, UnitKind, UnknownModel};

/// The networks of the paper's table 5.
pub(super) const LISTED: &[&str] =
    &["cifar_vggnfc_13_64_2", "cifar_vggnfc_13_64_3", "cifar_vggnfc_13_64_5"];

/// Builds the convolutions of `cifar_vgg_D_W`, F - 1 hidden layers of 8W that are replicated, and the output layer.
pub(super) fn build(
    name: &str,
    numbers: &[usize],
    classes: usize,
    input: Option<Input>,
) -> Result<Blueprint, UnknownModel> {
    let family = Family::CifarVggnfc;
    let wrong = |reason| Err(numbers_error(name, family, reason));
    let &[depth, width, connected] = numbers else {
        return wrong("a depth D, a width W and a number F of fully connected layers follow");
    };
    let depths = vgg::depths_of(name, family, depth)?;
    vgg::check_size(name, family, depths, width)?;
    if connected < 2 {
        return wrong(
            "F counts the output layer and must be 2 or more: with one layer it is a `cifar_vgg`",
        );
    }
    if connected > 10_000 || connected * 64 * width * width > MOST_WEIGHTS {
        return wrong("the network would be too large to hold: take fewer layers F");
    }
    let input = vgg::checked_input(name, input)?;
    let mut builder = Builder::new();
    vgg::convolutions(&mut builder, depths, width, input, false);
    builder.stage("classifier", true);
    for layer in 0..connected - 1 {
        // Every second entry of the official `classifier` is a rectifier.
        builder.unit(format!("classifier.{}.", 2 * layer), UnitKind::Repeatable);
        builder.linear("", 8 * width, 8 * width);
    }
    vgg::head(&mut builder, width, classes);
    Ok(builder.finish(name, family, classes, input))
}
