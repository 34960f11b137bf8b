//! Official files, where they are at hand: a whole tree comes over bit for bit, and what is written goes back.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use super::{Report, Wishes, import};
use crate::{
    openlth::{pth, write},
    ticket_file,
};
use elth_core::ticket::{Outside, Ticket};

const EXPERIMENT: &str = "fixtures/openlth/lottery_9244adf8227a5baa5a0500cd7774db27";

fn experiment() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = env::var_os("ELTH_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join(EXPERIMENT);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no outputs of the official code in {}", folder.display());
    None
}

fn imported(path: &Path, out: &Path) -> Report {
    import(&[path.to_owned()], &Wishes::default(), out).unwrap()
}

/// The tickets by the ends of their files' names.
fn tickets(report: &Report) -> BTreeMap<String, &Ticket> {
    let name =
        |path: &Path| path.file_stem().unwrap().to_string_lossy().replace("replicate_1-", "");
    report.tickets.iter().map(|made| (name(&made.output), &made.ticket)).collect()
}

#[test]
fn a_whole_tree_comes_over() {
    let Some(tree) = experiment() else { return };
    let out = tempfile::tempdir().unwrap();
    let report = imported(&tree, out.path());
    let tickets = tickets(&report);
    for (name, kept, model, outside) in [
        ("level_0", 11_084, "cifar_resnet_14_4", Outside::Dense),
        ("level_3", 5_671, "cifar_resnet_14_4", Outside::Dense),
        ("level_3-change_depth_1d5745ea", 7_955, "cifar_resnet_20_4", Outside::Dense),
        ("level_3-prune_early_722d7815", 5_671, "cifar_resnet_14_4", Outside::Dense),
        ("level_3-randomly_reinitialize_7b997947", 5_671, "cifar_resnet_14_4", Outside::Masked),
    ] {
        let ticket = tickets[name];
        assert_eq!(ticket.about.outside, outside, "{name}");
        assert_eq!(ticket.blueprint().name, model, "{name}");
        assert_eq!(ticket.about.rewind.unwrap().to_string(), "3it");
        assert_eq!(ticket.about.dataset.as_deref(), Some("cifar10"));
        if !name.contains("change_depth") && !name.contains("early") {
            assert_eq!(ticket.count().kept, kept, "{name}");
        }
    }
    assert_eq!(tickets.len(), 14, "{:?}", tickets.keys());
    for ticket in tickets.iter().filter(|(name, _)| name.contains("change_depth")).map(|it| it.1) {
        let act = ticket.about.lineage.acts().last().unwrap();
        assert_eq!((act.act.as_str(), act.arguments["map"].as_str()), ("transform", "0:0;1:1,2"));
        assert_eq!(act.arguments["found-by"], "sum");
    }
    let ends: Vec<_> = report.weights.iter().filter(|made| made.step == Some(16)).collect();
    assert_eq!(ends.len(), 14);
    let trained = ticket_file::read_trained(&ends[0].output).unwrap();
    assert!(trained.test_accuracy.is_some() && trained.ticket.is_some());
    let reasons: Vec<_> = report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    assert_eq!(reasons.len(), 15, "{reasons:?}");
    assert!(reasons.iter().all(|reason| reason.starts_with("is a checkpoint")));
    for made in &report.tickets {
        assert_eq!(ticket_file::read(&made.output).unwrap(), made.ticket);
    }
}

#[test]
fn what_came_over_goes_back_bit_for_bit() {
    let Some(tree) = experiment() else { return };
    let out = tempfile::tempdir().unwrap();
    let report = imported(&tree, out.path());
    for made in &report.tickets {
        let files = write::files(&made.ticket, 128);
        let official = |name: &str| fs::read(made.source.join(name)).unwrap();
        let (mask, start) = (official("mask.pth"), official("model_ep0_it3.pth"));
        let masks = pth::read(&mask).unwrap().masks().unwrap();
        assert_eq!(pth::read(&files["mask.pth"]).unwrap().masks().unwrap(), masks);
        let bits = |bytes: &[u8]| format!("{:?}", pth::read(bytes).unwrap().weights().unwrap());
        assert_eq!(bits(&files["model_ep0_it3.pth"]), bits(&start), "{}", made.source.display());
        assert_eq!(files["sparsity_report.json"], official("sparsity_report.json"));
    }
}
