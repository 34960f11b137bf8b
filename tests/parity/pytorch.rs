//! PyTorch loads a ticket strictly, without any code of ours, and what it saves is a ticket again.
//!
//! Runs where `$ELTH_PYTHON`, or else `python3`, has torch and safetensors.

use std::{env, fs, path::Path, process::Command};

use elth_core::{
    blueprint::{Blueprint, Input},
    initialise::initialise,
    prune::{Counting, random, round},
    ticket::{About, Outside, Ticket, format, full_masks, lineage::Lineage},
};

/// Asks for the packages without importing them: that takes seconds.
const HAS_TORCH: &str = "from importlib.util import find_spec as f; raise SystemExit(not (f('torch') and f('safetensors')))";

pub fn python() -> Option<String> {
    let python = env::var("ELTH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", HAS_TORCH]).output();
    if asked.is_ok_and(|answer| answer.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: {python} has no torch and safetensors (name one that has in ELTH_PYTHON)");
    None
}

pub fn ticket(outside: Outside) -> Ticket {
    let input = Some(Input::new(3, 8, 8));
    let blueprint = Blueprint::new("cifar_resnet_20_4", Some(7), input).unwrap();
    let weights = initialise(&blueprint, 3);
    let scores = random(&blueprint, 4);
    let masks = round(&scores, &full_masks(&blueprint), 0.7, Counting::Exact).unwrap();
    let (dataset, level, rewind) = (Some("digits".to_owned()), Some(5), None);
    let lineage = Lineage::default();
    let blueprint = blueprint.into();
    let about = About { blueprint, dataset, data_digest: None, level, rewind, outside, lineage };
    Ticket::assemble(about, weights, masks).unwrap()
}

#[test]
fn pytorch_loads_a_ticket_strictly_and_what_it_saves_is_the_same_ticket() {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pytorch/load_ticket.py");
    let folder = tempfile::tempdir().unwrap();
    let tickets = [ticket(Outside::Dense), ticket(Outside::Masked)];
    let paths =
        [0, 1].map(|at| ["there", "back"].map(|way| folder.path().join(format!("{way}{at}"))));
    for (ticket, [there, _]) in tickets.iter().zip(&paths) {
        fs::write(there, format::encode(ticket)).unwrap();
    }
    let loaded = Command::new(&python).arg(&script).args(paths.as_flattened()).output().unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let said = String::from_utf8(loaded.stdout).unwrap();
    for ((ticket, [_, back]), said) in tickets.iter().zip(&paths).zip(said.lines()) {
        let count = ticket.count();
        let expected = format!("{{\"kept\": {}, \"weights\": {}}}", count.kept, count.weights);
        assert_eq!(said, expected);
        let read = format::decode(&fs::read(back).unwrap()).unwrap();
        assert_eq!(read.digest(), ticket.digest());
        assert_eq!((read.count(), read.about.outside), (count, ticket.about.outside));
    }
}
