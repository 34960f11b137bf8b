//! Scores of weights by the gradient of the loss: SNIP and GraSP.

use std::collections::BTreeMap;

use anyhow::Result;
use elth_core::mask::Mask;
use tch::{Reduction, Tensor, no_grad_guard};

use super::scorer::{Norms, Sample};
use crate::{
    dataset::Batch,
    masked::Masks,
    network::{Layout, Mode, Network},
};

/// GraSP's temperature: logits are divided by it (fact sheet 4.3).
const TEMPERATURE: f64 = 200.0;

impl Norms {
    /// The running statistics are of no use afterwards: whether they change does not matter.
    fn mode(self) -> Mode {
        match self {
            Self::Train => Mode::Train,
            Self::Eval => Mode::Evaluate,
        }
    }
}

/// |gradient · w|, gradients summed over the batches.
pub fn snip(network: &mut Network, sample: &Sample<'_>, norms: Norms) -> Result<Vec<Tensor>> {
    let mut sums: Option<Vec<Tensor>> = None;
    for batch in sample.batches(0) {
        let loss = loss(network, &batch?, norms, 1.0);
        let gradients = Tensor::run_backward(&[&loss], prunable(network), false, false);
        sums = Some(added(sums, gradients));
    }
    let _guard = no_grad_guard();
    let products = prunable(network).iter().zip(sums.unwrap_or_default());
    Ok(products.map(|(weight, gradient)| (weight * gradient).abs()).collect())
}

/// w · Hg, where g is the gradient over all batches: the lowest are those whose removal costs the least gradient flow.
///
/// Published: those with the highest -w · Hg go. The product of H and g is taken batch by batch, g over all of them.
pub fn grasp(
    network: &mut Network,
    masks: &BTreeMap<String, Mask>,
    sample: &Sample<'_>,
    norms: Norms,
    as_official: bool,
) -> Result<Vec<Tensor>> {
    let device = network.parameters[0].device();
    let layout = Layout::best_for(network.blueprint.family);
    let masks = Masks::new(network, masks, device, layout)?;
    let mut sums: Option<Vec<Tensor>> = None;
    for batch in sample.batches(0) {
        let loss = loss(network, &batch?, norms, TEMPERATURE);
        let gradients = Tensor::run_backward(&[&loss], prunable(network), false, false);
        sums = Some(added(sums, gradients));
    }
    // Gone weights have no part in the flow.
    let mut flow: Vec<Tensor> = sums.unwrap_or_default().iter().map(Tensor::detach).collect();
    if !as_official {
        masks.apply_to(&mut flow)?;
    }
    let mut products: Option<Vec<Tensor>> = None;
    for batch in sample.batches(1) {
        let loss = loss(network, &batch?, norms, TEMPERATURE);
        let gradients = Tensor::run_backward(&[&loss], prunable(network), true, true);
        let inner = gradients.iter().zip(&flow).map(|(one, other)| (one * other).sum(one.kind()));
        let inner: Tensor = Tensor::stack(&inner.collect::<Vec<_>>(), 0);
        products =
            Some(added(products, Tensor::run_backward(&[&inner], prunable(network), false, false)));
    }
    let _guard = no_grad_guard();
    let scores = prunable(network).iter().zip(products.unwrap_or_default());
    Ok(scores.map(|(weight, product)| weight * product).collect())
}

/// The mean cross-entropy of a batch, in the network's precision.
fn loss(network: &mut Network, batch: &Batch, norms: Norms, temperature: f64) -> Tensor {
    let images = batch.images.to_kind(network.parameters[0].kind());
    let logits = network.logits(&images, norms.mode()) / temperature;
    logits.cross_entropy_loss(&batch.labels, None::<&Tensor>, Reduction::Mean, -100, 0.0)
}

fn prunable(network: &Network) -> &[Tensor] {
    &network.parameters[..network.prunable]
}

fn added(sums: Option<Vec<Tensor>>, gradients: Vec<Tensor>) -> Vec<Tensor> {
    let Some(sums) = sums else { return gradients };
    let _guard = no_grad_guard();
    sums.into_iter().zip(gradients).map(|(sum, gradient)| sum + gradient).collect()
}

