//! Steps of masks that move, followed by hand on a small network.

use elth_core::{
    blueprint::{Blueprint, Input},
    initialise::initialise,
    moving::Method,
    prune::{self, Counting, allocation::Allocation},
    schedule::Step,
    ticket::{About, Outside, full_masks, lineage::Lineage},
};
use elth_shim::Rate;
use tch::{Device, Kind};

use super::*;
use crate::{dataset::Batch, session::Session, state::Measure};

const SGD: Sgd<'_> =
    Sgd { lr: Rate::Host(0.1), momentum: 0.9, weight_decay: 1e-4, nesterov: false };

fn batch(seed: i64) -> Batch {
    let pattern = Tensor::arange(16 * 3 * 8 * 8, (Kind::Float, Device::Cpu));
    let images = (pattern * 0.37 + seed).sin().view([16, 3, 8, 8]);
    let labels = Tensor::arange(16, (Kind::Int64, Device::Cpu)).remainder(10);
    Batch { images, labels }
}

fn ticket(sparsity: f64) -> Ticket {
    tch::set_num_threads(1);
    let blueprint = Blueprint::new("cifar_resnet_8_4", None, Some(Input::new(3, 8, 8))).unwrap();
    let weights = initialise(&blueprint, 3);
    let scores = prune::random(&blueprint, 5);
    let masks =
        prune::to_sparsity(&scores, &full_masks(&blueprint), sparsity, Counting::Exact).unwrap();
    let about = About {
        blueprint: blueprint.into(),
        dataset: None,
        data_digest: None,
        level: None,
        rewind: Some(Step::iterations(0)),
        outside: Outside::Dense,
        lineage: Lineage::new(Vec::new()),
    };
    Ticket::assemble(about, weights, masks).unwrap()
}

fn plan(method: Method) -> Moving {
    Moving {
        method,
        from: 2,
        every: 2,
        until: 7,
        growth: method.usual_growth(),
        fraction: 0.3,
        sparsity: 0.8,
        ramp_until: 6,
        allocation: Allocation::Global,
        keep_dense: ["fc.weight".to_owned()].into(),
    }
}

fn start(ticket: &Ticket, method: Method, weights: &Weights, saved: Option<&Moved>) -> State {
    let session = Session { device: Device::Cpu, threads: 1 };
    let masks = saved.map_or(ticket.masks(), |saved| &saved.masks);
    let mut state = State::start(ticket.blueprint(), weights, masks, 0, session).unwrap();
    state.let_masks_move(plan(method), 11, ticket, weights, saved).unwrap();
    state
}

fn learn(state: &mut State) -> Option<Move> {
    let step = i64::try_from(state.step).unwrap();
    let _loss = state.learn(&batch(step), &SGD, Measure::Gradient).unwrap();
    state.take_move()
}

/// Checks what holds after every step of an exchange: zeros and no momentum outside, exact counts.
fn check_exchange(method: Method) {
    let ticket = ticket(0.7);
    let mut state = start(&ticket, method, ticket.weights(), None);
    for step in 0..10 {
        let before = (state.network.weights().unwrap(), state.momenta().unwrap());
        let masks = state.moved().unwrap().masks.clone();
        let moved = learn(&mut state);
        assert_eq!(moved.is_some(), [2, 4, 6].contains(&step), "{method:?} at {step}");
        let after = (state.network.weights().unwrap(), state.momenta().unwrap());
        let now = state.moved().unwrap();
        for (name, mask) in &now.masks {
            let (values, momenta) = (after.0.floats(name).unwrap(), &after.1[name]);
            let outside = |at: &usize| !mask.keeps(*at);
            let is_zero =
                (0..mask.len()).filter(outside).all(|at| values[at] == 0.0 && momenta[at] == 0.0);
            assert!(is_zero, "{method:?}: {name} at {step}");
            assert_eq!(mask.kept(), ticket.masks()[name].kept(), "{name} at {step}");
            let came = |at: &usize| mask.keeps(*at) && !masks[name].keeps(*at);
            let fresh =
                (0..mask.len()).filter(came).all(|at| values[at] == 0.0 && momenta[at] == 0.0);
            assert!(fresh, "{method:?}: what came to {name} is not at rest");
        }
        assert_eq!(now.masks["fc.weight"], ticket.masks()["fc.weight"]);
        let Some(moved) = moved else { continue };
        assert!(moved.dropped > 0 && moved.dropped == moved.grown, "{moved:?}");
        assert_eq!(history::apply(ticket.blueprint(), &masks, &moved.frame), now.masks);
        // In place of the optimiser's step: what stays is what it was.
        let bias = |weights: &Weights| weights.floats("fc.bias").unwrap().to_vec();
        let replaced = method.replaces_step();
        assert_eq!(bias(&before.0) == bias(&after.0), replaced, "{method:?} at {step}");
    }
    let seen: usize = state.moved().unwrap().seen.values().map(Mask::kept).sum();
    assert!(seen > ticket.count().kept);
}

