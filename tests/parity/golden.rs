//! Files that were written once must be read for ever, and chance, copies and digests must stay what they were.

use elth_core::{
    blueprint::{Blueprint, Input},
    control::{Compat, ControlSeeds, Kind, control},
    reshape::{
        reshape,
        strategy::{Strategy, Units, plan},
    },
    ticket::{Outside, Ticket, format},
    trained,
};

const TICKET: &[u8] = include_bytes!("../fixtures/ticket_v1.safetensors");
/// The same tensors, saved by `tests/pytorch/load_ticket.py` with PyTorch 2.11 and safetensors 0.8.
const FROM_PYTORCH: &[u8] = include_bytes!("../fixtures/ticket_v1_from_pytorch.safetensors");
const WEIGHTS: &[u8] = include_bytes!("../fixtures/weights_v1.safetensors");

const DIGEST: &str = "6230dc869061eb049d5e77eb396d8978951ff8c8904f56e212e543ceda285a7a";

fn ticket() -> Ticket {
    format::decode(TICKET).unwrap()
}

#[test]
fn the_first_ticket_says_what_it_always_said() {
    let ticket = ticket();
    assert_eq!(ticket.digest().to_string(), DIGEST);
    assert_eq!((ticket.count().kept, ticket.count().weights), (149, 743));
    let kept: Vec<_> = ticket.stages().map(|(at, _)| ticket.count_in_stage(at).kept).collect();
    assert_eq!(kept, [4, 14, 36, 68, 27]);
    let about = &ticket.about;
    assert_eq!(about.blueprint.name, "cifar_resnet_14_1");
    assert_eq!((about.blueprint.classes, about.blueprint.input), (10, Input::new(3, 8, 8)));
    assert_eq!((about.dataset.as_deref(), about.level), (Some("digits"), Some(7)));
    assert_eq!(about.rewind.map(|step| step.to_string()).as_deref(), Some("42it"));
    assert_eq!(about.outside, Outside::Dense);
    assert_eq!(about.lineage.acts()[0].arguments["sparsity"], "0.8");
    assert_eq!(format::encode(&ticket), TICKET);
}

#[test]
fn what_pytorch_saves_of_it_is_the_same_ticket() {
    let read = format::decode(FROM_PYTORCH).unwrap();
    assert_eq!(read.digest().to_string(), DIGEST);
    assert_eq!(read.masks(), ticket().masks());
    assert_eq!((read.about.level, read.about.dataset), (None, None));
}

#[test]
fn the_first_trained_weights_say_what_they_always_said() {
    let read = trained::decode(WEIGHTS).unwrap();
    assert_eq!((read.step, read.test_accuracy), (Some(840), Some(439.0 / 450.0)));
    assert_eq!(read.ticket.unwrap().to_string(), DIGEST);
    assert_eq!(&read.weights, ticket().masked().weights());
    assert_eq!(trained::encode(&read), WEIGHTS);
}

#[test]
fn transformations_and_controls_of_it_are_what_they_always_were() {
    let ticket = ticket();
    let target = Blueprint::new("cifar_resnet_20_1", Some(10), Some(Input::new(3, 8, 8))).unwrap();
    let map = plan(ticket.blueprint(), &target, Some(Strategy::Append), &Units::All).unwrap();
    let seeds = ControlSeeds { mask: 7, init: 7 };
    let permuted = |ticket| control(ticket, Kind::Permuted, seeds, Compat::Refuse).unwrap();
    for (made, digest) in [
        (
            reshape(&ticket, &target, &map).unwrap(),
            "d7c42158317c8e066a505819ef3511d66eb9cdb00c9b242f713ae83ce6ff20bb",
        ),
        (permuted(&ticket), "7635df6dd0db71297cab068d09b32c59c37e09a1963cc893248571b0d0a472cc"),
        (
            ticket.clone().masked(),
            "a918f5b261f0d6b4f4620820230129fc721e5e8957c18c79e8a8a03ca28cf9de",
        ),
    ] {
        assert_eq!(made.digest().to_string(), digest);
    }
}