#[cfg(test)]
mod tests {
    use elth_core::{
        blueprint::{Blueprint, Input},
        chance::Seeds,
        initialise::initialise,
    };
    use elth_store::dataset::{self, Name};
    use tch::{Device, Kind};

    use super::*;
    use crate::{dataset::Images, score::scorer::Look};

    fn network(model: &str) -> Network {
        tch::set_num_threads(1);
        let blueprint = Blueprint::new(model, None, Some(Input::new(3, 8, 8))).unwrap();
        let layout = Layout::best_for(blueprint.family);
        Network::new(&blueprint, &initialise(&blueprint, 5), Device::Cpu, layout).unwrap()
    }

    fn images(network: &Network) -> Images {
        let name: Name = "digits".parse().unwrap();
        let data = dataset::load(name, std::path::Path::new("/nowhere")).unwrap();
        Images::new(name, &data.train, network.blueprint.family, Device::Cpu).unwrap()
    }

    fn sample(images: &Images) -> Sample<'_> {
        let classes: Vec<usize> = (0..images.examples).map(|at| at % 10).collect();
        let seeds = Seeds::derive(2);
        let (order, augment) = (seeds.order, seeds.augment);
        let look = Look { order, augment, examples: Some(4), augmented: true, twice: false };
        Sample::new(images, &classes, &look)
    }

    fn gradient(network: &mut Network, sample: &Sample<'_>, temperature: f64) -> Vec<Tensor> {
        let batch = sample.batches(0).next().unwrap().unwrap();
        let loss = loss(network, &batch, Norms::Train, temperature);
        Tensor::run_backward(&[&loss], prunable(network), false, false)
    }

    fn moved(network: &mut Network, direction: &[Tensor], by: f64) {
        let _guard = no_grad_guard();
        for (weight, direction) in network.parameters.iter_mut().zip(direction) {
            let _ = weight.g_add_(&(direction * by));
        }
    }

    /// How far one is from the other, in the length of the other.
    fn apart(one: &[Tensor], other: &[Tensor]) -> f64 {
        let square = |tensor: Tensor| tensor.square().sum(Kind::Double).double_value(&[]);
        let differences = one.iter().zip(other).map(|(one, other)| square(one - other));
        let lengths = other.iter().map(|other| square(other.shallow_clone()));
        (differences.sum::<f64>() / lengths.sum::<f64>()).sqrt()
    }

    #[test]
    fn snip_is_the_product_of_weight_and_gradient_without_its_sign() {
        let mut network = network("cifar_resnet_8_4");
        let images = images(&network);
        let sample = sample(&images);
        let scores = snip(&mut network, &sample, Norms::Train).unwrap();
        let gradients = gradient(&mut network, &sample, 1.0);
        let products = gradients.iter().zip(prunable(&network));
        let products: Vec<Tensor> = products.map(|(one, other)| (one * other).abs()).collect();
        assert!(apart(&scores, &products) < 1e-6);
    }

    #[test]
    fn grasp_is_the_weight_times_the_change_of_the_gradient_along_itself() {
        let mut network = network("cifar_resnet_8_4");
        // Single precision cannot tell steps apart that are short enough to stay on one side of every kink.
        network.go_double();
        let images = images(&network);
        let sample = sample(&images);
        let masks = BTreeMap::new();
        let scores = grasp(&mut network, &masks, &sample, Norms::Train, false).unwrap();
        let weights: Vec<Tensor> = prunable(&network).iter().map(|it| it.detach().copy()).collect();
        let flow = gradient(&mut network, &sample, TEMPERATURE);
        let by = 1e-6;
        moved(&mut network, &flow, by);
        let ahead = gradient(&mut network, &sample, TEMPERATURE);
        moved(&mut network, &flow, -2.0 * by);
        let behind = gradient(&mut network, &sample, TEMPERATURE);
        let slopes = ahead.iter().zip(&behind).map(|(ahead, behind)| (ahead - behind) / (2.0 * by));
        let expected: Vec<Tensor> =
            slopes.zip(&weights).map(|(slope, weight)| slope * weight).collect();
        let apart = apart(&scores, &expected);
        assert!(apart < 1e-5, "{apart} apart");
    }
}