#[test]
fn exchanges_keep_their_counts_and_begin_at_rest() {
    for method in [Method::Set, Method::Rigl, Method::Itop] {
        check_exchange(method);
    }
}

#[test]
fn rigl_grows_where_the_dense_gradient_of_that_step_is_largest() {
    let ticket = ticket(0.7);
    let mut state = start(&ticket, Method::Rigl, ticket.weights(), None);
    (0..2).for_each(|_| drop(learn(&mut state)));
    let weights = state.network.weights().unwrap();
    let session = Session { device: Device::Cpu, threads: 1 };
    let now = state.moved().unwrap().masks.clone();
    let mut same = State::start(ticket.blueprint(), &weights, &now, 2, session).unwrap();
    let logits = same.network.logits(&batch(2).images, crate::network::Mode::Train);
    let loss = logits.cross_entropy_for_logits(&batch(2).labels);
    let gradients = Tensor::run_backward(&[&loss], &same.network.parameters, false, false);
    let _moved = learn(&mut state).unwrap();
    let fraction = plan(Method::Rigl).fraction_at(2);
    for (plan, gradient) in ticket.blueprint().prunable().zip(&gradients) {
        if plan.name == "fc.weight" {
            continue;
        }
        let wanted = wants(&on_host(gradient).unwrap());
        let values = weights.floats(&plan.name).unwrap();
        let expected = exchange(values, &now[&plan.name], fraction, &wanted);
        assert_eq!(state.moved().unwrap().masks[&plan.name], expected, "{}", plan.name);
    }
}

#[test]
fn dpf_steps_dense_weights_by_the_gradient_at_the_pruned_ones() {
    let ticket = ticket(0.0);
    let mut state = start(&ticket, Method::Dpf, ticket.weights(), None);
    // By hand: dense weights, their momentum, and the masks that the state says it uses.
    let session = Session { device: Device::Cpu, threads: 1 };
    let full = full_masks(ticket.blueprint());
    let mut hand = State::start(ticket.blueprint(), ticket.weights(), &full, 0, session).unwrap();
    for step in 0..8 {
        let moved = learn(&mut state);
        assert_eq!(moved.is_some(), [2, 4, 6].contains(&step), "at {step}");
        let masks = state.moved().unwrap().masks.clone();
        let dense = hand.network.weights().unwrap();
        let mut pruned = State::start(ticket.blueprint(), &dense, &masks, 0, session).unwrap();
        let logits = pruned.network.logits(&batch(step).images, crate::network::Mode::Train);
        let loss = logits.cross_entropy_for_logits(&batch(step).labels);
        let gradients = Tensor::run_backward(&[&loss], &pruned.network.parameters, false, false);
        elth_shim::fused_sgd_with(
            &mut hand.network.parameters,
            &gradients,
            &mut hand.momenta,
            &SGD,
        )
        .unwrap();
        let (ours, theirs) = (state.weights().unwrap(), hand.network.weights().unwrap());
        for plan in ticket.blueprint().prunable() {
            let (ours, theirs) =
                (ours.floats(&plan.name).unwrap(), theirs.floats(&plan.name).unwrap());
            assert!(ours == theirs, "{} at {step}", plan.name);
        }
        let shown = state.network.weights().unwrap();
        for (name, mask) in &masks {
            let outside = shown.floats(name).unwrap().iter().zip(mask.bits());
            assert!(outside.into_iter().all(|(value, keep)| keep || *value == 0.0), "{name}");
        }
    }
    let kept: usize = state.moved().unwrap().masks.values().map(Mask::kept).sum();
    let all = ticket.count().weights;
    assert_eq!(kept, all - (all * 4).div_euclid(5) - usize::from(all * 4 % 5 >= 3));
}

#[test]
fn gradual_pruning_rises_to_what_was_asked_for_and_brings_nothing_back() {
    let ticket = ticket(0.0);
    let mut state = start(&ticket, Method::Gradual, ticket.weights(), None);
    let mut kept = Vec::new();
    for _ in 0..8 {
        let before = state.moved().unwrap().masks.clone();
        if let Some(moved) = learn(&mut state) {
            assert_eq!(moved.grown, 0);
            kept.push(moved.kept);
        }
        let now = &state.moved().unwrap().masks;
        assert!(now.iter().all(|(name, mask)| mask.kept_by_both(&before[name]) == mask.kept()));
    }
    assert!(kept.is_sorted_by(|a, b| a >= b) && kept.len() == 3, "{kept:?}");
    let moved = state.moved().unwrap();
    assert_eq!(moved.masks["fc.weight"].kept(), moved.masks["fc.weight"].len());
}
